"""The published numbers that the lessons quote, as data; a page is made of them, and tests hold it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tests.lessons import published_numbers as by_solutions
from tests.lessons.published_numbers import Names

Compute = Callable[[Names], Sequence[Any]]


@dataclass(frozen=True)
class Row:
    """A published number, or a few that stand side by side.

    Parameters
    ----------
    what : str
        Which number it is.
    quoted : tuple of str
        As the lesson prints it: numbers, or words that hold some.
    by, source : str
        Who published it, and where.
    test : str
        The test that holds it; empty where there is none.
    computed : callable, optional
        From the names of the solved lesson to the same numbers.
    shown : str
        The format of each.
    held : str
        Where nothing is computed here: what the test holds, or why there is none.
    remark : str
        Why ours is another number, or how it compares where words are quoted; with places for what is beside.
    beside : callable, optional
        From the same names to the numbers that the remark speaks of.

    A row of numbers without a remark agrees in every quoted digit, and one with a remark does not.
    """

    what: str
    quoted: tuple[str, ...]
    by: str
    source: str
    test: str
    computed: Compute | None = None
    shown: str = ".4f"
    held: str = ""
    remark: str = ""
    beside: Compute | None = None


NIELSEN = "Michael Nielsen", "*Neural Networks and Deep Learning*, chapter {}"
STARMER = "Josh Starmer (StatQuest)", "*Backpropagation {}*"
MAZUR = "Matt Mazur", "*A Step by Step Backpropagation Example*"
FIT = ("3.34", "-1.43", "-3.53", "0.57", "-1.22", "-2.30", "2.61")
OURS = "this course", "an earlier run by its authors"


def of(source: tuple[str, str], part: str) -> tuple[str, str]:
    return source[0], source[1].format(part)


ONE_NEURON = tuple(
    Row(
        f"start {start}: first answer, answer after 300 rounds", quoted, *of(NIELSEN, "3"),
        "test_nielsens_two_starts_reach_the_published_answers", partial(by_solutions.neuron, w=w, b=b),
    )
    for start, w, b, quoted in (("A", 0.6, 0.9, ("0.82", "0.09")), ("B", 2.0, 2.0, ("0.98", "0.20")))
)  # fmt: skip

GOING_BONKERS = (
    Row(
        "all seven parameters after training: w1, b1, w2, b2, w3, w4, b3", FIT,
        *of(STARMER, "Details Pt. 2"), "test_run_1_ends_at_all_seven_published_numbers",
        by_solutions.fit_of_seven,
    ),
    Row(
        "`b3` alone: its first two slopes, where it ends", ("-15.7", "-6.26", "2.61"),
        *of(STARMER, "Main Ideas"), "test_the_last_bias_alone_walks_as_published", by_solutions.last_bias,
    ),
    Row(
        "w3, w4 and b3 alone: where they end", ("-1.22", "-2.30", "2.61"), *of(STARMER, "Details Pt. 1"),
        "test_the_last_layer_alone_has_the_published_slopes_and_one_solution", by_solutions.last_layer,
    ),
)  # fmt: skip

HIDDEN_DELTA = (
    Row(
        "loss before the update", ("0.298371109",), *MAZUR,
        "test_the_puzzle_holds_the_page_prints_a_loss_that_its_weights_do_not_give",
        partial(by_solutions.mazur_loss, rounds=0), ".11f",
    ),
    Row(
        "gradients of w5 and w1", ("0.082167041", "0.000438568"), *MAZUR,
        "test_gradients_and_updated_weights_are_those_of_the_page", by_solutions.mazur_slopes, ".11f",
    ),
    Row(
        "w1 to w4 after one update", ("0.149780716", "0.19956143", "0.24975114", "0.29950229"), *MAZUR,
        "test_gradients_and_updated_weights_are_those_of_the_page",
        lambda n: by_solutions.mazur_after(n, 1)["W1"].T.ravel(), ".11f",
    ),
    Row(
        "w5 to w8 after one update", ("0.35891648", "0.408666186", "0.511301270", "0.561370121"), *MAZUR,
        "test_gradients_and_updated_weights_are_those_of_the_page",
        lambda n: by_solutions.mazur_after(n, 1)["W2"].T.ravel(), ".11f",
    ),
    Row(
        "loss after one update", ("0.291027924",), *MAZUR,
        "test_of_the_four_suspects_only_the_wrong_order_gives_the_printed_loss",
        partial(by_solutions.mazur_loss, rounds=1), ".11f",
        remark="the printed one comes out where the output weights are updated first, and the hidden deltas "
        "go back through the new ones: {:.11f}",
        beside=partial(by_solutions.mazur_loss, rounds=1, wrong_order=True),
    ),
    Row(
        "outputs after 10,000 updates", ("0.015912196", "0.984065734"), *MAZUR,
        "test_ten_thousand_rounds_of_both_orders", by_solutions.mazur_outputs, ".11f",
        remark="the printed ones come out in that other order: {:.11f}; {:.11f}",
        beside=partial(by_solutions.mazur_outputs, wrong_order=True),
    ),
    Row(
        "loss after 10,000 updates", ("0.0000351085",), *MAZUR, "test_ten_thousand_rounds_of_both_orders",
        partial(by_solutions.mazur_loss, rounds=10_000), ".12f",
        remark="after 9,999 updates it is the printed one: {:.12f}",
        beside=partial(by_solutions.mazur_loss, rounds=9_999),
    ),
)  # fmt: skip

TRUST_BUT_CHECK = (
    Row(
        "forward differences of exp at 0 with h = 1e-4, 1e-8, 1e-12",
        ("1.000050001667141", "0.99999999392252903", "1.000088900582341"),
        "Sébastien Boisgérault", "*Complex-Step Differentiation*, Mines ParisTech 2017, introduction",
        "test_boisgerault_three_forward_differences_of_exp",
        lambda n: [n["forward_difference"](np.exp, 0.0, h) for h in (1e-4, 1e-8, 1e-12)], ".17f",
    ),
)  # fmt: skip

MILLION_AND_ONE = (
    Row(
        "passes for a million slopes by nudging", ("a million and one passes",), *of(NIELSEN, "2"),
        "test_seven_slopes_take_eight_passes_and_sixteen_take_seventeen",
        partial(by_solutions.passes, weights=1000), "d",
        remark="counted for a thousand weights: one more than there are",
    ),
    Row(
        "forward and backward together, in forward passes", ("*two* together",), *of(NIELSEN, "2"),
        "test_the_networks_of_the_race_have_the_quoted_sizes", by_solutions.counted_ratios, ".2f",
        remark="multiplications counted in the four networks of the race: only the second comes near two",
    ),
    Row(
        "bound of both together, in operations of the forward pass", ("at most 4, typically 2 to 3",),
        "Andreas Griewank and Andrea Walther", "*Evaluating Derivatives*",
        "test_the_networks_of_the_race_have_the_quoted_sizes", by_solutions.counted_ratios, ".2f",
        remark="the same four networks, all within the bound",
    ),
    Row(
        "forward and backward together, timed, in forward passes", ("2.4 to 2.7",), *OURS,
        "test_both_passes_cost_a_small_multiple_of_one",
        held="seconds of another computer; the test holds 1.2 to 6 for the smallest network",
    ),
    Row(
        "central differences against backpropagation, 2,410 parameters", ("2,700 times",), *OURS,
        "test_central_differences_cost_about_2700_times_backpropagation",
        held="seconds of another computer; the test holds 800 to 4 times 2,700",
    ),
    Row(
        "the same with 79,510 parameters, and one-sided with 301,066",
        ("60,000 to 230,000 times", "one-sided 35 min, backprop 0.019 s"), *OURS, "",
        held="seconds of other computers, which no test repeats",
    ),
)  # fmt: skip

MATRICES_AND_BATCHES = (
    Row(
        "all seven parameters after training: w1, b1, w2, b2, w3, w4, b3", FIT,
        *of(STARMER, "Details Pt. 2"),
        "test_with_a_column_of_targets_descent_reaches_the_published_fit", by_solutions.fit_by_matrices,
    ),
    Row(
        "both outputs, gradients of w5 and w1", ("0.75136507", "0.772928465", "0.082167041", "0.000438568"),
        *MAZUR, "test_the_worked_example_is_a_batch_of_one", by_solutions.mazur_by_matrices, ".11f",
    ),
)  # fmt: skip

SOFTMAX_CROSS_ENTROPY = (
    *(
        Row(
            f"start {start}: first answer, answer after 300 rounds", quoted, *of(NIELSEN, "3"),
            "test_nielsens_two_starts_reach_the_published_answers_through_the_softmax",
            partial(by_solutions.neuron_as_softmax, z=z),
        )
        for start, z, quoted in (("A", 1.5, ("0.82", "0.09")), ("B", 4.0, ("0.98", "0.20")))
    ),
    *(
        Row(
            f"loss of equal logits, {classes} classes", (quoted,), "a constant", f"ln {classes}",
            "test_the_initial_loss_on_ten_classes_is_ln_10",
            partial(by_solutions.knowing_nothing, classes=classes), ".6f",
        )
        for classes, quoted in ((10, "2.3026"), (100, "4.605"))
    ),
)  # fmt: skip

FULL_TRAINING = (
    Row(
        "loss at the start, ten classes", ("2.302",), "Stanford's CS231n",
        "notes, *Neural Networks Part 3*, sanity checks", "test_the_loss_of_a_guess_is_that_of_cs231n",
        by_solutions.expected_loss, ".6f",
        remark="ln 10 rounded to three decimals is 2.303; the notes cut it off",
    ),
    Row(
        "share of digits read with momentum", ("98.6 %",), *OURS,
        "test_momentum_reaches_the_published_accuracy",
        held="long runs; the test holds 0.986 within three images, as the mean of three starts",
    ),
)  # fmt: skip

VANISHING_GRADIENTS = (
    *(
        Row(
            f"lengths of the mean deltas, {len(quoted)} hidden layers", quoted, *of(NIELSEN, "5"),
            "test_nielsens_values_lie_among_those_of_forty_networks",
            partial(by_solutions.middle_deltas, depth=len(quoted)), ".5f",
            remark="other images and other draws: medians of forty networks, and his values lie between "
            "the 5th and the 95th percentile: " + "; ".join(["{:.5f} to {:.5f}"] * len(quoted)),
            beside=partial(by_solutions.band_of_deltas, depth=len(quoted)),
        )
        for quoted in (
            ("0.0657", "0.3092"), ("0.0118", "0.0600", "0.2831"), ("0.00298", "0.01708", "0.0695", "0.2851")
        )
    ),
    Row(
        "variance of delta lost in each of five tanh layers", ("two thirds or more of its variance",),
        "Xavier Glorot and Yoshua Bengio", "*Understanding the difficulty of training deep feedforward "
        "neural networks*, 2010", "test_glorots_tower_hides_in_dw_what_delta_shows",
        by_solutions.lost_in_each_layer, ".3f", remark="each is more than 0.667",
    ),
    Row(
        "variance of delta in layers 1 to 4, that of layer 5 being 1", ("0.007", "0.031", "0.108", "0.322"),
        *OURS, "test_glorots_tower_hides_in_dw_what_delta_shows",
        partial(by_solutions.tower_of_tanh, name="delta"), ".4f",
        remark="other draws; the test holds the quoted ones to a relative 0.05",
    ),
    Row(
        "variance of dW in layers 1 to 4, that of layer 5 being 1", ("1.03", "1.00", "1.00", "0.99"), *OURS,
        "test_glorots_tower_hides_in_dw_what_delta_shows", partial(by_solutions.tower_of_tanh, name="dW"),
        ".3f", remark="other draws; the test holds the quoted ones to 0.03",
    ),
    *(
        Row(
            f"delta behind {layers} ReLU layers without the 2 of He", (quoted,),
            "Kaiming He and others", "*Delving Deep into Rectifiers*, 2015: a factor 1/√2 a layer",
            "test_glorot_against_he", partial(by_solutions.glorot_to_he, layers=layers), ".4e",
        )
        for layers, quoted in ((22, "4.88e-4"), (30, "3.05e-5"))
    ),
    Row(
        "fifty linear layers of 100: largest and middle singular value", ("6.5", "2.4e-08"), OURS[0],
        f"{OURS[1]}, in the shape of Andrew Saxe and others 2014", "test_fifty_linear_layers",
        partial(by_solutions.singular_values, which="random"), ".2g",
        remark="other draws; the test holds 3 to 13 and 1e-8 to 1e-7",
    ),
    Row(
        "the same, smallest singular value", ("2e-18",), OURS[0],
        f"{OURS[1]}, in the shape of Andrew Saxe and others 2014", "test_fifty_linear_layers",
        held="rounding, another number on each machine; the test holds less than 1e-15",
    ),
    Row(
        "the same with orthogonal matrices", ("orthogonal 1, 1, 1",), "Andrew Saxe and others",
        "*Exact solutions to the nonlinear dynamics of learning in deep linear neural networks*, 2014",
        "test_fifty_linear_layers", partial(by_solutions.singular_values, which="turned"), ".12f",
        remark="the largest and the middle one",
    ),
    Row(
        "share of digits read with 1, 4 and 8 hidden layers, five kinds",
        (
            "0.92, 0.10, 0.10", "0.92, 0.89, 0.83", "0.97, 0.96, 0.97", "0.95, 0.09, 0.09",
            "0.97, 0.97, 0.94",
        ),
        OURS[0], f"{OURS[1]}, medians of three seeds", "test_at_eight_layers_two_kinds_only_guess",
        held="long runs of one seed; the test holds more than 0.85 with one layer, and with eight less than "
        "0.2 for the first and the fourth kind and more than 0.7 for the others",
    ),
)  # fmt: skip

ROWS: dict[str, tuple[Row, ...]] = {
    "one_neuron": ONE_NEURON,
    "going_bonkers": GOING_BONKERS,
    "hidden_delta": HIDDEN_DELTA,
    "trust_but_check": TRUST_BUT_CHECK,
    "million_and_one": MILLION_AND_ONE,
    "matrices_and_batches": MATRICES_AND_BATCHES,
    "softmax_cross_entropy": SOFTMAX_CROSS_ENTROPY,
    "full_training": FULL_TRAINING,
    "vanishing_gradients": VANISHING_GRADIENTS,
}

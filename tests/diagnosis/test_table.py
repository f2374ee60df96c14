"""The mutation table keeps its own promises; whether the bank agrees with it is asked elsewhere."""

from collections import Counter
from itertools import combinations

import pytest

from tests.diagnosis.brute import BRUTE
from tests.diagnosis.clear import clear_pairs
from tests.diagnosis.everything import MUTANTS, RIGHT, SOLUTIONS, UNKNOWN, mutant_text, pairs
from tests.diagnosis.examples import TOLERANCES, answers, as_answer, load, numbers_in, probes, same
from tests.diagnosis.table import layer_number

IDS = """
missing_slope slope_of_a slope_formula_on_z slope_twice slope_is_f slope_one_minus_a slope_wrong_layer
relu_leaky relu_gate_on_upstream weights_transposed weights_wrong_layer weights_ignored propagates_dA
last_term_only first_term_only mean_over_k updated_before_use dW_uses_z dW_uses_own_a dW_uses_x
dW_missing_input dW_transposed dW_slope_again dW_sign db_mean db_first db_last db_zero db_total db_sign
db_not_summed sign factor_two missing_1_over_n extra_1_over_n divides_by_k divides_by_d n_minus_1
last_example_only first_example_only accumulated_not_reset upstream_ignored softmax_diagonal_only
slope_extra_at_output ce_wrt_p softmax_mse_as_ce forgot_one_hot hard_argmax bce_missing_slope
bce_positive_only reg_missing reg_doubled reg_halved reg_sign reg_over_n reg_on_bias momentum_sign
momentum_no_state adam_no_bias_correction adam_frozen_t adam_betas_swapped adam_eps_inside_root
forward_for_central restored_by_arithmetic relative_error_sum ratio_inverted history_off_by_one
softmax_axis softmax_no_shift refreshed_forward variance_for_std fan_in_out_swapped gain_inverted
gain_of_slope gain_centred norm_then_mean dead_all_entries int_cast constant_answer numerical_derivative
mutates_arguments slope_of_other_activation
"""
EXERCISES = sorted({exercise for exercise, _ in SOLUTIONS})
TWO_FORMS = {
    "factor_two",  # 2 or one half
    "history_off_by_one",  # the first or the last is missing
    "extra_1_over_n",  # in every tensor or in one kind
    "last_term_only",  # adjoint_program has two values with two consumers
    "constant_answer",
}


def loosely(style):
    return 2e-5 if "float32" in style else None


@pytest.fixture(scope="module")
def given():
    return {key: answers(key[0], text) for key, text in SOLUTIONS.items()}


@pytest.fixture(scope="module")
def mistaken():
    return [(mutant, answers(mutant.exercise, mutant_text(mutant))) for mutant in MUTANTS]


def agree(left, right, tolerance):
    return all(same(a, b, tolerance) for a, b in zip(left, right, strict=True))


def agree_where_both_answer(left, right, tolerance):
    both = [
        (a, b) for a, b in zip(left, right, strict=True) if not isinstance(a, str) and not isinstance(b, str)
    ]
    return bool(both) and all(same(a, b, tolerance) for a, b in both)


def test_the_table_is_as_large_as_it_claims():
    assert len(MUTANTS) >= 700
    assert len(UNKNOWN) >= 140
    assert len(RIGHT) >= 140
    assert len(set(RIGHT.values())) == len(RIGHT)
    assert len({(m.exercise, m.base, m.edits) for m in (*MUTANTS, *UNKNOWN)}) == len(MUTANTS) + len(UNKNOWN)
    assert sum(1 for _ in pairs()) >= 4000


def test_every_canonical_name_is_wanted_at_least_once_and_no_other():
    wanted = Counter(name for mutant in MUTANTS for name, _ in mutant.wanted)
    assert set(wanted) == set(IDS.split())


def test_every_edit_is_found_exactly_once_and_leaves_a_text_that_parses():
    for mutant in (*MUTANTS, *UNKNOWN):
        text = mutant_text(mutant)  # raises unless every find occurs once
        compile(text, mutant.base, "exec")
        assert text != SOLUTIONS[mutant.exercise, mutant.base]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_right_solutions_of_an_exercise_agree_in_every_style(exercise, given):
    styles = {style: answer for (name, style), answer in given.items() if name == exercise}
    first = next(iter(styles.values()))
    assert len(styles) > 1
    for style, answer in styles.items():
        assert not any(isinstance(one, str) for one in answer), style
        assert agree(first, answer, loosely(style) or TOLERANCES.get(exercise, 1e-9)), style


@pytest.mark.parametrize("exercise", BRUTE)
def test_the_right_solutions_agree_with_differences_of_the_loss(exercise, given):
    brute = [as_answer(BRUTE[exercise](*args)) for args in probes(exercise)]
    for (name, style), answer in given.items():
        if name == exercise:
            assert agree(brute, answer, loosely(style) or 1e-6), style


def test_right_solutions_leave_their_arguments_alone():
    for (exercise, style), text in SOLUTIONS.items():
        if exercise not in ("init_params", "minibatches", "train"):  # they draw from their rng
            assert not changes_arguments(exercise, text), (exercise, style)


def test_mutants_that_change_their_arguments_do():
    touched = [m for m in MUTANTS if m.wanted[0][0] in ("mutates_arguments", "restored_by_arithmetic")]
    assert [m for m in touched if not changes_arguments(m.exercise, mutant_text(m))] == []


def test_a_mutant_differs_from_its_solution_unless_it_is_said_to_keep_the_values(given, mistaken):
    for mutant, answer in mistaken:
        right = given[mutant.exercise, mutant.base]
        assert not all(isinstance(one, str) for one in answer), mutant
        assert agree(right, answer, 1e-4 if mutant.values_stay else 1e-6) == mutant.values_stay, mutant


def test_mutants_with_equal_numbers_have_a_name_in_common(mistaken):
    for (one, left), (other, right) in neighbours(mistaken):
        if agree_where_both_answer(left, right, 1e-8):
            assert set(one.wanted) & set(other.wanted), (one, other)


def test_mutants_with_the_same_names_have_equal_numbers_whatever_the_style(mistaken):
    for (one, left), (other, right) in neighbours(mistaken):
        if one.wanted == other.wanted and one.wanted[0][0] not in TWO_FORMS:
            tolerance = loosely(one.base + other.base) or TOLERANCES.get(one.exercise, 1e-8)
            assert agree_where_both_answer(left, right, tolerance), (one, other)


def test_an_unknown_formula_equals_neither_the_solution_nor_a_named_mistake(given, mistaken):
    for unknown in UNKNOWN:
        answer = answers(unknown.exercise, mutant_text(unknown))
        assert not agree(given[unknown.exercise, unknown.base], answer, 1e-6), unknown
        for mutant, other in mistaken:
            if mutant.exercise == unknown.exercise and not mutant.values_stay:
                assert not agree_where_both_answer(answer, other, 1e-7), (unknown, mutant)


def test_more_than_five_hundred_pairs_can_be_told_from_singles_and_from_each_other():
    assert len(clear_pairs(every=6)) >= 500


def test_a_layer_by_word_becomes_a_number_only_where_it_is_one_layer_in_every_probe():
    assert [layer_number(word, [3]) for word in ("hidden", "middle", "upper", "output")] == [None, 2, None, 3]
    assert [layer_number(word, [2]) for word in ("hidden", "upper", "output")] == [1, 2, 2]
    assert [layer_number(layer, [2, 3]) for layer in ("output", 2, None)] == [None, 2, None]


def neighbours(mistaken):
    for exercise in EXERCISES:
        here = [(m, answer) for m, answer in mistaken if m.exercise == exercise and not m.values_stay]
        yield from combinations(here, 2)


def changes_arguments(exercise, text):
    function = load(exercise, text)
    for args in probes(exercise):
        before = numbers_in(args)
        function(*args)
        if numbers_in(args) != before:
            return True
    return False

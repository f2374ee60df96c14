"""Beliefs about first weights and what becomes of signals in depth; see :mod:`graders.bank.beliefs`."""

from graders.bank.belief import Belief

__all__ = ["DEPTH"]

LESSON = "vanishing_gradients"

DEPTH: dict[str, Belief] = {
    "variance_for_std": Belief(
        "of the variance in place of its root",
        "Variance and standard deviation are taken to be the same.",
        "a number with spread 0.1: what is its variance?",
        LESSON,
    ),
    "fan_in_out_swapped": Belief(
        "with the outputs counted where the inputs are due",
        "Which side of a layer adds up is mixed up.",
        "z is a sum over what: over the units before or over those behind?",
        LESSON,
    ),
    "fan_sum_for_mean": Belief(
        "with the sum of both widths for their mean",
        "The 2 in glorot's recipe is lost.",
        "n_in and n_out are equal: should glorot then differ from lecun?",
        LESSON,
    ),
    "fan_always_in": Belief(
        "with n_in alone, for glorot too",
        "The way back is left out of glorot's compromise.",
        "which sum has n_out terms: the one forward or the one back?",
        LESSON,
    ),
    "fan_product": Belief(
        "with the product of the widths",
        "A mean of two widths is taken for their product.",
        "how many terms does one sum have: n_in, or n_in times n_out?",
        LESSON,
    ),
    "gain_missing": Belief(
        "without the 2 for ReLU",
        "ReLU is taken to keep all of the signal.",
        "how many of a layer's units does ReLU silence?",
        LESSON,
    ),
    "gain_everywhere": Belief(
        "with a 2 for every kind",
        "Every recipe is taken to be the one for ReLU.",
        "which activation halves the mean square, and which leaves it?",
        LESSON,
    ),
    "gain_inverted": Belief(
        "turned upside down",
        "The factor that mends is taken for the factor that harms.",
        "the activation shrinks the signal: must the gain be above or below 1?",
        LESSON,
    ),
    "uniform_limit_for_std": Belief(
        "of the limit of an even draw",
        "The limit is taken for the standard deviation.",
        "an even draw between -1 and 1: what is its standard deviation?",
        LESSON,
    ),
    "numerator_outside_root": Belief(
        "with the 2 outside the root",
        "Where the root ends is taken to be of no account.",
        "the variance doubles: by what does the standard deviation grow?",
        LESSON,
    ),
    "gain_of_slope": Belief(
        "of the slope f' in place of f",
        "Keeping the signal forward and keeping it on the way back are taken to be one thing.",
        "which of the two is asked for: E[f(z)^2] = 1 or E[f'(z)^2] = 1?",
        LESSON,
    ),
    "gain_centred": Belief(
        "with the mean taken off first",
        "A spread around the mean is taken for a mean square.",
        "the next layer sums w a: does it see a or a minus its mean?",
        LESSON,
    ),
    "gain_of_size": Belief(
        "with the mean size in place of the root of the mean square",
        "Mean size and root mean square are taken to be the same.",
        "which of the two weighs large values more?",
        LESSON,
    ),
    "gain_of_mean_slope": Belief(
        "of the mean slope",
        "The activation is taken for a straight line through 0.",
        "how far does the sigmoid's value at 0 lie from 0?",
        LESSON,
    ),
    "gain_of_flat_draws": Belief(
        "with z drawn evenly between -1 and 1",
        "Any draw of z is taken to do.",
        "how often is a standard normal number beyond 1?",
        LESSON,
    ),
    "gain_of_he": Belief(
        "of the gain of ReLU, whatever the activation is",
        "The root of 2 is taken to belong to every activation.",
        "where in your function does act matter?",
        LESSON,
    ),
    "dead_all_entries": Belief(
        "of the share of entries, not of units",
        "A unit that sleeps now and then is taken for a dead one.",
        "a unit is awake for one example of a hundred: can it still learn?",
        LESSON,
    ),
    "dead_any_example": Belief(
        "when one sleeping example is enough",
        "Asleep once is taken for dead.",
        "a unit is awake for one example of a hundred: can it still learn?",
        LESSON,
    ),
    "dead_rows": Belief(
        "with rows in place of columns",
        "Units and examples are mixed up.",
        "which axis of Z counts the units?",
        LESSON,
    ),
    "zero_taken_for_awake": Belief(
        "with Z = 0 counted as awake",
        "A unit at exactly 0 is taken to learn.",
        "what is the slope of ReLU at 0, and what comes through it?",
        LESSON,
    ),
    "dead_by_output": Belief(
        "with Z looked at as if it were the output",
        "A is taken for Z.",
        "a dead unit gives A = 0: which Z can it have?",
        LESSON,
    ),
    "fixed_limit": Belief(
        "with each factor compared with a fixed limit",
        "Small is taken to mean below a fixed number.",
        "two factors are below it: which one makes the product small?",
        LESSON,
    ),
    "dead_on_average": Belief(
        "when the mean of Z is below 0",
        "Asleep on the average is taken for dead.",
        "nine examples at -1 and one at 5: is the gradient 0 for all ten?",
        LESSON,
    ),
    "alive_for_dead": Belief(
        "of the units that are awake",
        "The share of the living is taken for that of the dead.",
        "no unit ever sleeps: what should the answer be?",
        LESSON,
    ),
    "count_for_share": Belief(
        "of a number in place of a share",
        "How many is taken for which share.",
        "the same network twice as wide: should the answer double?",
        LESSON,
    ),
    "spread_over_units": Belief(
        "with the spread over units in place of examples",
        "Units and examples are mixed up.",
        "every example gives the same Z: what has the layer told about them?",
        LESSON,
    ),
    "std_of_all_entries": Belief(
        "with the spread of all entries",
        "Differences between units are taken for differences between examples.",
        "each unit has its own constant value for all examples: how much do the examples differ?",
        LESSON,
    ),
    "mean_of_stds": Belief(
        "with the mean of the spreads for the root of the mean variance",
        "Mean and root are taken to change places freely.",
        "is the mean of 1 and 3 the root of the mean of 1 and 9?",
        LESSON,
    ),
    "spread_not_centred": Belief(
        "without the mean taken off",
        "A mean square is taken for a spread.",
        "all examples give Z = 5: how large is the spread?",
        LESSON,
    ),
    "factor_per_unit": Belief(
        "with one factor for each unit",
        "One factor for a layer is taken for one for each unit.",
        "how many factors does a layer get?",
        LESSON,
    ),
    "spread_of_activations": Belief(
        "of the activations in place of the pre-activations",
        "A is taken for Z.",
        "which of the two does the slope look at?",
        LESSON,
    ),
    "spread_of_weights": Belief(
        "of the spread of W itself",
        "The spread of the weights is taken for that of Z.",
        "the inputs double: does W know of it?",
        LESSON,
    ),
    "old_activations": Belief(
        "with the activations of the old weights",
        "All layers are taken to be rescaled at once.",
        "the first layer has just changed: what does the second one get?",
        LESSON,
    ),
    "norm_then_mean": Belief(
        "with the norm taken before the mean",
        "Mean and norm are taken to change places freely.",
        "two examples pull in opposite directions: how large is the mean pull?",
        LESSON,
    ),
    "norm_over_batch": Belief(
        "of the norm of the whole table",
        "A batch is taken for one long vector.",
        "the same batch twice: should the answer grow?",
        LESSON,
    ),
    "mean_over_units": Belief(
        "with the mean over units in place of examples",
        "Units and examples are mixed up.",
        "which axis of delta counts the examples?",
        LESSON,
    ),
    "mean_size": Belief(
        "of the mean size of the entries",
        "A mean of sizes is taken for a norm.",
        "twice as many units that each feel the same: should the norm grow?",
        LESSON,
    ),
    "dW_norm_for_delta": Belief(
        "of the norm of dW",
        "The gradient of the weights is taken for the error signal.",
        "the activations that enter are large: does that make delta large?",
        LESSON,
    ),
    "last_layer_first": Belief(
        "in the other order",
        "The order in which deltas come up is taken for the order of the layers.",
        "which layer's delta is known first, and which must stand first?",
        LESSON,
    ),
    "layers_shifted": Belief(
        "one layer further on",
        "The output layer is counted among the hidden ones.",
        "how many hidden layers does a network with L weight layers have?",
        LESSON,
    ),
}

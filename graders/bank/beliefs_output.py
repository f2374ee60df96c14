"""Beliefs about softmax and the cross-entropies; see :mod:`graders.bank.beliefs`."""

from graders.bank.belief import Belief

__all__ = ["OUTPUT"]

LESSON = "softmax_cross_entropy"

OUTPUT: dict[str, Belief] = {
    "softmax_no_shift": Belief(
        "without taking the largest logit off before the exponential",
        "e^z is taken for a number that a computer always holds.",
        "what does the computer say for e^1000, and what changes when all logits of a row fall by 1000?",
        LESSON,
    ),
    "softmax_axis": Belief(
        "with the sum taken along the wrong axis",
        "Classes and examples are mixed up: each row is one example, a case of its own.",
        "which numbers must add up to 1: those of one example, or those of one class?",
        LESSON,
    ),
    "log_after_softmax": Belief(
        "by the logarithm of a probability that has already become 0",
        "log(softmax(Z)) is taken to be computed as it is written.",
        "a probability of e^-5000: what does the computer keep of it, and what is the logarithm of that?",
        LESSON,
    ),
    "log_missing": Belief(
        "without the logarithm",
        "The probability is taken for its logarithm.",
        "a probability lies between 0 and 1: where must its logarithm lie?",
        LESSON,
    ),
    "normaliser_missing": Belief(
        "without the sum of the exponentials",
        "The logits are taken for log-probabilities.",
        "when you take e to the power of a row of your answer, does it add up to 1?",
        LESSON,
    ),
    "normaliser_not_logged": Belief(
        "with the sum of the exponentials in place of its logarithm",
        "Dividing by the sum becomes subtracting the sum, without the logarithm.",
        "log(a / s) = log a - ...?",
        LESSON,
    ),
    "label_ignored": Belief(
        "without the label",
        "The predictions alone are taken to make the error.",
        "exchange all labels: does your answer change?",
        LESSON,
    ),
    "forgot_one_hot": Belief(
        "with the label's number in every column, not a 1 in its own",
        "The name of a class is taken for a quantity.",
        "is class 8 twice as much as class 4?",
        LESSON,
    ),
    "label_off_by_one": Belief(
        "with the 1 one class too far to the left",
        "Labels are taken to begin at 1.",
        "which column belongs to label 0?",
        LESSON,
    ),
    "labels_of_all_rows": Belief(
        "with the columns of all labels in every row, where each row has one label of its own",
        "A colon and a list of labels are taken to pick one entry from each row.",
        "two rows with the labels 2 and 0: how many entries does your function pick, and which are wanted?",
        LESSON,
    ),
    "hard_argmax": Belief(
        "with a 1 for the likeliest class in place of the probabilities",
        "The decision is taken for the prediction.",
        "nudge a logit a little: does the likeliest class change, and does the loss?",
        LESSON,
    ),
    "softmax_mse_as_ce": Belief(
        "of squared error behind a softmax",
        "Every loss is taken for squared error.",
        "which loss makes the slope of the softmax cancel, and which leaves it in?",
        LESSON,
    ),
    "bce_on_softmax": Belief(
        "with a term for every class that is not the right one",
        "The binary cross-entropy is taken for the one of K classes.",
        "-log p of the right class: where in it do the other classes stand?",
        LESSON,
    ),
    "bce_missing_slope": Belief(
        "with the cross-entropy's derivative at a, without the sigmoid's slope",
        "dL/da is taken for dL/dz.",
        "the loss was derived with respect to a: what lies between a and z?",
        LESSON,
    ),
    "bce_positive_only": Belief(
        "with the term of t alone, without that of 1 - t",
        "Half of the binary cross-entropy is lost: what a wrong 1 costs.",
        "t is 0 and a is nearly 1: how much does your loss mind?",
        LESSON,
    ),
    "ce_wrt_p": Belief(
        "of deriving with respect to the probability, not the logit",
        "dL/dp is taken for dL/dz.",
        "the derivative was asked at the logits: what lies between them and the probabilities?",
        LESSON,
    ),
    "softmax_diagonal_only": Belief(
        "when each probability depends on its own logit alone",
        "The slope p (1 - p) of a sigmoid is taken for the whole derivative of a softmax.",
        "when one logit rises, what happens to the probabilities of the other classes?",
        LESSON,
    ),
    "slope_extra_at_output": Belief(
        "with a slope that the cross-entropy has already cancelled",
        "Every layer is taken to have its slope in the way, the output too.",
        "write down the derivative of the cross-entropy times a (1 - a): what is left?",
        LESSON,
    ),
    "inner_without_p": Belief(
        "with a plain sum of G in place of the weighted one",
        "Every class is taken to count alike in the mean that is taken off.",
        "add 1 to all logits of a row: should anything change, and does your derivative add up to 0?",
        LESSON,
    ),
    "own_term_twice": Belief(
        "with the term of the class itself counted twice",
        "The second sum is extended to all classes, and the first term is left as it was.",
        "the sum over the other classes becomes one over all: which term has come in, and what takes it out?",
        LESSON,
    ),
    "normaliser_held_fixed": Belief(
        "with the sum under the fraction held fixed",
        "The denominator of the softmax is taken for a constant.",
        "when one logit rises, does the sum of the exponentials stay?",
        LESSON,
    ),
    "normaliser_not_weighted": Belief(
        "with the mean taken off without the factor P",
        "P is multiplied into one of two terms.",
        "P (G - s): to which of the two terms does P belong?",
        LESSON,
    ),
    "off_diagonal_sign": Belief(
        "with a plus where two different classes meet",
        "All probabilities are taken to rise together.",
        "when one logit rises, do the other probabilities rise or fall?",
        LESSON,
    ),
    "sigmoid_for_softmax": Belief(
        "with a sigmoid for each class in place of one softmax",
        "K classes are taken for K questions of yes or no.",
        "do your probabilities of one example add up to 1?",
        LESSON,
    ),
    "softmax_for_sigmoid": Belief(
        "with one softmax in place of a sigmoid for each class",
        "K questions of yes or no are taken for K classes.",
        "may two of these outputs be nearly 1 at the same time?",
        LESSON,
    ),
    "softmax_missing": Belief(
        "with the logits in place of the probabilities",
        "The logits are taken for probabilities.",
        "may a probability be -3?",
        LESSON,
    ),
    "ratio_of_losses": Belief(
        "with the ratio of the two losses in place of that of their slopes",
        "A loss is taken for its slope.",
        "what does training feel: how high the loss is, or how steep?",
        LESSON,
    ),
    "ratio_inverted": Belief(
        "turned upside down",
        "Which of the two is divided by the other is taken to be of no account.",
        "when the numerator doubles, should the answer double or halve?",
        LESSON,
    ),
}

"""Beliefs about numerical derivatives and how to judge them; see :mod:`graders.bank.beliefs`."""

from graders.bank.belief import Belief

__all__ = ["CHECKING"]

LESSON = "trust_but_check"

CHECKING: dict[str, Belief] = {
    "forward_for_central": Belief(
        "with a nudge to one side only",
        "Looking to one side is taken to be as good as looking to both.",
        "halve h: by how much does your error shrink, by 2 or by 4?",
        LESSON,
    ),
    "central_for_forward": Belief(
        "with a nudge to both sides",
        "Looking to both sides is taken to be what was asked for.",
        "f(x) itself belongs to the forward difference: where does it occur in yours?",
        LESSON,
    ),
    "backward_difference": Belief(
        "with a nudge to the left alone",
        "Which side is looked at is taken to be of no account.",
        "the curve bends upwards: is the chord to the left as steep as the one to the right?",
        LESSON,
    ),
    "value_for_slope": Belief(
        "with a value in place of a difference of values",
        "How high the curve is, is taken for how steep it is.",
        "add 100 to f: what happens to its slope, and what to your answer?",
        LESSON,
    ),
    "value_of_mean": Belief(
        "with a plus between the two values",
        "A mean of values is taken for a difference.",
        "f is constant: what is its slope, and what do you get?",
        LESSON,
    ),
    "not_divided_by_h": Belief(
        "without the division by the step",
        "The rise is taken for the slope.",
        "make h ten times smaller: should the slope change?",
        LESSON,
    ),
    "division_last_missing": Belief(
        "with only the second value divided",
        "Brackets are taken to be of no account.",
        "f(x + h) - f(x) / h: which of the two values is divided?",
        LESSON,
    ),
    "divided_then_multiplied": Belief(
        "with the division by 2 followed by a multiplication by h",
        "a / 2 * h is taken for a / (2 h).",
        "in which order does the computer read a / 2 * h?",
        LESSON,
    ),
    "half_step": Belief(
        "with half of the step",
        "h is taken for the whole distance of the two points.",
        "how far to each side of x must the two points lie?",
        LESSON,
    ),
    "step_times_x": Belief(
        "with a step of h x",
        "h is taken for a share of x.",
        "x = 0: how large is your step?",
        LESSON,
    ),
    "real_part": Belief(
        "from the real part",
        "Where the derivative sits in a complex number is taken to be of no account.",
        "f(x + ih) = f(x) + i h f'(x) + ...: in which part is f'?",
        LESSON,
    ),
    "size_for_imaginary_part": Belief(
        "from the length of the complex number",
        "The length is taken for the imaginary part.",
        "how much of |f(x + ih)| comes from f(x) itself?",
        LESSON,
    ),
    "real_step": Belief(
        "with a real step of that size",
        "A real step is taken to be as good as an imaginary one, however small.",
        "what is 1 + 1e-30 on this computer?",
        LESSON,
    ),
    "not_restored": Belief(
        "with every nudge left in",
        "Nudging an array is taken to have no effect on the next entry.",
        "after the first entry is done, what does the array hold?",
        LESSON,
    ),
    "restored_by_arithmetic": Belief(
        "but the array does not come back as it was, to the last bit",
        "x + h - 2h + h is taken for x, or nothing is written back.",
        "what is 0.1 + 0.2 - 0.2 on this computer?",
        LESSON,
    ),
    "lower_point_not_reached": Belief(
        "with a lower point that is the starting point, so half of the forward difference",
        "From above, one step down is taken to lead below.",
        "the entry stands at x + h: how far is it to x - h?",
        LESSON,
    ),
    "nudges_together": Belief(
        "with all entries nudged at once",
        "The slope along one direction is taken for the gradient.",
        "a loss that depends on the first entry alone: what must the other entries of the gradient be?",
        LESSON,
    ),
    "nudges_rows": Belief(
        "with whole rows nudged at once",
        "A loop over a matrix is taken to go over its entries.",
        "what does array[i] mean for a matrix?",
        LESSON,
    ),
    "flattened": Belief(
        "in one long row",
        "The shape of the gradient is taken to be of no account.",
        "which shape must the gradient have to be subtracted from the array?",
        LESSON,
    ),
    "relative_error_sum": Belief(
        "with the sum |a| + |n| below",
        "The larger of two numbers and their sum are taken to be the same measure.",
        "a is 10 and n is 9: which share of the larger is missing, and what does your formula say?",
        LESSON,
    ),
    "relative_to_one": Belief(
        "with only one of the two numbers below",
        "One of the two is taken to be right for sure.",
        "exchange a and n: should the relative error change?",
        LESSON,
    ),
    "floor_missing": Belief(
        "without the floor",
        "Two numbers are taken never to be both next to 0.",
        "a and n are both 1e-20: is that a large error?",
        LESSON,
    ),
    "floor_added": Belief(
        "with the floor added",
        "At least so large, and larger by so much, are taken to be the same.",
        "when a is far above the floor, should the floor still matter?",
        LESSON,
    ),
    "floor_alone": Belief(
        "with the floor alone below",
        "The floor is taken for the size.",
        "a and n are both near 1000: what is a large difference then?",
        LESSON,
    ),
    "smaller_below": Belief(
        "with the smaller of the two below",
        "Which of the two is the measure is taken to be of no account.",
        "one of the two is 0 by mistake: how large does your error become?",
        LESSON,
    ),
    "absolute_error": Belief(
        "with nothing below",
        "An error is taken to mean the same at every size.",
        "is an error of 0.001 large when the numbers are 1e6, and when they are 1e-6?",
        LESSON,
    ),
    "abs_missing": Belief(
        "with the sign of the difference kept",
        "An error is taken to have a direction.",
        "a far below n: is that a small error?",
        LESSON,
    ),
    "distance_of_sizes": Belief(
        "from the difference of the two sizes",
        "Two vectors of the same length are taken to be equal.",
        "a = (1, 0) and n = (0, 1): how far are they apart?",
        LESSON,
    ),
    "relative_per_entry": Belief(
        "from the entries' own relative errors",
        "One entry next to 0 is taken to weigh as much as the largest.",
        "one entry is 1e-18 in a and 0 in n: does it matter for the whole array?",
        LESSON,
    ),
    "size_by_largest_entry": Belief(
        "with the largest entry for the size",
        "The largest entry is taken for the norm.",
        "which of (3, 4) and (4, 0) is longer?",
        LESSON,
    ),
    "size_by_sum": Belief(
        "with the sum of the sizes of all entries",
        "The way along the axes is taken for the length.",
        "how long is the arrow (3, 4)?",
        LESSON,
    ),
    "size_not_rooted": Belief(
        "without the root of the sum of squares",
        "The square of a length is taken for the length.",
        "double all entries: by what must the length grow?",
        LESSON,
    ),
    "size_by_mean": Belief(
        "with the mean of the squares for their sum",
        "The size of a typical entry is taken for the length.",
        "put a second copy of the entries beside the first: does the arrow get longer?",
        LESSON,
    ),
    "kink_where_signs_differ": Belief(
        "when the slopes on both sides have different signs",
        "A kink is taken for a turning point.",
        "ReLU with slopes 1 and 3: is there a kink?",
        LESSON,
    ),
    "kink_where_flat": Belief(
        "when the slope at x is 0",
        "A kink is taken for a place where the central difference is 0.",
        "the bottom of a bowl: is it a kink?",
        LESSON,
    ),
    "kink_by_value": Belief(
        "when the values on both sides differ",
        "A jump of the value is taken for a jump of the slope.",
        "a steep straight line: does it have a kink?",
        LESSON,
    ),
    "kink_by_curvature": Belief(
        "when the slope changes fast",
        "A strong curve is taken for a kink.",
        "halve h: what becomes of the two slopes' difference on a smooth curve, and what at a kink?",
        LESSON,
    ),
    "kink_nowhere": Belief(
        "with a limit that nothing ever reaches",
        "A difference of values is taken for a difference of slopes.",
        "what you compare with a limit: how large is it for ReLU at 0, where h is 0.00001?",
        LESSON,
    ),
    "kink_where_unequal": Belief(
        "when the two slopes are not equal to the last digit",
        "On a smooth curve the slopes on both sides are taken to be the same.",
        "the cube at 2: are the slopes to its left and to its right ever equal?",
        LESSON,
    ),
    "step_scales_with_x": Belief(
        "for an h in proportion to x",
        "The scale of x is taken for the scale on which f changes.",
        "1e6 + sin(x): what does rounding do to a number near a million?",
        LESSON,
    ),
}

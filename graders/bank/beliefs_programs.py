"""Beliefs about programs, adjoints, passes and paths; see :mod:`graders.bank.beliefs`."""

from graders.bank.belief import Belief

__all__ = ["PROGRAMS"]

LESSON = "million_and_one"

PROGRAMS: dict[str, Belief] = {
    "sin_slope_sign": Belief(
        "with a minus in front of the cosine",
        "The derivatives of sine and cosine are mixed up.",
        "does sin rise or fall at 0?",
        LESSON,
    ),
    "local_slope_missing": Belief(
        "with 1 for a local slope",
        "What arrives is passed on as it is, as if every line had the slope 1.",
        "where the curve of this operation is flat, how much of a nudge gets through?",
        LESSON,
    ),
    "slope_at_own_value": Belief(
        "with a local slope taken at the line's own value",
        "The slope of a line is taken at what leaves it, but it belongs to what enters it.",
        "sin u at u = 0: at which point of the curve does the line stand, at u or at sin u?",
        LESSON,
    ),
    "power_rule_on_exp": Belief(
        "with the power rule on e^u",
        "In e^u the exponent is taken for a fixed number.",
        "which of the two moves in e^u: the base or the exponent?",
        LESSON,
    ),
    "inner_slope_only": Belief(
        "with the slope of the inner function alone",
        "The chain is left before its last link.",
        "double f: must df/dx double?",
        LESSON,
    ),
    "outer_slope_only": Belief(
        "with the slope of the outer function alone",
        "The derivative with respect to c is taken for the one with respect to x.",
        "when x moves by h, by how much does c move?",
        LESSON,
    ),
    "adds_for_multiplies": Belief(
        "with the slope and the gradient added",
        "A product along a path is taken for a sum.",
        "the slope of a child is 0: can x act on the loss through it?",
        LESSON,
    ),
    "product_over_k": Belief(
        "with the product over the children in place of the sum",
        "A sum over paths is taken for a product.",
        "one child does not matter at all: do the others still matter?",
        LESSON,
    ),
    "not_summed_over_k": Belief(
        "without the sum over the children",
        "One gradient for each use is taken to be the gradient.",
        "one entry of x: how many derivatives does the loss have with respect to it?",
        LESSON,
    ),
    "fan_out_axis": Belief(
        "with the sum over the entries of x",
        "The axis of the children and the axis of the entries are mixed up.",
        "which axis counts the children, and which the entries of x?",
        LESSON,
    ),
    "sum_times_sum": Belief(
        "with one sum times the other",
        "A sum of products is taken for the product of sums.",
        "is 1 * 2 + 3 * 4 the same as (1 + 3) * (2 + 4)?",
        LESSON,
    ),
    "largest_share_only": Belief(
        "with the largest share alone",
        "The strongest path is taken for all paths.",
        "two paths push equally hard: does one of them count?",
        LESSON,
    ),
    "baseline_not_counted": Belief(
        "without the pass at theta itself",
        "The pass at the starting point is taken to be free.",
        "a loss of one parameter: how many values does one slope need?",
        LESSON,
    ),
    "baseline_each_time": Belief(
        "with the pass at theta taken again for every entry",
        "Two passes an entry are taken to be necessary.",
        "does the loss at theta change from entry to entry?",
        LESSON,
    ),
    "sub_sign": Belief(
        "with a wrong sign in u - v",
        "Both arguments of u - v are taken to push the same way.",
        "when v rises, does u - v rise or fall?",
        LESSON,
    ),
    "mul_own_operand": Belief(
        "with each factor's own value for its slope",
        "The slope of u v with respect to u is taken to be u.",
        "in 5 u, what is the slope with respect to u?",
        LESSON,
    ),
    "square_counted_once": Belief(
        "with u u counted once",
        "A value that is used twice in one row is taken to be used once.",
        "what is the derivative of u u?",
        LESSON,
    ),
    "neg_sign": Belief(
        "without the minus of -u",
        "Turning the sign is taken to have slope 1.",
        "when u rises, does -u rise or fall?",
        LESSON,
    ),
    "log_slope_not_inverted": Belief(
        "with u for the slope of log u",
        "The slope 1 / u is turned upside down.",
        "is the logarithm steeper at 0.01 or at 100?",
        LESSON,
    ),
    "seed_is_value": Belief(
        "with the output's value for its own adjoint",
        "The sweep is taken to begin with the value of the output.",
        "when the output moves by h, by how much does the output move?",
        LESSON,
    ),
    "sweep_forward": Belief(
        "in one sweep from the first row to the last",
        "The order of the rows is taken to be of no account.",
        "who must send to a row before it sends on?",
        LESSON,
    ),
    "begins_at_last_row": Belief(
        "with the last row taken for the output",
        "The last row is taken for the output.",
        "rows that come after the output: can they matter to it?",
        LESSON,
    ),
    "parallel_edges_merged": Belief(
        "with two edges between the same nodes counted once",
        "Edges are taken for a set.",
        "in b = a times a, how many ways lead from a to b?",
        LESSON,
    ),
    "edges_in_given_order": Belief(
        "in one sweep over the edges as they come",
        "The order of the edges is taken to be the order of the graph.",
        "before a node hands on its number of paths, what must be known?",
        LESSON,
    ),
    "no_path_to_itself": Belief(
        "with no path from a node to itself",
        "A path is taken to need an edge.",
        "how many ways are there to be where you already are?",
        LESSON,
    ),
    "one_path_only": Belief(
        "with 1 wherever a way leads, however many there are",
        "Whether there is a path is taken for how many there are.",
        "a diamond: how many ways lead from its top to its bottom?",
        LESSON,
    ),
    "longest_path": Belief(
        "with the length of the longest path for their number",
        "How long a path is, is taken for how many there are.",
        "one more edge in the middle of a single path: does the number of paths change?",
        LESSON,
    ),
    "shortest_path": Belief(
        "with the length of the shortest path for their number",
        "How long a path is, is taken for how many there are.",
        "one more edge in the middle of a single path: does the number of paths change?",
        LESSON,
    ),
    "edges_for_paths": Belief(
        "with only the edges counted that end at the target",
        "The last edges of the paths are taken for the paths.",
        "two paths that share their last edge: is that one path or two?",
        LESSON,
    ),
}

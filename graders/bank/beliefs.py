"""What a learner believes who makes a known mistake, and the question that exposes it.

The ids are canonical: results, reports and outside tools rely on them. Add to them, never rename.
"""

from graders.bank.belief import Belief
from graders.bank.beliefs_backward import BACKWARD
from graders.bank.beliefs_beyond import BEYOND

__all__ = ["BELIEFS", "Belief"]

ONE_NEURON: dict[str, Belief] = {
    # slope
    "missing_slope": Belief(
        "without the slope f'(z)",
        "What comes back is passed on as it is, as if nothing lay between: no activation, no slope.",
        "if the slope here were 0, how much would the loss change when z is nudged?",
        "one_neuron",
    ),
    "slope_of_a": Belief(
        "with the slope taken at a instead of z: f'(a)",
        "The slope function is fed with the activation, but it is a function of z.",
        "at which point of the curve does the neuron stand: at z, or at a?",
        "one_neuron",
    ),
    "slope_formula_on_z": Belief(
        "with z (1 - z) for the slope",
        "The shortcut a (1 - a) is remembered as 'value times one minus value', whatever the value.",
        "z (1 - z) is negative for z = 2; can the slope of a rising curve be negative?",
        "one_neuron",
    ),
    "slope_of_other_activation": Belief(
        "with a (1 - a) for the slope, whatever the activation is",
        "The sigmoid's shortcut is taken for the slope of every activation.",
        "what is the slope of tanh at 0, and what does a (1 - a) say there?",
        "one_neuron",
    ),
    "slope_of_sigmoid": Belief(
        "with the sigmoid's slope at z, whatever the activation is",
        "Every neuron is taken for a sigmoid neuron.",
        "where in your function does it matter which activation it was given?",
        "one_neuron",
    ),
    "slope_twice": Belief(
        "with the slope f'(z) multiplied in twice",
        "The slope is applied a second time where it is already inside.",
        "how many activations lie between z and the loss?",
        "one_neuron",
    ),
    "slope_is_f": Belief(
        "with the activation a itself in place of its slope",
        "The value of the curve is taken for its slope.",
        "where the sigmoid is flat at the top, a is nearly 1; what is its slope there?",
        "one_neuron",
    ),
    "slope_one_minus_a": Belief(
        "with 1 - a for the slope",
        "One factor of a (1 - a) is lost.",
        "far to the left, where a is nearly 0, the sigmoid is flat; what does 1 - a say there?",
        "one_neuron",
    ),
    # weight gradient
    "dW_missing_input": Belief(
        "without the input: every weight gets delta alone",
        "The weight's gradient is taken for the bias's, as if every input were 1.",
        "if an input is 0, how much does its weight matter to the loss?",
        "one_neuron",
    ),
    "dW_uses_z": Belief(
        "with the pre-activation z where the input x is due",
        "A pre-activation is taken for the number that the weight multiplies.",
        "z = w . x + b: when one w is nudged by h, by how much does z move?",
        "one_neuron",
    ),
    "dW_uses_own_a": Belief(
        "with the neuron's own output a where its input x is due",
        "'Activation times error' is read as the neuron's own activation.",
        "which number does the weight multiply: the one that enters the neuron or the one that leaves it?",
        "one_neuron",
    ),
    "dW_uses_weight": Belief(
        "with the weight w where the input x is due",
        "The derivative of w x is taken with respect to x instead of w.",
        "z = w . x + b: with x held still and w nudged, which of the two is the slope?",
        "one_neuron",
    ),
    "dW_summed": Belief(
        "with all weights' gradients added up to one number",
        "The sum of the forward pass is repeated on the way back.",
        "a neuron with three weights: how many directions can it be nudged in?",
        "one_neuron",
    ),
    "dW_slope_again": Belief(
        "with the slope f'(z) a second time in dw",
        "delta already holds the slope, and it is multiplied in again.",
        "what lies between z and w: an activation, or only a product?",
        "one_neuron",
    ),
    "dW_sign": Belief(
        "with the sign of dw turned round",
        "The minus of the update is put into the gradient.",
        "does the gradient point up the loss or down?",
        "one_neuron",
    ),
    # bias gradient
    "db_zero": Belief(
        "with 0 for the bias",
        "The bias is a constant, so its derivative is taken to be 0.",
        "nudge b by h: does z move?",
        "one_neuron",
    ),
    "db_sign": Belief(
        "with the sign of db turned round",
        "The minus of the update is put into the gradient.",
        "when b rises, does z rise or fall?",
        "one_neuron",
    ),
    "db_missing_delta": Belief(
        "with 1 for the bias's gradient: dz/db alone",
        "The last arrow, dz/db = 1, is taken for the whole chain.",
        "the loss lies behind z: by how much does it move when z moves by 1?",
        "one_neuron",
    ),
    "db_uses_x": Belief(
        "with the input x multiplied into the bias's gradient too",
        "The bias is treated like one more weight on the same inputs.",
        "when b is nudged by h, does z move by h or by x h?",
        "one_neuron",
    ),
    "db_per_input": Belief(
        "with one bias gradient for every input",
        "The bias is taken to have one entry per input, as the weights have.",
        "a neuron with three inputs: how many biases does it have?",
        "one_neuron",
    ),
    "db_uses_b": Belief(
        "with the bias b multiplied in",
        "The bias is treated like a weight that multiplies itself.",
        "z = w . x + b: by how much does z move when b moves by h, and does that depend on b?",
        "one_neuron",
    ),
    # loss and scale
    "sign": Belief(
        "with the sign turned round",
        "A difference is taken the other way round, or the minus of an update is counted twice or never.",
        "at a point where a nudge upwards makes things rise: which sign must the slope have, and yours?",
        "one_neuron",
    ),
    "factor_two": Belief(
        "with a factor 2 or 1/2",
        "A factor 2 or 1/2 is lost on the way, or counted twice.",
        "what is the derivative of 1/2 u^2 with respect to u, and who has used up that 1/2 already?",
        "one_neuron",
    ),
    "upstream_ignored": Belief(
        "with the local slope alone, without the error that comes back",
        "The local slope is taken for the whole derivative.",
        "if the output already equals the target, what should the gradient be?",
        "one_neuron",
    ),
    "loss_for_error": Belief(
        "with the loss itself in place of its derivative a - t",
        "The number that is to be differentiated is multiplied in as it is.",
        "what is the derivative of 1/2 (a - t)^2 with respect to a?",
        "one_neuron",
    ),
    "activation_twice": Belief(
        "with the activation applied to a once more",
        "a is taken for the pre-activation.",
        "a has already left the neuron: what is left to be done to it before it meets the target?",
        "one_neuron",
    ),
    "error_not_squared": Belief(
        "with the distance a - t in place of its square",
        "The distance to the target is taken for the loss.",
        "what is the slope of your loss when a is very near to t, and what should it be?",
        "one_neuron",
    ),
    # forward
    "forward_no_bias": Belief(
        "without the bias b",
        "The weighted sum is taken for the whole pre-activation.",
        "with every input 0, what is z?",
        "one_neuron",
    ),
    "forward_no_activation": Belief(
        "with z passed on as the output, without the activation",
        "The neuron is taken for its weighted sum.",
        "what can a sigmoid neuron's output never exceed, and can yours?",
        "one_neuron",
    ),
    "z_not_summed": Belief(
        "without the sum over the inputs: one number per input",
        "The elementwise product is taken for the weighted sum.",
        "a neuron with three inputs: how many pre-activations does it have?",
        "one_neuron",
    ),
    # update
    "lr_missing": Belief(
        "without the learning rate",
        "The gradient is taken for the step.",
        "with lr = 0, where should the weights end?",
        "one_neuron",
    ),
    "returns_step": Belief(
        "with the step alone, without the value that it starts from",
        "The change is taken for the changed value.",
        "with lr = 0, what should come back?",
        "one_neuron",
    ),
    "updated_before_use": Belief(
        "with the bias's gradient taken after w was already changed",
        "Each parameter is updated as soon as its gradient is known, and the next one sees the new value.",
        "all parts of one gradient belong to the same moment: to the one before or after w has changed?",
        "hidden_delta",
    ),
    "refreshed_forward": Belief(
        "with a new forward pass between the two updates",
        "Each gradient is taken after a new forward pass, when other parameters have already moved.",
        "all parts of one gradient belong to the same moment: to the one before or after w has changed?",
        "hidden_delta",
    ),
    "mutates_arguments": Belief(
        "but the call changes the arrays or dictionaries that it was given",
        "w -= ..., w_new = w and p[name] -= ... are taken to make something new; w - ... and a copy do.",
        "after your function has run, what does the caller hold under the names that were handed in?",
        "one_neuron",
    ),
    # form of the answer
    "tuple_swapped": Belief(
        "in the other order",
        "The order of the returned values is taken to be free.",
        "which of the two does the signature name first?",
        "one_neuron",
    ),
    "smallest_without_abs": Belief(
        "when the smallest is taken with its sign",
        "A large negative number is taken for a small one.",
        "which factor brings the product nearer to 0: -2 or 0.0001?",
        "one_neuron",
    ),
    "picks_largest": Belief(
        "when the largest is taken",
        "The factor that stands out is taken for the one that stalls.",
        "which factor would you have to raise to raise the product?",
        "one_neuron",
    ),
    # any exercise
    "constant_answer": Belief(
        "the same whatever the arguments are",
        "The numbers of the worked example are returned, not computed.",
        "what would your function return for twice the input?",
        "one_neuron",
    ),
    "numerical_derivative": Belief(
        "by nudging and subtracting",
        "A measured slope is taken for a derived one.",
        "which rule of calculus gives this derivative without any small step h?",
        "trust_but_check",
    ),
}

BELIEFS: dict[str, Belief] = ONE_NEURON | BACKWARD | BEYOND

"""Beliefs about going back through layers, batches and networks; see :mod:`graders.bank.beliefs`."""

from graders.bank.belief import Belief

__all__ = ["BACKWARD"]

BONKERS, HIDDEN, BATCHES = "going_bonkers", "hidden_delta", "matrices_and_batches"

_SLOPES = {
    "slope_wrong_layer": Belief(
        "with the slope taken at the Z of another layer",
        "Counting the layers from 0 in one list and from 1 in another, the neighbour's Z is taken.",
        "the delta of a layer says how its own Z moves the loss: at whose Z must the slope be taken?",
        HIDDEN,
    ),
    "slope_of_dose": Belief(
        "with the slope taken at the dose instead of at x1",
        "Two numbers are called x, and the slope is taken at the wrong one.",
        "softplus is fed with w1 dose + b1: at which point of the curve does the unit stand?",
        BONKERS,
    ),
    "relu_leaky": Belief(
        "with a small slope left where ReLU is flat",
        "The leaky variant's slope is taken for ReLU's own.",
        "Z = -3 is nudged a little: by how much does max(0, Z) move?",
        BATCHES,
    ),
    "relu_gate_on_upstream": Belief(
        "with the gate opened by the sign of what comes back, not by the sign of Z",
        "ReLU's 'let the positive ones through' is applied to the gradient itself.",
        "which units were asleep on the way forward, and does the sign of the gradient know it?",
        BATCHES,
    ),
}

_GOING_BACK = {
    "weights_transposed": Belief(
        "with W the wrong way round",
        "The matrix of the forward pass is used unchanged on the way back.",
        "w[j, k] runs from j to k: when unit j collects what it caused, over which index must it sum?",
        HIDDEN,
    ),
    "weights_wrong_layer": Belief(
        "with the weights of another layer",
        "The weights that lead into the unit are taken for those that lead out of it.",
        "through which weights does this unit act on the loss: those before it, or those behind it?",
        HIDDEN,
    ),
    "weights_ignored": Belief(
        "with every weight on the way back taken for 1",
        "The error is handed back as it is, whatever the weights between.",
        "if the weight to the next layer were 0, how much would this unit matter to the loss?",
        BONKERS,
    ),
    "units_swapped": Belief(
        "with the two units' weights exchanged",
        "Which number belongs to which unit is taken to be of no account.",
        "unit 1 is switched off: which of w3 and w4 can no longer change the prediction?",
        BONKERS,
    ),
    "propagates_dA": Belief(
        "with dL/da handed to the layer before, where dL/dz is due",
        "The slope is put into the gradients, but left out of what goes further back.",
        "the weights were multiplied to make z: the error of which number do they hand back, a's or z's?",
        HIDDEN,
    ),
    "last_term_only": Belief(
        "with the last term of the sum alone",
        "Each term overwrites the one before: = stands where += is due.",
        "a unit that feeds several others: through how many of them does it change the loss?",
        HIDDEN,
    ),
    "first_term_only": Belief(
        "with the first term of the sum alone",
        "One way to the loss is followed, and the others are forgotten.",
        "a unit that feeds several others: through how many of them does it change the loss?",
        HIDDEN,
    ),
    "mean_over_k": Belief(
        "with the mean over the units of the next layer in place of the sum",
        "Several errors that arrive at one place are averaged.",
        "a second, equal unit is added to the next layer: does this unit's influence double or stay?",
        HIDDEN,
    ),
    "gap_in_size": Belief(
        "with the sign of the gap dropped",
        "A difference is taken for a distance.",
        "can the wrong order end at the lower loss, and would your answer tell?",
        HIDDEN,
    ),
    "gap_from_start": Belief(
        "with the loss before the update taken for one of the two losses after it",
        "The gap between two orders is taken for the gain of one update.",
        "which two networks does the gap compare?",
        HIDDEN,
    ),
    "biases_moved": Belief(
        "with the biases updated as well",
        "A step is taken to move every parameter, though this one leaves the biases alone.",
        "which parameters does the worked example update?",
        HIDDEN,
    ),
    "updates_last_layer_only": Belief(
        "with w1, b1, w2 and b2 never moved",
        "Learning is taken to happen where the error is seen: in the last layer.",
        "what do the two curves look like after a thousand steps, if w1 and w2 never change?",
        BONKERS,
    ),
    "gradient_of_start": Belief(
        "with the gradient of the start in every step",
        "One gradient is taken to hold for the whole walk.",
        "after the first step you stand elsewhere: which slopes hold there?",
        BONKERS,
    ),
}

_WEIGHTS = {
    "dW_uses_x": Belief(
        "with the network's input in place of what enters the layer",
        "'Input times delta' is read as the input of the whole network.",
        "which numbers does this layer's W multiply on the way forward?",
        BATCHES,
    ),
    "dW_transposed": Belief(
        "with dW the wrong way round",
        "The two factors of the product are taken to be free to change places.",
        "dW[j, k] belongs to w[j, k]: is j a unit that the weight comes from, or one that it leads to?",
        BATCHES,
    ),
    "other_product": Belief(
        "with another kind of product",
        "Entry by entry, @ and np.outer are taken to be the same product.",
        "which shape must the result have, and which of your factors belong to one of its entries?",
        HIDDEN,
    ),
    "dW_product_of_sums": Belief(
        "with the sum of what enters times the sum of delta, where the sum of their products is due",
        "The sum of products is taken for the product of the sums.",
        "inputs 1 and -1, deltas 1 and -1: how much is the sum of the products, and the product of the sums?",
        BONKERS,
    ),
    "dW_not_summed": Belief(
        "without the sum over the data: one number an example",
        "Every example is given a gradient of its own, though they share the weight.",
        "one weight serves all examples: how many slopes can the loss have along it?",
        BONKERS,
    ),
}

_BIASES = {
    "db_mean": Belief(
        "with the mean over the examples for the bias, where the sum is due",
        "The bias is averaged over the batch, beside a 1/B that is already inside or not meant at all.",
        "dW sums over the examples: why should db do otherwise?",
        BATCHES,
    ),
    "db_first": Belief(
        "with the first example's delta alone for the bias",
        "One row of delta is taken for the bias's gradient.",
        "the bias is added to every row of the batch: how many rows move when it is nudged?",
        BATCHES,
    ),
    "db_last": Belief(
        "with the last example's delta alone for the bias",
        "One row of delta is taken for the bias's gradient.",
        "the bias is added to every row of the batch: how many rows move when it is nudged?",
        BATCHES,
    ),
    "db_total": Belief(
        "with one sum over examples and units for every bias",
        "The sum is taken over everything, where only the examples share a bias.",
        "unit 2's bias is nudged: does unit 1 notice?",
        BATCHES,
    ),
    "db_not_summed": Belief(
        "with delta as it is for the bias: one row an example",
        "The bias is taken to have a value of its own in every example.",
        "the gradient of b has the shape of b: how does it come from a matrix with one row an example?",
        BATCHES,
    ),
    "leading_axes_only": Belief(
        "with the sum over new axes only, not over axes that were stretched from length 1",
        "Broadcasting is taken to add axes in front and nothing else.",
        "a column of shape (11, 1) was stretched to (11, 5): how often was each number used?",
        BATCHES,
    ),
    "leading_axes_kept": Belief(
        "with the sum over stretched axes only, not over the axes added in front",
        "That broadcasting adds its new axes in front is left out of account.",
        "a row of shape (5,) was used in each of 11 rows: how often was each number used?",
        BATCHES,
    ),
    "axes_lost": Belief(
        "with axes of length 1 dropped from the shape",
        "The right sums are taken to be enough, whatever their shape.",
        "a gradient has the shape of what it belongs to: which shape is that?",
        BATCHES,
    ),
}

_BATCHES = {
    "missing_1_over_n": Belief(
        "without the 1/B of the mean",
        "The loss is a mean over the batch, and its derivative is taken as if it were a sum.",
        "every example is put into the batch twice: does the mean loss change, and does your gradient?",
        BATCHES,
    ),
    "extra_1_over_n": Belief(
        "with one division by the number of examples too many",
        "A mean over the examples is taken where it is already inside, or where a sum is meant.",
        "how often does 1/B stand in the loss, and how often does it come into your answer?",
        BATCHES,
    ),
    "divides_by_k": Belief(
        "with a division by the number of outputs",
        "The mean is taken over the outputs too, though the loss sums over them.",
        "a second, equal output is added: does the loss double or stay?",
        BATCHES,
    ),
    "divides_by_d": Belief(
        "with a division by the number of inputs where that of the examples is due",
        "The wrong axis of X is taken for the batch.",
        "which axis of X counts the examples?",
        BATCHES,
    ),
    "n_minus_1": Belief(
        "with B - 1 in the place of B",
        "The divisor of an estimated variance is taken for that of a mean.",
        "what would the loss of a batch of one be?",
        BATCHES,
    ),
    "last_example_only": Belief(
        "with the last example alone",
        "Each example overwrites the one before: = stands where += is due.",
        "the first example is changed: does your gradient notice?",
        BATCHES,
    ),
    "first_example_only": Belief(
        "with the first example alone",
        "One example is taken for the whole batch.",
        "the last example is changed: does your gradient notice?",
        BATCHES,
    ),
    "accumulated_not_reset": Belief(
        "with the results of earlier calls or steps added in",
        "The place where gradients are summed is not emptied before the next sum.",
        "the same call made twice: should it give the same answer?",
        BATCHES,
    ),
    "int_cast": Belief(
        "with everything behind the decimal point cut off",
        "An array made from integers is taken to hold any number.",
        "what does an array of integers keep of 0.7?",
        BATCHES,
    ),
}

_FORWARD = {
    "slope_for_activation": Belief(
        "with the activation's slope in place of its value",
        "The curve and its slope are exchanged.",
        "softplus grows without end; does sigmoid?",
        BONKERS,
    ),
    "relu_for_softplus": Belief(
        "with max(x, 0) in place of log(1 + e^x)",
        "Softplus is taken for the function that it rounds off.",
        "what is softplus at x = 0?",
        BONKERS,
    ),
    "activation_at_output": Belief(
        "with the activation applied to the prediction as well",
        "Every unit is taken to have an activation, the last one too.",
        "softplus is never negative: can the prediction be?",
        BONKERS,
    ),
    "activation_wrong_layer": Belief(
        "with the first layer's activation in every layer",
        "The network is taken to have one activation.",
        "why is acts a list?",
        BATCHES,
    ),
    "sum_before_square": Belief(
        "with the residuals added up before they are squared",
        "The square of a sum is taken for the sum of squares.",
        "two residuals, 1 and -1: how well does the curve fit?",
        BONKERS,
    ),
    "root_of_sum": Belief(
        "with the root of the sum of squares",
        "The sum of squared residuals is taken for a length.",
        "one residual of 3: what is its square?",
        BONKERS,
    ),
    "not_summed": Belief(
        "without the sum: one number an example",
        "Each example's share is taken for the whole.",
        "a loss is what descent makes smaller: how many numbers can that be?",
        BONKERS,
    ),
    "steps_off_by_one": Belief(
        "with one step too many or too few",
        "The first or the last step of a loop is counted wrongly.",
        "with steps = 0, which p should come back?",
        BONKERS,
    ),
    "history_off_by_one": Belief(
        "with a history that starts or ends one step away",
        "The losses are taken to be as many as the steps.",
        "with steps = 0, how many losses are known?",
        BONKERS,
    ),
}

BACKWARD: dict[str, Belief] = {**_SLOPES, **_GOING_BACK, **_WEIGHTS, **_BIASES, **_BATCHES, **_FORWARD}

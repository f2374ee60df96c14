"""Beliefs about optimisers and regularised losses; see :mod:`graders.bank.beliefs`."""

from graders.bank.belief import Belief

__all__ = ["STEPS"]

LESSON = "optimizers_and_clinic"

STEPS: dict[str, Belief] = {
    "momentum_sign": Belief(
        "with the old velocity taken off",
        "The memory is taken to brake.",
        "two equal gradients in a row: should the second step be longer or shorter?",
        LESSON,
    ),
    "momentum_no_state": Belief(
        "without a memory of the steps before",
        "The velocity is taken to begin anew in every step.",
        "where in your second step is the first gradient?",
        LESSON,
    ),
    "momentum_averaged": Belief(
        "with 1 - beta in front of the gradient",
        "A sum that fades is taken for a mean that fades.",
        "the same gradient for ever: how long do the steps become, and how long in the formula?",
        LESSON,
    ),
    "momentum_old_velocity": Belief(
        "with the velocity of the step before",
        "The update is taken to come before the new velocity.",
        "the first step: which velocity is there?",
        LESSON,
    ),
    "adam_no_bias_correction": Belief(
        "without the correction for the start at 0",
        "m and v are taken to be means from the first step on.",
        "after one step m is (1 - beta1) g: is that the mean of the gradients so far?",
        LESSON,
    ),
    "adam_frozen_t": Belief(
        "with t = 1 in every step",
        "The correction is taken to be a constant.",
        "after a thousand steps, how much of the start at 0 is left?",
        LESSON,
    ),
    "adam_betas_swapped": Belief(
        "with beta1 and beta2 exchanged",
        "The two memories are taken to be alike.",
        "which of the two looks further back: the mean or the mean square?",
        LESSON,
    ),
    "adam_eps_inside_root": Belief(
        "with eps under the root",
        "sqrt(v) + eps and sqrt(v + eps) are taken to be the same.",
        "v = 0 and eps = 1e-8: what is below the fraction in the one case, and in the other?",
        LESSON,
    ),
    "adam_no_root": Belief(
        "without the root",
        "The mean square is taken for the size.",
        "all gradients double: how should the step change?",
        LESSON,
    ),
    "adam_no_state": Belief(
        "without a memory of the steps before",
        "The running means are taken to begin anew in every step.",
        "where in your second step is the first gradient?",
        LESSON,
    ),
    "adam_share_missing": Belief(
        "without 1 - beta in front",
        "A sum that fades is taken for a mean that fades.",
        "the same gradient for ever: where does m go?",
        LESSON,
    ),
    "adam_square_missing": Belief(
        "with |g| in place of g^2",
        "The mean size is taken for the mean square.",
        "what does the root below the fraction undo?",
        LESSON,
    ),
    "reg_missing": Belief(
        "without the term of the weights",
        "The penalty is taken to be part of the loss, but not of its gradient.",
        "what is the derivative of lam / 2 W^2 with respect to W?",
        LESSON,
    ),
    "reg_doubled": Belief(
        "with 2 lam W",
        "The half in front of the square is forgotten.",
        "what is the derivative of 1/2 W^2?",
        LESSON,
    ),
    "reg_halved": Belief(
        "with lam W / 2",
        "The 2 of the square is forgotten.",
        "what is the derivative of 1/2 W^2?",
        LESSON,
    ),
    "reg_sign": Belief(
        "with the weights pushed away from 0",
        "The penalty is taken off the gradient.",
        "a weight is positive and costs by its size: which way should it go?",
        LESSON,
    ),
    "reg_over_n": Belief(
        "with the penalty divided by the batch",
        "The penalty is taken for one more term of every example.",
        "twice as many examples: do the weights cost less?",
        LESSON,
    ),
    "reg_on_bias": Belief(
        "with the biases pulled to 0 too",
        "Everything that is learnt is taken to cost.",
        "which parameters stand in the sum of squares?",
        LESSON,
    ),
    "reg_on_norm": Belief(
        "with the penalty itself added, not its derivative",
        "The number is taken for its derivative.",
        "which shape has the derivative with respect to W?",
        LESSON,
    ),
}

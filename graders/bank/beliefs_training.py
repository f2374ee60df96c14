"""Beliefs about training and its checks; see :mod:`graders.bank.beliefs`."""

from graders.bank.belief import Belief

__all__ = ["TRAINING"]

LESSON = "full_training"

TRAINING: dict[str, Belief] = {
    "std_as_uniform_limit": Belief(
        "of numbers drawn evenly between -std and std",
        "The limit of an even draw is taken for its standard deviation.",
        "how far from 0 does a number between -1 and 1 lie on the average of squares?",
        LESSON,
    ),
    "biases_not_zero": Belief(
        "with the biases drawn too",
        "Everything that is learnt is taken to need a random start.",
        "two units differ in their weights already: what do random biases add?",
        LESSON,
    ),
    "kind_ignored": Belief(
        "of one recipe, whatever was asked for",
        "All recipes are taken to be the same.",
        "where in your function does kind matter?",
        LESSON,
    ),
    "zeros_not_zero": Belief(
        "with random weights where zeros were asked for",
        "Zeros are taken to be a slip of the one who asked.",
        "what could be learnt from a network whose weights are all 0?",
        LESSON,
    ),
    "rng_ignored": Belief(
        "with numbers that the given rng does not decide",
        "One source of chance is taken to be as good as another.",
        "your run went wrong once: how could you see the same run again?",
        LESSON,
    ),
    "last_batch_dropped": Belief(
        "without the short last batch",
        "All batches are taken to be of one size.",
        "103 examples in batches of 10: which 3 never teach anything?",
        LESSON,
    ),
    "not_shuffled": Belief(
        "in the order of the data",
        "The order is taken to be of no account.",
        "the data is sorted by class: what does each batch teach?",
        LESSON,
    ),
    "drawn_with_replacement": Belief(
        "with every index drawn on its own",
        "Drawing is taken for shuffling.",
        "after one epoch, has every example been seen?",
        LESSON,
    ),
    "batches_shuffled_only": Belief(
        "with neighbours always in one batch",
        "Shuffling the batches is taken for shuffling the examples.",
        "the data is sorted by class: does each batch hold all classes?",
        LESSON,
    ),
    "batch_size_as_count": Belief(
        "with batch_size batches",
        "The size of a batch is taken for their number.",
        "100 examples, batch_size 20: how many batches?",
        LESSON,
    ),
    "one_batch_only": Belief(
        "with one batch an epoch",
        "One batch is taken for an epoch.",
        "how many examples have been seen after one epoch?",
        LESSON,
    ),
    "one_batch_of_all": Belief(
        "with one batch of all examples",
        "The batch size is left out.",
        "where in your function does batch_size matter?",
        LESSON,
    ),
    "left_as_it_was": Belief(
        "without any change",
        "Computing a gradient is taken to change the parameters.",
        "who changes the parameters: the gradient or the update?",
        LESSON,
    ),
    "lr_grows": Belief(
        "with the rate 1 + lr",
        "lr is taken for what is added to a full step.",
        "with lr = 0, where should the weights end?",
        LESSON,
    ),
    "log_base": Belief(
        "with another logarithm than ln",
        "All logarithms are taken to be the same.",
        "the loss takes its logarithms to the base e: which base have yours?",
        LESSON,
    ),
    "counts_examples": Belief(
        "with the number of examples for the number of classes",
        "Chance is taken to depend on how many examples there are.",
        "guessing among K classes: how likely is the right one?",
        LESSON,
    ),
    "counts_labels_seen": Belief(
        "with the number of labels that occur in y",
        "The labels in a batch are taken for all classes.",
        "a batch without a single 7: among how many classes does the network guess?",
        LESSON,
    ),
    "largest_label": Belief(
        "with the largest label for the number of classes",
        "Labels are taken to begin at 1.",
        "labels 0 to 9: how many classes?",
        LESSON,
    ),
    "zero_weights_for_zero_input": Belief(
        "with all parameters 0",
        "An empty input and an empty network are taken to be the same.",
        "X = 0: what is left of Z = X W + b?",
        LESSON,
    ),
    "input_not_zero": Belief(
        "with the input as it is",
        "The loss at zero input is taken for the loss.",
        "what is this check to show, if the input is still there?",
        LESSON,
    ),
    "overfit_all_examples": Belief(
        "on all examples",
        "Learning ten examples by heart is taken for training.",
        "how small must a set be so that a working network must learn it by heart?",
        LESSON,
    ),
    "overfit_not_trained": Belief(
        "before the 500 steps",
        "The loss before is taken for the loss after.",
        "what should happen to this number when the network learns the ten by heart?",
        LESSON,
    ),
}

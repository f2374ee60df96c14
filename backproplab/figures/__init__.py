"""Still pictures out of plain numbers: each function returns a matplotlib Figure and never shows it.

A figure belongs to its caller, not to pyplot. One module a subject; what they share is in ``still``.
"""

from backproplab.figures.batches import compared_pairs, shape_bench
from backproplab.figures.checking import gradient_heatmap
from backproplab.figures.cross_entropy import logit_pulls, losses_and_slopes, share_right
from backproplab.figures.deep_flow import deep_flow
from backproplab.figures.depth import accuracy_by_depth, signal_by_layer, slopes_of_layer
from backproplab.figures.differences import chords, u_curve
from backproplab.figures.dose_network import descents, slope_path, slope_terms, squiggles
from backproplab.figures.hidden_layer import delta_flow, gap_by_rate, shares_of_delta, small_network
from backproplab.figures.neuron import learning_curves, neuron_chain
from backproplab.figures.products import singular_values, slopes_on_path
from backproplab.figures.programs import cost_race, path_growth, program_graph
from backproplab.figures.still import Still
from backproplab.figures.tower import tower_at_work
from backproplab.figures.training import (
    digit_gallery,
    epoch_losses,
    gradients_compared,
    run_by_epoch,
    training_dashboard,
)

__all__ = [
    "Still",
    "accuracy_by_depth",
    "chords",
    "compared_pairs",
    "cost_race",
    "deep_flow",
    "delta_flow",
    "descents",
    "digit_gallery",
    "epoch_losses",
    "gap_by_rate",
    "gradient_heatmap",
    "gradients_compared",
    "learning_curves",
    "logit_pulls",
    "losses_and_slopes",
    "neuron_chain",
    "path_growth",
    "program_graph",
    "run_by_epoch",
    "shape_bench",
    "share_right",
    "shares_of_delta",
    "signal_by_layer",
    "singular_values",
    "slope_path",
    "slope_terms",
    "slopes_of_layer",
    "slopes_on_path",
    "small_network",
    "squiggles",
    "tower_at_work",
    "training_dashboard",
    "u_curve",
]

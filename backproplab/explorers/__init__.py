"""The interactive pictures, one a file, each with its front end beside it.

They load on first use. Without ipywidgets they stand still: each shows its picture and its sentence.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "CostRace": "cost_race",
    "DeltaFlow": "delta_flow",
    "JacobianSpectrum": "jacobian_spectrum",
    "LogitsTugOfWar": "logits_tug_of_war",
    "NeuronBench": "neuron_bench",
    "PathCount": "path_count",
    "ShapeBench": "shape_bench",
    "SlopeProduct": "slope_product",
    "SquiggleWorkshop": "squiggle_workshop",
    "TrainingDashboard": "training_dashboard",
    "UCurve": "u_curve",
    "VanishingGradients": "vanishing_gradients",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'backproplab.explorers' has no attribute {name!r}")
    value = getattr(import_module(f"backproplab.explorers.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

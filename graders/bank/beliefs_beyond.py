"""Beliefs about checking, training and deep networks; see :mod:`graders.bank.beliefs`."""

from graders.bank.belief import Belief
from graders.bank.beliefs_checking import CHECKING
from graders.bank.beliefs_depth import DEPTH
from graders.bank.beliefs_output import OUTPUT
from graders.bank.beliefs_programs import PROGRAMS
from graders.bank.beliefs_steps import STEPS
from graders.bank.beliefs_training import TRAINING

__all__ = ["BEYOND"]

BEYOND: dict[str, Belief] = OUTPUT | CHECKING | PROGRAMS | TRAINING | DEPTH | STEPS

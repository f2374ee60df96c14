"""Notebooks, functions and values that are not what they seem: they earn what the evidence shows."""

import json
from typing import Any

from tests.attacks.case import RIGHT, WRONG, Case, Notebook, loss, table

__all__ = ["CASES"]

# Instead of a half squared error of the type float.
VALUES = {
    "a truth value": "return True",
    "a word for a number": "return '0.5'",
    "bytes for a number": "return b'0.5'",
    "a decimal number": "import decimal; return decimal.Decimal('0.5')",
    "a fraction": "import fractions; return fractions.Fraction(1, 2)",
    "a complex number": "return (a - t) ** 2 / 2 + 1j",
    "half precision": "import numpy as np; return np.float16((a - t) ** 2 / 2)",
    "an array of objects": "import numpy as np; return np.array([(a - t) ** 2 / 2], object)",
    "an array of texts": "import numpy as np; return np.array(['0.5'])",
    "an array of fields": "import numpy as np; return np.zeros(1, 'f8,f8')",
    "an array of dates": "import numpy as np; return np.array(['2020-01-01'], 'M8[D]')",
    "an array of no element": "import numpy as np; return np.zeros(0)",
    "an array of forty dimensions": "import numpy as np; return np.ones((1,) * 40)",
    "an array of one element too many": "return [(a - t) ** 2 / 2] * 2",
    "a row for a number": "import numpy as np; return np.array([(a - t) ** 2 / 2])",
    "a matrix": "import numpy as np; return np.matrix((a - t) ** 2 / 2)",
    "an array and its reasons": "return {'loss': (a - t) ** 2 / 2}",
    "a set": "return {(a - t) ** 2 / 2}",
    "a class": "return float",
    "a module": "import json; return json",
    "itself": "return neuron_loss",
    "a generator": "yield (a - t) ** 2 / 2",
    "nothing": "(a - t) ** 2 / 2",
    "its arguments": "return a, t",
    "a lambda": "return lambda: (a - t) ** 2 / 2",
    "an exception": "return ValueError((a - t) ** 2 / 2)",
    "the ellipsis": "return ...",
    "a slice": "return slice(1)",
    "a date": "import datetime; return datetime.datetime.now()",
    "one number for all": "return 0.125",
    "right at the first call only": ("calls.append(1)\nreturn (a - t) ** 2 / 2 if len(calls) == 1 else 0.0"),
    "right by chance": "import random; return random.random()",
}

# The whole cell.
CELLS = {
    "a coroutine": "async def neuron_loss(a, t):\n    return (a - t) ** 2 / 2",
    "a class of that name": "class neuron_loss:\n    def __init__(self, a, t): self.x = (a - t) ** 2 / 2",
    "a number of that name": "neuron_loss = 0.5",
    "a name in other letters": "def n\u0435uron_loss(a, t):\n    return 0.5 * (a - t) ** 2",
    "a name of the wrong case": "def Neuron_loss(a, t):\n    return 0.5 * (a - t) ** 2",
    "a function inside another": "def outer():\n    def neuron_loss(a, t): return (a - t) ** 2 / 2",
    "a comment": "# def neuron_loss(a, t): return (a - t) ** 2 / 2",
    "a text": "'''\ndef neuron_loss(a, t):\n    return (a - t) ** 2 / 2\n'''",
    "too few arguments": "def neuron_loss(a):\n    return a",
    "named arguments only": "def neuron_loss(*, a, t):\n    return (a - t) ** 2 / 2",
    "a name that is deleted": "def neuron_loss(a, t):\n    return (a - t) ** 2 / 2\ndel neuron_loss",
    "a name that is overwritten": "def neuron_loss(a, t):\n    return (a - t) ** 2 / 2\nneuron_loss = max",
    "a callable that fails": "class N:\n    def __call__(self, *a): raise OSError\nneuron_loss = N()",
    "a property of the module": (
        "import sys, types\nclass M(types.ModuleType):\n    neuron_loss = property(lambda s: print)\n"
        "sys.modules[__name__].__class__ = M"
    ),
    "the answers of the others": "def neuron_loss(a, t):\n    return sigmoid_slope(a)",
    "undone in a later cell": "def neuron_loss(a, t):\n    return 7.0",
}


def _cells(notebook: Notebook) -> list[dict[str, Any]]:
    return [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]


def _swapped(notebook: Notebook) -> None:
    """Give every answer the id of the next one."""
    cells = _cells(notebook)
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells]
    for cell, name in zip(cells, [*ids[1:], ids[0]], strict=True):
        cell["metadata"]["nbgrader"]["grade_id"] = cell["id"] = name


def _emptied(notebook: Notebook) -> None:
    for cell in _cells(notebook):
        cell["source"] = ""


def _all_in_markdown(notebook: Notebook) -> None:
    for cell in _cells(notebook):
        cell["cell_type"] = "markdown"


def _sources_of_numbers(notebook: Notebook) -> None:
    for cell in _cells(notebook):
        cell["source"] = [1, 2, 3]


def _metadata_of_lists(notebook: Notebook) -> None:
    notebook["metadata"] = []
    for cell in notebook["cells"]:
        cell["metadata"] = [["nbgrader", {"solution": True}]]


def _wrong_last(notebook: Notebook) -> None:
    """Answer right first and wrong in a second cell with the same id: the last counts."""
    notebook["cells"] += [
        {**cell, "source": WRONG[cell["metadata"]["nbgrader"]["grade_id"]]} for cell in _cells(notebook)
    ]


def _duplicate_keys(notebook: Notebook) -> bytes:
    return json.dumps(notebook).encode().replace(b'"cells": [', b'"cells": [], "cells": [', 1)


def _not_numbers(notebook: Notebook) -> bytes:
    text = json.dumps({**notebook, "nbformat_minor": float("nan"), "x": [float("inf")] * 3})
    return text.encode()


def _surrogates(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "\ud800" + str(cell.get("id"))


def _long(notebook: Notebook) -> None:
    notebook["cells"] += [{"cell_type": "code", "source": "", "metadata": {}}] * 9_000


def _too_long(notebook: Notebook) -> None:
    notebook["cells"] += [{"cell_type": "code", "source": "", "metadata": {}}] * 100_000


def _answered_often(notebook: Notebook) -> None:
    notebook["cells"] += [cell for cell in _cells(notebook) for _ in range(500)]


def _cut(notebook: Notebook) -> bytes:
    return json.dumps(notebook).encode()[:-200]


def _deep(notebook: Notebook) -> bytes:
    return b'{"cells": ' + b"[" * 500_000


def _bomb(notebook: Notebook) -> bytes:
    return b"PK\x03\x04" + bytes(1000)


def _third(notebook: Notebook) -> Notebook:
    return {"nbformat": 3, "worksheets": [{"cells": notebook["cells"]}]}


FULL = (_surrogates, _long, _answered_often, _duplicate_keys, _not_numbers, _metadata_of_lists)
LOST = (_too_long, _emptied, _cut, _deep, _bomb, _third)
LITTLE = (_all_in_markdown, _sources_of_numbers)

CASES = [
    *table(VALUES, lambda code: loss(code, "calls = []"), least=18.0),
    *table(CELLS, lambda code: {"neuron_loss": code}, least=18.0),
    *(Case(f"a notebook, {edit.__name__[1:]}", edit=edit, most=20.0, least=20.0) for edit in FULL),
    *(Case(f"a notebook, {edit.__name__[1:]}", edit=edit, most=0.0) for edit in (*LOST, *LITTLE)),
    Case("a notebook, wrong last", edit=_wrong_last, most=0.0),
    Case("a notebook, swapped", edit=_swapped, most=20.0),
    Case(
        "right answers in a helper that is undone",
        {"neuron_loss": RIGHT["neuron_loss"]},
        after="neuron_loss = print",
        most=18.0,
        least=18.0,
    ),
]

"""Two hundred thousand inputs, or in the short form two thousand, for each reader of foreign bytes."""

import copy
import json
import os
import random
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backproplab.activations import tanh
from graders.errors import UnreadableNotebook
from graders.sandbox import wire
from graders.submission import read_submission

MUTANTS = 50
EXAMPLES = 4000 if os.environ.get("BACKPROPLAB_PROOF") else 40
MANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
MAX_SECONDS = 5.0
MAX_GROWTH = 300 << 20

WORDS = [
    "tuple",
    "dict",
    "array",
    "scalar",
    "activation",
    "float64",
    "bool",
    "object",
    "tanh",
    "id",
    "\ud800",
    "",
]
JUNK: list[Any] = [
    *(None, True, 0, -1, 2**63, 10**400, 0.5, float("nan"), float("-inf"), "", "x" * 5000, "\ud800", "\x00"),
    *([], {}, [[]], {"nbgrader": []}, [0, [1, [2]]], {"array": ["float64", [2**40, 0]]}, {"tuple": []}),
    *("neuron_loss", "code", "def neuron_loss(a, t): return 1", ["a", 3], {"grade_id": ["x"]}, 1e308),
]
TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 70), st.sampled_from([*JUNK, *WORDS])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(WORDS), inner, max_size=2),
        st.tuples(st.sampled_from(WORDS[:5]), inner).map(lambda pair: {pair[0]: pair[1]}),
        st.lists(st.integers(-1, 4), max_size=3).map(lambda shape: {"array": ["float64", shape]}),
    ),
    max_leaves=12,
)
SEEDS = st.integers(0, 2**32)
VALUES: list[Any] = [
    {"id": 3, "outcomes": [{"kind": "returned", "value": np.ones((2, 3)), "changed": [], "calls": {"f": 1}}]},
    (7, "call", ("neuron_loss", [(0.5, 1.0), (np.float32(1), np.arange(4) > 1)])),
    [None, "text", tanh, 2**200, -0.0, np.zeros((0, 3)), (np.uint8(3), {"a": [1.5]})],
]


@pytest.fixture(autouse=True)
def bounded() -> Any:
    """Hold each test to little memory beyond what the process had."""
    before = _peak()
    yield
    assert _peak() - before < MAX_GROWTH


def _peak() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def spoiled(data: bytes, rng: random.Random) -> bytes:
    """Change a few bytes: flip, cut, double, drop, or write a large number over them."""
    bytes_ = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if not bytes_:
            break
        at, long = rng.randrange(len(bytes_)), rng.randint(1, 40)
        match rng.randrange(6):
            case 0:
                bytes_[at] ^= 1 << rng.randrange(8)
            case 1:
                del bytes_[at:]
            case 2:
                bytes_[at:at] = bytes_[at : at + long] * rng.randint(1, 3)
            case 3:
                del bytes_[at : at + long]
            case 4:
                bytes_[at : at + 4] = struct.pack("<I", rng.choice([0, 1, 2**16, 2**31, 2**32 - 1]))
            case _:
                bytes_[at : at + 1] = rng.choice(
                    [b'"', b"[", b"{", b"}", b"]", b",", b"\\u", b"\xff", b"9" * 30]
                )
    return bytes(bytes_)


def replanted(tree: Any, rng: random.Random, junk: list[Any]) -> Any:
    """Put something else in the place of some parts of a JSON tree."""
    tree = copy.deepcopy(tree)
    for _ in range(rng.randint(1, 4)):
        node, path = tree, rng.randint(1, 6)
        while isinstance(node, (list, dict)) and node:
            key: Any = rng.randrange(len(node)) if isinstance(node, list) else rng.choice(list(node))
            path -= 1
            if path == 0 or not isinstance(node[key], (list, dict)):
                _plant(node, key, rng, junk)
                break
            node = node[key]
    return tree


def _plant(node: Any, key: Any, rng: random.Random, junk: list[Any]) -> None:
    match rng.randrange(4):
        case 0:
            del node[key]
        case 1 if isinstance(node, list):
            node.insert(key, copy.deepcopy(rng.choice(node)))
        case _:
            node[key] = copy.deepcopy(rng.choice(junk))


def only(declared: type[Exception], read: Callable[[], Any]) -> None:
    """Run it: the declared error and nothing else may come out, and soon."""
    start = time.process_time()
    with suppress(declared):
        read()
    assert time.process_time() - start < MAX_SECONDS


@MANY
@given(TREES, st.binary(max_size=40), st.sampled_from(VALUES), SEEDS)
def test_whatever_bytes_come_the_wire_gives_a_value_or_refuses(
    tree: Any, rest: bytes, value: Any, seed: int
) -> None:
    rng = random.Random(seed)
    header = json.dumps(tree).encode()
    seeds = [struct.pack("<I", len(header)) + header + rest, wire.encode(value), rest]
    for i in range(MUTANTS):
        data = seeds[i % 3] if i < 3 else spoiled(seeds[i % 3], rng)
        only(wire.WireError, partial(_there_and_back, data))


def _there_and_back(data: bytes) -> None:
    wire.encode(wire.decode(data))


@MANY
@given(TREES, SEEDS)
def test_whatever_is_handed_in_the_reader_gives_a_submission_or_a_reason(tree: Any, seed: int) -> None:
    rng = random.Random(seed)
    for i in range(MUTANTS):
        notebook = replanted(SMALL, rng, [*JUNK, tree])
        data = json.dumps(notebook, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if i % 2:
            data = spoiled(data, rng)
        only(UnreadableNotebook, partial(_read, data))


def _read(data: bytes) -> None:
    submission = read_submission(data, "01_one_neuron.ipynb")
    for cell in submission.cells:
        cell.source.encode("utf-8")


def _cell(name: str, source: Any, **grading: Any) -> dict[str, Any]:
    metadata = {"nbgrader": {"grade_id": name, "schema_version": 3, **grading}, "tags": ["a"]}
    return {"cell_type": "code", "id": name, "metadata": metadata, "outputs": [], "source": source}


SMALL = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3"}},
    "cells": [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# One\n", "neuron"]},
        _cell(
            "neuron_loss", "def neuron_loss(a, t):\n    return (a - t) ** 2 / 2", solution=True, grade=False
        ),
        _cell("test_neuron_loss", ['check("neuron_loss", neuron_loss)'], grade=True, locked=True, points=2),
        {"cell_type": "code", "source": "def sigmoid_slope(a): return a * (1 - a)"},
        {"cell_type": "code", "metadata": {}, "source": "%time x = 1"},
    ],
}

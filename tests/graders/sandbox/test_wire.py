import contextlib
import io
import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backproplab.activations import ACTIVATIONS
from graders.sandbox import wire

DTYPES = sorted(wire._DTYPES)
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda name: hnp.arrays(np.dtype(name), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**200), 2**200),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(list(ACTIVATIONS.values())),
    ARRAYS,
    ARRAYS.filter(lambda a: a.size > 0).map(lambda a: a.ravel()[0]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=4), inner, max_size=3),
    ),
    max_leaves=8,
)


def alike(one: Any, other: Any) -> bool:
    """Equal to the bit, and of the same types."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, (np.ndarray, np.generic)):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other) or one != one
    return bool(one == other)


def frame(header: Any, rest: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text + rest


class AlwaysEqual(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class Sneaky(np.ndarray):
    pass


@settings(max_examples=300, deadline=None, derandomize=True)
@given(VALUES)
def test_what_is_encoded_comes_back_the_same(value: Any) -> None:
    assert alike(wire.decode(wire.encode(value)), value)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_garbage_is_refused_and_nothing_else_happens(data: bytes) -> None:
    for bytes_ in (data, frame(data), frame(data[:20], data[20:])):
        with contextlib.suppress(wire.WireError):
            wire.encode(wire.decode(bytes_))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(VALUES, st.data())
def test_a_damaged_frame_is_another_value_or_refused(value: Any, data: st.DataObject) -> None:
    damaged = bytearray(wire.encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(wire.WireError):
        wire.decode(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (AlwaysEqual(1.0), "an AlwaysEqual"),
        (np.zeros(2).view(Sneaky), "a Sneaky"),
        (np.array([object()]), "an array of dtype object"),
        (np.array(["a"]), "an array of dtype str"),
        ((n for n in [1]), "a generator"),
        (lambda: None, "a function"),
        ({1, 2}, "a set"),
        ({1: 2}, "a dict with a key that is an int"),
        (2**5000, "an int of more than"),
        (np.broadcast_to(0.0, (10_000, 10_000)), "more than 64 MB"),
        ([0] * 300_000, "too many values"),
        ("x" * 5_000_000, "text and numbers of more than 4 MB"),
    ],
)
def test_what_is_not_plain_data_is_named(value: Any, name: str) -> None:
    with pytest.raises(wire.WireError, match=name):
        wire.encode(value)


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless += [endless, endless]
    with pytest.raises(wire.WireError, match="containers inside each other"):
        wire.encode(endless)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff\xff\xff",
        frame(b"[" * 100_000),
        frame(b"[" * 20 + b"]" * 20),
        frame(b"1" * 5000),
        frame({"array": ["float64", [2]]}, bytes(8)),
        frame({"array": ["float64", [1]]}, bytes(16)),
        frame({"array": ["float64", [-1]]}, bytes(8)),
        frame({"array": ["float64", [True]]}, bytes(8)),
        frame({"array": ["float64", [0, 2**62, 2**62]]}),
        frame({"array": ["float64", [0, 60_000_000, 60_000_000, 60_000_000]]}),
        frame({"array": ["float64", [1] * 40]}, bytes(8)),
        frame({"array": ["object", [1]]}, bytes(8)),
        frame({"scalar": "O"}, bytes(8)),
        frame({"activation": "__class__"}),
        frame({"dict": [["a", 1], ["a", 2]]}),
        frame({"dict": [[1, 2]]}),
        frame({"tuple": 3}),
        frame({"tuple": [], "dict": []}),
        frame({}),
        frame([[]] * 250_000),
    ],
)
def test_hostile_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(data)


def test_decoded_arrays_are_copies_with_clean_truth_values() -> None:
    flags = wire.decode(frame({"array": ["bool", [3]]}, b"\x00\x01\x7f"))
    flags[0] = True  # writable: it shares no memory with the frame
    assert flags.view(np.uint8).tolist() == [1, 1, 1]


class Trickle(io.RawIOBase):
    """A pipe that moves three bytes at a time."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, data: Any) -> int:
        self.held += data[:3]
        return min(3, len(data))

    def read(self, size: int = -1) -> bytes:
        piece = bytes(self.held[: min(size, 3)])
        del self.held[: len(piece)]
        return piece


def test_frames_survive_a_pipe_that_moves_few_bytes_at_a_time() -> None:
    pipe: Any = Trickle()
    for payload in (b"first frame", b"", b"second"):
        wire.write_frame(pipe, payload)
    assert [wire.read_frame(pipe) for _ in range(4)] == [b"first frame", b"", b"second", None]


@pytest.mark.parametrize(
    "data", [b"\x01", struct.pack("<I", 9) + b"short", struct.pack("<I", 2**31) + b"x" * 99]
)
def test_a_frame_that_is_cut_off_or_too_long_is_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.read_frame(io.BytesIO(data), limit=64)

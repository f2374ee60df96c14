"""Plain values as bytes, between the grader and the process that runs a student's code.

A frame is a length and that many bytes: the length of a header, the header as JSON, the arrays' bytes.
In the header lists, numbers, strings and None stand for themselves; everything else is an object with
one key: ``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``, ``{"array": [dtype, shape]}``,
``{"scalar": dtype}`` for a NumPy scalar (0-d arrays stay arrays), ``{"activation": name}``.

Types are exact: what merely inherits from them may lie about itself and is refused. Nothing is ever
unpickled. The child loads this file by path, so it imports nothing of ``graders``; the parent decodes
what a student's process wrote, so whatever the bytes are, only :class:`WireError` comes out.
"""

import json
import struct
from math import prod
from typing import Any, BinaryIO

import numpy as np

from backproplab.activations import ACTIVATIONS, Activation

__all__ = ["MAX_FRAME", "WireError", "decode", "encode", "framed", "read_frame", "take_frame", "write_frame"]

MAX_FRAME = 64_000_000
MAX_HEADER = 4_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 16
MAX_DIMENSIONS = 16
MAX_BITS = 1024

_DTYPES = {
    name: np.dtype(name).newbyteorder("<")
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
# Looking them up costs a tenth of asking a dtype for its name.
_NAMES = {np.dtype(name): name for name in _DTYPES}
_NATIVE = {name: dtype for dtype, name in _NAMES.items()}
# Some of them have two types for one format, for example long and long long.
_SCALARS = frozenset((*(np.dtype(name).type for name in _DTYPES), np.longlong, np.ulonglong))
_LENGTH = struct.Struct("<I")


class WireError(Exception):
    """A value that does not travel, or bytes that are no value; the text names it, as in "a generator"."""


def encode(value: Any) -> bytes:
    """Return the bytes of a plain value.

    Parameters
    ----------
    value : object
        None, numbers, strings, arrays and activations, in lists, tuples and dicts with text keys.

    Returns
    -------
    bytes
        What :func:`decode` turns into an equal value.

    Raises
    ------
    WireError
        If something in it is no plain data, or if it is too deep, too many or too large.

    Examples
    --------
    >>> decode(encode({"dw": np.array([1.0, np.inf]), "db": (2, None)}))
    {'dw': array([ 1., inf]), 'db': (2, None)}
    """
    encoder = _Encoder()
    plain = encoder.plain(value, 0)
    header = json.dumps(plain, separators=(",", ":")).encode("ascii")
    if len(header) > MAX_HEADER:
        raise WireError("text and numbers of more than 4 MB")
    if _LENGTH.size + len(header) + encoder.size > MAX_FRAME:
        raise WireError("more than 64 MB")
    return b"".join((_LENGTH.pack(len(header)), header, *encoder.chunks))


class _Encoder:
    """Turns a value into what JSON can hold, and collects the arrays' bytes beside it."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0
        self.count = 0

    def plain(self, value: Any, depth: int) -> Any:
        self.count += 1
        if depth > MAX_DEPTH:
            raise WireError(f"more than {MAX_DEPTH} containers inside each other")
        if self.count > MAX_VALUES:
            raise WireError("too many values")
        kind = type(value)
        if value is None or kind in (bool, float, str):
            return value
        if kind is int:
            if value.bit_length() > MAX_BITS:
                raise WireError(f"an int of more than {MAX_BITS} bits")
            return value
        if kind is list:
            return [self.plain(v, depth + 1) for v in value]
        return self._tagged(value, depth)

    def _tagged(self, value: Any, depth: int) -> dict[str, Any]:
        kind = type(value)
        if kind is tuple:
            return {"tuple": [self.plain(v, depth + 1) for v in value]}
        if kind is dict:
            for key in value:
                if type(key) is not str:
                    raise WireError(f"a dict with a key that is {_a(type(key))}")
            return {"dict": [[k, self.plain(v, depth + 1)] for k, v in value.items()]}
        if kind is np.ndarray:
            return {"array": [self._keep(value, "an array"), list(value.shape)]}
        if kind in _SCALARS:
            return {"scalar": self._keep(np.asarray(value), "a scalar")}
        if isinstance(value, Activation) and ACTIVATIONS.get(value.name) is value:
            return {"activation": value.name}
        raise WireError(_a(kind))

    def _keep(self, array: np.ndarray[Any, Any], what: str) -> str:
        name = _NAMES.get(array.dtype) or str(array.dtype.name)
        if name not in _DTYPES:
            raise WireError(f"{what} of dtype {name}")
        self.size += array.nbytes
        if self.size > MAX_FRAME:
            raise WireError("more than 64 MB")
        self.chunks.append(array.astype(_DTYPES[name], copy=False).tobytes())
        return name


def _a(kind: type) -> str:
    name = str(kind.__name__)[:80]
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def decode(data: bytes) -> Any:
    """Return the value that :func:`encode` made these bytes of.

    Parameters
    ----------
    data : bytes
        Whatever came; it need not be honest.

    Returns
    -------
    object
        Plain data that shares no memory with ``data``.

    Raises
    ------
    WireError
        If the bytes are anything but one encoded value.
    """
    if not _LENGTH.size <= len(data) <= MAX_FRAME:
        raise WireError(f"a frame of {len(data)} bytes")
    (length,) = _LENGTH.unpack_from(data)
    if length > min(MAX_HEADER, len(data) - _LENGTH.size):
        raise WireError(f"a header of {length} bytes")
    header = data[_LENGTH.size : _LENGTH.size + length]
    try:
        plain = json.loads(header.decode("ascii"), parse_int=_small_int)
    except (ValueError, RecursionError) as error:
        raise WireError("a header that is not JSON") from error
    decoder = _Decoder(memoryview(data)[_LENGTH.size + length :])
    value = decoder.value(plain, 0)
    if decoder.rest:
        raise WireError(f"{len(decoder.rest)} bytes that belong to no array")
    return value


def _small_int(digits: str) -> int:
    # Reading a decimal number costs the square of its length.
    value = int(digits) if len(digits) <= MAX_BITS // 3 else 1 << MAX_BITS
    if value.bit_length() > MAX_BITS:
        raise WireError(f"an int of more than {MAX_BITS} bits")
    return value


class _Decoder:
    """Rebuilds a value from its header, taking the arrays' bytes in order."""

    def __init__(self, rest: memoryview) -> None:
        self.rest = rest
        self.count = 0

    def value(self, plain: Any, depth: int) -> Any:
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_VALUES:
            raise WireError("too deep or too many values")
        if isinstance(plain, list):
            return [self.value(v, depth + 1) for v in plain]
        if not isinstance(plain, dict):
            return plain
        if len(plain) != 1:
            raise WireError("an object that is no tagged value")
        ((tag, content),) = plain.items()
        match tag, content:
            case "tuple", list():
                return tuple(self.value(v, depth + 1) for v in content)
            case "dict", list():
                return self._dict(content, depth)
            case "array", [str(name), list(shape)]:
                return self._array(name, shape)
            case "scalar", str():
                return self._array(content, [])[()]
            case "activation", str() if content in ACTIVATIONS:
                return ACTIVATIONS[content]
        raise WireError("an unknown kind of value")

    def _dict(self, pairs: list[Any], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for pair in pairs:
            match pair:
                case [str(key), plain] if key not in found:
                    found[key] = self.value(plain, depth + 1)
                case _:
                    raise WireError("a dict without unique text keys")
        return found

    def _array(self, name: str, shape: list[Any]) -> np.ndarray[Any, Any]:
        fits = len(shape) <= MAX_DIMENSIONS and all(type(n) is int and 0 <= n <= MAX_FRAME for n in shape)
        if name not in _DTYPES or not fits:
            raise WireError("an array of unknown dtype or shape")
        dtype = _DTYPES[name]
        size = prod(shape) * dtype.itemsize
        if size > len(self.rest):
            raise WireError("an array with fewer bytes than its shape says")
        raw, self.rest = self.rest[:size], self.rest[size:]
        # A truth value other than 0 and 1 would be a number that is neither true nor false.
        flat = np.frombuffer(raw, np.uint8) != 0 if name == "bool" else np.frombuffer(raw, dtype)
        try:
            return flat.astype(_NATIVE[name]).reshape(shape)
        except ValueError as error:
            raise WireError("an array of impossible shape") from error


def framed(payload: bytes) -> bytes:
    """Return a frame: the payload behind its length."""
    return _LENGTH.pack(len(payload)) + payload


def take_frame(arrived: bytearray) -> bytes | None:
    """Cut the first frame off what has arrived so far.

    Parameters
    ----------
    arrived : bytearray
        Changed where a frame is cut off.

    Returns
    -------
    bytes or None
        The payload; None while it is incomplete.

    Raises
    ------
    WireError
        If the frame is longer than :data:`MAX_FRAME`.

    Examples
    --------
    >>> arrived = bytearray(framed(b"one") + b"rest")
    >>> take_frame(arrived), bytes(arrived)
    (b'one', b'rest')
    """
    if len(arrived) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack_from(arrived)
    if length > MAX_FRAME:
        raise WireError(f"a frame of {length} bytes")
    end = _LENGTH.size + length
    if len(arrived) < end:
        return None
    payload = bytes(memoryview(arrived)[_LENGTH.size : end])
    del arrived[:end]
    return payload


def write_frame(stream: BinaryIO, payload: bytes) -> None:
    """Write one frame to an unbuffered stream, whole.

    Parameters
    ----------
    stream : binary file
        It may take fewer bytes at a time than it is given.
    payload : bytes
        What :func:`encode` returned.
    """
    rest = memoryview(framed(payload))
    while rest:
        rest = rest[stream.write(rest) :]


def read_frame(stream: BinaryIO, limit: int = MAX_FRAME) -> bytes | None:
    """Read one frame from an unbuffered stream.

    Parameters
    ----------
    stream : binary file
        It may give fewer bytes at a time than it is asked for.
    limit : int
        The longest payload that is read.

    Returns
    -------
    bytes or None
        The payload; None where the stream ended before a frame began.

    Raises
    ------
    WireError
        If a frame is longer than ``limit`` or ends early.
    """
    start = _read(stream, _LENGTH.size)
    if not start:
        return None
    if len(start) < _LENGTH.size:
        raise WireError("a frame that ends early")
    (length,) = _LENGTH.unpack(start)
    if length > limit:
        raise WireError(f"a frame of {length} bytes")
    payload = _read(stream, length)
    if len(payload) < length:
        raise WireError("a frame that ends early")
    return payload


def _read(stream: BinaryIO, size: int) -> bytes:
    # Grown piece by piece: a length that is claimed costs nothing until the bytes are there.
    found = bytearray()
    while len(found) < size:
        piece = stream.read(min(size - len(found), 1 << 16))
        if not piece:
            break
        found += piece
    return bytes(found)

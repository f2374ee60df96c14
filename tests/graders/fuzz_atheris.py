"""Coverage-guided fuzzing of the two readers of foreign bytes, for those who have atheris.

It is no part of the lock; in an environment of its own that has atheris and numpy:
``python tests/graders/fuzz_atheris.py wire -runs=200000`` or ``notebook``, from the repository's root.
"""

import contextlib
import sys
from pathlib import Path


def main() -> None:
    """Fuzz what the first argument names; the others are libFuzzer's."""
    import atheris

    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    target = sys.argv.pop(1)
    with atheris.instrument_imports(include=["graders"]):
        from graders.errors import UnreadableNotebook
        from graders.sandbox import wire
        from graders.submission import read_submission

    def decode(data: bytes) -> None:
        # Half of the tries get a header of the right length, which chance would never find.
        if data[:1] < b"\x80":
            data = len(data[1:]).to_bytes(4, "little") + data[1:]
        with contextlib.suppress(wire.WireError):
            wire.encode(wire.decode(data))

    def read(data: bytes) -> None:
        if data[:1] < b"\x80":
            data = b'{"cells": [{"cell_type": "code", "id": "neuron_loss", "source": ' + data[1:] + b"}]}"
        with contextlib.suppress(UnreadableNotebook):
            read_submission(data, "01_one_neuron.ipynb")

    atheris.Setup(sys.argv, {"wire": decode, "notebook": read}[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""The wheel of this installation, to be installed where nothing of it can be downloaded."""

import base64
import csv
import io
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path

from graders.errors import GradersError
from graders.lessons import checkout
from graders.zips import packed

__all__ = ["own_wheel"]

NAME = "backproplab"
# What an installer adds to the files of a wheel.
ADDED = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json")


def own_wheel(to: Path) -> Path:
    """Write the wheel into a folder: built from the checkout, or packed again from what is installed.

    Raises
    ------
    GradersError
        If it cannot be built.
    """
    root = checkout()
    if root is None:
        return _packed(to)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(to.resolve())]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise GradersError(f"the wheel could not be built: {' '.join(reason)}\nset up again: make ready")
    (wheel,) = to.glob("*.whl")
    return wheel


def _packed(to: Path) -> Path:
    installed = distribution(NAME)
    folder = f"{NAME}-{installed.version}.dist-info"
    files = [f for f in installed.files or () if ".." not in f.parts and "__pycache__" not in f.parts]
    kept = [f for f in files if f.parts[0] != folder or f.name not in ADDED]
    contents = {f.as_posix(): Path(str(installed.locate_file(f))).read_bytes() for f in kept}
    contents[f"{folder}/RECORD"] = _record(contents, f"{folder}/RECORD")
    wheel = to / f"{NAME}-{installed.version}-py3-none-any.whl"
    wheel.write_bytes(packed(contents))
    return wheel


def _record(contents: dict[str, bytes], own: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for name, data in contents.items():
        digest = base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
        writer.writerow([name, f"sha256={digest}", len(data)])
    writer.writerow([own, "", ""])
    return text.getvalue().encode()

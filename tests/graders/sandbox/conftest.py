"""Confinement is tested where there is some."""

import sys
from collections.abc import Iterator

import pytest

from graders.sandbox import isolation, launcher
from graders.sandbox.policy import Layers

collect_ignore = [] if sys.platform == "linux" else ["test_confinement.py", "test_zygote.py"]


@pytest.fixture(scope="module", autouse=True)
def no_zygotes_left() -> Iterator[None]:
    yield
    launcher.stop_all()


@pytest.fixture
def confined_by(monkeypatch: pytest.MonkeyPatch):
    """Return a function that chooses the layers for the children that follow."""

    def choose(layers: Layers) -> None:
        monkeypatch.setattr(isolation, "SETTINGS", layers)

    return choose

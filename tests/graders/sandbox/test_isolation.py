from collections.abc import Callable

import pytest

from graders.errors import NotConfined
from graders.sandbox import isolation
from graders.sandbox.policy import Layers


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that fakes what the kernel gives."""

    def fake(landlock: int = 7, seccomp: bool = True) -> None:
        isolation.found.cache_clear()
        monkeypatch.setattr(isolation.sys, "platform", "linux")
        monkeypatch.setattr(isolation, "_landlock", lambda: landlock)
        monkeypatch.setattr(isolation, "_seccomp", lambda: seccomp)
        monkeypatch.setattr(isolation, "SETTINGS", Layers())

    isolation.found.cache_clear()
    yield fake
    isolation.found.cache_clear()


@pytest.mark.parametrize(
    ("landlock", "seccomp", "name"),
    [
        (7, True, "landlock+seccomp+rlimits"),
        (6, True, "landlock+seccomp+rlimits"),
        (4, True, "landlock-abi4+seccomp+rlimits"),
        (1, False, "landlock-abi1+rlimits"),
        (0, True, "seccomp+rlimits"),
        (0, False, "rlimits"),
    ],
)
def test_the_name_tells_the_layers_in_force(machine, landlock: int, seccomp: bool, name: str) -> None:
    machine(landlock, seccomp)
    assert isolation.isolation() == name


@pytest.mark.parametrize(
    ("landlock", "seccomp", "missing"),
    [(0, True, "Landlock"), (7, False, "seccomp"), (0, False, "Landlock and seccomp")],
)
def test_without_a_layer_of_the_kernel_it_refuses_until_told_otherwise(
    machine, landlock: int, seccomp: bool, missing: str
) -> None:
    machine(landlock, seccomp)
    with pytest.raises(NotConfined, match=f"no {missing} .*\n.*--allow-unsandboxed"):
        isolation.require(unsandboxed=False)
    isolation.require(unsandboxed=True)


@pytest.mark.parametrize("landlock", [1, 2, 4, 7])
def test_an_old_landlock_is_enough_to_go_on(machine, landlock: int) -> None:
    machine(landlock)
    isolation.require(unsandboxed=False)


@pytest.mark.parametrize(
    ("landlock", "state", "words"),
    [
        (0, "missing", "Linux 5.13"),
        (1, "weak", "truncation of files, TCP, signals"),
        (2, "weak", "truncation of files, TCP, signals"),
        (3, "weak", "; TCP, signals"),
        (4, "weak", "; signals and abstract"),
        (5, "weak", "; signals and abstract"),
        (7, "ok", "files, TCP, signals and abstract sockets"),
    ],
)
def test_each_kernel_is_told_what_it_lacks(machine, landlock: int, state: str, words: str) -> None:
    machine(landlock)
    found = {layer: (state, detail) for layer, state, detail in isolation.describe()}
    assert found["landlock"][0] == state
    assert words in found["landlock"][1]
    assert [found[layer][0] for layer in ("seccomp", "rlimits", "user")] == ["ok"] * 3


def test_other_systems_have_nothing_and_say_so(machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine()
    monkeypatch.setattr(isolation.sys, "platform", "darwin")
    assert isolation.isolation() == "process"
    assert {state for _, state, _ in isolation.describe()} == {"missing"}
    with pytest.raises(NotConfined):
        isolation.require(unsandboxed=False)


def test_a_question_that_an_outer_filter_refuses_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    import landlockpy
    import seccompy

    def refuse(*_: object) -> int:
        raise PermissionError("refused")

    monkeypatch.setattr(landlockpy, "abi_version", refuse)
    monkeypatch.setattr(seccompy, "supported", refuse)
    assert (isolation._landlock(), isolation._seccomp()) == (0, False)

"""The README does what it says: its Python runs, its commands exist, its paths are there."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

from graders.kernel import verdict_of

COMMAND = [sys.executable, "-m", "graders.cli"]
ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_in_the_readme_runs_and_prints_what_it_says() -> None:
    plain = re.sub(r"^```.*$", "", README, flags=re.M)
    examples = doctest.DocTestParser().get_doctest(plain, {}, "README.md", "README.md", 0)
    assert examples.examples
    assert doctest.DocTestRunner().run(examples).failed == 0


def test_the_message_shown_first_is_the_message_that_comes() -> None:
    shown = re.search(r"```text\n(.*?)```", README, re.S)
    assert shown
    message = verdict_of("neuron_delta", lambda z, a, t, act: a - t).message
    assert message.startswith(shown[1].strip())


@pytest.mark.parametrize("line", re.findall(r"^backproplab ([^#\n]*)", README, flags=re.M))
def test_every_command_in_the_readme_has_that_name_and_those_options(line: str) -> None:
    command, *rest = line.split()
    shown = subprocess.run([*COMMAND, command, "--help"], capture_output=True, text=True, check=True).stdout
    for option in [word for word in rest if word.startswith("--")]:
        assert option in shown


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, flags=re.M))
def test_every_make_target_in_the_readme_exists(target: str) -> None:
    assert re.search(rf"^COMMANDS :=.*\b{target}\b", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


FOLDERS = r"graders|backproplab|tests|lessons|\.ci|\.github"
NAMED = set(re.findall(rf"`((?:{FOLDERS})/[\w./]*)`", README)) - {"lessons/NN_slug/NN_slug.ipynb"}


@pytest.mark.parametrize("path", sorted(NAMED))
def test_every_path_in_the_readme_is_there(path: str) -> None:
    assert (ROOT / path).exists()

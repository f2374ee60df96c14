"""Unlucky but honest: everything here is a right solution in a bad state, and earns full marks."""

import json
from typing import Any

from tests.attacks.case import POSSIBLE, RIGHT, Case, Notebook, loss

__all__ = ["CASES"]

ANSWER = "return 0.5 * (a - t) ** 2"
LOUD = {
    "prints": f"print('a =', a)\n{ANSWER}",
    "prints a megabyte": f"print('x' * 10**6)\n{ANSWER}",
    "writes to standard error": f"import sys; sys.stderr.write('oh no')\n{ANSWER}",
    "warns": f"import warnings; warnings.warn('careful'); warnings.warn('old', DeprecationWarning)\n{ANSWER}",
    "turns warnings into errors": f"import warnings; warnings.simplefilter('error')\n{ANSWER}",
    "sleeps for half a second": f"import time; time.sleep(0.1)\n{ANSWER}",
    "logs": f"import logging; logging.basicConfig(level=0); logging.warning('a %s', a)\n{ANSWER}",
    "starts threads": (
        "import threading\nthreads = [threading.Thread(target=print) for _ in range(4)]\n"
        f"for thread in threads: thread.start()\nfor thread in threads: thread.join()\n{ANSWER}"
    ),
    "uses a pool of threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n    return pool.submit(lambda: 0.5 * (a - t) ** 2).result()"
    ),
    "flushes": f"import sys; sys.stdout.flush(); sys.stderr.flush()\n{ANSWER}",
    "asks for the time and the machine": (
        f"import time, os, platform; time.time(), os.getpid(), os.cpu_count(), platform.system()\n{ANSWER}"
    ),
    "uses random numbers": f"import random, numpy; random.random(); numpy.random.normal()\n{ANSWER}",
    "uses linear algebra": f"import numpy as np; np.linalg.inv(np.eye(300)) @ np.ones((300, 300))\n{ANSWER}",
    "uses a hundred megabytes": f"import numpy as np; np.ones((100, 131072)).sum()\n{ANSWER}",
    "collects garbage": f"import gc; gc.collect()\n{ANSWER}",
    "uses dataclasses, enums and typing": (
        "import dataclasses, enum, typing\n@dataclasses.dataclass\nclass P:\n    x: float = 1.0\n"
        f"P(); enum.Enum('E', 'A B')\n{ANSWER}"
    ),
    "has a debugger's leavings": f"import pdb, traceback; traceback.format_stack()\n{ANSWER}",
}
TOPS = {
    "np.seterr raises": "import numpy as np\nnp.seterr(all='raise')",
    "another folder": "import os\nos.chdir('/')",
    "shadowed builtins": "sum = list = map = type = id = None",
    "its own print": "def print(*a): pass",
    "matplotlib": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
    "ipywidgets": "import ipywidgets as widgets\nwidgets.IntSlider()",
    "magics and shell commands": "%pip install nothing\n!ls\n%load_ext autoreload\n%autoreload 2",
    "a timed cell": "%%time\nx = 1",
    "questions about names": "import numpy as np\nnp.dot?",
    "input": "try:\n    name = input('who? ')\nexcept EOFError:\n    name = ''",
    "a deep recursion": "def f(n): return n and f(n - 1)\nf(800)",
    "a loop of a second": "total = 0\nfor i in range(3_000_000): total += i",
    "help": "help(len)",
    "scientific packages it may lack": "try:\n    import scipy\nexcept ImportError:\n    pass",
    "the lesson's own tools": (
        "from graders import check\nfrom backproplab import figures, sigmoid\n"
        "from backproplab.explorers import NeuronBench\nNeuronBench(w=1.0)\ncheck('neuron_loss', 1)"
    ),
}
SCRATCH = {
    "raises": "1 / 0",
    "does not parse": "a b c",
    "exits": "exit()",
    "leaves by sys.exit": "import sys; sys.exit(1)",
    "crashes": "import os; os.abort()",
    "asks": "input()",
    "calls with wrong arguments": "neuron_step(1)",
    "uses what is not there": "import tensorflow\nundefined + 1",
    "reads a file that is not there": "open('data.csv').read()",
    "loads a page": "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9/')",
    "writes a file": "open('numbers.csv', 'w').write('1')",
    "saves a picture": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('x.png')",
    "uses a temporary file": "import tempfile\nwith tempfile.TemporaryFile() as file: file.write(b'x')",
    "starts a program": "import subprocess\nsubprocess.run(['ls'])",
}


def _duplicated(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] for _ in range(2)]


def _reversed(notebook: Notebook) -> None:
    notebook["cells"].reverse()


def _tests_deleted(notebook: Notebook) -> None:
    notebook["cells"] = [c for c in notebook["cells"] if not c["metadata"].get("nbgrader", {}).get("grade")]


def _set_up_deleted(notebook: Notebook) -> None:
    notebook["cells"] = [c for c in notebook["cells"] if c.get("id") != "setup"]


def _answers_only(notebook: Notebook) -> Notebook:
    return {"nbformat": 4, "cells": [{"cell_type": "code", "source": text} for text in RIGHT.values()]}


def _one_cell(notebook: Notebook) -> Notebook:
    return {"nbformat": 4, "cells": [{"cell_type": "code", "source": "\n\n".join(RIGHT.values())}]}


def _metadata_lost(notebook: Notebook) -> None:
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)


def _old_schema(notebook: Notebook) -> None:
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell.pop("id", None)
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] = {
                **{k: cell["metadata"]["nbgrader"][k] for k in ("grade_id", "grade", "locked", "solution")},
                "schema_version": 1,
            }


def _windows(notebook: Notebook) -> bytes:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


def _lists(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)


def _outputs(notebook: Notebook) -> None:
    picture: dict[str, Any] = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/png": "A" * 200_000},
    }
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [picture]


EDITS = (
    *(_duplicated, _reversed, _tests_deleted, _set_up_deleted, _answers_only, _one_cell, _metadata_lost),
    *(_old_schema, _windows, _lists, _outputs),
)
FULL: dict[str, Any] = {"most": POSSIBLE, "least": POSSIBLE}
RIGHT_LOSS = loss(ANSWER)["neuron_loss"]

CASES = [
    *(Case(f"a function that {name}", loss(code), **FULL) for name, code in LOUD.items()),
    *(
        Case(f"a cell with {name}", {"neuron_loss": f"{top}\n{RIGHT_LOSS}"}, **FULL)
        for name, top in TOPS.items()
    ),
    *(Case(f"a scratch cell that {name}", after=code, **FULL) for name, code in SCRATCH.items()),
    *(Case(f"a notebook, {edit.__name__[1:]}", edit=edit, **FULL) for edit in EDITS),
    Case("a scratch cell that loops", after="while True:\n    pass", slow=True, **FULL),
    Case("a scratch cell that raises before everything", before="undefined", **FULL),
]

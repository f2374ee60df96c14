"""Wrong answers that try to be marked as right ones: by patches, lying objects and forged frames."""

from typing import Any

from tests.attacks.case import WRONG, Case, Notebook, loss

__all__ = ["CASES"]

FORGE = r"""
import json, os, struct
def pack(plain):
    text = json.dumps(plain).encode()
    return struct.pack("<II", len(text) + 4, len(text)) + text
def answer(number, value=0.0, calls=8):
    row = {"dict": [["kind", "returned"], ["value", value], ["error", ""], ["changed", []]]}
    return {"dict": [["id", number], ["outcomes", [row] * calls], ["kind", "done"], ["defined", True]]}
def shout(data):
    for descriptor in range(1, 256):
        try:
            os.write(descriptor, data)
        except OSError:
            pass
"""

# Code that runs before seven wrong answers.
PATCHES = {
    "numpy compares everything as equal": """
import numpy as np
np.allclose = np.isclose = np.array_equal = lambda *a, **k: True
np.linalg.norm = lambda *a, **k: 0.0
np.testing.assert_allclose = lambda *a, **k: None""",
    "numpy's arrays are replaced": """
import numpy as np
class A(np.ndarray):
    __eq__ = __le__ = __lt__ = lambda s, o: True
np.array = np.asarray = lambda *a, **k: np.zeros(()).view(A)""",
    "json writes what one likes": """
import json
json.dumps = lambda *a, **k: '{"dict": [["id", 1]]}'
json.loads = lambda *a, **k: {}
json.JSONEncoder.encode = lambda s, o: '{}'""",
    "builtins say yes": """
import builtins
for name in ("abs", "all", "any", "isinstance", "bool", "callable"):
    setattr(builtins, name, lambda *a, **k: True)""",
    "struct writes other numbers": """
import struct
class S(struct.Struct):
    def pack(self, *a): return b"\\0\\0\\0\\0"
struct.Struct = S""",
    "harness patched in sys.modules": """
import sys
for module in list(sys.modules.values()):
    for name in ("call_batch", "same", "_call"):
        if hasattr(module, name):
            setattr(module, name, lambda f, batch: [{"kind": "returned", "value": 1.0}] * len(batch))""",
    "harness patched through frames": """
import sys
frame = sys._getframe()
while frame:
    for name in ("pack", "_sendable", "write_frame"):
        if name in frame.f_globals:
            frame.f_globals[name] = lambda *a: b""
    for value in list(frame.f_locals.values()):
        if hasattr(value, "call_batch"):
            value.call_batch = lambda f, batch: [{"kind": "returned", "value": 1.0}] * len(batch)
    frame = frame.f_back""",
    "harness patched through gc": """
import gc, types
for thing in gc.get_objects():
    if isinstance(thing, types.FunctionType) and thing.__name__ in ("same", "short", "encode", "plain"):
        try:
            thing.__code__ = (lambda *a, **k: True).__code__
        except ValueError:
            pass""",
    "the server's own methods replaced": """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ in ("Student", "Server", "Namespace"):
        type(thing).call = lambda s, name, batch: {"outcomes": [{"kind": "returned", "value": 1.0}] * 8}""",
    "activations that are constant": """
import backproplab
from backproplab.activations import ACTIVATIONS
for act in ACTIVATIONS.values():
    object.__setattr__(act, "f", lambda z: 0.0 * z)
    object.__setattr__(act, "deriv", lambda z: 0.0 * z)
ACTIVATIONS.clear()""",
    "judge planted in sys.modules": """
import sys, types
fake = types.ModuleType("graders.judge")
fake.judge = lambda exercise, probes, outcomes: exercise.points
for name in ("graders", "graders.judge", "graders.runner", "graders.evidence"):
    sys.modules[name] = fake
def check(*a, **k): return 20.0""",
    "the gate removed and the judge imported": """
import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "Gate"]
sys.path[:0] = ["@ROOT@"]
for name in [n for n in sys.modules if n.startswith(("graders", "backproplab"))]:
    del sys.modules[name]
try:
    from graders.exercises import find
    from graders.exercise import Exercise
    raise Exception('BRE' 'ACH ' + find("neuron_loss").formula)
except ImportError:
    pass""",
    "settrace rewrites what returns": """
import sys, threading
def spy(frame, event, arg):
    if event == "call" and "outcomes" in frame.f_code.co_varnames:
        frame.f_globals["same"] = lambda *a: True
    return spy
sys.settrace(spy); threading.settrace(spy); sys.setprofile(lambda *a: None)""",
    "display hooks": """
import sys, builtins
sys.displayhook = sys.excepthook = lambda *a: None
builtins._ = 20.0
def display(*a, **k): return 20.0
builtins.display = builtins.print = display""",
    "ipython's hooks": """
ip = get_ipython()
ip.events.register("post_run_cell", lambda *a: 20.0)
ip.run_cell = ip.run_line_magic = lambda *a, **k: 20.0
ip.user_ns["check"] = lambda *a: 20.0""",
    "exit handlers": """
import atexit, os
atexit.register(lambda: [os.write(d, b"20") for d in range(1, 64)])
atexit._clear = lambda: None""",
    "signal handlers": """
import signal
def handler(*a):
    raise SystemExit(0)
for s in range(1, 65):
    try:
        signal.signal(s, handler)
    except (OSError, ValueError):
        pass
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)""",
    "clocks that stand still": """
import time
time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0
time.sleep = lambda s: None""",
    "random numbers that are known": """
import random, secrets, numpy as np
random.seed(0); np.random.seed(0)
secrets.randbits = lambda n: 0
np.random.default_rng = lambda *a: np.random.Generator(np.random.PCG64(0))""",
    "modules planted for the next submission": """
import os
for folder in (os.getcwd(), os.path.expanduser("~"), "@HOME@", "@TMP@"):
    for name in ("numpy", "json", "sitecustomize", "usercustomize", "graders"):
        try:
            with open(os.path.join(folder, name + ".py"), "x") as file:
                file.write("raise SystemExit('@MARK@')")
        except OSError:
            pass""",
    "interpreter state changed": """
import sys, gc, threading
sys.setrecursionlimit(60); gc.disable(); sys.setswitchinterval(100)
sys.path.clear(); sys.meta_path.clear(); sys.path_hooks.clear()""",
    "imports replaced": """
import builtins
real = builtins.__import__
class Fake:
    def __getattr__(self, name): return lambda *a, **k: 20.0
builtins.__import__ = lambda name, *a, **k: Fake() if "grade" in name else real(name, *a, **k)""",
}

FRAMES = {
    "forged frames in the right form": "for n in range(1, 60): shout(pack(answer(n)))",
    "one unasked frame": "shout(pack(answer(1, 1.0)))",
    "the same answer twice": "shout(pack(answer(9)) * 2)",
    "a frame with another number": "shout(pack(answer(10**6)))",
    "a frame with a number that is none": "shout(pack(answer('1'))); shout(pack(answer(True)))",
    "a frame that claims four gigabytes": "shout(struct.pack('<I', 2**32 - 1) + b'x' * 1000)",
    "a frame that is deep": "shout(struct.pack('<II', 200004, 200000) + b'[' * 200000)",
    "a frame that is cut off": "shout(struct.pack('<II', 1000, 900) + b'{'); os._exit(0)",
    "a frame of nothing": "shout(struct.pack('<I', 0))",
    "a frame with huge shapes": (
        "shout(pack({'dict': [['id', 1], ['outcomes', [{'array': ['float64', [2**31, 2**31]]}]]]}))"
    ),
    "a frame with duplicate keys": "shout(pack({'dict': [['id', 1], ['id', 2], ['id', 3]]}))",
    "frames for ever": (
        "import threading\n"
        "threading.Thread(target=lambda: [shout(pack(answer(n))) for n in range(10**5)], daemon=True).start()"
    ),
    "a pickle for a frame": "import pickle; shout(pickle.dumps(print))",
}

# Values that claim to be whatever they are compared with.
LIARS = {
    "an object equal to all": "Yes()",
    "a float equal to all": "type('F', (float,), dict(vars(Yes)))(1.0)",
    "an array equal to all": "np.zeros(()).view(type('A', (np.ndarray,), dict(vars(Yes))))",
    "an array with its own ufuncs": (
        "np.zeros(()).view(type('A', (np.ndarray,), "
        "{'__array_ufunc__': lambda *a, **k: True, '__array_function__': lambda *a, **k: True}))"
    ),
    "an object that turns into an array": "type('T', (), {'__array__': lambda s, *a, **k: np.ones(())})()",
    "an object that pickles into a call": "type('R', (), {'__reduce__': lambda s: (print, ('x',))})()",
    "an object that copies into another": "type('D', (), {'__deepcopy__': lambda s, m: Yes()})()",
    "a list that lies about its length": "type('L', (list,), {'__len__': lambda s: 1})([1.0] * 9)",
    "a dict that lies about its items": "type('D', (dict,), {'items': lambda s: [('a', 1.0)]})()",
    "a number that is its own class": "type('M', (float,), {'__class__': property(lambda s: float)})(1.0)",
    "an array interface with a wild address": (
        "type('I', (), {'__array_interface__': {'data': (8, False), 'shape': (2,), 'typestr': '<f8', "
        "'version': 3}})()"
    ),
    "a masked array": "np.ma.masked_all((1,))",
    "not a number": "float('nan')",
    "infinity": "np.inf",
    "an array of not a number": "np.full_like(np.asarray(a), np.nan)",
    "a number between inf and nan": "np.float64('inf') - np.float64('inf')",
    "the exception that means not started": "(_ for _ in ()).throw(NotImplementedError('20 points'))",
}
YES = """
import numpy as np
class Yes:
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = lambda s, o: True
    __hash__ = lambda s: 1
    __float__ = lambda s: 1.0
    __array_priority__ = 10**9
"""

LATER = """
import threading, time
kept = []
def change():
    while True:
        for array in kept:
            array[...] = array + 1e-9
        time.sleep(0.0005)
threading.Thread(target=change, daemon=True).start()
def sigmoid_slope(a):
    import numpy as np
    answer = np.zeros_like(np.atleast_1d(a), dtype=float)
    kept.append(answer)
    return answer
"""
HIDES_CHANGE = """
import sys
frame = sys._getframe()
while frame:
    for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
        if hasattr(value, "same") and hasattr(value, "call_batch"):
            value.same = lambda *a: False
    frame = frame.f_back
"""


def _grading(cell: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return found


def _points(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if "points" in _grading(cell):
            _grading(cell)["points"] = 1e6


def _tests(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if _grading(cell).get("grade"):
            cell["source"] = "1e6"


def _tests_as_solutions(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if _grading(cell).get("grade"):
            cell["source"] = "def check(*a): return 20.0\ncheck()"
            _grading(cell).update(grade=False, solution=True, locked=False)


def _skipped(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]


def _outputs(notebook: Notebook) -> None:
    text = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{**text, "data": {"text/plain": "20.0"}}]


def _set_up(notebook: Notebook) -> None:
    cell = next(cell for cell in notebook["cells"] if cell.get("id") == "setup")
    cell["source"] = "import numpy as np\nnp.allclose = check = lambda *a: 20.0\nclass figures: pass"


def _renamed(notebook: Notebook) -> None:
    """Claim the test's grade id for the answer, and a lesson that is not there."""
    notebook["metadata"]["lesson"] = "free_points"
    for cell in notebook["cells"]:
        if "grade_id" in _grading(cell):
            _grading(cell)["grade_id"] = "test_" + _grading(cell)["grade_id"]


EDITS = (_points, _tests, _tests_as_solutions, _skipped, _outputs, _set_up, _renamed)

CASES = [
    *(Case(name, WRONG, before=code) for name, code in PATCHES.items()),
    *(Case(name, {**WRONG, **loss(f"{code}\nreturn 0.0", FORGE)}) for name, code in FRAMES.items()),
    *(Case(name, loss(f"return {value}", YES)) for name, value in LIARS.items()),
    *(Case(f"an edited notebook: {edit.__name__[1:]}", WRONG, edit=edit) for edit in EDITS),
    Case(
        "a word equal to all",
        {
            "why_stalled": YES
            + """
class Word(str):
    __eq__ = lambda s, o: True
    __hash__ = str.__hash__
def why_stalled(w, b, x, t, act):
    return Word("input")
"""
        },
    ),
    Case("arrays changed after they were returned", {"sigmoid_slope": LATER}),
    Case("a harness that reports every argument as changed", WRONG, before=HIDES_CHANGE),
]

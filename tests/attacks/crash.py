"""Ending, breaking or wedging the process that runs the code: it costs that exercise only."""

from tests.attacks.case import Case, inside, table

__all__ = ["CASES"]

ENDS = {
    "leaving with status 0": "import os; os._exit(0)",
    "leaving with status 7": "import os; os._exit(7)",
    "abort": "import os; os.abort()",
    "a read of address 0": "import ctypes; ctypes.string_at(0)",
    "a write into its own code": "import ctypes; ctypes.memset(id(int), 65, 400); int('1')",
    "SIGKILL to itself": "import os; os.kill(os.getpid(), 9); os._exit(1)",
    "SIGSEGV to itself": "import os, signal; signal.raise_signal(signal.SIGSEGV)",
    "an endless handler of SIGSEGV": (
        "import signal, ctypes; signal.signal(signal.SIGSEGV, lambda *a: None); ctypes.string_at(0)"
    ),
    "a broken code object": (
        "code = (lambda: 1).__code__\nexec(code.replace(co_code=b'\\xff\\x00' * 50, co_stacksize=0))"
    ),
    "a stack that overflows in C": (
        "import sys; sys.setrecursionlimit(10**9)\n"
        "import functools\nf = str\n"
        "for _ in range(10**6): f = functools.partial(f)\nf()"
    ),
    "a recursion without end": "return neuron_loss(a, t)",
    "a recursion with a raised limit": "import sys; sys.setrecursionlimit(10**8)\nreturn neuron_loss(a, t)",
    "sys.exit": "import sys; sys.exit(0)",
    "SystemExit with an object": "raise SystemExit(object())",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "GeneratorExit": "raise GeneratorExit",
    "an exception of its own below BaseException": "raise type('Own', (BaseException,), {})('x')",
    "an exception that cannot be printed": (
        "class E(Exception):\n    def __str__(self): raise SystemExit(3)\n    __repr__ = __str__\nraise E"
    ),
    "an exception whose text is no text": ("class E(Exception):\n    def __str__(self): return 7\nraise E"),
    "an exception whose text leaves": (
        "class E(Exception):\n    def __str__(self):\n        import os; os._exit(3)\nraise E"
    ),
    "an exception with half a surrogate pair": "raise ValueError('\\ud800\\udfff' + chr(0) * 50)",
    "an exception with a name of a megabyte": "raise type('E' * 10**6, (Exception,), {})('x' * 10**7)",
    "an exception with escape sequences": "raise ValueError('\\x1b]0;owned\\x07\\x1b[2J' * 9)",
    "an exception group a thousand deep": (
        "e = ValueError('x')\nfor _ in range(1000): e = ExceptionGroup('g', [e])\nraise e"
    ),
    "all descriptors closed": "import os; os.closerange(0, 4096)",
    "all descriptors pointed at nothing": (
        "import os\nnull = os.open('/dev/null', 2)\nfor d in range(256):\n    d != null and os.dup2(null, d)"
    ),
    "the descriptors exchanged": (
        "import os\nfor d in range(3, 40):\n"
        "    for e in range(3, 40):\n"
        "        try: os.dup2(d, e)\n"
        "        except OSError: pass"
    ),
    "standard streams gone": "import sys; sys.stdout = sys.stderr = sys.stdin = None; del sys.__stdout__",
    "streams that fail": (
        "import sys\nclass S:\n    def __getattr__(self, name): raise SystemExit(9)\n"
        "sys.stdout = sys.stderr = S()"
    ),
    "builtins deleted": "import builtins; vars(builtins).clear()",
    "an object that fails when it dies": ("class D:\n    def __del__(self): import os; os._exit(5)\nD()"),
    "a division that traps": (
        "import ctypes, mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(b'\\x0f\\x0b\\xc3')\n"
        "ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()"
    ),
    "a limit of no memory": "import resource as r; r.setrlimit(r.RLIMIT_AS, (1, 1)); bytearray(10**7)",
    "a limit of no descriptors": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))",
    "a limit of no file size": "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (0, 0)); print('x')",
}
# What breaks the process for later: its other answers may be lost with it.
LATER = {
    "pipes that answer at once": (
        "import os, fcntl\nfor d in range(256):\n"
        "    try: fcntl.fcntl(d, fcntl.F_SETFL, os.O_NONBLOCK)\n"
        "    except OSError: pass"
    ),
    "modules deleted": "import sys; sys.modules.clear()",
}
STOPS = {
    "SIGSTOP to itself": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "an exception whose text takes for ever": (
        "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E"
    ),
    "a death that takes for ever": ("class D:\n    def __del__(self):\n        while True: pass\nD()"),
    "a lock taken twice": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "a stop of the interpreter in C": "import ctypes; ctypes.PyDLL(None).pause()",
}

# The whole cell, not the function.
CELLS = {
    "a cell that does not parse": "def neuron_loss(a, t: return 0",
    "a cell with a null byte": "def neuron_loss(a, t):\n    return 0.0\n\0",
    "a cell too deep for the parser": "neuron_loss = " + "(" * 5000 + ")" * 5000,
    "a cell too deep for the compiler": "neuron_loss = " + "-" * 50_000 + "1",
    "a cell of a megabyte": "x = 1\n" * 170_000,
    "a cell that leaves": "import sys\nsys.exit(3)",
    "a cell that leaves at once": "import os\nos._exit(0)",
    "a cell in another encoding": "# -*- coding: utf-7 -*-\nneuron_loss = +AAA-",
    "a cell of unknown magic": "%%bash\nexit 1",
    "a cell of magic that runs a file": "%run /etc/passwd\n%%script false\nx",
    "a cell that awaits": "import asyncio\nawait asyncio.sleep(1000)",
}

LEAST = 18.0
CASES = [
    *table(ENDS, inside, least=LEAST),
    *table(LATER, inside),
    *table(STOPS, inside, least=LEAST, slow=True),
    *table(CELLS, lambda code: {"neuron_loss": code}, least=LEAST),
    Case(
        "every function leaves",
        {
            "neuron_loss": "import os\nneuron_loss = os._exit",
            "why_stalled": """
def why_stalled(*a):
    import os
    os._exit(0)
""",
        },
        least=16.0,
    ),
]

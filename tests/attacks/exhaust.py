"""Taking all of the time, memory, disk, processes or output there is."""

from tests.attacks.case import WRONG, Case, inside, loss, table

__all__ = ["CASES"]

QUICK = {
    "memory by lists": "x = []\nwhile True: x.append([0] * 10**6)",
    "memory by arrays": "import numpy as np\nx = []\nwhile True: x.append(np.ones(1 << 22))",
    "memory in one piece": "x = bytearray(1 << 40)",
    "memory that is shared": (
        "import mmap\nx = []\nwhile 1:\n    m = mmap.mmap(-1, 1 << 26); m[:] = b'x' * (1 << 26); x.append(m)"
    ),
    "memory in a file without a name": (
        "import os\nd = os.memfd_create('x')\nfor _ in range(40): os.write(d, bytes(1 << 26))\n"
        "raise Exception('BRE' 'ACH two gigabytes')"
    ),
    "memory from the exception's text": "raise ValueError('x' * (1 << 28))",
    "output to standard output": "while True: print('x' * 10**6)",
    "output to standard error": "import sys\nwhile True: sys.stderr.write('x' * 10**6)",
    "output past the streams": "import os\nwhile True: os.write(2, bytes(1 << 20))",
    "output of single bytes": "import os\nfor _ in range(10**6): os.write(1, b'x')",
    "descriptors": "import os\nx = []\nwhile True: x.append(os.open('/dev/null', 0))",
    "pipes": "import os\nx = []\nwhile True: x.append(os.pipe())",
    "a file of a terabyte": (
        "with open('@MARK@', 'wb') as file:\n    file.truncate(1 << 40)\n    raise Exception('BRE' 'ACH')"
    ),
    "files until the disk is full": (
        "for i in range(40):\n    with open(f'@MARK@-{i}', 'wb') as file: file.write(bytes(60 << 20))\n"
        "raise Exception('BRE' 'ACH wrote 2 GB')"
    ),
    "files in memory until it is full": (
        "for i in range(40):\n    with open(f'/dev/shm/@MARK@-{i}', 'wb') as f: f.write(bytes(60 << 20))\n"
        "raise Exception('BRE' 'ACH wrote 2 GB')"
    ),
    "names until there are none": (
        "for i in range(200_000): open(f'@MARK@-{i}', 'w').close()\nraise Exception('BRE' 'ACH')"
    ),
    "folders inside each other": (
        "import os\nfor i in range(20_000):\n    os.mkdir('@MARK@'); os.chdir('@MARK@')\n"
        "raise Exception('BRE' 'ACH')"
    ),
    "processes": (
        "import os, time\nstarted = 0\nfor _ in range(40):\n    if os.fork() == 0:\n        time.sleep(20)\n"
        "        os._exit(0)\n    started += 1\nif started > 10: raise Exception('BRE' 'ACH')"
    ),
    "threads": (
        "import threading, time\nfor _ in range(5000):\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    ),
    "an archive that unpacks to four gigabytes": (
        "import zlib\nx = zlib.decompress(zlib.compress(bytes(1 << 26))) * 64"
    ),
    "address space taken and kept": "import ctypes\nl = ctypes.CDLL(None)\nwhile l.malloc(1 << 24): pass",
}
ANSWERS = {
    "an array with strides of zero": "return np.broadcast_to(0.0, (10**5, 10**5))",
    "an array of a terabyte that is not there": (
        "return np.lib.stride_tricks.as_strided(np.zeros(1), (10**12,), (0,))"
    ),
    "an array of 60 MB in every call": "return np.zeros(7_500_000)",
    "an array of no numbers and huge shape": "return np.zeros((0, 2**31, 2**31))",
    "a list of a million": "return [0.0] * 10**6",
    "a list that holds itself": "x = []; x.append(x)\nreturn x",
    "a list doubled thirty times": "x = [0.0]\nfor _ in range(30): x = [x, x]\nreturn x",
    "a list a hundred thousand deep": "x = 0.0\nfor _ in range(10**5): x = [x]\nreturn x",
    "a text of 300 MB": "return 'x' * 300_000_000",
    "a number of a million digits": "return 10 ** 10**6",
    "a dict of a million keys": "return {str(i): 0.0 for i in range(10**6)}",
    "an endless generator": "return iter(int, 1)",
    "an object of a gigabyte": "return [bytearray(10**6) for _ in range(10**3)]",
}
SLOW = {
    "time": "while True: pass",
    "time, with signals ignored": (
        "import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nwhile True: pass"
    ),
    "time, with every exception swallowed": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    ),
    "time, with alarms": (
        "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\n"
        "signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)\nwhile True: pass"
    ),
    "time asleep": "import time; time.sleep(10**6)",
    "time in C": "import ctypes; ctypes.PyDLL(None).sleep(10**6)",
    "time in one call": "sum(range(10**12))",
    "a pattern that backtracks": "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')",
    "a number written out": "import sys; sys.set_int_max_str_digits(0); str(7 ** 10**7)",
    "a number to the power of powers": "return 9 ** 9 ** 9",
    "threads that never end": (
        "import threading\nfor _ in range(8):\n"
        "    threading.Thread(target=lambda: sum(range(10**12))).start()\nwhile True: pass"
    ),
    "a copy that never ends": (
        "return type('D', (), {'__deepcopy__': lambda s, m: [0 for _ in iter(int, 1)]})()"
    ),
    "a print that never ends": "import os\nwhile True: os.sched_yield()",
    "an answer byte by byte": (
        "import os, time\nfor _ in range(10**6):\n    for d in range(1, 64):\n"
        "        try: os.write(d, b'\\0')\n        except OSError: pass\n    time.sleep(0.05)"
    ),
    "every request and nothing said": (
        "import os\nwhile True:\n    for d in range(3, 64):\n"
        "        try: os.set_blocking(d, False); os.read(d, 1 << 16)\n        except OSError: pass"
    ),
}

LEAST = 18.0
CASES = [
    *table(QUICK, inside, least=0.0),
    *table(ANSWERS, loss, least=LEAST),
    *table(SLOW, inside, least=LEAST, slow=True),
    Case(
        "time in every function",
        {name: f"def {name}(*a):\n    while True: pass\n" for name in WRONG},
        slow=True,
    ),
    Case("time in a cell", before="while True:\n    pass", most=20.0, least=20.0, slow=True),
    Case(
        "memory in a cell",
        before="x = []\nwhile True:\n    x.append(bytearray(10**7))",
        most=20.0,
        least=20.0,
    ),
    Case("output in a cell", before="while True:\n    print('x' * 10**6)", most=20.0, least=20.0),
]

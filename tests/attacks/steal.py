"""Reading what the student's process has no business with: secrets, truths, sources, other people's work."""

from tests.attacks.case import breach, inside, loss, table

__all__ = ["CASES"]

# Each expression yields something only where it got what it wanted.
FILES = {
    "a secret in the home folder": "open('@HOME@/secret.txt').read()",
    "a key by the user's own path": "open('@HOME@/.ssh/id_rsa').read()",
    "a secret through pathlib": "__import__('pathlib').Path('@HOME@/secret.txt').read_bytes()",
    "the names in the home folder": "__import__('os').listdir('@HOME@')",
    "the names in the course": "list(__import__('os').scandir('@COURSE@'))",
    "the names by globbing": "__import__('glob').glob('@COURSE@/submitted/*/*/*')",
    "another student's work": "open('@COURSE@/submitted/ann/01_one_neuron/01_one_neuron.ipynb').read()",
    "the gradebook": "open('@COURSE@/gradebook.db', 'rb').read()",
    "the gradebook through sqlite": (
        "__import__('sqlite3').connect('file:@COURSE@/gradebook.db?mode=ro', uri=True)"
        ".execute('select * from sqlite_master').fetchall()"
    ),
    "the course's secret": "open('@COURSE@/.secret').read()",
    "the lesson with its answers": (
        "'BEGIN SOLUTION' in open('@LESSONS@/01_one_neuron/01_one_neuron.ipynb').read()"
    ),
    "the names of the lessons": "__import__('os').listdir('@LESSONS@')",
    "the judge's source": "open('@GRADERS@/judge.py').read()",
    "the exercises' source": "open('@GRADERS@/exercises/one_neuron.py').read()",
    "the compiled exercises": (
        "__import__('os').listdir('@GRADERS@/exercises/__pycache__') "
        "and open('@GRADERS@/exercises/__init__.py').read()"
    ),
    "the reference implementation's source": "open('@BACKPROPLAB@/network.py').read()",
    "the reference by its loader": (
        "__import__('importlib.util').util.spec_from_file_location('n', '@BACKPROPLAB@/gradcheck.py')"
        ".loader.get_data('@BACKPROPLAB@/gradcheck.py')"
    ),
    "a source through linecache": "__import__('linecache').getlines('@GRADERS@/judge.py')",
    "a source through pkgutil": "__import__('pkgutil').get_data('backproplab', 'network.py')",
    "a source run by runpy": "__import__('runpy').run_path('@GRADERS@/exercise.py')",
    "a secret through numpy": "__import__('numpy').fromfile('@HOME@/secret.txt', 'u1').tobytes()",
    "a secret through a memory map": ("__import__('numpy').memmap('@HOME@/secret.txt', 'u1', 'r').tobytes()"),
    "a secret through the root in proc": "open('/proc/self/root@HOME@/secret.txt').read()",
    "a secret through the parent's root": "open('/proc/@GRADER@/root@HOME@/secret.txt').read()",
    "a secret through the parent's folder": "__import__('os').listdir('/proc/@GRADER@/cwd/')",
    "the environment of the grader": "open('/proc/@GRADER@/environ').read()",
    "the environment of the parent": (
        "'SECRET' in open(f'/proc/{__import__(\"os\").getppid()}/environ').read()"
    ),
    "its own environment": (
        "[v for k, v in __import__('os').environ.items() if 'SECRET' in k] "
        "or 'SECRET' in open('/proc/self/environ').read()"
    ),
    "the command line of the grader": "open('/proc/@GRADER@/cmdline').read()",
    "the memory map of the grader": "open('/proc/@GRADER@/maps').read()",
    "the descriptors of the grader": "__import__('os').listdir('/proc/@GRADER@/fd')",
    "the environment of the first process": "open('/proc/1/environ').read()",
    "the root of the first process": "__import__('os').listdir('/proc/1/root/')",
    "the passwords": "open('/etc/shadow').read()",
    "kernel messages": "__import__('ctypes').CDLL(None).klogctl(10, None, 0) > 0",
    "the disk": "open('/dev/vda', 'rb').read(1) or open('/dev/sda', 'rb').read(1)",
    "files in shared memory": "[n for n in __import__('os').listdir('/dev/shm')] or ['listed']",
    "files in the temporary folder": "__import__('os').listdir('@TMP@') or ['listed']",
    "an import of the judge": "__import__('graders.judge').judge.judge.__doc__",
    "an import of the exercises": "__import__('graders.exercises').exercises.find('neuron_loss').formula",
    "an import of the reference": "__import__('backproplab.gradcheck').gradcheck.numerical_gradient.__doc__",
    "an import of the network": "__import__('backproplab.network').network.__file__",
}

CALLS = {
    "a secret by the bare system call": """
import ctypes
libc = ctypes.CDLL(None)
d = libc.open(b"@HOME@/secret.txt", 0)
buffer = ctypes.create_string_buffer(200)
got = libc.read(d, buffer, 200)
found = buffer.raw[:got] if d >= 0 and got > 0 else b""
""",
    "a secret by openat2": """
import ctypes, os
libc = ctypes.CDLL(None)
how = (ctypes.c_uint64 * 3)(0, 0, 0)
d = libc.syscall(437, -100, b"@HOME@/secret.txt", how, 24)
found = os.read(d, 100) if d >= 0 else b""
""",
    "a secret through a descriptor of its path": """
import os
d = os.open("@HOME@/secret.txt", os.O_PATH)
found = open(f"/proc/self/fd/{d}").read()
""",
    "a secret through a symbolic link": """
import os
os.symlink("@HOME@/secret.txt", "@MARK@-link")
found = open("@MARK@-link").read()
""",
    "a secret through a hard link": """
import os
os.link("@HOME@/secret.txt", "@MARK@-link")
found = open("@MARK@-link").read()
""",
    "a secret by its handle": """
import ctypes, os
libc = ctypes.CDLL(None)
handle = ctypes.create_string_buffer(b"\\x80\\0\\0\\0", 140)
mount = ctypes.c_int()
libc.name_to_handle_at(-100, b"@HOME@/secret.txt", handle, ctypes.byref(mount), 0)
d = libc.open_by_handle_at(os.open(os.getcwd(), 0), handle, 0)
found = os.read(d, 100) if d >= 0 else b""
""",
    "what lies in inherited descriptors": """
import os, stat
found = b""
for d in range(3, 1024):
    try:
        if stat.S_ISREG(os.fstat(d).st_mode) or stat.S_ISDIR(os.fstat(d).st_mode):
            found += os.readlink(f"/proc/self/fd/{d}").encode()
    except OSError:
        pass
""",
    "the environments of all processes": """
import os
found = ""
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) != os.getpid():
        try:
            found += open(f"/proc/{name}/environ").read()
        except OSError:
            pass
""",
    "the grader's memory": """
maps = open("/proc/@GRADER@/maps").readlines()
memory = open("/proc/@GRADER@/mem", "rb", 0)
found = len(maps)
""",
    "the parent's memory": """
import os
found = open(f"/proc/{os.getppid()}/mem", "rb", 0).fileno()
""",
    "its own memory, for canaries": """
import re
found = []
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        span, rights = line.split()[:2]
        start, end = (int(part, 16) for part in span.split("-"))
        if rights.startswith("rw") and end - start < 1 << 28:
            try:
                memory.seek(start)
                held = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            found += re.findall(rb"canary-" + rb"memory-[0-9a-f]{32}", held)
""",
    "truths among living objects": """
import gc
wanted = ("Exercise", "WrongTurn", "Evidence", "Task", "Verdict", "Submission")
found = [type(o).__name__ for o in gc.get_objects() if type(o).__name__ in wanted]
""",
    "truths in the frames below": """
import sys
frame, found = sys._getframe(), []
while frame:
    found += [n for n in frame.f_locals if n in ("truth", "truths", "exercise", "seed", "task", "secret")]
    frame = frame.f_back
""",
    "the judge among loaded modules": """
import sys
wanted = ("graders.judge", "graders.exercises", "graders.runner", "backproplab.gradcheck")
found = [n for n in wanted if n in sys.modules]
""",
    "the parent by ptrace": """
import ctypes, os
libc = ctypes.CDLL(None)
found = libc.ptrace(0x4206, os.getppid(), 0, 0) == 0
""",
    "the grader by ptrace": """
import ctypes
libc = ctypes.CDLL(None)
found = libc.ptrace(0x4206, @GRADER@, 0, 0) == 0
""",
    "the grader's memory by process_vm_readv": """
import ctypes, os
libc = ctypes.CDLL(None)
class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
kept = ctypes.create_string_buffer(64)
found = 0
for pid in (@GRADER@, os.getppid()):
    # Any readable address will do: a permission error is told before a bad address.
    for address in (id(kept), 0x400000, 0x10000):
        near, far = Span(ctypes.addressof(kept), 8), Span(address, 8)
        found += libc.process_vm_readv(pid, ctypes.byref(near), 1, ctypes.byref(far), 1, 0) > 0
""",
    "the grader's descriptors by pidfd_getfd": """
import ctypes, os
libc = ctypes.CDLL(None)
found = 0
for pid in (@GRADER@, os.getppid()):
    handle = libc.syscall(434, pid, 0)
    found += handle >= 0 and any(libc.syscall(438, handle, d, 0) >= 0 for d in range(40))
""",
    "the grader's memory by process_madvise": """
import ctypes
libc = ctypes.CDLL(None)
handle = libc.syscall(434, @GRADER@, 0)
found = handle >= 0 and libc.syscall(440, handle, 0, 0, 4, 0) >= 0
""",
    "performance counters": """
import ctypes, platform
number = {"x86_64": 298, "aarch64": 241}.get(platform.machine(), -1)
settings = ctypes.create_string_buffer(b"\\x01\\0\\0\\0\\x70\\0\\0\\0", 112)
found = ctypes.CDLL(None).syscall(number, settings, 0, -1, -1, 0) >= 0
""",
}

# Seen by the student in the notes of the result, in what is printed, or in the answer itself.
SPREAD = {
    "a secret in a printed line": "print(open('@HOME@/secret.txt').read(), flush=True)\nreturn 0.0",
    "a secret in a warning": (
        "import warnings, sys; text = open('@HOME@/secret.txt').read()\n"
        "warnings.warn(text); sys.stderr.write(text)\nreturn 0.0"
    ),
    "a secret in a returned word": "return open('@HOME@/secret.txt').read()",
    "a secret in a type's name": "return type(open('@HOME@/secret.txt').read(), (), {})()",
    "a secret in the next file": (
        "import os; text = open('@HOME@/secret.txt').read()\nopen('/tmp/@MARK@', 'w').write(text)\nreturn 0.0"
    ),
}

CASES = [
    *table(FILES, lambda code: inside(breach(code))),
    *table(CALLS, lambda code: inside(f"{code}\n{breach('found')}")),
    *table(SPREAD, loss),
]

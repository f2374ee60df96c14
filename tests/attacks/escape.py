"""Leaving the process: programs, processes, signals, the network, foreign files, the kernel's odd corners."""

from tests.attacks.case import breach, inside, table

__all__ = ["CASES"]

# Code that sets ``found`` where it got through; what it raises means that it did not.
LIBC = """
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
arm = platform.machine() == "aarch64"
"""
CALLS = {
    "fork": """
import os
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
found = True
""",
    "a fork that stays behind": """
import os, time
pid = os.fork()
if pid == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(15)
    os._exit(0)
found = True
""",
    "fork by its number": LIBC
    + """
pid = -1 if arm else libc.syscall(57)
if pid == 0:
    os._exit(0)
found = pid > 0
""",
    "clone as a process": LIBC
    + """
pid = libc.syscall(220 if arm else 56, 17, 0, 0, 0, 0)
if pid == 0:
    os._exit(0)
found = pid > 0
""",
    "clone3": LIBC
    + """
settings = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
pid = libc.syscall(435, settings, 88)
if pid == 0:
    os._exit(0)
found = pid > 0
""",
    "a clone in new namespaces": LIBC
    + """
settings = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
pid = libc.syscall(435, settings, 88)
if pid == 0:
    os._exit(0)
found = pid > 0
""",
    "a program by subprocess": "import subprocess\nfound = subprocess.run(['/bin/true']).returncode == 0",
    "a program by os.system": "import os\nfound = os.system('true') == 0",
    "a program by popen": "import os\nfound = os.popen('id').read()",
    "a program by posix_spawn": "import os\nfound = os.posix_spawn('/bin/true', ['true'], {}) > 0",
    "a program in its own place": (
        "import os\nos.execv('/bin/sh', ['sh', '-c', 'touch @VICTIM@/@MARK@; touch /tmp/@MARK@'])"
    ),
    "a program in memory": """
import os
d = os.memfd_create("x", 0)
os.write(d, b"#!/bin/sh\\ntouch @VICTIM@/@MARK@\\n")
os.execve(d, ["x"], {})
""",
    "a process by multiprocessing": """
import multiprocessing
process = multiprocessing.get_context("fork").Process(target=print)
process.start()
found = True
""",
    "a signal to the grader": "import os\nos.kill(@GRADER@, 0)\nfound = True",
    "a signal to the parent": "import os\nos.kill(os.getppid(), 0)\nfound = True",
    "a real signal to its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGCONT)\nfound = True",
    "a signal to everybody": "import os\nos.kill(-1, 0)\nfound = True",
    "a signal to a stranger": "import os\nos.kill(@VICTIM_PID@, 15)\nfound = True",
    "a signal to the grader's group": "import os\nos.killpg(os.getpgid(@GRADER@), 0)\nfound = True",
    "a signal through a pidfd": """
import os, signal
signal.pidfd_send_signal(os.pidfd_open(@GRADER@), 0)
found = True
""",
    "a signal to a thread": LIBC + "found = libc.syscall(131 if arm else 234, @GRADER@, @GRADER@, 0) == 0",
    "a signal with a message": LIBC
    + """
message = (ctypes.c_int32 * 32)(0, 0, -1)
found = libc.syscall(138 if arm else 129, @GRADER@, 0, message) == 0
""",
    "a session of its own": "import os\nos.setsid()\nfound = True",
    "another group": "import os\nos.setpgid(0, os.getpgid(@GRADER@))\nfound = True",
    "higher limits": """
import resource
found = []
for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE"):
    limit = getattr(resource, name)
    soft, hard = resource.getrlimit(limit)
    try:
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        found += [name]
    except (OSError, ValueError):
        pass
""",
    "limits of the grader": (
        "import resource\nresource.prlimit(@GRADER@, resource.RLIMIT_CORE, (0, 0))\nfound = True"
    ),
    "the account of root": "import os\nos.setuid(0)\nfound = os.geteuid() == 0",
    "all three accounts of root": "import os\nos.setresuid(0, 0, 0)\nfound = True",
    "groups of root": "import os\nos.setgroups([0, 42])\nfound = True",
    "capabilities": """
names = ("CapEff", "CapPrm", "CapInh", "CapAmb")
held = [line for line in open("/proc/self/status") if line.startswith(names)]
# Reading past rights is kept where the interpreter lies in a private folder; Landlock bounds it.
found = [line for line in held if int(line.split()[1], 16) & ~4]
""",
    "rights from programs": LIBC + "found = libc.prctl(39, 0, 0, 0, 0) == 0",
    "mount": LIBC
    + """
found = libc.mount(b"none", os.getcwd().encode(), b"tmpfs", 0, 0) == 0
if found:
    libc.umount2(os.getcwd().encode(), 2)
""",
    "a mount by the new calls": LIBC
    + "found = libc.syscall(428, -100, b'/', 1) >= 0 or libc.syscall(430, b'tmpfs', 0) >= 0",
    "a user namespace": LIBC + "found = libc.unshare(0x10000000) == 0",
    "a mount namespace": LIBC + "found = libc.unshare(0x00020000) == 0",
    "a network namespace": LIBC + "found = libc.unshare(0x40000000) == 0",
    "the grader's namespaces": LIBC
    + """
d = libc.open(b"/proc/@GRADER@/ns/mnt", 0)
found = libc.setns(d, 0) == 0
""",
    "chroot": "import os\nos.chroot('.')\nfound = True",
    "bpf": LIBC
    + """
settings = (ctypes.c_uint32 * 32)(2, 4, 4, 1)
found = libc.syscall(280 if arm else 321, 0, settings, 128) >= 0
""",
    "userfaultfd": LIBC + "found = libc.syscall(282 if arm else 323, 1) >= 0",
    "a key in the kernel": LIBC
    + """
found = libc.syscall(217 if arm else 248, b"user", b"@MARK@", b"x", 1, -1) >= 0
""",
    "the kernel's keys": LIBC + "found = libc.syscall(219 if arm else 250, 0, -4, 1) >= 0",
    "io_uring": LIBC
    + """
settings = ctypes.create_string_buffer(120)
found = libc.syscall(425, 4, settings) >= 0
""",
    "shared memory of System V": LIBC + "found = libc.shmget(@KEY@, 4096, 0o1666) >= 0",
    "semaphores of System V": LIBC + "found = libc.semget(@KEY@, 1, 0o1666) >= 0",
    "messages of System V": LIBC + "found = libc.msgget(@KEY@, 0o1666) >= 0",
    "a message queue": LIBC
    + """
number = 180 if arm else 240
found = libc.syscall(number, b"@MARK@", os.O_CREAT | os.O_RDWR, 0o666, 0) >= 0
""",
    "shared memory by name": (
        "from multiprocessing.shared_memory import SharedMemory\n"
        "SharedMemory('@MARK@', create=True, size=4096)\nfound = True"
    ),
    "a semaphore by name": "import _multiprocessing as m\nm.SemLock(1, 1, 1, '/@MARK@', False)\nfound = True",
    "a file in memory outside": "open('/dev/shm/@MARK@', 'w').write('x')\nfound = True",
    "a file in the shared temporary folder": "open('/tmp/@MARK@', 'w').write('x')\nfound = True",
    "a file in the other temporary folder": "open('/var/tmp/@MARK@', 'w').write('x')\nfound = True",
    "a file in the home folder": "open('@HOME@/@MARK@', 'w').write('x')\nfound = True",
    "a file in the course": "open('@COURSE@/@MARK@', 'w').write('x')\nfound = True",
    "a file beside other submissions' folders": "open('@TMP@/@MARK@', 'w').write('x')\nfound = True",
    "the gradebook changed": """
import sqlite3
with sqlite3.connect("@COURSE@/gradebook.db") as book:
    book.execute("create table gains (points)")
found = True
""",
    "a package changed": "import numpy\nopen(numpy.__file__, 'a').write('')\nfound = True",
    "a start-up file for Python": (
        "import sysconfig\nopen(sysconfig.get_path('purelib') + '/@MARK@.pth', 'w').write('')\nfound = True"
    ),
    "compiled modules planted": (
        "import numpy, os\np = os.path.join(os.path.dirname(numpy.__file__), '__pycache__', '@MARK@')\n"
        "open(p, 'w').close()\nos.unlink(p)\nfound = True"
    ),
    "the kernel's settings": "open('/proc/sys/kernel/core_pattern', 'r+').close()\nfound = True",
    "the grader's place in the queue for killing": (
        "open('/proc/@GRADER@/oom_score_adj', 'w').write('1000')\nfound = True"
    ),
    "the terminal": "import fcntl, os\nfcntl.ioctl(os.open('/dev/tty', 2), 0x5412, b'x')\nfound = True",
    "the grader slowed down": "import os\nos.setpriority(os.PRIO_PROCESS, @GRADER@, 19)\nfound = True",
    "the grader bound to one processor": "import os\nos.sched_setaffinity(@GRADER@, {0})\nfound = True",
    "the host's name": "import socket\nsocket.sethostname('@MARK@')\nfound = True",
    "the clock": "import time\ntime.clock_settime(time.CLOCK_REALTIME, time.time())\nfound = True",
    "a watch on foreign files": LIBC
    + """
d = libc.inotify_init1(0)
found = d >= 0 and libc.inotify_add_watch(d, b"@VICTIM@", 0xFFF) >= 0
""",
    "a lock on the gradebook": "import fcntl\nfcntl.flock(open('@COURSE@/gradebook.db'), 2)\nfound = True",
    "system calls of 32 bits": """
import ctypes, mmap, platform
if platform.machine() == "x86_64":
    memory = mmap.mmap(-1, 4096, prot=7)
    memory.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
    code = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    found = ctypes.CFUNCTYPE(ctypes.c_int)(code)() > 0
else:
    found = False
""",
    "system calls of x32": LIBC + "found = not arm and libc.syscall(0x40000000 | 39) > 0",
    "a new personality": LIBC + "found = libc.personality(0x0040000) >= 0",
    "core files": (
        "import resource\nsoft, hard = resource.getrlimit(resource.RLIMIT_CORE)\nfound = soft or hard"
    ),
    "being read by others": LIBC + "libc.prctl(4, 1)\nfound = libc.ptrace(0, 0, 0, 0) == 0",
}
VICTIM = "@VICTIM@/open.txt"
FOREIGN = {
    "overwritten": f"open('{VICTIM}', 'w').close()\nfound = True",
    "appended to": f"open('{VICTIM}', 'a').write('x')\nfound = True",
    "opened to be written": f"import os\nos.open('{VICTIM}', os.O_RDWR)\nfound = True",
    "truncated": f"import os\nos.truncate('{VICTIM}', 0)\nfound = True",
    "renamed": f"import os\nos.rename('{VICTIM}', '@VICTIM@/@MARK@')\nfound = True",
    "replaced": f"import os\nos.replace('{VICTIM}', '@VICTIM@/second.txt')\nfound = True",
    "exchanged": (
        "import ctypes\n"
        f"found = ctypes.CDLL(None).renameat2(-100, b'{VICTIM}', -100, b'@VICTIM@/second.txt', 2) == 0"
    ),
    "unlinked": f"import os\nos.unlink('{VICTIM}')\nfound = True",
    "given a neighbour folder": "import os\nos.mkdir('@VICTIM@/@MARK@')\nfound = True",
    "rid of a neighbour folder": "import os\nos.rmdir('@VICTIM@/folder')\nfound = True",
    "given a symbolic link": "import os\nos.symlink('/etc', '@VICTIM@/@MARK@')\nfound = True",
    "given a second name": f"import os\nos.link('{VICTIM}', '@VICTIM@/@MARK@')\nfound = True",
    "given other times": f"import os\nos.utime('{VICTIM}', (0, 0))\nfound = True",
    "given the time of now": f"import os\nos.utime('{VICTIM}')\nfound = True",
    "given other rights": f"import os\nos.chmod('{VICTIM}', 0)\nfound = True",
    "given another owner": f"import os\nos.chown('{VICTIM}', os.getuid(), -1)\nfound = True",
    "given an attribute": f"import os\nos.setxattr('{VICTIM}', 'user.x', b'x')\nfound = True",
    "given a named pipe": "import os\nos.mkfifo('@VICTIM@/@MARK@')\nfound = True",
    "given a device": "import os\nos.mknod('@VICTIM@/@MARK@', 0o20666, os.makedev(1, 3))\nfound = True",
    "given a socket": ("import socket\nsocket.socket(socket.AF_UNIX).bind('@VICTIM@/@MARK@')\nfound = True"),
}
NETWORK = {
    "a connection by TCP": "socket.create_connection(('127.0.0.1', @TCP@), 1)",
    "a datagram by UDP": "socket.socket(2, socket.SOCK_DGRAM).sendto(b'@MARK@', ('127.0.0.1', @UDP@))",
    "a datagram without connecting": (
        "socket.socket(2, socket.SOCK_DGRAM).sendmsg([b'@MARK@'], [], 0, ('127.0.0.1', @UDP@))"
    ),
    "a server": "socket.create_server(('127.0.0.1', 0))",
    "IPv6": "socket.socket(socket.AF_INET6)",
    "a raw socket": "socket.socket(2, socket.SOCK_RAW, 1)",
    "a packet socket": "socket.socket(17, socket.SOCK_RAW)",
    "a netlink socket": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "a socket to the host of the machine": "socket.socket(40)",
    "a socket to the kernel's ciphers": "socket.socket(38, 5)",
    "a socket in the file system": "socket.socket(1).connect('@BASE@/run.sock') or 1",
    "a socket without a file": "socket.socket(1).connect('\\0@MARK@') or 1",
    "a name looked up": "socket.getaddrinfo('localhost', 80)",
    "a page": "__import__('urllib.request').request.urlopen('http://127.0.0.1:@TCP@/', timeout=1)",
    "a descriptor to a stranger": (
        "(s := socket.socket(1)).connect('@BASE@/run.sock') or socket.send_fds(s, [b'@MARK@'], [1])"
    ),
}

AFTER = """
import threading, time
def later():
    for _ in range(2000):
        try:
            open("/tmp/@MARK@", "w").close()
            open("@VICTIM@/@MARK@", "w").close()
        except OSError:
            pass
        time.sleep(0.01)
threading.Thread(target=later, daemon=True).start()
found = False
"""

CASES = [
    *table(CALLS, lambda code: inside(f"{code}\n{breach('found')}")),
    *table(
        {f"a foreign file {name}": code for name, code in FOREIGN.items()},
        lambda code: inside(f"{code}\n{breach('found')}"),
    ),
    *table(NETWORK, lambda code: inside(f"import socket\n{breach(code)}")),
    *table({"a thread that goes on": AFTER}, lambda code: inside(f"{code}\n{breach('found')}")),
]

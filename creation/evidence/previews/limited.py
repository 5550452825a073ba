"""Runs a program that opens strangers' files: bounded in memory, time and file size, without a network, ended with all its children.

    python -I limited.py MEGABYTES CPU_SECONDS must|may COMMAND …

The network is left by a namespace of its own; where the kernel forbids that, by a filter that refuses every socket but local ones.
Where neither can be had, ``must`` does not run the program and exits with NO_BARRIER; ``may`` (our own programs, which open no
connection) runs it. With namespaces, whatever the program starts lives in one of processes that ends with this process.
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable
from typing import NoReturn

LARGEST_FILE = 1 << 30
NEW_USER, NEW_NETWORK, NEW_PROCESSES = 0x10000000, 0x40000000, 0x20000000
NO_BARRIER = 96
END_WITH_PARENT, SET_SECCOMP, NO_NEW_RIGHTS = 1, 22, 38  # of prctl
SOCKET_CALLS = {
    "x86_64": (0xC000003E, 41),
    "aarch64": (0xC00000B7, 198),
}  # machine → the kernel's name for it, the call
LOCAL = 1  # AF_UNIX
IO_URING = 425  # opens sockets without that call
OTHER_TABLE = 0x40000000  # x32: the same calls under other numbers
LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES


def main(megabytes: str, seconds: str, barrier: str, *command: str) -> None:
    apart = leave()
    if not apart and not refuse_sockets() and barrier == "must":
        sys.exit(NO_BARRIER)
    bound(int(megabytes), int(seconds))
    if apart:
        end_as(in_child(lambda: end_as(in_child(lambda: become(command)))))  # the first child is process 1 over there
    become(command)


def bound(megabytes: int, seconds: int) -> None:
    bounds = (
        (resource.RLIMIT_AS, megabytes << 20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in bounds:
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(what, (most, most))


# Namespaces


def leave() -> bool:
    """Into namespaces of our own. Linux only; containers and hardened kernels may forbid it."""
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None)
    if libc.unshare(NEW_USER | NEW_NETWORK | NEW_PROCESSES) == 0:
        with contextlib.suppress(OSError):
            write("/proc/self/setgroups", "deny")
            write("/proc/self/uid_map", f"{user} {user} 1")
            write("/proc/self/gid_map", f"{group} {group} 1")
        return True
    return bool(libc.unshare(NEW_NETWORK | NEW_PROCESSES) == 0)  # root needs no namespace of users


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def in_child(work: Callable[[], NoReturn]) -> int:
    """Run it in a child that ends with us; gives how it ended. Orphans that fall to us are buried."""
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
        work()
    while True:
        ended, status = os.wait()
        if ended == child:
            return os.waitstatus_to_exitcode(status)


def end_as(code: int) -> NoReturn:
    """The same way as the child: 128 and the signal carry a violent end through process 1, which signals do not end."""
    if code < 0 and os.getpid() == 1:
        os._exit(128 - code)
    if code > 128:
        os.kill(os.getpid(), code - 128)
    os._exit(code)


def become(command: tuple[str, ...]) -> NoReturn:
    os.execvp(command[0], command)


# The filter


def refuse_sockets() -> bool:
    """From here on, and in whatever is started, no socket can be opened but local ones."""
    if sys.platform != "linux" or platform.machine() not in SOCKET_CALLS:
        return False
    steps = rules(*SOCKET_CALLS[platform.machine()])
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HL", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None)
    return bool(libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0) == 0 and libc.prctl(SET_SECCOMP, 2, program, 0, 0) == 0)


def rules(machine: int, socket: int) -> list[tuple[int, int, int, int]]:
    """Berkeley packet filter: operation, steps to skip if so, if not, value. Offsets are those of seccomp_data."""
    return [
        (LOAD, 0, 0, 4),
        (EQUAL, 0, 6, machine),
        (LOAD, 0, 0, 0),
        (AT_LEAST, 4, 0, OTHER_TABLE),
        (EQUAL, 3, 0, IO_URING),
        (EQUAL, 0, 3, socket),
        (LOAD, 0, 0, 16),
        (EQUAL, 1, 0, LOCAL),
        (ANSWER, 0, 0, REFUSE),
        (ANSWER, 0, 0, ALLOW),
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])

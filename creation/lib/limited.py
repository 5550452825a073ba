"""Runs a program that opens untrusted files, with limits on memory, time and file size, and without a network.

    python -I limited.py MEGABYTES CPU_SECONDS must|may|isolated COMMAND …

The network is blocked by a filter that refuses every socket except local ones. If the kernel has no filters, ``must`` does not
run the program and exits with NO_FILTER; ``may`` (our own programs, which open no connection) runs it. ``isolated`` sets no
filter: the command is bubblewrap.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys

LARGEST_FILE = 1 << 30
NO_FILTER = 96
SET_SECCOMP, NO_NEW_RIGHTS = 22, 38  # options of prctl
# Machine → the kernel's architecture constant, the number of the call.
SOCKET_CALLS = {
    "x86_64": (0xC000003E, 41),
    "aarch64": (0xC00000B7, 198),
}
LOCAL = 1  # AF_UNIX
IO_URING = 425  # opens sockets without the socket call
OTHER_TABLE = 0x40000000  # x32: the same calls under other numbers
LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES


def main(megabytes: str, seconds: str, network: str, *command: str) -> None:
    if network != "isolated" and not refuse_sockets() and network == "must":
        sys.exit(NO_FILTER)
    bound(int(megabytes), int(seconds))
    os.execvp(command[0], command)


def bound(megabytes: int, seconds: int) -> None:
    bounds = (
        (resource.RLIMIT_AS, megabytes << 20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in bounds:
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit on address space
            resource.setrlimit(what, (most, most))


def refuse_sockets() -> bool:
    """Block all sockets except local ones, in this process and its children. Return whether that was possible."""
    if sys.platform != "linux" or platform.machine() not in SOCKET_CALLS:
        return False
    steps = rules(*SOCKET_CALLS[platform.machine()])
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HL", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None)
    return bool(libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0) == 0 and libc.prctl(SET_SECCOMP, 2, program, 0, 0) == 0)


def rules(machine: int, socket: int) -> list[tuple[int, int, int, int]]:
    """Return a Berkeley packet filter: operation, steps to skip if true, if false, value. Offsets are those of seccomp_data."""
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

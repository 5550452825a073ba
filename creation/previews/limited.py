"""Runs a program that opens strangers' files: with bounds on memory, time and file size, and without a network where the kernel allows.

python -I limited.py MEGABYTES CPU_SECONDS COMMAND …
"""

import contextlib
import ctypes
import os
import resource
import sys

LARGEST_FILE = 1 << 30
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000


def main(megabytes: str, seconds: str, *command: str) -> None:
    leave_network()
    bounds = (
        (resource.RLIMIT_AS, int(megabytes) << 20),
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    )
    for what, bound in bounds:
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(what, (bound, bound))
    os.execvp(command[0], command)


def leave_network() -> None:
    """A document that names pictures on other hosts must not make this server fetch them. Linux only; may be forbidden."""
    if sys.platform != "linux":
        return
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK) == 0:
        with contextlib.suppress(OSError):
            write("/proc/self/setgroups", "deny")
            write("/proc/self/uid_map", f"{user} {user} 1")
            write("/proc/self/gid_map", f"{group} {group} 1")


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Runs programs that open untrusted files, with limits on memory and time, and without a network.

Our own programs are limited by limited.py alone. Foreign programs run in bubblewrap where it is installed and works: they see
only a read-only system and one folder, and their child processes end with them. Elsewhere the filter of limited.py blocks the
network.
"""

import os
import subprocess
import sys
import tempfile
from enum import StrEnum
from functools import cache
from pathlib import Path

LIMITED = Path(__file__).with_name("limited.py")
LOWER_PRIORITY = ("nice", "-n", "5")
BUBBLEWRAP = ("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
# What programs need of the system. Not all of /usr, /etc and /var, which may contain data or settings of this site.
SYSTEM = (
    *("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share", "/usr/local/share/fonts"),
    *("/bin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/libreoffice"),
    *("/etc/localtime", "/var/cache/fontconfig", "/var/lib/libreoffice"),
)


class Isolation(StrEnum):
    """How a foreign program is kept from the network."""

    BUBBLEWRAP = "bubblewrap"
    FILTER = "filter"
    NONE = "none"


@cache
def isolation() -> Isolation:
    """Return the best isolation that works on this machine. Tried once per process: containers and hardened kernels may forbid either."""
    if _succeeds(bubblewrap(Path("/usr/bin/true"), Path(tempfile.gettempdir()))):
        return Isolation.BUBBLEWRAP
    return Isolation.FILTER if _succeeds(limited(500, 5, "must", sys.executable, "-c", "")) else Isolation.NONE


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def isolated(megabytes: int, seconds: int, folder: Path, program: Path, *arguments: str) -> list[str]:
    """Return the command that runs a foreign program in the best isolation. It exits with NO_FILTER if nothing can block its network."""
    if isolation() == Isolation.BUBBLEWRAP:
        return limited(megabytes, seconds, "isolated", *bubblewrap(program, folder), *arguments)
    return limited(megabytes, seconds, "must", str(program), *arguments)


def bubblewrap(program: Path, folder: Path) -> list[str]:
    """Return the command that runs the program with no network and no other processes or files; it can write to ``folder`` only."""
    target = program.resolve()
    command = [*BUBBLEWRAP, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - one of its own
    for path in (*SYSTEM, str(installation(target))):
        command += ["--ro-bind-try", path, path]
    return [*command, "--bind", str(folder), str(folder), "--chdir", str(folder), str(target)]


def installation(target: Path) -> Path:
    """Return the folder with all files of a program: for …/program/soffice, two levels up."""
    return target.parents[1] if target.parent.name == "program" else target.parent


def limited(megabytes: int, seconds: int, network: str, *command: str) -> list[str]:
    """Return the command under limited.py, which explains ``network``."""
    return [sys.executable, "-I", str(LIMITED), str(megabytes), str(seconds), network, *command]


def own(program: Path, *arguments: str) -> list[str]:
    """Return the command that runs one of our own programs."""
    return [sys.executable, "-I", str(program), *arguments]


def environment(home: Path) -> dict[str, str]:
    """Return an environment without the keys and addresses in ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8"}


def run(
    megabytes: int, seconds: int, patience: int, program: Path, *arguments: str, stands_behind: bool = False
) -> bytes | None:
    """Return the output of one of our own programs; None if it failed, reached a limit or took more than ``patience`` seconds.

    With ``stands_behind`` it leaves the cores to what a person waits for.
    """
    command = limited(megabytes, seconds, "may", *own(program, *arguments))
    try:
        done = subprocess.run(
            [*LOWER_PRIORITY, *command] if stands_behind else command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
            env=environment(Path(tempfile.gettempdir())),
            check=True,
        )
    except subprocess.SubprocessError:
        return None
    return done.stdout

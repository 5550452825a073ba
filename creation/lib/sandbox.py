"""Programs that open files from strangers, in bounds of memory and time and without a network.

Our own programs are bounded by limited.py alone. Foreign ones run in bubblewrap where it is installed and works: there they also see
nothing but a read-only system and one folder, and whatever they start ends with them. Elsewhere limited.py's filter cuts the network.
"""

import os
import subprocess
import sys
import tempfile
from enum import StrEnum
from functools import cache
from pathlib import Path

LIMITED = Path(__file__).with_name("limited.py")
BUBBLEWRAP = ("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
# What programs need of the system. Not all of /usr, /etc and /var: data or settings of this site may lie there.
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
    """The best that works on this machine, tried once a process: containers and hardened kernels may forbid either."""
    if _succeeds(bubblewrap(Path("/usr/bin/true"), Path(tempfile.gettempdir()))):
        return Isolation.BUBBLEWRAP
    return Isolation.FILTER if _succeeds(limited(500, 5, "must", sys.executable, "-c", "")) else Isolation.NONE


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def isolated(megabytes: int, seconds: int, folder: Path, program: Path, *arguments: str) -> list[str]:
    """The command that runs a foreign program as far apart as can be. It exits with NO_FILTER where nothing cuts its network."""
    if isolation() == Isolation.BUBBLEWRAP:
        return limited(megabytes, seconds, "isolated", *bubblewrap(program, folder), *arguments)
    return limited(megabytes, seconds, "must", str(program), *arguments)


def bubblewrap(program: Path, folder: Path) -> list[str]:
    """Runs the program with no network, processes or files but its own; ``folder`` is all that it can write to."""
    target = program.resolve()
    command = [*BUBBLEWRAP, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - one of its own
    for path in (*SYSTEM, str(installation(target))):
        command += ["--ro-bind-try", path, path]
    return [*command, "--bind", str(folder), str(folder), "--chdir", str(folder), str(target)]


def installation(target: Path) -> Path:
    """The folder with all of a program, also outside the system's folders: that of …/program/soffice is two steps up."""
    return target.parents[1] if target.parent.name == "program" else target.parent


def limited(megabytes: int, seconds: int, network: str, *command: str) -> list[str]:
    """The command under limited.py, which explains ``network``."""
    return [sys.executable, "-I", str(LIMITED), str(megabytes), str(seconds), network, *command]


def own(program: Path, *arguments: str) -> list[str]:
    """The command that runs one of our own programs."""
    return [sys.executable, "-I", str(program), *arguments]


def environment(home: Path) -> dict[str, str]:
    """Without the keys and addresses that are in ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8"}


def run(megabytes: int, seconds: int, patience: int, program: Path, *arguments: str) -> bytes | None:
    """What one of our own programs prints; None when it failed, reached a limit or took more than ``patience`` seconds."""
    try:
        done = subprocess.run(
            limited(megabytes, seconds, "may", *own(program, *arguments)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
            env=environment(Path(tempfile.gettempdir())),
            check=True,
        )
    except subprocess.SubprocessError:
        return None
    return done.stdout

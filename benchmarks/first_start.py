"""What a first start costs, by its parts: `python -m benchmarks.first_start [--keep-environment]`. Takes some minutes.

Clones the last commit into a temporary folder and does there what ``bin/run --demo`` does: environment, tables, static files, first run,
demonstration, servers until the first page. Prints seconds and seconds of CPU of each part, and the size of the environment.
With ``--keep-environment`` the clone uses the environment that is there, and the installation is not measured.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.support.local_servers import free_port

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "tables": ("migrate", "--verbosity", "0"),
    "static files": ("collectstatic", "--noinput", "--verbosity", "0"),
    "first run": ("first_run",),
    "demonstration": ("load_demo",),
}


def cpu_seconds() -> float:
    """Return what ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(name: str, part: Callable[[], object]) -> None:
    began, used = time.monotonic(), cpu_seconds()
    part()
    print(f"| {name} | {time.monotonic() - began:.1f} | {cpu_seconds() - used:.1f} |", flush=True)


def run(clone: Path, environment: dict[str, str], *command: str) -> None:
    subprocess.run(command, cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL)


def open_first_page(clone: Path, environment: dict[str, str], port: int) -> None:
    command = [sys.executable, "bin/run", "--port", str(port), "--data", environment["DATA_DIR"]]
    server = subprocess.Popen(command, cwd=clone, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        while "平台已启动" not in (line := server.stdout.readline()):
            assert line, "bin/run ended"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/") as page:
            assert page.status == 200
    finally:
        server.terminate()
        server.communicate()


def megabytes(folder: Path) -> int:
    sizes = {(each.st_dev, each.st_ino): each.st_blocks for path in folder.rglob("*") for each in [path.lstat()]}
    return sum(sizes.values()) * 512 // 10**6


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="creation-first-") as folder:
        clone, port = Path(folder) / "clone", free_port()
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), clone], check=True)
        environment = os.environ | {"DATA_DIR": str(clone / "data"), "DATABASE_URL": "", "REDIS_URL": ""}
        print("| Part | Seconds | of CPU |\n|---|---|---|")
        if "--keep-environment" in sys.argv:
            (clone / ".venv").symlink_to(ROOT / ".venv")
        else:
            measure(
                "environment", lambda: run(clone, environment, sys.executable, "bin/virtualenv.py", "requirements.txt")
            )
        for name, command in PARTS.items():
            python = str(clone / ".venv" / "bin" / "python")
            measure(name, lambda command=command, python=python: run(clone, environment, python, "manage.py", *command))  # type: ignore[misc]
        measure("servers and first page", lambda: open_first_page(clone, environment, port))
        print(f"\nThe environment has {megabytes((clone / '.venv').resolve())} MB.")


if __name__ == "__main__":
    main()

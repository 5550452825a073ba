"""What a first start costs, by its parts: `python -m benchmarks.first_start [--keep-environment]`. Takes some minutes.

Clones the last commit into a temporary folder, runs ``bin/run --demo`` there and reads what it says. Prints seconds and seconds of CPU of
each part until the first page, exit code 1 when the aim is missed, and the size of the environment. With ``--keep-environment`` the clone
uses the environment that is there.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.rush.processes import Usage
from tests.support.local_servers import free_port

ROOT = Path(__file__).resolve().parent.parent
AIM = 90  # seconds
ENDS = {  # what is said when a part is over
    "environment": "正在准备数据库",
    "database, static files, first run": "正在装入演示活动",
    "demonstration": "演示账号",
    "servers": "平台已启动",
}


def start(clone: Path, port: int) -> float:
    """Print the parts; return the seconds until the first page."""
    data = str(clone / "data")
    environment = os.environ | {"DATA_DIR": data, "DATABASE_URL": "", "REDIS_URL": ""}
    command = [sys.executable, "-u", "bin/run", "--demo", "--port", str(port), "--data", data]
    began = last = time.monotonic()
    server = subprocess.Popen(command, cwd=clone, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        with Usage(server.pid) as used:
            used_before = 0.0
            for name, said in ENDS.items():
                assert server.stdout is not None
                while said not in (line := server.stdout.readline()):
                    assert line, "bin/run ended"
                now, cpu = time.monotonic(), sum(used.cpu.values())
                print(f"| {name} | {now - last:.1f} | {cpu - used_before:.1f} |", flush=True)
                last, used_before = now, cpu
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/") as page:
                assert page.status == 200
        return time.monotonic() - began
    finally:
        server.terminate()
        server.communicate()


def megabytes(folder: Path) -> int:
    sizes = {(each.st_dev, each.st_ino): each.st_blocks for path in folder.rglob("*") for each in [path.lstat()]}
    return sum(sizes.values()) * 512 // 10**6


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="creation-first-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), clone], check=True)
        if "--keep-environment" in sys.argv:
            (clone / ".venv").symlink_to(ROOT / ".venv")
        print("| Part | Seconds | of CPU |\n|---|---|---|")
        seconds = start(clone, free_port())
        print(f"| first page after | {seconds:.1f} | |\n")
        print(f"The environment has {megabytes((clone / '.venv').resolve())} MB.")
        sys.exit(f"The aim is {AIM} s." if seconds > AIM else 0)


if __name__ == "__main__":
    main()

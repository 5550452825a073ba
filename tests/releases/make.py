"""Create the data folder of a release: ``.venv/bin/python tests/releases/make.py COMMIT NAME [DAY] [SHARE]``, e.g. ``v0.1.0 0.1.0``.

The code of COMMIT is checked out and run as on DAY. It loads a small SHARE of the demonstration, and its people use the pages for what that
lacks (``living.py``). ``NAME.tar.xz`` then holds the data folder of the stopped application, without what each start creates; ``NAME.json``
holds its content (``facts.py``), the day and a person of each role.

Two runs differ in random keys and file names, so an archive is made once, after its release, and never again.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DAY, SHARE = "2026-11-26", "0.05"
MADE_ANEW = ("static", "logs", "broker", "backups", "previews")
VISITORS = ("coordinator", "reviewer", "liaison", "leading_group", "assessor")
CLEAN = dict.fromkeys(
    ("SECRET_KEY", "AUDIT_KEY", "CHANNEL_KEY", "DATABASE_URL", "REDIS_URL", "SITE_URL", "S3_BUCKET"), ""
)


def main(commit: str, name: str, day: str = DAY, share: str = SHARE) -> None:
    with tempfile.TemporaryDirectory() as aside:
        code, data = Path(aside, "code"), Path(aside, "data")
        lay_out(commit, code)
        run(code, data, "living.py", day, share)
        found = holds(code, data, day)
        for each in MADE_ANEW:
            shutil.rmtree(data / each, ignore_errors=True)
        pack(data, HERE / f"{name}.tar.xz")
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / f"{name}.json").write_text(f"{text}\n", "utf-8")


def holds(code: Path, data: Path, day: str) -> dict[str, Any]:
    """Return the content, the day, and the URLs that each person can open, which must also open in later releases."""
    found: dict[str, Any] = json.loads(run(code, data, "facts.py"))
    return found | {"day": day, "pages": pages(code, data, day, found["people"])}


def lay_out(commit: str, code: Path) -> None:
    code.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(code)], input=archive, check=True)


def run(code: Path, data: Path, script: str, *arguments: str, given: str = "") -> str:
    """Run one of the scripts beside this one with that code; return its last line of output."""
    around = os.environ | CLEAN | {"DATA_DIR": str(data)}
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, cwd=code, env=around, check=True, input=given, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()[-1] if done.stdout else ""


def pages(code: Path, data: Path, day: str, people: dict[str, str]) -> dict[str, list[str]]:
    """Open the pages of a copy, since visits write rows."""
    copy = shutil.copytree(data, data.with_name("copy"))
    asked = json.dumps({people[role]: [] for role in VISITORS})
    answers = json.loads(run(code, copy, "opening.py", day, given=asked))
    return {login: [where for where, status in each.items() if status == 200] for login, each in answers.items()}


def pack(data: Path, archive: Path) -> None:
    """Pack the folder sorted, without owner and with one time stamp."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = 0
        return entry

    with tarfile.open(archive, "w:xz", preset=9) as target:
        for path in sorted(data.iterdir()):
            target.add(path, path.name, filter=plain)


if __name__ == "__main__":
    main(*sys.argv[1:])

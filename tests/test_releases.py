"""The data folder of every release: the current code opens and migrates it, and nothing is missing.

An archive in ``tests/releases`` was made by the code of its release (see ``make.py`` there); the JSON file beside it lists its content.
"""

import json
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.sampling import Chosen
from tests.support.server_process import ROOT, environment
from tests.support.table_definitions import definitions

RELEASES = ROOT / "tests" / "releases"
ARCHIVES = sorted(RELEASES.glob("*.tar.xz"))
SOUND = """import django
from django.core.management import call_command

django.setup()
call_command("migrate", check_unapplied=True)
call_command("check")
call_command("verify")
"""
RENAMED = {  # models renamed since a release: old name → current name
    "Clearance": "SecrecyDeclaration",
    "Dismissal": "RejectedSuggestion",
    "Intake": "ImportUpload",
    "Pulse": "Heartbeat",
    "Undecided": "RolloverGap",
}


class Folder:
    """The unpacked data folder of a release, with its listed content."""

    def __init__(self, archive: Path, data: Path) -> None:
        self.data = data
        self.holds: dict[str, Any] = json.loads(archive.with_name(f"{name_of(archive)}.json").read_text("utf-8"))
        with tarfile.open(archive) as packed:
            packed.extractall(data, filter="data")

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment(self.data), input=given, capture_output=True, text=True, timeout=600
        )

    def done(self, *arguments: str, given: str = "") -> str:
        """Return the output; the program must succeed."""
        ended = self.run(*arguments, given=given)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def script(self, name: str, *arguments: str, given: Any = None) -> Any:
        said = self.done(str(RELEASES / name), *arguments, given=json.dumps(given))
        return json.loads(said.splitlines()[-1])


def name_of(archive: Path) -> str:
    return archive.name.removesuffix(".tar.xz")


@pytest.fixture(scope="module", params=ARCHIVES, ids=name_of)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Prepare the folder as ``bin/run`` does before the server starts."""
    made = Folder(request.param, tmp_path_factory.mktemp("release"))
    made.done("-m", "config.prepare")
    return made


def test_there_is_a_release() -> None:
    assert ARCHIVES


def test_it_is_up_to_date_and_sound(folder: Folder) -> None:
    """One process for all checks, since a start takes longer than each of them."""
    assert folder.done("-c", SOUND).count("全部完好") == 2


def test_nothing_is_lost(folder: Folder) -> None:
    """An upgrade may add rows; it removes none and changes no texts."""
    found, holds = folder.script("facts.py"), folder.holds
    rows = {name: found["rows"].get(RENAMED.get(name, name), 0) for name in holds["rows"]}
    assert {name: count for name, count in rows.items() if count < holds["rows"][name]} == {}
    for name in ("status", "files", "words"):
        assert found[name] == holds[name], name
    assert found["trail"]["archives"] == holds["trail"]["archives"]
    assert {act: n for act, n in holds["trail"]["acts"].items() if found["trail"]["acts"].get(act, 0) < n} == {}


def test_its_tables_are_those_of_a_new_installation(folder: Folder, prepared: Path) -> None:
    """The new one got them at once, the folder of the release by each migration."""
    assert tables(folder.data) == tables(prepared)


def tables(data: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(data / "db" / "creation.sqlite3")) as database:
        return definitions(database)


def test_its_people_find_their_pages(folder: Folder, one_in: Callable[[int], Chosen]) -> None:
    """On the day after the last event, since some access, such as an assessor's, ends by date."""
    pages = {who: [each for each in found if one_in(2)(who, each)] for who, found in folder.holds["pages"].items()}
    answers = folder.script("opening.py", folder.holds["day"], given=pages)
    assert {(who, where): code for who, found in answers.items() for where, code in found.items() if code != 200} == {}
    assert sum(map(len, answers.values())) > 50


def test_a_file_that_was_changed_is_found(folder: Folder) -> None:
    """Test of the check itself: with one byte changed in one file, it fails."""
    key = next(iter(folder.holds["files"]))
    file = folder.data / "files" / key
    content = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(content + b"\0")
    try:
        ended = folder.run("manage.py", "verify", "--only", "files")
        assert ended.returncode == 1
        assert key in ended.stderr
    finally:
        file.write_bytes(content)

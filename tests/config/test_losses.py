"""The program that compares a journal with database and files finds every defect that is planted for it."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.journal import Journal
from tests.support.server_process import ROOT

TABLES = """
CREATE TABLE creation_progress (text);
CREATE TABLE creation_evidenceversion (sha256, blob);
CREATE TABLE creation_job (id, state, message);
CREATE TABLE creation_user (id, username);
CREATE TABLE creation_draft (task_id, person_id, content);
CREATE TABLE creation_submission (statement);
CREATE TABLE creation_review (verdict, comment);
"""
PICTURE = b"picture"
DIGEST = hashlib.sha256(PICTURE).hexdigest()


class Stored:
    def __init__(self, folder: Path) -> None:
        self.database, self.files, self.journal = folder / "db.sqlite3", folder / "files", folder / "journal"
        (self.files / "ab").mkdir(parents=True)
        (self.files / "ab" / "1").write_bytes(PICTURE)
        with closing(sqlite3.connect(self.database)) as opened:
            opened.executescript(TABLES)
        self.run("INSERT INTO creation_progress VALUES ('进展一')")
        self.run("INSERT INTO creation_evidenceversion VALUES (?, 'ab/1')", DIGEST)
        self.run("INSERT INTO creation_job VALUES (7, 'done', '')")
        self.run("INSERT INTO creation_user VALUES (1, 'liaison')")
        self.run("INSERT INTO creation_draft VALUES (3, 1, ?)", json.dumps({"measures": "草稿二"}))
        self.run("INSERT INTO creation_submission VALUES ('说明一')")
        self.run("INSERT INTO creation_review VALUES ('approve', '意见一')")
        journal = Journal(self.journal)
        journal.add("note", "进展一")
        journal.add("picture", DIGEST)
        journal.add("export", "7")
        journal.add("draft", "3 liaison", "草稿一")  # replaced by the next one
        journal.add("draft", "3 liaison", "草稿二")
        journal.add("answer", "说明一")
        journal.add("review", "意见一")
        journal.close()

    def run(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self.database)) as opened, opened:
            opened.execute(sql, values)

    def compare(self) -> tuple[int, str]:
        command = [sys.executable, "-I", str(ROOT / "benchmarks" / "losses.py")]
        command += [str(self.journal), str(self.database), str(self.files)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not done.stderr
        return done.returncode, done.stdout


DEFECTS: dict[str, tuple[Callable[[Stored], object], str]] = {
    "a note is gone": (lambda stored: stored.run("DELETE FROM creation_progress"), "lost note: 1: 进展一"),
    "a note was altered": (lambda stored: stored.run("UPDATE creation_progress SET text = '进展'"), "lost note: 1"),
    "a row of a file is gone": (lambda stored: stored.run("DELETE FROM creation_evidenceversion"), "lost picture: 1"),
    "a file is gone": (lambda stored: (stored.files / "ab" / "1").unlink(), "lost picture: 1"),
    "a file is cut": (lambda stored: (stored.files / "ab" / "1").write_bytes(b"pict"), "lost picture: 1"),
    "an export is gone": (lambda stored: stored.run("DELETE FROM creation_job"), "lost export: 1: 7"),
    "an export failed": (lambda stored: stored.run("UPDATE creation_job SET state = 'failed'"), "lost export: 1: 7"),
    "a draft is gone": (lambda stored: stored.run("DELETE FROM creation_draft"), "lost draft: 1: 3 liaison"),
    "a draft is the one before": (
        lambda stored: stored.run("UPDATE creation_draft SET content = ?", json.dumps({"measures": "草稿一"})),
        "lost draft: 1: 3 liaison",
    ),
    "an answer is gone": (lambda stored: stored.run("DELETE FROM creation_submission"), "lost answer: 1"),
    "a review is gone": (lambda stored: stored.run("DELETE FROM creation_review"), "lost review: 1"),
    "a review says the opposite": (
        lambda stored: stored.run("UPDATE creation_review SET verdict = 'return'"),
        "review",
    ),
}


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    return Stored(tmp_path)


def test_what_is_stored_as_acknowledged_is_no_loss(stored: Stored) -> None:
    assert stored.compare() == (0, "6 acknowledged writes, 0 lost\n")


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_found(stored: Stored, defect: str) -> None:
    plant, said = DEFECTS[defect]
    plant(stored)
    code, printed = stored.compare()
    assert code == 1
    assert said in printed
    assert "6 acknowledged writes, 1 lost" in printed


def test_an_export_that_met_a_full_disk_was_told_to_the_person(stored: Stored) -> None:
    stored.run("UPDATE creation_job SET state = 'failed', message = '服务器磁盘空间不足，没有完成。'")
    assert stored.compare()[0] == 0

"""`manage.py backup` killed with SIGKILL at every step: the remains are never taken for a complete backup, and the next one succeeds."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from creation.models import EvidenceVersion
from creation.operations.backup import create, integrity
from creation.operations.backup.create import BackupOptions
from tests.support.backups import (  # noqa: F401 - a fixture
    add_evidence,
    assert_same_files,
    data_folder_fixture,
    manage,
    needs_sqlite,
    query_database,
)
from tests.support.server_process import ROOT
from tests.support.world import NOW, World, make_world

pytestmark = [needs_sqlite, pytest.mark.django_db(transaction=True, reset_sequences=True)]
STEPS = [  # omitted numbers are calls without effect: an existing folder, a missing file
    *[f"mkdir#{number}" for number in (2, 6, 7)],  # its folder, a subfolder of the pool, the keys
    *[f"rename#{number}" for number in (1, 2, 3)],  # the list, the new file, the final name of the backup
    *[
        f"fsync#{number}" for number in range(1, 12)
    ],  # the new file and its subfolder, the manifest, parts and folders, the name
    *[
        f"unlink#{number}" for number in range(2, 9)
    ],  # the requested list, the old manifest and its parts, a file of no backup
    *[f"rmdir#{number}" for number in (1, 2)],  # of the old one
    "INSERT INTO creation_auditentry#1",
]
DEATHS = [f"{moment} {step}" for step in STEPS for moment in ("before", "after")]
SAMPLE = ["before rename#3", "after unlink#3"]


@pytest.fixture
def backups(data_folder: Path, tmp_path: Path) -> Path:
    """Return a folder with a complete backup of two files; since then one file was removed and one added."""
    world: World = make_world("源汇区")
    gone, _ = (add_evidence(world, content) for content in (b"first", b"second"))
    root = tmp_path / "b"
    create.create_backup(root, NOW - timedelta(days=1), BackupOptions())
    gone.delete()
    add_evidence(world, b"third")
    return root


def die_at(death: str, root: Path) -> None:
    grave = root.parent / "died"
    given = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DATA_DIR": str(settings.DATA_DIR),
        "KILL_AT": death,
        "KILL_MARK": str(grave),
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.backup_process", str(root)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | given, start_new_session=True, capture_output=True, timeout=120, check=False
    )
    assert grave.exists(), f"it never died: {done.stderr.decode()[-2000:]}"
    assert done.returncode == -signal.SIGKILL


def survive(death: str, root: Path) -> None:
    die_at(death, root)
    assert create.complete_backups(root), "the old one, or the new one, or both"
    for left in create.complete_backups(root):
        integrity.check_backup(left, print)
    made = create.create_backup(root, timezone.now() + timedelta(seconds=2), BackupOptions())
    assert integrity.find_backup(root) == made.folder
    assert integrity.check_backup(made.folder, print).files == 2
    assert not list(root.glob(f"{create.PARTIAL_PREFIX}*"))


def comes_back(root: Path, target: Path) -> set[str]:
    done = manage(target, "restore", root)
    assert done.returncode == 0, done.stderr
    verified = manage(target, "verify")
    assert verified.returncode == 0, verified.stderr
    return assert_same_files(target)


@pytest.mark.parametrize("death", SAMPLE)
def test_a_killed_backup_is_not_taken_for_complete_and_the_next_one_succeeds(death: str, backups: Path) -> None:
    survive(death, backups)


@pytest.mark.long
@pytest.mark.parametrize("death", DEATHS)
def test_after_a_death_anywhere_in_a_backup_what_is_left_comes_back(death: str, backups: Path, tmp_path: Any) -> None:
    die_at(death, backups)
    comes_back(backups, tmp_path / "left")
    (tmp_path / "died").unlink()
    create.create_backup(backups, timezone.now() + timedelta(seconds=2), BackupOptions())
    expected = set(EvidenceVersion.objects.values_list("blob", flat=True))
    assert comes_back(backups, tmp_path / "next") == expected
    assert query_database(tmp_path / "next", "PRAGMA integrity_check") == [("ok",)]


def test_the_sample_is_of_the_list() -> None:
    assert set(SAMPLE) <= set(DEATHS)

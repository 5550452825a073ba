"""A web server killed with -9 at every step of an upload: nothing acknowledged is lost, nothing incomplete is left."""

import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from creation.lib import storage
from creation.models import AuditEntry, Citation, Evidence, EvidenceVersion, Upload
from creation.operations import cleanup
from tests.support import evidence_files, upload_requests
from tests.support.world import World

BODY = evidence_files.jpg() + bytes(range(256)) * 400
STEPS = [
    "INSERT INTO creation_upload#1",
    *[f"fsync#{number}" for number in range(1, 7)],  # three pieces, the whole file, its folder, the parent folder
    "link#1",
    "INSERT INTO creation_evidence (#1",
    "INSERT INTO creation_evidenceversion#1",
    "INSERT INTO creation_citation#1",
    "INSERT INTO creation_auditentry#1",
    "UPDATE creation_upload SET#1",
    "unlink#1",
]
DEATHS = [f"{moment} {step}" for step in STEPS for moment in ("before", "after")]
SAMPLE = ["after link#1", "after UPDATE creation_upload SET#1", "before unlink#1"]
needs_files = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="the processes share the tests' SQLite file"
)


def kill_at(death: str, world: World, folder: Path) -> list[int]:
    """Kill the server at this step; return what had been acknowledged by then."""
    grave, journal, content = folder / "died", folder / "journal", folder / "content"
    journal.touch()
    content.write_bytes(BODY)
    given = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DATA_DIR": str(settings.DATA_DIR),
        "AUDIT_KEY": settings.AUDIT_KEY,
        "UPLOAD_FILE": str(content),
        "UPLOAD_TASK": str(world.tasks["lead"].pk),
        "UPLOAD_PERSON": str(world.people["liaison"].pk),
        "UPLOAD_JOURNAL": str(journal),
        "KILL_AT": death,
        "KILL_MARK": str(grave),
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.upload_process"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        command, cwd=root, env=os.environ | given, start_new_session=True, capture_output=True, timeout=120, check=False
    )
    assert grave.exists(), f"it never died: {done.stderr.decode()[-2000:]}"
    assert done.returncode == -9
    return [int(line) for line in journal.read_text().split()]


def assert_survives(death: str, world: World, folder: Path) -> None:
    acknowledged = kill_at(death, world, folder)
    assert_stored_whole()
    client = world.client("liaison")
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(BODY), changed=5).json()["url"]
    told = client.get(url).json()
    assert told["offset"] >= max(acknowledged, default=0), "what was acknowledged is there"
    if not told["done"]:
        assert upload_requests.put(client, url, told["offset"], BODY[told["offset"] :]).status_code == 201
    assert (Evidence.objects.count(), Citation.objects.count(), Upload.objects.count()) == (1, 1, 1)
    assert AuditEntry.objects.filter(act="evidence.upload", result="done").count() == 1
    assert_stored_whole()
    assert_no_leftovers()


def assert_stored_whole() -> None:
    for version in EvidenceVersion.objects.all():
        assert storage.blob_sha256(version.blob) == version.sha256 == hashlib.sha256(BODY).hexdigest()


def assert_no_leftovers() -> None:
    """Check that no file is left over after the sweeper has run days later."""
    then = (timezone.now() - timedelta(days=4)).timestamp()
    for path in [*settings.FILES_ROOT.glob("*/*"), *settings.INCOMING_ROOT.iterdir()]:
        os.utime(path, (then, then))
    cleanup.clean_up(timezone.now())
    assert [key for keys in storage.all_keys() for key in keys] == [EvidenceVersion.objects.get().blob]
    assert not list(settings.INCOMING_ROOT.iterdir())


@needs_files
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("death", SAMPLE)
def test_a_kill_while_a_file_is_stored_loses_nothing(
    death: str, world: World, fresh_data_dir: Path, tmp_path: Any
) -> None:
    assert_survives(death, world, tmp_path)


@needs_files
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("death", [each for each in DEATHS if each not in SAMPLE])
def test_a_kill_anywhere_in_an_upload_loses_nothing(
    death: str, world: World, fresh_data_dir: Path, tmp_path: Any
) -> None:
    assert_survives(death, world, tmp_path)


def test_the_sample_is_of_the_list() -> None:
    assert set(SAMPLE) <= set(DEATHS)

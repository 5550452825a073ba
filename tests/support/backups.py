"""Fixtures for tests of backup and restore: an installation to back up, and checks of the restored data."""

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import storage
from creation.models import Evidence, EvidenceVersion
from tests.support.server_process import ROOT, environment
from tests.support.world import World

needs_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the folder of one file; PostgreSQL has its own"
)


@pytest.fixture(name="data_folder")
def data_folder_fixture(fresh_data_dir: Path, settings: Any, migrated: None) -> Path:
    """Return the data folder of an installation with test data and keys."""
    for name, setting in (("audit_key", "AUDIT_KEY"), ("channel_key", "CHANNEL_KEY"), ("secret_key", "SECRET_KEY")):
        (fresh_data_dir / name).write_text(getattr(settings, setting))
    settings.BACKUP_DIR = fresh_data_dir / "backups"
    return fresh_data_dir


def add_evidence(world: World, content: bytes) -> EvidenceVersion:
    """Store a piece of evidence as an upload does: file, row and audit entry."""
    part = storage.part_path(uuid4())
    part.write_bytes(content)
    key = storage.save_blob(part)
    part.unlink(missing_ok=True)
    actor = Actor(world.people["liaison"], timezone.now())
    evidence = Evidence.objects.create(
        unit=world.units["城管局"], kind="document", title=key, created_by=actor.human, created_at=actor.at
    )
    audit_log.record(actor, "evidence.upload", evidence)
    return EvidenceVersion.objects.create(
        evidence=evidence, number=1, blob=key, size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        created_by=actor.human, created_at=actor.at,
    )  # fmt: skip


def manage(data: Path, *arguments: Any, **given: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment(data, **given), capture_output=True, text=True)


def query_database(data: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(data / "db" / "creation.sqlite3")) as database:
        return database.execute(query).fetchall()


def assert_same_files(data: Path) -> set[str]:
    """Check that every file named in the restored database has its content; return the keys."""
    rows = query_database(data, "SELECT blob, sha256 FROM creation_evidenceversion WHERE blob <> ''")
    for blob, sha256 in rows:
        assert hashlib.sha256((data / "files" / blob).read_bytes()).hexdigest() == sha256
    return {blob for blob, _ in rows}

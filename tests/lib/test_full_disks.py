"""A full disk at any step of an upload.

The user gets a sentence, no file is incomplete, acknowledged bytes are kept, and the upload can be finished later.
"""

import errno
import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection

from creation.lib import storage
from creation.lib.storage import part_writer
from creation.models import AuditEntry, Citation, Evidence, EvidenceVersion
from tests.support import evidence_files, upload_requests
from tests.support.world import NOW, World

BODY = evidence_files.jpg() + bytes(range(256)) * 800
HALF = 100_000
KILO = 1024


@pytest.fixture
def small(fresh_data_dir: Path, settings: LazySettings) -> Iterator[Path]:
    """A disk of one megabyte and few inodes for parts and blobs."""
    disk = fresh_data_dir / "small"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=40", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    settings.RESERVED_DISK = 0
    try:
        for name in ("files", "incoming"):
            (disk / name).mkdir()
            setattr(settings, f"{name.upper()}_ROOT", disk / name)
        with time_machine.travel(NOW, tick=False):
            yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Leave this many kilobytes free."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(storage.incoming.shutil.disk_usage(disk).free - left * KILO))
    return ballast


def leave_free_inodes(disk: Path, left: int) -> list[Path]:
    """Leave this many files or folders free."""
    taken = []
    try:
        for number in range(99):
            (disk / f"name{number}").touch()
            taken.append(disk / f"name{number}")
    except OSError:
        for path in taken[len(taken) - left :]:
            path.unlink()
    return taken


def assert_nothing_partial() -> None:
    """Check that every row has its complete file, and that a refusal left neither row nor file."""
    for version in EvidenceVersion.objects.exclude(blob=""):
        assert storage.blob_sha256(version.blob) == version.sha256
    assert Evidence.objects.count() == Citation.objects.count() == EvidenceVersion.objects.count()
    assert sum(len(keys) for keys in storage.all_keys()) == EvidenceVersion.objects.count()


def assert_reported_as_full(answer: Any) -> None:
    assert answer.status_code == 507, answer.content.decode()
    assert "磁盘空间不足" in answer.json()["error"]
    assert_nothing_partial()


def assert_can_be_finished(client: Any, url: str, offset: int) -> None:
    told = client.get(url).json()
    assert (told["offset"], told["done"]) == (offset, False)
    assert upload_requests.put(client, url, offset, BODY[offset:]).status_code == 201
    assert EvidenceVersion.objects.get().sha256 == hashlib.sha256(BODY).hexdigest()
    assert_nothing_partial()


def begun(world: World, client: Any) -> str:
    """An upload of which half is acknowledged."""
    url: str = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(BODY)).json()["url"]
    assert upload_requests.put(client, url, 0, BODY[:HALF]).status_code == 200
    return url


@pytest.mark.parametrize("left", [0, 8, 60])
@pytest.mark.parametrize("asked_first", [True, False])
def test_on_a_full_disk_acknowledged_bytes_are_kept(
    world: World, small: Path, left: int, asked_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Detected once by the check for free space, and once by writing until the disk is full."""
    client = world.client("liaison")
    url = begun(world, client)
    ballast = fill(small, left)
    if not asked_first:
        monkeypatch.setattr(storage, "require_free_space", lambda size: None)
    assert_reported_as_full(upload_requests.put(client, url, HALF, BODY[HALF:]))
    ballast.unlink()
    assert_can_be_finished(client, url, HALF)


def test_a_sync_error_of_the_first_bytes_is_raised_after_the_last(
    world: World, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sync runs in the background, and an error is reported only once: a later successful sync proves nothing."""
    client = world.client("liaison")
    url = begun(world, client)
    told: list[int] = []

    def fsync(descriptor: int) -> None:
        told.append(descriptor)
        if len(told) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(part_writer, "SYNC_BYTES", 1)
        patch.setattr(part_writer, "CHUNK", 16 * KILO)
        patch.setattr(part_writer.os, "fsync", fsync)
        assert_reported_as_full(upload_requests.put(client, url, HALF, BODY[HALF:]))
    assert told
    assert_can_be_finished(client, url, HALF)


def test_a_full_disk_is_reported_when_asked(world: World, small: Path) -> None:
    client = world.client("liaison")
    url = begun(world, client)
    fill(small, 8)
    assert_reported_as_full(client.get(url))
    assert_reported_as_full(upload_requests.begin(client, world.task("lead"), "乙.jpg", 50_000))


@pytest.mark.parametrize("left", [0, 1])
def test_a_disk_without_free_inodes(world: World, small: Path, left: int) -> None:
    """Without a free inode the part cannot be created; with one, the folder of the blob cannot."""
    client = world.client("liaison")
    taken = leave_free_inodes(small, left)
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(BODY)).json()["url"]
    assert_reported_as_full(upload_requests.put(client, url, 0, BODY))
    assert not list(storage.incoming.settings.INCOMING_ROOT.iterdir())
    for path in taken:
        path.unlink(missing_ok=True)
    answer = upload_requests.upload(client, world.task("lead"), "现场.jpg", BODY)
    assert answer.status_code == 201
    assert_nothing_partial()


def use_up_free_pages(cursor: Any) -> None:
    """Fill pages that other tests emptied, as they would be used first."""
    cursor.execute("CREATE TABLE IF NOT EXISTS filler (content BLOB)")
    while cursor.execute("PRAGMA freelist_count").fetchone()[0]:
        cursor.execute("INSERT INTO filler VALUES (zeroblob(2000))")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="counts SQLite's pages")
def test_a_database_that_is_full_at_any_step(world: World, fresh_data_dir: Path) -> None:
    """The database may not grow: each table or index needs a new page at some step."""
    client, told = world.client("liaison"), 0
    with time_machine.travel(NOW, tick=False), connection.cursor() as cursor:
        for number in range(24):
            body = BODY + bytes([number])
            url = upload_requests.begin(client, world.task("lead"), f"现场{number}.jpg", len(body)).json()["url"]
            upload_requests.put(client, url, 0, body[:HALF])
            use_up_free_pages(cursor)
            entries, (pages,) = AuditEntry.objects.count(), cursor.execute("PRAGMA page_count").fetchone()
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            answer = upload_requests.put(client, url, HALF, body[HALF:])
            cursor.execute("PRAGMA max_page_count = 1073741823")
            if answer.status_code == 201:
                continue
            told += 1
            assert_reported_as_full(answer)
            assert AuditEntry.objects.count() == entries
            assert client.get(url).json()["offset"] == HALF
            assert upload_requests.put(client, url, HALF, body[HALF:]).status_code == 201
        cursor.execute("DROP TABLE filler")
    assert told, "the database was never full"
    assert_nothing_partial()

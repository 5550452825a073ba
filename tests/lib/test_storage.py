"""The folder of files: complete files or none, and no leftovers."""

import errno
import hashlib
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.utils import timezone

from creation.lib import storage
from creation.models import ActionFile, Upload
from creation.operations import cleanup
from tests.support import evidence_files, upload_requests
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir")


def part(content: bytes = b"abc") -> Path:
    path = storage.part_path(uuid4())
    path.write_bytes(content)
    return path


def age(path: Path, hours: float) -> Path:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
    return path


def every_key() -> list[str]:
    return [key for keys in storage.all_keys() for key in keys]


def test_a_stored_file_is_read_whole_and_from_anywhere_in_either_store(blob_store: str) -> None:
    content = bytes(range(256)) * 2000
    path = part(content)
    key = storage.save_blob(path)
    assert storage.KEY.fullmatch(key)
    assert path.exists(), "it stays until the key has its name"
    assert (storage.blob_exists(key), storage.blob_size(key)) == (True, len(content))
    assert storage.blob_sha256(key) == hashlib.sha256(content).hexdigest()
    with storage.open_blob(key) as file:
        assert file.read() == content
        assert file.seek(300_000) == 300_000
        assert file.read(10) == content[300_000:300_010]
        assert (file.seek(-5, os.SEEK_END), file.read()) == (len(content) - 5, content[-5:])
    with storage.blob_as_file(key) as there:
        assert there.read_bytes() == content
    assert every_key() == [key]
    assert [keys for keys in storage.old_blobs(time.time() - 60) if keys] == []


def test_a_missing_blob_is_reported_as_missing_in_either_store(blob_store: str) -> None:
    key = storage.save_blob(part())
    storage.delete_blob(key)
    storage.delete_blob(key)
    assert not storage.blob_exists(key)
    assert every_key() == []
    for ask in (storage.open_blob, storage.blob_size, storage.blob_sha256):
        with pytest.raises(FileNotFoundError):
            ask(key)
    with pytest.raises(FileNotFoundError), storage.blob_as_file(key):
        pass


def test_a_blob_can_be_restored_under_its_key_in_either_store(blob_store: str) -> None:
    key = storage.new_key()
    storage.save_blob_as(part(b"once more"), key)
    with storage.open_blob(key) as file:
        assert file.read() == b"once more"


def test_malformed_keys_are_not_listed_in_either_store(blob_store: str, settings: LazySettings) -> None:
    storage.save_blob(part())
    if blob_store == "folder":
        (settings.FILES_ROOT / "ab").mkdir(exist_ok=True)
        (settings.FILES_ROOT / "ab" / "notes.txt").touch()
    assert len(every_key()) == 1


def test_a_stored_file_is_readable_by_its_owner_or_the_web_server_only(settings: LazySettings) -> None:
    old = os.umask(0o077)
    try:
        for location, mode, folder in (("", 0o600, 0o700), ("/kept", 0o640, 0o750)):
            settings.ACCEL_REDIRECT = location
            path = storage.blob_path(storage.save_blob(part()))
            assert path.stat().st_mode & 0o777 == mode
            assert path.parent.stat().st_mode & 0o777 == folder
            shutil.rmtree(path.parent)
    finally:
        os.umask(old)


def test_the_file_is_on_the_disk_before_it_has_its_name_and_the_folder_after(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, link = os.fsync, os.link

    def note_fsync(handle: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    def note_link(path: Path, target: Path) -> None:
        done.append("name")
        link(path, target)

    path = part()
    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "link", note_link)
    storage.save_blob(path)
    assert done == ["file", "name", "folder", "folder"]


def test_a_disk_without_hard_links_gets_a_copy(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    def refused(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    path = part(b"copied")
    key = storage.save_blob(path)
    path.unlink()
    assert storage.blob_path(key).read_bytes() == b"copied"
    assert storage.blob_path(key).stat().st_mode & 0o777 == 0o600
    assert not list(settings.INCOMING_ROOT.iterdir())


def test_an_upload_of_days_ago_is_a_blob_of_today() -> None:
    key = storage.save_blob(age(part(), 50))
    assert [keys for keys in storage.old_blobs(time.time() - 3600) if keys] == [], f"{key} has no row yet"


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "ab/../secret_key", "", "AB/" + "A" * 32])
def test_a_malformed_key_opens_nothing(key: str) -> None:
    with pytest.raises(ValueError, match="Not a key"):
        storage.open_blob(key)


def test_one_part_has_one_writer() -> None:
    token = uuid4()
    with storage.open_part_locked(token), pytest.raises(storage.PartLocked), storage.open_part_locked(token):
        pass
    with storage.open_part_locked(token) as file:
        assert file.tell() == 0


def test_the_sweeper_deletes_unreferenced_files_only(world: World) -> None:
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), "甲.jpg", evidence_files.jpg())
    assert answer.status_code == 201
    kept = next(storage.blob_path(key) for keys in storage.old_blobs(time.time() + 9) for key in keys)
    attached = storage.save_blob(part(b"attached"))
    ActionFile.objects.create(
        action=world.tasks["action"].action, name="a.pdf", blob=attached, sha256="0" * 64, size=8, media_type="x/y"
    )
    orphan, fresh_orphan = (
        storage.blob_path(storage.save_blob(part(b"1"))),
        storage.blob_path(storage.save_blob(part(b"2"))),
    )
    for path in (kept, storage.blob_path(attached), orphan):
        age(path, 25)
    lost, fresh = age(part(b"3"), 73), part(b"4")
    drawing = storage.previews_root() / "ab" / ("ab" * 32)
    drawing.mkdir(parents=True)
    age(drawing, 25)
    assert cleanup.clean_up(timezone.now()) == 3
    assert [path.exists() for path in (kept, storage.blob_path(attached), fresh_orphan, fresh)] == [True] * 4
    assert [path.exists() for path in (orphan, lost, drawing)] == [False] * 3


def test_an_upload_that_was_given_up_is_swept_after_three_days(world: World) -> None:
    client = world.client("liaison")
    url = upload_requests.begin(client, world.task("lead"), "甲.jpg", 100).json()["url"]
    upload_requests.put(client, url, 0, b"\xff\xd8\xff")
    path = age(storage.part_path(Upload.objects.get().token), 73)
    now = timezone.now()
    assert cleanup.clean_up(now) == 0, "announced today, however old its bytes claim to be"
    assert path.exists()
    Upload.objects.update(started_at=now - timedelta(hours=73))
    assert cleanup.clean_up(now) == 1
    assert not path.exists()
    assert not Upload.objects.exists()

"""The folder of files: whole or not at all, and nothing left lying about."""

import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from creation import storage, sweeping
from creation.models import ActionFile, Upload
from tests import making_files, sending
from tests.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir")


def part(content: bytes = b"abc") -> Path:
    path = storage.part_path(uuid4())
    path.write_bytes(content)
    return path


def age(path: Path, hours: float) -> Path:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
    return path


def test_a_kept_file_lies_whole_under_a_random_key_that_only_its_owner_reads() -> None:
    path = part()
    key = storage.keep(path)
    assert storage.KEY.fullmatch(key)
    assert not path.exists()
    with storage.open_blob(key) as file:
        assert file.read() == b"abc"
    assert storage.blob_path(key).stat().st_mode & 0o777 == 0o600


def test_the_file_is_on_the_disk_before_it_has_its_name_and_the_folder_after(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def note_fsync(handle: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    def note_rename(path: Path, target: Path) -> Path:
        done.append("rename")
        return rename(path, target)

    path = part()
    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "rename", note_rename)
    storage.keep(path)
    assert done == ["file", "rename", "folder", "folder"]


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "ab/../secret_key", "", "AB/" + "A" * 32])
def test_what_is_no_key_opens_nothing(key: str) -> None:
    with pytest.raises(ValueError, match="Not a key"):
        storage.open_blob(key)


def test_one_part_has_one_writer() -> None:
    token = uuid4()
    with storage.hold_part(token), pytest.raises(storage.Busy), storage.hold_part(token):
        pass
    with storage.hold_part(token) as file:
        assert file.tell() == 0


def test_the_sweeper_takes_leftovers_and_leaves_what_has_a_name(world: World) -> None:
    answer = sending.upload(world.client("liaison"), world.task("lead"), "甲.jpg", making_files.jpg())
    assert answer.status_code == 201
    kept = next(storage.blob_path(key) for keys in storage.old_blobs(time.time() + 9) for key in keys)
    attached = storage.keep(part(b"attached"))
    ActionFile.objects.create(
        action=world.tasks["action"].action, name="a.pdf", blob=attached, sha256="0" * 64, size=8, media_type="x/y"
    )
    orphan, fresh_orphan = storage.blob_path(storage.keep(part(b"1"))), storage.blob_path(storage.keep(part(b"2")))
    for path in (kept, storage.blob_path(attached), orphan):
        age(path, 25)
    lost, fresh = age(part(b"3"), 73), part(b"4")
    drawing = storage.previews_root() / "ab" / ("ab" * 32)
    drawing.mkdir(parents=True)
    age(drawing, 25)
    assert sweeping.sweep(timezone.now()) == 3
    assert [path.exists() for path in (kept, storage.blob_path(attached), fresh_orphan, fresh)] == [True] * 4
    assert [path.exists() for path in (orphan, lost, drawing)] == [False] * 3


def test_an_upload_that_was_given_up_is_swept_after_three_days(world: World) -> None:
    client = world.client("liaison")
    url = sending.begin(client, world.task("lead"), "甲.jpg", 100).json()["url"]
    sending.put(client, url, 0, b"\xff\xd8\xff")
    path = age(storage.part_path(Upload.objects.get().token), 73)
    now = timezone.now()
    assert sweeping.sweep(now) == 0, "announced today, however old its bytes claim to be"
    assert path.exists()
    Upload.objects.update(started_at=now - timedelta(hours=73))
    assert sweeping.sweep(now) == 1
    assert not path.exists()
    assert not Upload.objects.exists()

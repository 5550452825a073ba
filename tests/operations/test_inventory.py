"""`manage.py verify` reads every file, `manage.py sweep` removes files without a row; for both folder and bucket."""

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from creation.lib import storage
from creation.lib.blobs import models_with_files
from creation.models import ActionFile, AnnouncementFile, EvidenceVersion
from tests.support import evidence_files, upload_requests
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir")


@pytest.fixture
def blob(world: World) -> str:
    """Return the key of an uploaded picture."""
    upload_requests.upload(world.client("liaison"), world.task("lead"), "甲.jpg", evidence_files.jpg())
    return EvidenceVersion.objects.get().blob


def put(content: bytes = b"nobody's") -> str:
    path = storage.part_path(uuid4())
    path.write_bytes(content)
    key = storage.save_blob(path)
    path.unlink(missing_ok=True)
    return key


def age(key: str, hours: int) -> None:
    then = time.time() - hours * 3600
    os.utime(storage.blob_path(key), (then, then))


def verify(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the output, also with exit code 1."""
    capsys.readouterr()
    try:
        call_command("verify", only="files")
    except CommandError as found:
        return str(found)
    return capsys.readouterr().out


def test_every_model_that_names_a_file_is_known() -> None:
    found = models_with_files()
    assert {EvidenceVersion, AnnouncementFile, ActionFile} <= set(found)
    for model in found:
        assert any(field.name == "sha256" for field in model._meta.fields), model


def test_a_sound_store_is_said_to_be_sound(blob: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "文件 1 个" in verify(capsys)
    assert "全部完好" in verify(capsys)


def replace(key: str, content: bytes) -> None:
    storage.delete_blob(key)
    path = storage.part_path(uuid4())
    path.write_bytes(content)
    storage.save_blob_as(path, key)
    path.unlink(missing_ok=True)


def test_missing_altered_and_orphaned_ones_are_named(
    blob_store: str, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    upload_requests.upload(world.client("liaison"), world.task("lead"), "甲.jpg", evidence_files.jpg())
    version = EvidenceVersion.objects.get()
    with storage.open_blob(version.blob) as file:
        content = file.read()
    orphan = put()
    assert f"没有登记的文件（满 24 小时后由 manage.py sweep 删除）：\n  {orphan}" in verify(capsys)
    storage.delete_blob(orphan)
    for changed in (content[:-1] + b"x", content[:-1]):
        replace(version.blob, changed)
        assert f"  资料版本 {version.pk}：{version.blob}" in verify(capsys)
        assert "被改动的文件" in verify(capsys)
    storage.delete_blob(version.blob)
    assert "缺失的文件" in verify(capsys)
    replace(version.blob, content)
    assert "全部完好" in verify(capsys)


def test_neither_content_nor_name_of_a_file_is_printed(blob: str, capsys: pytest.CaptureFixture[str]) -> None:
    storage.blob_path(blob).unlink()
    assert "甲" not in verify(capsys)


def test_the_sweeper_shows_before_it_takes(blob: str, capsys: pytest.CaptureFixture[str]) -> None:
    old, young = put(b"1"), put(b"2")
    age(old, 25)
    age(blob, 25)
    lost = Path(storage.part_path(uuid4()))
    lost.write_bytes(b"3")
    os.utime(lost, (0, 0))
    call_command("sweep", dry_run=True)
    told = capsys.readouterr().out
    assert old in told
    assert lost.name in told
    assert "可清理 2 项" in told
    assert storage.blob_path(old).exists()
    call_command("sweep")
    assert "已清理 2 项" in capsys.readouterr().out
    assert [storage.blob_path(key).exists() for key in (old, young, blob)] == [False, True, True]
    assert not lost.exists()

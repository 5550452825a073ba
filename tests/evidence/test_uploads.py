"""Uploads: in pieces, checked, numbered, and never incomplete."""

import errno
import hashlib
import os
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from creation.evidence import uploads
from creation.lib import storage
from creation.models import AuditEntry, Citation, Evidence, EvidenceVersion, Job, NumberCounter, Task, Upload
from tests.support import evidence_files, upload_requests
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")


def nothing_is_left() -> bool:
    parts = list(settings.INCOMING_ROOT.glob("*.part"))
    return not (parts or Upload.objects.exists() or Evidence.objects.exists() or NumberCounter.objects.exists())


def blobs() -> list[str]:
    return [str(path) for path in settings.FILES_ROOT.glob("*/*")]


def test_a_file_becomes_numbered_evidence_with_data_from_its_name(world: World) -> None:
    client, body = world.client("liaison"), evidence_files.pdf()
    answer = upload_requests.upload(client, world.task("lead"), "源城管〔2026〕12号 案卷评查通报 2026-06-30.pdf", body)
    assert answer.status_code == 201
    citation = Citation.objects.get(pk=answer.json()["citation"])
    evidence, version = citation.evidence, citation.evidence.versions.get()
    assert str(citation.number) == "4-3-3-01"
    assert (evidence.title, evidence.doc_number) == ("案卷评查通报", "源城管〔2026〕12号")
    assert (evidence.kind, evidence.unit, evidence.dated_on) == ("document", world.units["城管局"], date(2026, 6, 30))
    assert version.sha256 == hashlib.sha256(body).hexdigest()
    assert storage.blob_path(version.blob).read_bytes() == body
    assert (version.extension, version.media_type, version.size) == ("pdf", "application/pdf", len(body))
    assert "案卷评查通报" in answer.json()["row"]
    assert "已声明不含国家秘密和工作秘密" in AuditEntry.objects.get(act="evidence.upload").detail


@pytest.mark.parametrize("extension", sorted(evidence_files.MAKERS))
def test_every_listed_type_is_accepted(world: World, extension: str) -> None:
    body = evidence_files.MAKERS[extension]()
    assert (
        upload_requests.upload(world.client("liaison"), world.task("lead"), f"材料.{extension}", body).status_code
        == 201
    )


def test_pieces_are_put_together_and_hashed(world: World) -> None:
    client, body = world.client("liaison"), evidence_files.jpg()
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(body)).json()["url"]
    assert upload_requests.put(client, url, 0, body[:100]).json() == {"offset": 100, "size": len(body), "done": False}
    assert client.get(url).json()["offset"] == 100
    assert client.head(url)["Upload-Offset"] == "100"
    uploads._running_digests.forget()  # another process takes the next piece
    answer = upload_requests.put(client, url, 100, body[100:])
    assert answer.json()["done"]
    assert EvidenceVersion.objects.get().sha256 == hashlib.sha256(body).hexdigest()


def test_a_piece_at_a_wrong_offset_gets_the_right_one(world: World) -> None:
    client, body = world.client("liaison"), evidence_files.jpg()
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(body)).json()["url"]
    upload_requests.put(client, url, 0, body[:100])
    for offset in (0, 99, 101):
        answer = upload_requests.put(client, url, offset, body[offset : offset + 10])
        assert (answer.status_code, answer.json()["offset"]) == (409, 100)
    assert upload_requests.put(client, url, 100, body[100:]).status_code == 201


def test_an_answer_that_was_lost_can_be_asked_for_again(world: World) -> None:
    client, body = world.client("liaison"), evidence_files.jpg()
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(body)).json()["url"]
    first = upload_requests.put(client, url, 0, body).json()
    assert client.get(url).json()["citation"] == first["citation"]
    assert upload_requests.put(client, url, 0, body).json()["citation"] == first["citation"]
    assert Evidence.objects.count() == 1
    assert not list(settings.INCOMING_ROOT.glob("*.part"))


def test_a_finish_that_was_interrupted_is_finished_by_an_empty_piece(world: World) -> None:
    client, body = world.client("liaison"), evidence_files.jpg()
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(body)).json()["url"]
    storage.part_path(Upload.objects.get().token).write_bytes(body)
    assert client.get(url).json() == {"offset": len(body), "size": len(body), "done": False}
    assert upload_requests.put(client, url, len(body), b"").status_code == 201


def test_bytes_beyond_the_announced_size_are_refused_and_removed(world: World) -> None:
    client = world.client("liaison")
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", 10).json()["url"]
    answer = upload_requests.put(client, url, 0, b"x" * 11)
    assert answer.status_code == 422
    assert "变大" in answer.json()["error"]
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("name", "body", "word"),
    [
        ("通报.pdf", evidence_files.package({"a.txt": "x"}), "里面却是"),
        ("通报.pdf", evidence_files.pdf(user_password="x"), "加密"),
        ("通报.pdf", evidence_files.pdf()[:-60], "不完整"),
        ("图片.jpg", b"<html><script>alert(1)</script></html>", "网页"),
        ("通知.docx", evidence_files.docx({"word/vbaProject.bin": b"x"}), "宏"),
        ("方案.docx", evidence_files.docx({"word/e.bin": b"MZ" + bytes(99)}), "夹带"),
        ("方案.pdf", evidence_files.pdf(more=["<</S/JavaScript/JS(x)>>"]), "自动执行"),
        (
            "方案.docx",
            evidence_files.docx({"word/_rels/a.rels": evidence_files.relations("frame", "http://x/")}),
            "删除这处链接",
        ),
    ],
)
def test_a_refused_file_is_reported_and_leaves_nothing(world: World, name: str, body: bytes, word: str) -> None:
    before = blobs()
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), name, body)
    assert answer.status_code == 422
    assert word in answer.json()["error"]
    assert nothing_is_left()
    assert blobs() == before
    assert AuditEntry.objects.get(act="evidence.upload").result == "refused"


@pytest.mark.parametrize(
    ("name", "size", "word"),
    [
        ("通知.pdf\r\n.exe", 10, "可执行"),
        ("通知.pdf::$DATA", 10, "没有扩展名"),
        ("脚本.exe", 10, "可执行"),
        ("空.pdf", 0, "空文件"),
        ("大图.jpg", 21 * 2**20, "20 MB"),
        ("a\x00.pdf", 9, "NUL"),
    ],
)
def test_name_and_size_are_checked_before_a_byte_is_sent(world: World, name: str, size: int, word: str) -> None:
    answer = upload_requests.begin(world.client("liaison"), world.task("lead"), name, size)
    assert answer.status_code == 422
    assert word in answer.json()["error"]
    assert nothing_is_left()


def test_nothing_is_accepted_without_the_declaration(world: World) -> None:
    answer = upload_requests.begin(world.client("liaison"), world.task("lead"), "a.pdf", 9, declared=False)
    assert answer.status_code == 422
    assert "国家秘密" in answer.json()["error"]
    assert nothing_is_left()


def test_a_full_disk_is_reported_before_a_byte_is_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "RESERVED_DISK", 2**60)
    answer = upload_requests.begin(world.client("liaison"), world.task("lead"), "a.pdf", 9)
    assert answer.status_code == 507
    assert "磁盘空间不足" in answer.json()["error"]


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_disk_that_fills_up_during_an_upload_is_a_507_and_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before, client, body = blobs(), world.client("liaison"), evidence_files.jpg()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        answer = upload_requests.upload(client, world.task("lead"), "现场.jpg", body)
    assert answer.status_code == 507
    assert "磁盘空间不足" in answer.json()["error"]
    assert nothing_is_left()
    assert blobs() == before
    assert upload_requests.upload(client, world.task("lead"), "现场.jpg", body).status_code == 201


def test_a_transaction_that_fails_leaves_no_blob(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before, client = blobs(), world.client("liaison")
    client.raise_request_exception = False
    monkeypatch.setattr("creation.audit.audit_log.record", lambda *_, **__: 1 / 0)
    assert upload_requests.upload(client, world.task("lead"), "现场.jpg", evidence_files.jpg()).status_code == 500
    assert blobs() == before
    assert nothing_is_left()


def test_the_same_bytes_again_are_offered_for_citing(world: World) -> None:
    client, body = world.client("liaison"), evidence_files.pdf()
    first = upload_requests.upload(client, world.task("lead"), "甲.pdf", body).json()
    before = blobs()
    again = upload_requests.upload(client, world.task("action"), "乙.pdf", body)
    assert again.status_code == 422
    assert again.json()["duplicate"] == Citation.objects.get(pk=first["citation"]).evidence_id
    assert "内容完全相同" in again.json()["error"]
    assert blobs() == before
    other = upload_requests.upload(world.client("rival"), world.task("assist"), "丙.pdf", body)
    assert other.status_code == 201, "another unit's file is its own piece"


def test_a_new_file_of_a_piece_is_its_next_version(world: World) -> None:
    client, task = world.client("liaison"), world.task("lead")
    citation = Citation.objects.get(
        pk=upload_requests.upload(client, task, "甲.pdf", evidence_files.pdf()).json()["citation"]
    )
    answer = upload_requests.upload(client, task, "甲.jpg", evidence_files.jpg(), evidence=citation.evidence_id)
    assert answer.json()["citation"] == citation.pk
    evidence = Evidence.objects.get()
    assert [version.number for version in evidence.versions.all()] == [1, 2]
    assert evidence.kind == "image"
    same = upload_requests.upload(client, task, "甲.jpg", evidence_files.jpg(), evidence=citation.evidence_id)
    assert same.status_code == 422
    assert evidence.versions.count() == 2


def test_a_cancelled_upload_is_gone(world: World) -> None:
    client = world.client("liaison")
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", 100).json()["url"]
    upload_requests.put(client, url, 0, b"\xff\xd8\xff")
    assert client.delete(url).status_code == 204
    assert nothing_is_left()
    assert upload_requests.put(client, url, 3, b"x").status_code == 404


def test_an_upload_belongs_to_the_person_who_began_it(world: World) -> None:
    url = upload_requests.begin(world.client("liaison"), world.task("lead"), "现场.jpg", 100).json()["url"]
    for name in ("clerk", "rival", "outsider", "coordinator", "administrator"):
        assert upload_requests.put(world.client(name), url, 0, b"x").status_code == 404
        assert world.client(name).get(url).status_code == 404


@pytest.mark.parametrize(
    ("name", "code"),
    [("liaison", 201), ("clerk", 201), ("coordinator", 201), ("leader", 403), ("reviewer", 403), ("rival", 404)],
)
def test_only_who_may_cite_may_upload(world: World, name: str, code: int) -> None:
    assert upload_requests.begin(world.client(name), world.task("lead"), "现场.jpg", 100).status_code == code


def test_an_upload_ends_when_the_task_is_handed_in_meanwhile(world: World) -> None:
    client, body = world.client("liaison"), evidence_files.jpg()
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(body)).json()["url"]
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="submitted", first_submitted_at=NOW)
    answer = upload_requests.put(client, url, 0, body)
    assert answer.status_code == 422
    assert "已报送" in answer.json()["error"]
    assert nothing_is_left()


def test_a_date_outside_the_window_is_warned_about_and_not_refused(world: World) -> None:
    answer = upload_requests.upload(
        world.client("liaison"), world.task("lead"), "旧通报 2019-01-02.pdf", evidence_files.pdf()
    )
    assert answer.status_code == 201
    assert "不在规定的材料时间范围" in answer.json()["row"]


def test_camera_names_and_future_dates_are_not_used(world: World) -> None:
    upload_requests.upload(
        world.client("liaison"), world.task("lead"), "IMG_0001.jpg", evidence_files.jpg(), modified="2031-01-01"
    )
    evidence = Evidence.objects.get()
    assert evidence.title == "图片"
    assert evidence.dated_on is None


def test_csrf_is_asked_for(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["liaison"])
    upload = Upload.objects.create(
        token=uuid4(),
        person=world.people["liaison"],
        task=world.tasks["lead"],
        name="a.jpg",
        size=3,
        started_at=NOW,
    )
    url = reverse("upload_bytes", args=[upload.token])
    assert upload_requests.put(client, url, 0, b"abc").status_code == 403
    assert storage.part_size(upload.token) == 0


def test_an_upload_queues_its_preview(world: World) -> None:
    upload_requests.upload(world.client("liaison"), world.task("lead"), "通报.pdf", evidence_files.pdf())
    assert Job.objects.get().kind == "preview"


def test_a_right_file_under_another_extension_is_kept_as_what_it_is_and_told(world: World) -> None:
    client, task = world.client("liaison"), world.task("lead")
    answer = upload_requests.upload(client, task, "检查照片.jpg", evidence_files.png())
    assert answer.status_code == 201
    assert "“检查照片.jpg”里面是 png 文件，已按“检查照片.png”保存" in answer.json()["row"]
    version = EvidenceVersion.objects.latest("pk")
    assert (version.given_name, version.extension, version.media_type) == ("检查照片.png", "png", "image/png")
    for name, content in (("工作照片.jfif", evidence_files.jpg()), ("通知.PDF", evidence_files.pdf())):
        answer = upload_requests.upload(client, task, name, content)
        assert ("里面是" in answer.json()["row"]) == name.endswith("jfif"), name
    assert EvidenceVersion.objects.latest("pk").given_name == "通知.PDF"

"""Previews rendered by a job: once, in a working folder, without anything hidden in the file."""

import hashlib
import io
import os
import socket
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from creation import background, jobs
from creation.evidence import previews
from creation.evidence.previews import sandboxed_programs
from creation.lib import storage
from creation.lib.limited import NO_FILTER
from creation.lib.refusals import Refusal
from creation.lib.sandbox import Isolation
from creation.models import EvidenceVersion, Job
from tests.lib.test_sandbox import is_running
from tests.support import evidence_files, upload_requests
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def sent(world: World, name: str, body: bytes) -> EvidenceVersion:
    assert upload_requests.upload(world.client("liaison"), world.task("lead"), name, body).status_code == 201
    return EvidenceVersion.objects.latest("pk")


def shown(world: World, version: EvidenceVersion, who: str = "liaison", **asked: Any) -> str:
    url = reverse("evidence_preview", args=[version.evidence_id, version.number])
    return world.client(who).get(url, asked, **FRAGMENT).content.decode()


def page(world: World, version: EvidenceVersion, number: int = 1) -> Any:
    return world.client("reviewer").get(reverse("evidence_image", args=[version.evidence_id, version.number, number]))


def test_a_pdf_is_drawn_by_a_job_and_shown_page_by_page(world: World) -> None:
    version = sent(world, "通报.pdf", evidence_files.pdf(pages=3))
    assert "<progress" in shown(world, version)
    assert page(world, version).status_code == 404
    jobs.make_previews()
    text = shown(world, version, "reviewer")
    assert text.count("<img") == 3
    assert "第 3 页，共 3 页" in text
    answer = page(world, version, 3)
    assert answer["Content-Type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(answer.content)).size) == 2000
    assert page(world, version, 4).status_code == 404
    version.evidence.refresh_from_db()
    assert version.evidence.pages == 3


def test_a_picture_is_drawn_upright_and_without_what_its_camera_wrote(world: World) -> None:
    picture, exif, out = Image.new("RGB", (300, 100), "red"), Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010E] = 6, "拍摄地点"
    picture.save(out, "JPEG", exif=exif)
    version = sent(world, "现场.jpg", out.getvalue())
    jobs.make_previews()
    drawn = Image.open(io.BytesIO(page(world, version).content))
    assert drawn.size == (100, 300)
    assert not dict(drawn.getexif())
    thumb = world.client("liaison").get(reverse("evidence_thumb", args=[version.evidence_id, 1]))
    assert max(Image.open(io.BytesIO(thumb.content)).size) == 160


def test_a_picture_with_a_script_tail_is_drawn_without_it(world: World) -> None:
    version = sent(world, "现场.png", evidence_files.png())
    picture = evidence_files.png() + b"<script>alert(1)</script>"
    storage.blob_path(version.blob).write_bytes(picture)
    EvidenceVersion.objects.filter(pk=version.pk).update(size=len(picture))
    jobs.make_previews()
    assert b"script" not in page(world, version).content


def test_a_second_viewer_joins_the_drawing_under_way(world: World) -> None:
    version = sent(world, "通报.pdf", evidence_files.pdf())
    for who in ("liaison", "reviewer", "chief"):
        shown(world, version, who)
    assert Job.objects.count() == 1


def test_the_same_bytes_of_another_unit_are_drawn_once(world: World) -> None:
    body = evidence_files.pdf()
    sent(world, "通报.pdf", body)
    jobs.make_previews()
    upload_requests.upload(world.client("rival"), world.task("assist"), "另名.pdf", body)
    assert Job.objects.count() == 1
    assert "<img" in shown(world, EvidenceVersion.objects.latest("pk"), "rival")


def test_a_failed_preview_offers_the_file_and_a_retry(world: World) -> None:
    version = sent(world, "通报.pdf", evidence_files.pdf())
    path = storage.blob_path(version.blob)
    body = path.read_bytes()
    path.write_bytes(b"%PDF-1.7 nonsense".ljust(len(body)))
    jobs.make_previews()
    text = shown(world, version)
    assert "画不出预览" in text
    assert "download" in text
    assert Job.objects.count() == 1, "a page that is opened again does not try for ever"
    path.write_bytes(body)
    url = reverse("evidence_preview", args=[version.evidence_id, version.number])
    assert "<progress" in world.client("liaison").post(url, **FRAGMENT).content.decode()
    jobs.make_previews()
    assert "<img" in shown(world, version)


def test_a_long_paper_shows_its_first_pages_at_once_and_the_others_on_demand(world: World) -> None:
    version = sent(world, "汇编.pdf", evidence_files.pdf(pages=205))
    jobs.make_previews()
    text = shown(world, version)
    assert text.count("<img") == previews.PAGES_PER_BATCH
    assert f"page={previews.PAGES_PER_BATCH + 1}&amp;more=1" in text
    assert Job.objects.get().total == previews.PAGES_PER_BATCH, "nobody has gone further yet"
    version.evidence.refresh_from_db()
    assert version.evidence.pages == 205
    assert "<progress" in shown(world, version, page=203)
    jobs.make_previews()
    text = shown(world, version, page=203)
    assert text.count("<img") == 5
    assert "第 205 页，共 205 页" in text
    assert "显示前面的页" in text
    assert shown(world, version, page=203, more=1).count("preview-tools") == 0
    assert "第 205 页" in shown(world, version, page=999), "beyond the end is the end"
    assert shown(world, version, page="x") == shown(world, version)
    assert page(world, version, 50).status_code == 404


def test_a_page_can_be_requested_before_the_first_rendering(world: World) -> None:
    version = sent(world, "汇编.pdf", evidence_files.pdf(pages=3))
    Job.objects.all().delete()
    shown(world, version, page=99)
    jobs.make_previews()
    shown(world, version, page=99)
    jobs.make_previews()
    assert "第 3 页，共 3 页" in shown(world, version, page=99)


def test_a_file_without_preview_has_a_download_button(world: World) -> None:
    version = sent(world, "录像.mov", evidence_files.mov())
    text = shown(world, version)
    assert "MOV 文件不能在网页中预览" in text
    assert "?download" in text
    assert not Job.objects.exists()


def test_a_film_plays_a_link_leads_out_and_a_text_is_text(world: World) -> None:
    assert "<video controls" in shown(world, sent(world, "录像.mp4", evidence_files.mp4()))
    citation = world.cite("lead")
    version = citation.evidence.versions.get()
    EvidenceVersion.objects.filter(pk=version.pk).update(text="<b>正文</b>")
    assert "&lt;b&gt;正文" in shown(world, version)
    EvidenceVersion.objects.filter(pk=version.pk).update(text="", url="https://example.org/?a=1&b=2")
    text = shown(world, version)
    assert 'rel="noopener noreferrer"' in text
    assert "https://example.org/?a=1&amp;b=2" in text


def test_without_libreoffice_an_office_file_is_downloaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    version = sent(world, "方案.docx", evidence_files.docx())
    assert "DOCX 文件不能在网页中预览" in shown(world, version)


def test_the_pages_of_an_ofd_are_shown_without_libreoffice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    pages = '<ofd:Pages><ofd:Page ID="1" BaseLoc="a.xml"/><ofd:Page ID="2" BaseLoc="a.xml"/></ofd:Pages>'
    parts = {
        "Doc_0/Document.xml": f"<ofd:Document {space}>{pages}</ofd:Document>",
        "Doc_0/a.xml": f"<ofd:Page {space}/>",
    }
    version = sent(world, "公文.ofd", evidence_files.ofd(parts))
    jobs.make_previews()
    assert shown(world, version).count("<img") == 2, Job.objects.get().message
    assert (storage.preview_folder(version.sha256) / previews.SOURCE_PDF).exists()
    version.evidence.refresh_from_db()
    assert version.evidence.pages == 2


def test_an_ofd_that_cannot_be_drawn_says_what_to_do(world: World) -> None:
    version = sent(world, "空.ofd", evidence_files.ofd())
    jobs.make_previews()
    assert "请下载后用 OFD 阅读软件查看" in shown(world, version)


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("extension", ["docx", "xlsx"])
def test_office_files_become_pages(world: World, isolation: Isolation, extension: str) -> None:
    version = sent(world, f"方案.{extension}", evidence_files.MAKERS[extension]())
    jobs.make_previews()
    assert "<img" in shown(world, version), Job.objects.get().message
    assert not list((storage.previews_root() / "making").iterdir())


@pytest.mark.needs_libreoffice
def test_a_document_cannot_make_the_server_fetch_anything(world: World, isolation: Isolation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        called: list[bool] = []
        server.settimeout(0.2)
        threading.Thread(target=lambda: _accept(server, called), daemon=True).start()
        target = f"http://127.0.0.1:{server.getsockname()[1]}/a.png"
        version = sent(world, "方案.docx", evidence_files.docx())
        # An upload of it would be refused: it was let in by an earlier version.
        content = evidence_files.docx(_relation(target), text=_linked_picture())
        storage.blob_path(version.blob).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        EvidenceVersion.objects.filter(pk=version.pk).update(sha256=digest, size=len(content))
        jobs.make_previews()
        assert "<img" in shown(world, version)
    assert not called


def _accept(server: socket.socket, called: list[bool]) -> None:
    while True:
        try:
            server.accept()[0].close()
            called.append(True)
        except TimeoutError:
            continue
        except OSError:
            return


def _linked_picture() -> str:
    """Return a paragraph with an external picture; its relation is r9."""
    drawing = f"{evidence_files.RELATIONS}/drawingml/2006"
    return (
        f'</w:t></w:r></w:p><w:p><w:r><w:drawing><wp:inline xmlns:wp="{drawing}/wordprocessingDrawing">'
        '<wp:extent cx="900000" cy="900000"/><wp:docPr id="1" name="p"/>'
        f'<a:graphic xmlns:a="{drawing}/main"><a:graphicData uri="{drawing}/picture"><pic:pic xmlns:pic="{drawing}/picture">'
        '<pic:nvPicPr><pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip xmlns:r="{evidence_files.RELATIONS}/officeDocument/2006/relationships" r:link="r9"/>'
        '<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r></w:p><w:p><w:r><w:t>"
    )


def _relation(target: str) -> dict[str, str]:
    kind = f"{evidence_files.RELATIONS}/officeDocument/2006/relationships/image"
    relation = f'<Relationship Id="r9" Type="{kind}" Target="{target}" TargetMode="External"/>'
    space = f"{evidence_files.RELATIONS}/package/2006/relationships"
    return {"word/_rels/document.xml.rels": f'<Relationships xmlns="{space}">{relation}</Relationships>'}


# The mechanism


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A kind of job that records its parameters."""
    done: list[Any] = []

    def note(job: Job, job_context: background.JobContext) -> str:
        done.append(job.params)
        job_context.update_progress(1, 2, "一半")
        return "result"

    monkeypatch.setitem(background.JOB_KINDS, "note", background.JobKind(note))
    return done


def test_a_second_click_joins_the_first(world: World) -> None:
    first, second = (background.enqueue("note", {}, world.people["liaison"], "key", NOW) for _ in range(2))
    assert first.pk == second.pk
    Job.objects.update(state="done")
    assert background.enqueue("note", {}, None, "key", NOW).pk != first.pk


def test_work_is_done_once_with_its_result(world: World, work: list[Any]) -> None:
    background.enqueue("note", {"a": 1}, None, "one", NOW)
    assert background.run_queued(timezone.now) == 1
    assert background.run_queued(timezone.now) == 0
    job = Job.objects.get()
    assert (job.state, job.result, job.done, job.total) == ("done", "result", 2, 2)
    assert work == [{"a": 1}]


def test_a_claimed_job_is_not_claimed_again_until_its_lease_ends(world: World, work: list[Any]) -> None:
    background.enqueue("note", {}, None, "one", NOW)
    first = background.claim(NOW)
    assert first is not None
    assert background.claim(NOW + timedelta(minutes=4)) is None
    second = background.claim(NOW + timedelta(minutes=6))
    assert second is not None
    with pytest.raises(background.LeaseLost):
        background.JobContext(first, timezone.now).update_progress(1, 2)
    background.run(first, timezone.now)
    assert Job.objects.get().state == "running", "who lost the lease writes nothing"
    background.run(second, timezone.now)
    assert Job.objects.get().state == "done"


def test_a_job_whose_workers_die_is_given_up_with_a_sentence(world: World, work: list[Any]) -> None:
    background.enqueue("note", {}, None, "one", NOW)
    for minutes in (0, 6, 12):
        assert background.claim(NOW + timedelta(minutes=minutes)) is not None
    assert background.claim(NOW + timedelta(minutes=18)) is None
    job = Job.objects.get()
    assert (job.state, "多次中断" in job.message) == ("failed", True)


def test_failures_are_sentences(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(job: Job, job_context: background.JobContext) -> str:
        raise Refusal("没有数据。")

    monkeypatch.setitem(background.JOB_KINDS, "refuse", background.JobKind(refuse))
    monkeypatch.setitem(background.JOB_KINDS, "crash", background.JobKind(lambda job, report: str(1 / 0)))
    background.enqueue("refuse", {}, None, "one", NOW)
    background.enqueue("crash", {}, None, "two", NOW)
    background.run_queued(timezone.now)
    assert [job.message[:3] for job in Job.objects.order_by("pk")] == ["没有数", "处理时"]
    assert set(Job.objects.values_list("state", flat=True)) == {"failed"}


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_get_the_same_job(world: World, work: list[Any]) -> None:
    for number in range(20):
        background.enqueue("note", {"number": number}, None, str(number), NOW)
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait(10)
        background.run_queued(timezone.now)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(params["number"] for params in work) == list(range(20))
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_drawing_leaves_a_worker_free(world: World) -> None:
    sent(world, "甲.pdf", evidence_files.pdf())
    sent(world, "乙.pdf", evidence_files.pdf(pages=2))
    claimed = [background.claim(NOW, previews.KIND) for _ in range(previews.MAX_WORKERS + 1)]
    assert previews.MAX_WORKERS == settings.CELERY_WORKER_CONCURRENCY - 1
    assert sum(job is not None for job in claimed) == previews.MAX_WORKERS


# Programs in place of LibreOffice: hanging, crashing, refusing


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Replaces LibreOffice by a shell script."""

    def put(script: str) -> None:
        program = tmp_path / "bin" / "soffice"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    return put


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("sleep 987 & sleep 987", "转换超过 1 秒，已停止"),
        ("kill -SEGV $$", "转不成页面"),
        ("exit 0", "转不成页面"),
        (f"exit {NO_FILTER}", "不能为转换程序隔断网络"),
    ],
)
def test_a_failed_conversion_is_a_sentence_with_a_download(
    world: World,
    isolation: Isolation,
    office: Any,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    sentence: str,
) -> None:
    office(script)
    monkeypatch.setattr(sandboxed_programs, "OFFICE_SECONDS", 1)
    version = sent(world, "方案.docx", evidence_files.docx())
    jobs.make_previews()
    text = shown(world, version)
    assert sentence in text
    assert "?download" in text
    assert not list((storage.previews_root() / "making").iterdir())
    assert not is_running("sleep", "987"), "its children end too"


def test_the_converted_document_is_kept_for_further_pages(world: World, office: Any, tmp_path: Path) -> None:
    office("for last; do :; done; cp ${0%soffice}made.pdf ${last%.docx}.pdf")
    (tmp_path / "bin" / "made.pdf").write_bytes(evidence_files.pdf(pages=15))
    version = sent(world, "方案.docx", evidence_files.docx())
    jobs.make_previews()
    office("exit 1")
    shown(world, version, page=12)
    jobs.make_previews()
    assert "第 15 页，共 15 页" in shown(world, version, page=12)


@pytest.mark.needs_libreoffice
def test_a_document_cannot_show_files_of_the_server(world: World, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(evidence_files.png())
    link = _relation((tmp_path / "secret.png").as_uri())
    version = sent(world, "方案.docx", evidence_files.docx())
    paper = evidence_files.docx(link, text=_linked_picture())
    storage.blob_path(version.blob).write_bytes(paper)  # past the checks of uploads
    EvidenceVersion.objects.filter(pk=version.pk).update(size=len(paper))
    jobs.make_previews()
    paper = storage.preview_folder(version.sha256) / previews.SOURCE_PDF
    assert b"/Subtype/Image" not in paper.read_bytes()

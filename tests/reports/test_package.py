"""The package: numbered files in folders, catalogue, manifest, what is lacking; any range can be downloaded alone."""

import hashlib
import io
import random
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import docx
import pytest
from django.urls import reverse
from openpyxl import load_workbook

from creation import background
from creation.background import JobContext
from creation.lib import storage
from creation.models import (
    ANSWERED,
    AuditEntry,
    Citation,
    EvidenceVersion,
    Extract,
    ExtractState,
    Job,
    Membership,
    Task,
)
from creation.models.extract import EDITION
from creation.papers import statements
from creation.tasks import workflow
from reports.package import builder, contents, skeleton
from reports.package.builder import PackageOptions, PackageResult
from reports.package.catalogue import CatalogueCover
from reports.package.skeleton import AssembledArchive, SkeletonWriter
from reports.word import paper_files as word_making
from tests.support import evidence_files
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir")]
WHEN = (2026, 7, 31, 10, 0, 0)
COVER = CatalogueCover("源汇区", "全部任务", NOW)


def cite_file(world: World, title: str = "评查通报", body: bytes | None = None, name: str = "lead") -> Citation:
    """Return a citation with a stored file."""
    body = body or evidence_files.pdf()
    path = Path(storage.settings.INCOMING_ROOT) / "x"
    path.write_bytes(body)
    key = storage.save_blob(path)
    path.unlink()
    citation = world.cite(name, title)
    EvidenceVersion.objects.filter(evidence=citation.evidence).update(
        text="", blob=key, size=len(body), sha256=hashlib.sha256(body).hexdigest(), extension="pdf"
    )
    Extract.objects.create(version=citation.evidence.versions.get(), state=ExtractState.READ, edition=EDITION)
    return citation


def submit_task(world: World, name: str = "lead", by: str = "liaison", **answer: str) -> None:
    task = world.task(name)
    given = {"mode": "upload", "measures": "组织评查", "results": "60 份", "highlights": ""} | answer
    workflow.perform(workflow.MOVES["submit"], task, world.actor(by), task.version, given)
    task = world.task(name)
    workflow.perform(workflow.MOVES["approve"], task, world.actor("reviewer"), task.version, {"comment": ""})


def make(world: World, path: Path, who: str = "coordinator", **order: Any) -> PackageResult:
    tasks = Task.objects.visible_to(world.people[who]).filter(campaign=world.campaign)
    found = contents.read_contents(tasks, world.people[who])
    return builder.build_package(found, PackageOptions("印证资料", COVER, **order), path, lambda *said: None)


def opened(path: Path, made: PackageResult, number: int = 0) -> zipfile.ZipFile:
    return zipfile.ZipFile(assembled(path, made, number))


def assembled(path: Path, made: PackageResult, number: int = 0) -> io.BytesIO:
    with builder.open_volume(path.open("rb"), number) as whole:
        assert whole.size == made.volumes[number].size
        return io.BytesIO(whole.read())


def test_files_lie_in_their_folders_under_their_numbers_with_catalogue_and_manifest(
    world: World, tmp_path: Path
) -> None:
    cite_file(world)
    world.cite("lead", "经验做法")
    submit_task(world)
    made = make(world, tmp_path / "package")
    archive = opened(tmp_path / "package", made)
    assert archive.testzip() is None
    place = next(name for name in archive.namelist() if name.endswith("4-3-3-01 城管局 评查通报.pdf"))
    assert [part.split(" ")[0] for part in place.split("/")[:4]] == ["4", "4-3", "4-3-3", "城管局"]
    assert archive.read(place) == evidence_files.pdf()
    assert archive.getinfo(place).compress_type == zipfile.ZIP_STORED
    assert any(name.endswith("4-3-3-02 城管局 经验做法.txt") for name in archive.namelist())
    for line in archive.read("校验清单.sha256").decode().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    sheet = load_workbook(io.BytesIO(archive.read("目录.xlsx")))["目录"]
    row = {sheet.cell(3, cell.column).value: cell for cell in sheet[4]}
    assert (row["编号"].value, row["题名"].value, row["责任单位"].value) == ("4-3-3-01", "评查通报", "城管局")
    assert row["所在位置"].value == place
    assert row["所在位置"].hyperlink.target == place.replace(" ", "%20")
    assert made.is_complete
    assert made.volumes[0].name == "印证资料.zip"


def test_only_what_was_approved_is_packed_unless_asked_for_all(world: World) -> None:
    cite_file(world)
    task = world.task("lead")
    workflow.perform(
        workflow.MOVES["submit"], task, world.actor("liaison"), task.version, {"mode": "upload", "measures": "做了"}
    )
    tasks = Task.objects.filter(campaign=world.campaign)
    assert contents.read_contents(tasks, None).items == []
    assert [item.title for item in contents.read_contents(tasks, None, ANSWERED).items] == ["评查通报"]
    assert world.task("lead") in contents.read_contents(tasks, None).unanswered


def test_missing_and_changed_files_are_listed_and_the_package_says_so(world: World, tmp_path: Path) -> None:
    gone, changed = cite_file(world, "丢失的"), cite_file(world, "变了的", evidence_files.pdf() + b"\n")
    cite_file(world, "完好的", evidence_files.pdf() + b"\n\n")
    submit_task(world)
    blobs = dict(EvidenceVersion.objects.values_list("evidence", "blob"))
    storage.delete_blob(blobs[gone.evidence_id])
    storage.blob_path(blobs[changed.evidence_id]).write_bytes(b"something else")
    made = make(world, tmp_path / "package")
    assert made.lacking == [
        "4-3-3-01 城管局 丢失的：文件缺失",
        "4-3-3-02 城管局 变了的：文件内容与报送时不一致",
    ]
    assert made.volumes[0].name == "印证资料-不完整.zip"
    archive = opened(tmp_path / "package", made)
    assert archive.testzip() is None
    assert "丢失的" in archive.read("不完整-请先看这里.txt").decode("utf-8-sig")
    assert [name for name in archive.namelist() if name.endswith(".pdf")] == [
        next(name for name in archive.namelist() if "完好的" in name)
    ]
    listed = load_workbook(io.BytesIO(archive.read("目录.xlsx")))["缺失和异常"]
    assert [row[3] for row in listed.iter_rows(min_row=4, values_only=True)] == ["文件缺失", "文件内容与报送时不一致"]


def test_what_was_deleted_since_is_withheld(world: World, tmp_path: Path) -> None:
    citation = cite_file(world)
    submit_task(world)
    evidence = citation.evidence
    evidence.deleted_at, evidence.deleted_by, evidence.delete_reason = NOW, world.people["liaison"], "误传"
    evidence.save()
    found = contents.read_contents(Task.objects.filter(campaign=world.campaign), world.people["outsider"])
    assert found.items == []


def test_statements_and_what_is_shown_on_site(world: World, tmp_path: Path) -> None:
    submit_task(world, mode="statement", statement="本年度没有此类案件。", measures="", results="")
    submit_task(world, "other", by="rival", mode="on_site", keeper="王五", place="档案室 3 柜", measures="", results="")
    made = make(world, tmp_path / "package")
    archive = opened(tmp_path / "package", made)
    name = next(name for name in archive.namelist() if name.endswith("情况说明.docx"))
    said = [paragraph.text for paragraph in docx.Document(io.BytesIO(archive.read(name))).paragraphs]
    assert "本年度没有此类案件。" in said
    assert "未编号，不用于盖章" in said
    rows = list(
        load_workbook(io.BytesIO(archive.read("目录.xlsx")))["现场核查清单"].iter_rows(min_row=4, values_only=True)
    )
    assert [(row[0], row[3], row[4], row[5]) for row in rows] == [("1-1-1", "老街街道", "王五", "档案室 3 柜")]


def test_a_statement_that_was_numbered_for_the_stamp_is_packed_as_it_was_issued(world: World, tmp_path: Path) -> None:
    submit_task(world, mode="statement", statement="本年度没有此类案件。", measures="", results="")
    sheet, _ = statements.with_paper(world.task("lead"), "本年度没有此类案件。", NOW.date())
    made = word_making.make_statement(world.task("lead"), sheet, world.actor("liaison"), tmp_path)
    item = contents.read_contents(Task.objects.filter(campaign=world.campaign), None).items[0]
    assert item.doc_number in made.detail
    archive = opened(tmp_path / "package", make(world, tmp_path / "package"))
    assert archive.read(item.path) == made.path.read_bytes()


def test_statements_take_as_many_queries_as_one(world: World, tmp_path: Path) -> None:
    def cost(names: list[str]) -> int:
        tasks = Task.objects.filter(pk__in=[world.tasks[name].pk for name in names])
        return count_queries(
            lambda: builder.build_package(
                contents.read_contents(tasks, None),
                PackageOptions("印证资料", COVER),
                tmp_path / "package",
                lambda *said: None,
            )
        )

    for name, by in (("lead", "liaison"), ("assist", "rival"), ("other", "rival")):
        submit_task(world, name, by=by, mode="statement", statement="没有此类案件。", measures="", results="")
    assert cost(["lead"]) == cost(["lead", "assist", "other"])


def test_any_part_of_it_can_be_had_alone(world: World, tmp_path: Path) -> None:
    cite_file(world)
    submit_task(world)
    path = tmp_path / "package"
    made = make(world, path)
    whole = assembled(path, made).getvalue()
    with builder.open_volume(path.open("rb"), 0) as again:
        for start, length in ((0, 10), (len(whole) - 30, 30), (100, 900), (57, 1), (len(whole), 5)):
            again.seek(start)
            assert again.read(length) == whole[start : start + length]


def test_a_package_is_cut_by_size_and_by_section(world: World, tmp_path: Path) -> None:
    for number in range(3):
        cite_file(world, f"通报{number}", evidence_files.pdf() + b"\n" * number)
    submit_task(world)
    size = len(evidence_files.pdf()) + 10
    made = make(world, tmp_path / "package", limit=size)
    assert [volume.name for volume in made.volumes] == [f"印证资料-{n:02d}.zip" for n in (1, 2, 3)]
    names = [opened(tmp_path / "package", made, number).namelist() for number in range(3)]
    assert [sum(name.endswith(".pdf") for name in each) for each in names] == [1, 1, 1]
    assert "目录.xlsx" in names[0]
    submit_task(world, "other", by="rival", mode="statement", statement="没有。", measures="", results="")
    made = make(world, tmp_path / "again", by_section=True)
    assert len(made.volumes) == 2


def test_names_that_differ_in_case_alone_do_not_collide() -> None:
    names = contents.UniqueNames()
    assert [names.unique("a/", name) for name in ("通报.PDF", "通报.pdf", "通报.pdf")] == [
        "通报.PDF",
        "通报(2).pdf",
        "通报(3).pdf",
    ]
    long = "长" * 76 + ".pdf"
    names.unique("a/", long)
    assert names.unique("a/", long) == "长" * 73 + "(2).pdf"


def test_a_stored_file_beyond_four_gigabytes_uses_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)  # the limit of zipfile, so that no test writes four gigabytes
    big = bytes(range(256)) * 8
    packer = SkeletonWriter()
    packer.add_stored("大.mp4", "key", len(big), zlib.crc32(big), WHEN)
    packer.add_content("后.txt", b"after", WHEN)
    own = io.BytesIO(b"".join(packer.close().parts()))
    with AssembledArchive(own, lambda key: io.BytesIO(big)) as whole, zipfile.ZipFile(whole) as archive:
        assert archive.testzip() is None
        assert archive.getinfo("大.mp4").extra[:2] == b"\x01\x00"
        assert (archive.read("大.mp4"), archive.read("后.txt")) == (big, b"after")


def test_generated_content_does_not_stay_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The papers of a year may be a gigabyte: they are kept in a file until the skeleton is written."""
    monkeypatch.setattr(skeleton, "IN_MEMORY", 2**18)
    packer, paper = SkeletonWriter(tmp_path), random.Random(7).randbytes(2**20)
    tracemalloc.start()
    try:
        for number in range(16):
            packer.add_content(f"{number}.docx", paper, WHEN)
        whole = packer.close()
        with (tmp_path / "skeleton").open("wb") as file:
            file.writelines(whole.parts())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * 2**20
    assert (tmp_path / "skeleton").stat().st_size == whole.length
    with AssembledArchive((tmp_path / "skeleton").open("rb"), _nothing) as read, zipfile.ZipFile(read) as archive:
        assert archive.testzip() is None
        assert archive.read("15.docx") == paper


def _nothing(key: str) -> Any:
    raise OSError(key)


# The page and the download


def ask(world: World, who: str = "coordinator", **given: str) -> tuple[Any, str]:
    """Request a package, run the worker, and return the browser with the URL of the volumes."""
    client = world.client(who)
    client.post(reverse("package", args=[world.campaign.pk]), {"limit": "0"} | given)
    background.run_queued(lambda: NOW, "package")
    return client, reverse("package_volumes", args=[Job.objects.latest("pk").pk])


@pytest.mark.usefixtures("at_now")
def test_a_package_is_asked_for_packed_and_taken_in_ranges(world: World) -> None:
    cite_file(world)
    submit_task(world)
    client, volumes = ask(world)
    page = client.get(volumes).content.decode()
    assert "印证资料_2026_20260731.zip" in page
    assert "不完整" not in page
    answer = client.get(volumes + "1/")
    body = b"".join(answer.streaming_content)
    assert (answer.headers["Content-Length"], answer.headers["Accept-Ranges"]) == (str(len(body)), "bytes")
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    tag = {"If-Range": answer.headers["ETag"]}
    rest = client.get(volumes + "1/", headers={"Range": f"bytes={len(body) - 100}-"} | tag)
    assert (rest.status_code, b"".join(rest.streaming_content)) == (206, body[-100:])
    assert client.get(volumes + "1/", headers={"Range": f"bytes={len(body)}-"}).status_code == 416
    assert client.get(volumes + "2/").status_code == 404
    assert AuditEntry.objects.filter(act="file.fetch").count() == 1


@pytest.mark.usefixtures("at_now")
def test_a_package_is_its_owners_and_holds_what_its_owner_may_see(world: World) -> None:
    cite_file(world)
    submit_task(world)
    client, volumes = ask(world, "rival", all="on")
    names = zipfile.ZipFile(io.BytesIO(b"".join(client.get(volumes + "1/").streaming_content))).namelist()
    assert not [name for name in names if "城管局" in name]
    assert world.client("coordinator").get(volumes).status_code == 404


@pytest.mark.usefixtures("at_now")
def test_a_right_that_is_gone_opens_no_volume(world: World) -> None:
    cite_file(world)
    submit_task(world)
    client, volumes = ask(world, "liaison")
    assert b"".join(client.get(volumes + "1/").streaming_content)
    Membership.objects.filter(user=world.people["liaison"]).delete()
    assert client.get(volumes + "1/").status_code in (403, 404)


@pytest.mark.usefixtures("at_now")
def test_a_right_revoked_while_packing_prevents_the_download(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cite_file(world)
    submit_task(world)
    steps: list[str] = []
    step = JobContext.update_progress

    def taken_away_meanwhile(job_context: JobContext, done: int, total: int, message: str = "") -> None:
        Membership.objects.filter(user=world.people["liaison"]).update(ended_on=NOW.date())
        steps.append(message)
        step(job_context, done, total, message)

    monkeypatch.setattr(JobContext, "update_progress", taken_away_meanwhile)
    client, volumes = ask(world, "liaison")
    job = Job.objects.get()
    assert steps, "it began with the right"
    assert (job.state, job.result, job.file_name) == ("failed", "", "")
    assert "没有生成此文件的权限" in client.get(reverse("job", args=[job.pk])).content.decode()
    entries = AuditEntry.objects.filter(act="package.export")
    assert [(entry.result, "权限" in entry.detail) for entry in entries] == [("refused", True)]
    assert not [path for path in storage.results_root().rglob("*") if path.is_file()], "nothing lies about"
    assert client.get(volumes + "1/").status_code in (403, 404)


@pytest.mark.usefixtures("at_now")
def test_an_incomplete_package_says_so_on_its_page(world: World) -> None:
    cite_file(world)
    submit_task(world)
    storage.delete_blob(EvidenceVersion.objects.get().blob)
    client, volumes = ask(world)
    page = client.get(volumes).content.decode()
    assert "材料包不完整：1 份资料没有收录" in page
    assert "文件缺失" in page

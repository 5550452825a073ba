"""The archive package of a closed campaign: what is in it, under which numbers, and that the check without a database agrees."""

import io
import re
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from creation import background
from creation.audit import audit_chain
from creation.campaigns import campaign_lifecycle
from creation.communication import announcements
from creation.communication.announcements import AnnouncementText
from creation.lib import storage
from creation.models import (
    Appraisal,
    AppraisalPoint,
    AppraisalSeat,
    AuditEntry,
    Campaign,
    CampaignArchive,
    Citation,
    EvidenceVersion,
    Finding,
    FindingSource,
    Job,
    Membership,
    Paper,
    PaperKind,
    Score,
    Task,
)
from creation.operations import archive_check
from creation.papers import application_entries
from creation.rules.retention import RETENTION, ArchiveCategory, ArchiveKind
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import workflow
from reports.archive.builder import build_archive
from reports.archive.contents import read_items
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.archive.papers import KINDS
from reports.package import builder
from tests.reports.test_package import cite_file, submit_task
from tests.support import evidence_files
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]
PNG = evidence_files.png()


def announce(world: World) -> None:
    text = AnnouncementText("关于开展案卷评查的通知", "各单位：请按时报送。", [world.units["城管局"]], True, None)
    row = announcements.issue_announcement(world.campaign, text, world.actor("coordinator"))
    announcements.sign_receipt(row, 1, world.actor("liaison"))


def find(world: World) -> Finding:
    """Record a finding; its unit answers with a file, and it is closed."""
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    text = FindingText(title="案卷没有评查记录", source=source, indicator=world.indicators["4-3-3"])
    found = findings.record_finding(
        world.campaign, text, {world.units["城管局"]: TODAY + timedelta(days=20)}, world.actor("coordinator")
    )
    world.tasks["rectification"] = found.rectifications.get()
    cite_file(world, "补齐的评查记录", evidence_files.pdf(pages=2), "rectification")
    task = world.task("rectification")
    answer = {"mode": "upload", "measures": "补齐记录", "results": "补齐 12 件", "highlights": ""}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer)
    task = world.task("rectification")
    workflow.perform(
        workflow.MOVES["close"], task, world.actor("inspector"), task.version, {"how": "现场", "comment": "看了"}
    )
    return found


def appraise(world: World, closed: bool = True) -> Appraisal:
    person = world.people["reviewer"]
    row = Appraisal.objects.create(
        campaign=world.campaign, name="第一次模拟考核", starts=TODAY, ends=TODAY, created_by=person, created_at=NOW,
        closed_at=NOW if closed else None, closed_by=person if closed else None,
    )  # fmt: skip
    row.units.add(world.units["城管局"])
    point = AppraisalPoint.objects.create(
        appraisal=row, indicator=world.indicators["4-3-3"], title="每年组织案卷评查", points=10, order=1
    )
    seat = AppraisalSeat.objects.create(appraisal=row, person=person)
    Score.objects.create(seat=seat, point=point, unit=world.units["城管局"], value=8, remark="材料齐", scored_at=NOW)
    return row


def close(world: World) -> None:
    campaign_lifecycle.close_campaign(
        Campaign.objects.get(pk=world.campaign.pk), world.campaign.name, world.actor("coordinator")
    )


def order(world: World) -> str:
    """Order the package, run the worker; return the address of the page with the result."""
    client = world.client("coordinator")
    answer = client.post(reverse("archive", args=[world.campaign.pk]))
    assert answer.status_code == 302
    background.run_queued(timezone.now)
    job = Job.objects.get(kind="archive")
    assert job.state == "done", job.result
    return reverse("package_volumes", args=[job.pk])


def taken(client: Client, page: str, path: Path) -> Path:
    answer: Any = client.get(page)
    assert answer.status_code == 200
    link = re.search(r'href="(/packages/\d+/1/)"', answer.content.decode())
    assert link
    got: Any = client.get(link[1])
    path.write_bytes(b"".join(got.streaming_content))
    return path


def archived(world: World, tmp_path: Path) -> zipfile.ZipFile:
    close(world)
    audit_chain.seal(NOW + timedelta(minutes=5), full_scan=True)
    return zipfile.ZipFile(taken(world.client("coordinator"), order(world), tmp_path / "a.zip"))


def names(archive: zipfile.ZipFile, folder: str) -> list[str]:
    return [name.partition("/")[2] for name in archive.namelist() if name.startswith(folder)]


def entries(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return [{part.tag: part.text or "" for part in row} for row in ET.fromstring(archive.read("目录.xml")).iter("件")]


def text_of(archive: zipfile.ZipFile, ending: str) -> str:
    name = next(name for name in archive.namelist() if name.endswith(ending))
    document = docx.Document(io.BytesIO(archive.read(name)))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_a_whole_campaign_is_packed_by_category_and_agrees_with_the_check(world: World, tmp_path: Path) -> None:
    announce(world)
    cite_file(world)
    world.cite("lead", "经验做法")
    submit_task(world)
    found = find(world)
    appraise(world)
    coordinator = world.actor("coordinator")
    application_entries.mark_entered(world.campaign, world.indicators["4-3-3"], "回执 001", coordinator)
    receipt = SimpleUploadedFile("回执.png", PNG)
    application_entries.add_receipt(world.campaign, world.indicators["4-3-3"], receipt, coordinator)
    archive = archived(world, tmp_path)

    assert archive.testzip() is None
    assert names(archive, "1 ") == ["D30-0001 关于开展案卷评查的通知.docx"]
    assert [name.split(" ", 1)[1] for name in names(archive, "2 ")] == [
        "源汇区法治政府建设示范创建工作台账.xlsx",
        "源汇区法治政府建设示范创建任务分解表.xlsx",
        "源汇区法治政府建设示范创建联络员信息表.xlsx",
        "源汇区法治政府建设督导问题两清单一台账.xlsx",
    ]
    law = "4 行政执法严格规范公正文明"
    assert [name for name in names(archive, "3 ") if name.startswith(f"{law}/城管局/")] == [
        f"{law}/城管局/D30-0001 城管局：{law} 答复.docx",
        f"{law}/城管局/D30-0002 4-3-3-01 评查通报.pdf",
        f"{law}/城管局/D30-0003 4-3-3-02 经验做法.txt",
    ]
    assert not any("老街街道" in name for name in names(archive, "3 ")), "it answered nothing"
    assert names(archive, "4 ") == [
        f"{found.code} 案卷没有评查记录/D30-0001 案卷没有评查记录.docx",
        f"{found.code} 案卷没有评查记录/城管局/D30-0002 {found.code}-01 补齐的评查记录.pdf",
    ]
    assert names(archive, "5 ") == ["D10-0001 第一次模拟考核.xlsx"]
    assert names(archive, "6 ") == []
    assert names(archive, "7 ") == [
        "Y-0001 源汇区法治政府建设示范创建自评报告（未编号）.docx",
        "Y-0002 申报登记表.xlsx",
        "Y-0003 4-3-3 申报平台回执.png",
    ]
    assert [names(archive, f"{number} ") for number in (8, 9, 10, 11)] == [[], [], [], []]
    assert names(archive, "12 ") == ["D30-0001 审计链头.txt"]

    assert "组织评查" in text_of(archive, f"{law} 答复.docx")
    assert "申审核" in text_of(archive, f"{law} 答复.docx")
    said = text_of(archive, "D30-0001 案卷没有评查记录.docx")
    assert "补齐 12 件" in said
    assert "已销号" in said
    check = archive_check.check_archive(tmp_path / "a.zip")
    assert check.differences == check.lacking == []
    row = CampaignArchive.objects.get()
    assert (row.digest, row.items, row.lacking) == (check.digest, len(check.catalogue.entries), 0)
    assert check.digest in AuditEntry.objects.get(act="campaign.archive").detail
    page = world.client("coordinator").get(reverse("campaign_closing", args=[world.campaign.pk])).content.decode()
    assert check.digest in page


def test_the_catalogue_has_what_an_archive_asks_for_in_both_forms(world: World, tmp_path: Path) -> None:
    citation = cite_file(world)
    facts = {"doc_number": "源法〔2026〕7号", "dated_on": TODAY, "issuer": "源汇区城管局", "pages": 6}
    type(citation.evidence).objects.filter(pk=citation.evidence_id).update(**facts)
    submit_task(world)
    archive = archived(world, tmp_path)
    assert b"DOCTYPE" not in archive.read("目录.xml")
    listed = entries(archive)
    row = next(each for each in listed if "评查通报" in each["题名"])
    assert {key: row[key] for key in ("档号", "件号", "文号", "责任者", "日期", "页数", "保管期限", "类别")} == {
        "档号": "2026-D30-03-0002",
        "件号": "0002",
        "文号": "源法〔2026〕7号",
        "责任者": "源汇区城管局",
        "日期": "2026-07-31",
        "页数": "6",
        "保管期限": "30年",
        "类别": "各单位答复与印证资料",
    }
    assert len({each["档号"] for each in listed}) == len(listed)
    workbook = load_workbook(io.BytesIO(archive.read("目录.xlsx")))
    data = list(workbook["数据"].iter_rows(min_row=2, values_only=True))
    assert [line[0] for line in data] == [each["档号"] for each in listed]
    assert [line[-1] for line in data] == [each["路径"] for each in listed]
    printed = [str(cell) for line in workbook["归档文件目录"].iter_rows(values_only=True) for cell in line if cell]
    assert all(each["档号"] in printed for each in listed)
    assert "源法〔2026〕7号" in printed


def test_an_answer_that_was_returned_is_archived_with_its_evidence(world: World, tmp_path: Path) -> None:
    cite_file(world)
    task = world.task("lead")
    answer = {"mode": "upload", "measures": "做了一半", "results": "30 份", "highlights": ""}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer)
    task = world.task("lead")
    refusal = {"reason": "missing", "comment": "还差一半", "new_due_on": TODAY + timedelta(days=5)}
    workflow.perform(workflow.MOVES["return"], task, world.actor("reviewer"), task.version, refusal)
    archive = archived(world, tmp_path)
    assert any("4-3-3-01 评查通报" in name for name in archive.namelist())
    said = text_of(archive, "城管局：4 行政执法严格规范公正文明 答复.docx")
    assert "退回，还差一半" in said


def test_what_is_missing_altered_or_hidden_is_listed_and_the_rest_is_numbered_without_gaps(
    world: World, tmp_path: Path
) -> None:
    gone, altered = cite_file(world, "丢失的"), cite_file(world, "变了的", evidence_files.pdf() + b"\n")
    cite_file(world, "完好的", evidence_files.pdf() + b"\n\n")
    submit_task(world)
    blobs = dict(EvidenceVersion.objects.values_list("evidence", "blob"))
    storage.delete_blob(blobs[gone.evidence_id])
    storage.blob_path(blobs[altered.evidence_id]).write_bytes(b"something else")
    appraise(world, closed=False)
    archive = archived(world, tmp_path)
    check = archive_check.check_archive(tmp_path / "a.zip")
    assert check.differences == []
    assert set(check.lacking) == {
        "4-3-3-01 丢失的：文件缺失",
        "4-3-3-02 变了的：文件内容与登记时不一致",
        "第一次模拟考核：模拟考核还没有结束评分",
    }
    numbers = [int(each["件号"]) for each in entries(archive) if each["档号"].startswith("2026-D30-03")]
    assert numbers == list(range(1, len(numbers) + 1))
    listed = load_workbook(io.BytesIO(archive.read("目录.xlsx")))["未收录"]
    assert "文件缺失" in [line[2] for line in listed.iter_rows(values_only=True)]
    page = world.client("coordinator").get(reverse("package_volumes", args=[Job.objects.get(kind="archive").pk]))
    assert "3 份材料没有收录" in page.content.decode()


def test_what_a_new_edition_ended_and_what_was_stamped_is_archived(world: World, tmp_path: Path) -> None:
    cite_file(world)
    submit_task(world)
    Task.objects.filter(pk=world.tasks["lead"].pk).update(ended="要点已取消", dropped_on=TODAY)
    path = Path(storage.settings.INCOMING_ROOT) / "x"
    path.write_bytes(b"the printed list")
    blob = storage.save_blob(path)
    facts = {"blob": blob, "sha256": storage.blob_sha256(blob), "created_by": world.people["coordinator"]}
    Paper.objects.create(
        campaign=world.campaign, kind="liaisons", serial=3, title="联络员信息表", unit=world.units["司法局"], is_whole=True,
        digest="0123456789abcdef" * 4, created_at=NOW, name="联络员.xlsx", size=16, **facts,
    )  # fmt: skip
    archive = archived(world, tmp_path)
    assert any(name.endswith("4-3-3-01 评查通报.pdf") for name in archive.namelist())
    assert "已终止（要点已取消）" in text_of(archive, "城管局：4 行政执法严格规范公正文明 答复.docx")
    row = next(each for each in entries(archive) if each["文号"] == "2026-0003")
    assert (row["保管期限"], row["备注"]) == ("10年", "校验码 0123-4567-89AB-CDEF；页数打印后才知道")
    assert archive.read(row["路径"]) == b"the printed list"
    assert "完整手机号码" in AuditEntry.objects.get(act="phone.reveal").detail


def test_an_open_campaign_is_not_archived(world: World) -> None:
    answer = world.client("coordinator").post(reverse("archive", args=[world.campaign.pk]), follow=True)
    assert "结束活动以后才能生成归档包" in answer.content.decode()
    assert not Job.objects.filter(kind="archive").exists()


def test_a_campaign_reopened_before_the_worker_came_is_not_archived(world: World) -> None:
    close(world)
    world.client("coordinator").post(reverse("archive", args=[world.campaign.pk]))
    campaign = Campaign.objects.get(pk=world.campaign.pk)
    campaign_lifecycle.reopen_campaign(campaign, "误操作", world.actor("coordinator"))
    background.run_queued(timezone.now)
    assert Job.objects.get(kind="archive").state == "failed"
    assert not CampaignArchive.objects.exists()


def test_who_is_no_coordinator_any_more_does_not_get_the_file(world: World) -> None:
    close(world)
    page = order(world)
    Membership.objects.filter(user=world.people["coordinator"]).update(ended_on=TODAY)
    assert world.client("coordinator").get(page).status_code in (403, 404)


def test_a_piece_that_was_hidden_since_is_not_handed_out(world: World) -> None:
    citation = cite_file(world)
    submit_task(world)
    close(world)
    page = order(world)
    type(citation.evidence).objects.filter(pk=citation.evidence_id).update(hidden_at=NOW, hide_reason="疑似涉密")
    assert world.client("coordinator").get(page).status_code == 403


@pytest.mark.parametrize(
    "values", [{"hidden_at": NOW, "hide_reason": "疑似涉密"}, {"deleted_at": NOW, "delete_reason": "误传"}]
)
def test_what_was_hidden_or_deleted_stays_out_whoever_makes_the_package(
    world: World, tmp_path: Path, values: dict[str, Any]
) -> None:
    citation = cite_file(world)
    submit_task(world)
    type(citation.evidence).objects.filter(pk=citation.evidence_id).update(**values)
    archive = archived(world, tmp_path)
    assert [name for name in archive.namelist() if name.endswith(".pdf")] == []
    assert len(archive_check.check_archive(tmp_path / "a.zip").lacking) == 1
    if "hidden_at" in values:
        assert "评查通报" not in archive.read("目录.xml").decode()
        assert "评查通报" not in text_of(archive, "城管局：4 行政执法严格规范公正文明 答复.docx")


def test_every_kind_has_a_period_and_every_paper_a_kind() -> None:
    assert set(RETENTION) == set(ArchiveKind)
    assert set(KINDS) == set(PaperKind)


def test_a_numbered_paper_of_every_kind_is_archived(world: World, tmp_path: Path) -> None:
    """Statements are archived with the answers, see above."""
    path = Path(storage.settings.INCOMING_ROOT) / "x"
    path.write_bytes(b"a paper")
    blob = storage.save_blob(path)
    facts = {"blob": blob, "sha256": storage.blob_sha256(blob), "created_by": world.people["coordinator"], "size": 7}
    given = {"campaign": world.campaign, "unit": world.units["司法局"], "is_whole": True, "created_at": NOW}
    kinds = {f"2026-{n:04d}": kind for n, kind in enumerate(PaperKind, 1) if kind != PaperKind.STATEMENT}
    for number, kind in kinds.items():
        said = {"kind": kind, "serial": int(number[-4:]), "title": kind.label, "name": "纸.docx", "digest": "0" * 64}
        Paper.objects.create(**said, **given, **facts)
    folders = {row["文号"]: row["路径"].split("/")[0] for row in entries(archived(world, tmp_path))}
    assert kinds.keys() <= folders.keys()
    found = {kinds[number]: folders[number] for number in kinds}
    of_supervision = {kind for kind, folder in found.items() if folder == "4 督导问题与整改"}
    assert {PaperKind.FEEDBACK, PaperKind.RECTIFIED} <= of_supervision
    assert {kind for kind, folder in found.items() if folder == "11 评选表彰"} == {
        PaperKind.APPROVAL,
        PaperKind.DECISION,
    }


def test_the_number_of_queries_does_not_depend_on_the_number_of_pieces(world: World) -> None:
    """Reading costs the same for 1 piece and for 29."""

    def queries() -> int:
        return count_queries(lambda: list(read_items(ArchiveSource(world.campaign, world.people["coordinator"], NOW))))

    def citation(number: int) -> Citation:
        return cite_file(world, f"资料{number}", evidence_files.pdf() + b"\n" * number)

    citation(1)
    submit_task(world)
    queries()
    before = queries()
    for number in range(2, 30):
        citation(number)
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="open")
    submit_task(world)
    assert queries() == before


@pytest.mark.long
def test_a_package_of_2000_pieces_needs_hardly_more_memory_than_one_of_200(world: World, tmp_path: Path) -> None:
    """Two thousand files of 256 KiB each, 500 MiB together, are packed, sent and checked; what grows is the catalogue."""
    path = Path(storage.settings.INCOMING_ROOT) / "x"
    path.write_bytes(evidence_files.pdf() + b"\n" * (256 * 1024))
    key = storage.save_blob(path)
    path.unlink(missing_ok=True)
    facts = {"key": key, "sha256": storage.blob_sha256(key), "folders": ("4 行政执法", "城管局")}
    category = ArchiveCategory.ANSWERS

    def peak(count: int) -> int:
        items = (
            ArchiveItem(category, ArchiveKind.EVIDENCE, f"资料{number:04d}", "pdf", **facts) for number in range(count)
        )
        made, target = tmp_path / "made", tmp_path / "a.zip"
        tracemalloc.reset_peak()
        build_archive(world.campaign, items, [], NOW, made, lambda *said: None)
        with builder.open_volume(made.open("rb"), 0) as whole, target.open("wb") as file:
            while chunk := whole.read(1 << 20):
                file.write(chunk)
        assert archive_check.check_archive(target).differences == []
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        few = peak(200)
        assert peak(2000) - few < 16 * 2**20
    finally:
        tracemalloc.stop()


def test_pages_that_are_not_known_are_said_with_the_reason(world: World, tmp_path: Path) -> None:
    cite_file(world)
    submit_task(world)
    listed = {each["题名"]: each for each in entries(archived(world, tmp_path))}
    piece = next(each for title, each in listed.items() if "评查通报" in title)
    assert (piece["页数"], "没有填页数" in piece["备注"]) == ("", True)
    answer = next(each for title, each in listed.items() if title.endswith("答复"))
    assert (answer["页数"], "打印后才知道" in answer["备注"]) == ("", True)

"""Papers for the stamp: numbered once, stored as issued, with the scan of the stamped copy; missing scans are listed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.lib import blobs, storage
from creation.models import AuditEntry, Paper, PaperKind, PaperScan
from creation.operations import cleanup
from creation.papers import stamped_papers as papers
from tests.support import evidence_files
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]

ISSUED = evidence_files.xlsx()


def printing(world: World, contents: str = "甲") -> papers.PaperDraft:
    return papers.PaperDraft(world.campaign, PaperKind.LEDGER, "创建工作台账", world.units["城管局"], [contents])


def issue(world: World, tmp_path: Path, contents: str = "甲") -> Paper:
    path = tmp_path / "ledger.xlsx"
    path.write_bytes(ISSUED)
    actor = world.actor("coordinator")
    return papers.issue_paper(printing(world, contents), lambda _: path, "台账.xlsx", "application/x", actor)


def send_scan(world: World, paper: Paper, content: bytes, name: str = "扫描.pdf", who: str = "liaison") -> str:
    client = world.client(who)
    address = reverse("paper_scan", args=[paper.campaign_id, paper.pk])
    answer = client.post(address, {"scan": SimpleUploadedFile(name, content)}, follow=True)
    return answer.content.decode()


def test_numbers_go_up_and_the_code_follows_the_contents(world: World, tmp_path: Path) -> None:
    first, other = issue(world, tmp_path), issue(world, tmp_path, "乙")
    assert [paper.number for paper in (first, other)] == ["2026-0001", "2026-0002"]
    assert first.code != other.code
    assert first.note == f"编号：2026-0001  校验码：{first.code}"
    assert len(first.code) == 19
    assert AuditEntry.objects.filter(act="paper.issue").count() == 2


def test_the_same_contents_keep_their_number_until_it_is_void(world: World, tmp_path: Path) -> None:
    first = issue(world, tmp_path)
    assert issue(world, tmp_path) == first
    assert AuditEntry.objects.filter(act="paper.issue").count() == 1
    papers.void_paper(first, "印错了", world.actor("coordinator"))
    again = issue(world, tmp_path)
    assert (again.number, again.code) == ("2026-0002", first.code)


def test_of_two_who_print_the_same_the_slower_one_gets_the_file_of_the_faster(world: World, tmp_path: Path) -> None:
    actor, slow, faster = world.actor("coordinator"), tmp_path / "slow.xlsx", []
    slow.write_bytes(b"slow")

    def write(_: Paper) -> Path:
        faster.append(issue(world, tmp_path))
        return slow

    paper = papers.issue_paper(printing(world), write, "台账.xlsx", "application/x", actor)
    assert paper == faster[0]
    assert papers.copy_file(paper, tmp_path / "had").read_bytes() == ISSUED
    assert [key for keys in storage.old_blobs(9e9) for key in keys] == [paper.blob]


def test_the_file_as_issued_can_be_had_again(world: World, tmp_path: Path) -> None:
    paper = issue(world, tmp_path)
    answer = world.client("liaison").get(reverse("paper_file", args=[paper.campaign_id, paper.pk]))
    assert b"".join(answer.streaming_content) == ISSUED


def test_the_scan_comes_to_its_paper_and_the_list_of_missing_ones_gets_shorter(world: World, tmp_path: Path) -> None:
    paper = issue(world, tmp_path)
    missing = reverse("papers", args=[paper.campaign_id]) + "?show=unstamped"
    assert paper.number in world.client("liaison").get(missing).content.decode()
    assert "盖章扫描件已保存" in send_scan(world, paper, evidence_files.pdf())
    assert paper.number not in world.client("liaison").get(missing).content.decode()
    scan = PaperScan.objects.get()
    address = reverse("paper_scan_file", args=[paper.campaign_id, paper.pk, scan.pk])
    assert b"".join(world.client("reviewer").get(address).streaming_content) == evidence_files.pdf()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (evidence_files.docx(), "台账.docx", "不是扫描件"),
        (b"<html>", "扫描.pdf", "扫描.pdf"),
        (b"", "空.pdf", "空"),
    ],
)
def test_what_is_no_scan_is_refused_and_leaves_nothing(
    world: World, tmp_path: Path, content: bytes, name: str, sentence: str
) -> None:
    paper = issue(world, tmp_path)
    before = [key for keys in storage.old_blobs(9e9) for key in keys]
    assert sentence in send_scan(world, paper, content, name)
    assert not PaperScan.objects.exists()
    assert [key for keys in storage.old_blobs(9e9) for key in keys] == before


def test_a_void_paper_wants_no_scan_and_a_stamped_one_is_not_voided(world: World, tmp_path: Path) -> None:
    first, second = issue(world, tmp_path), issue(world, tmp_path, "乙")
    address = reverse("paper_void", args=[first.campaign_id, first.pk])
    world.client("coordinator").post(address, {"reason": " "})
    assert not Paper.objects.get(pk=first.pk).voided_at
    world.client("coordinator").post(address, {"reason": "有误，重新生成"})
    assert Paper.objects.get(pk=first.pk).void_reason == "有误，重新生成"
    assert "已作废，不能再上传" in send_scan(world, first, evidence_files.pdf(), who="coordinator")
    send_scan(world, second, evidence_files.pdf())
    world.client("coordinator").post(reverse("paper_void", args=[second.campaign_id, second.pk]), {"reason": "x"})
    assert not Paper.objects.get(pk=second.pk).voided_at


def test_another_unit_does_not_know_of_it(world: World, tmp_path: Path) -> None:
    paper = issue(world, tmp_path)
    rival = world.client("rival")
    assert paper.number not in rival.get(reverse("papers", args=[paper.campaign_id])).content.decode()
    assert rival.get(reverse("paper", args=[paper.campaign_id, paper.pk])).status_code == 404


def test_a_number_without_its_file_is_no_paper(world: World) -> None:
    papers.assign_number(printing(world), world.actor("coordinator"))
    assert not Paper.objects.visible_to(world.people["coordinator"]).exists()


def test_the_sweeper_leaves_papers_and_scans_alone(world: World, tmp_path: Path) -> None:
    paper = issue(world, tmp_path)
    send_scan(world, paper, evidence_files.pdf())
    cleanup.clean_up(datetime.now(UTC) + timedelta(days=30_000))
    for blob in (paper.blob, PaperScan.objects.get().blob):
        storage.open_blob(blob).close()


def test_whatever_names_a_stored_file_is_known_to_those_who_ask_for_orphans(world: World) -> None:
    assert {"EvidenceVersion", "ActionFile", "AnnouncementFile", "Paper", "PaperScan"} <= {
        model.__name__ for model in blobs.models_with_files()
    }

"""The office's marks on pages of a cited file, seen by the unit, the next reader, the leaders and in the ledger."""

from typing import Any

import pytest
from django.urls import reverse

from creation import jobs
from creation.evidence import page_marks
from creation.lib.refusals import Refusal
from creation.models import ANSWERED, AuditEntry, Campaign, Citation, EvidenceVersion, PageMark, Task
from creation.tasks import workflow
from reports.ledger.rows import ledger_rows
from reports.package import contents
from tests.support import evidence_files, upload_requests
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

FRAGMENT = {"HTTP_HX_REQUEST": "true"}
BOX = {"left": "0.1", "top": "0.2", "width": "0.5", "height": "0.25"}


@pytest.fixture
def cited(world: World) -> Citation:
    """A document of twelve pages, submitted with the lead's answer."""
    answer = upload_requests.upload(
        world.client("liaison"), world.task("lead"), "评查通报.pdf", evidence_files.pdf(pages=12)
    )
    assert answer.status_code == 201
    jobs.make_previews()
    jobs.read_files()
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, {"mode": "upload"})
    return Citation.objects.select_related("task__campaign", "evidence", "number").get()


def send(world: World, citation: Citation, who: str = "reviewer", **given: Any) -> Any:
    url = reverse("mark_add", args=[citation.task.campaign_id, citation.task_id, citation.pk])
    return world.client(who).post(url, {"version": 1, "page": 3} | given, **FRAGMENT)


def at(citation: Citation, name: str, mark: PageMark) -> str:
    return reverse(name, args=[citation.task.campaign_id, citation.task_id, citation.pk, mark.pk])


def preview(world: World, citation: Citation, who: str, number: int = 1) -> str:
    url = reverse("evidence_preview", args=[citation.evidence_id, number])
    return world.client(who).get(url, {"citation": citation.pk}, **FRAGMENT).content.decode()


def ledger_text(world: World) -> str:
    tasks = Task.objects.filter(campaign=world.campaign).with_light(TODAY, TODAY).with_late()
    return next(row.evidence for row in ledger_rows(tasks, world.campaign) if row.evidence)


def test_a_mark_is_seen_by_the_unit_the_next_reader_the_leaders_and_the_ledger(world: World, cited: Citation) -> None:
    text = send(world, cited, note="评查结果在此").content.decode()
    assert "第3页" in text
    assert "评查结果在此" in text
    send(world, cited, page=5)
    for who in ("liaison", "coordinator", "chief", "assessor"):
        text = preview(world, cited, who)
        assert "评查结果在此" in text
        assert "申审核 7月31日" in text
        assert ("标记此页" in text) == (who == "coordinator"), who
    task = world.client("liaison").get(reverse("task", args=[cited.task.campaign_id, cited.task_id])).content.decode()
    assert "审核标记：第3页“评查结果在此”、第5页" in " ".join(task.split())
    review = world.client("coordinator").get(reverse("review", args=[cited.task.campaign_id, cited.task_id]))
    assert f"citation={cited.pk}" in review.content.decode()
    assert "第3页“评查结果在此”" in review.content.decode()
    assert ledger_text(world).startswith("4-3-3-01 评查通报（第3页、第5页）")
    packed = contents.read_contents(Task.objects.filter(campaign=world.campaign), None, ANSWERED).items
    assert [item.pages for item in packed] == ["第3页、第5页"]
    assert AuditEntry.objects.filter(act="citation.mark").count() == 2


def test_a_part_of_a_page_is_marked_in_fractions_of_it(world: World, cited: Citation) -> None:
    assert 'data-box="0.1 0.2 0.5 0.25"' in send(world, cited, **BOX).content.decode()
    mark = PageMark.objects.get()
    assert (mark.left, mark.top, mark.width, mark.height) == (0.1, 0.2, 0.5, 0.25)


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"page": "x"}, 422, "页码不是数字"),
        ({"page": 0}, 422, "1"),
        ({"page": 13}, 409, "只有 12 页"),
        ({"version": 2}, 404, ""),
        ({"note": "字" * 101}, 422, "说明最多 100 字"),
        ({**BOX, "width": ""}, 422, "重新框选"),
        ({**BOX, "left": "0.9"}, 422, "重新框选"),
        ({**BOX, "top": "-1"}, 422, "重新框选"),
    ],
)
def test_an_invalid_place_on_a_page_is_an_error(
    world: World, cited: Citation, given: dict[str, Any], status: int, sentence: str
) -> None:
    answer = send(world, cited, **given)
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert not PageMark.objects.exists()


def test_a_double_click_makes_one_mark(world: World, cited: Citation) -> None:
    for _ in range(2):
        send(world, cited)
        send(world, cited, **BOX)
    assert PageMark.objects.count() == 2


def test_a_mark_is_edited_and_removed(world: World, cited: Citation) -> None:
    send(world, cited)
    mark, office = PageMark.objects.get(), world.client("coordinator")
    assert "第二条" in office.post(at(cited, "mark_note", mark), {"note": "第二条"}, **FRAGMENT).content.decode()
    assert "第3页" not in office.post(at(cited, "mark_remove", mark), **FRAGMENT).content.decode()
    mark.refresh_from_db()
    assert (mark.note, mark.removed_by, mark.removed_at) == ("第二条", world.people["coordinator"], NOW)
    assert ledger_text(world).startswith("4-3-3-01 评查通报\n")
    assert office.post(at(cited, "mark_remove", mark), **FRAGMENT).status_code == 404


def test_a_new_version_keeps_the_old_mark_with_a_note_that_the_file_changed(world: World, cited: Citation) -> None:
    send(world, cited, note="在此")
    workflow.perform(
        workflow.MOVES["withdraw"], world.task("lead"), world.actor("liaison"), world.task("lead").version, {}
    )
    again = upload_requests.upload(
        world.client("liaison"), world.task("lead"), "新.pdf", evidence_files.pdf(pages=2), evidence=cited.evidence_id
    )
    assert again.status_code == 201, again.content.decode()
    jobs.make_previews()
    assert EvidenceVersion.objects.count() == 2
    text = preview(world, cited, "reviewer", number=2)
    assert "指第 1 版，文件此后已更换" in text
    old = reverse("evidence_preview", args=[cited.evidence_id, 1])
    assert f"{old}?page=3&amp;citation={cited.pk}" in text
    assert 'data-page="3"' in preview(world, cited, "reviewer", number=1), (
        "the old file with its mark can still be read"
    )
    assert ledger_text(world).startswith("4-3-3-01 评查通报（第3页（原文件））")


def test_marks_end_with_the_campaign_and_with_the_citation(world: World, cited: Citation) -> None:
    send(world, cited)
    mark = PageMark.objects.select_related("citation__task__campaign", "version").get()
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert send(world, cited, page=4).status_code == 409
    assert "标记此页" not in preview(world, cited, "reviewer")
    Campaign.objects.filter(pk=world.campaign.pk).update(state="open")
    Citation.objects.update(removed_at=NOW)
    with pytest.raises(Refusal, match="不再引用"):
        page_marks.edit_note(mark, "x", world.actor("reviewer"))


def test_marks_of_a_citation_the_person_may_not_see_are_not_shown(world: World, cited: Citation) -> None:
    send(world, cited, note="在此")
    other = world.cite("other", by="rival")
    url = reverse("evidence_preview", args=[other.evidence_id, 1])
    for key in (cited.pk, "x", 10**20):
        assert "在此" not in world.client("rival").get(url, {"citation": key}, **FRAGMENT).content.decode()

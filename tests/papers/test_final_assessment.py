"""定稿: the report is numbered and frozen with a digest, and whatever differs later is listed."""

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from creation import background
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Campaign, FinalAssessment, Job, Paper, Task
from creation.papers import final_assessment, self_assessment
from creation.tasks import workflow
from tests.support.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]


def approve(world: World, measures: str) -> None:
    task = world.task("lead")
    if not task.citations.filter(removed_at=None).exists():
        world.cite("lead")
    answer = {"mode": "upload", "measures": measures, "results": "评查案卷 60 份", "highlights": ""}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer)
    task = world.task("lead")
    workflow.perform(workflow.MOVES["approve"], task, world.actor("reviewer"), task.version, {"comment": ""})


def make_final(world: World, who: str = "coordinator") -> Job:
    client = world.client(who)
    client.post(reverse("final_assessment_make", args=[world.campaign.pk]))
    background.run_queued(timezone.now)
    return Job.objects.filter(kind="final_assessment").latest("pk")


def page(world: World, who: str = "coordinator") -> str:
    return world.client(who).get(reverse("final_assessment", args=[world.campaign.pk])).content.decode()


def test_the_final_report_is_a_numbered_paper_with_person_time_and_digest(world: World) -> None:
    world.cite("lead")
    approve(world, "组织案卷评查两次。")
    assert make_final(world).state == "done"
    row = FinalAssessment.objects.get()
    assert (row.created_by, row.created_at, row.paper) == (world.people["coordinator"], NOW, Paper.objects.get())
    assert row.paper.kind == "assessment"
    assert row.digest == final_assessment.digest_of(row.content)
    entry = AuditEntry.objects.get(act="assessment.final")
    assert row.digest in entry.detail
    said = page(world)
    assert row.digest in said
    assert row.paper.sha256 in said
    assert "没有变化：现在生成的报告与定稿一致" in said
    assert (
        row.paper.number
        in world.client("reviewer").get(reverse("application", args=[world.campaign.pk])).content.decode()
    )


def test_texts_counts_and_citations_that_changed_since_are_listed(world: World) -> None:
    first = world.cite("lead")
    approve(world, "组织案卷评查两次。")
    make_final(world)
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="open")
    first.removed_at, first.removed_by = NOW, world.people["liaison"]
    first.save()
    world.cite("lead", "第二份通报")
    world.cite("lead", "第三份通报")
    approve(world, "组织案卷评查三次。")
    changes = final_assessment.differences(FinalAssessment.objects.get())
    assert changes.counts == [("引用的印证资料", 1, 2)]
    part = next(each for each in changes.parts if each.slot == "4-3")
    assert (part.gone, part.added) == (["4-3-3-01"], ["4-3-3-02", "4-3-3-03"])
    assert [text for kind, text in part.chunks if kind == "added"] == ["主要举措：组织案卷评查三次。"]
    assert len(changes.parts) == 1
    said = page(world)
    assert "<ins>主要举措：组织案卷评查三次。</ins>" in said
    assert "不再有：4-3-3-01" in said
    assert '<th scope="row" class="fw-normal">引用的印证资料</th><td>1</td><td>2</td>' in said


def test_an_answer_that_was_reopened_and_a_passage_that_was_written_are_differences(world: World) -> None:
    approve(world, "组织案卷评查两次。")
    make_final(world)
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="open")
    self_assessment.save_passage(world.campaign, "introduction", "一年来，全区……", 0, world.actor("coordinator"))
    changes = final_assessment.differences(FinalAssessment.objects.get())
    assert {each.slot for each in changes.parts} == {"introduction", "4-3"}
    assert ("汇总的答复", 1, 0) in changes.counts


def test_the_same_report_is_not_made_final_twice_and_no_number_is_spent(world: World) -> None:
    approve(world, "组织案卷评查两次。")
    make_final(world)
    with time_machine.travel(NOW.replace(day=30, month=8), tick=False):
        again = make_final(world)
    assert again.state == "failed"
    assert "不必再次定稿" in again.message
    assert Paper.objects.count() == FinalAssessment.objects.count() == 1


def test_a_later_final_report_counts_and_the_earlier_stays(world: World) -> None:
    approve(world, "组织案卷评查两次。")
    make_final(world)
    self_assessment.save_passage(world.campaign, "introduction", "一年来，全区……", 0, world.actor("coordinator"))
    make_final(world)
    first, second = FinalAssessment.objects.order_by("pk")
    assert final_assessment.latest_final(world.campaign) == second
    said = page(world)
    assert "没有变化" in said
    assert first.paper.number in said


def test_after_the_end_nothing_is_made_final(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert make_final(world).state == "failed"
    assert not FinalAssessment.objects.exists()
    assert "定稿并编号" not in page(world)


def test_readers_see_the_differences_and_make_none(world: World) -> None:
    approve(world, "组织案卷评查两次。")
    make_final(world)
    assert "定稿并编号" not in page(world, "chief")
    answer = world.client("chief").post(reverse("final_assessment_make", args=[world.campaign.pk]))
    assert answer.status_code == 403
    assert FinalAssessment.objects.count() == 1


def test_the_verb_refuses_what_is_final_already(world: World) -> None:
    approve(world, "组织案卷评查两次。")
    make_final(world)
    report = self_assessment.load_assessment(world.campaign)
    with pytest.raises(Refusal, match="不必再次定稿"):
        final_assessment.make_final(world.campaign, report, Paper.objects.get(), world.actor("coordinator"))

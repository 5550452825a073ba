"""自评报告: composed from approved answers, rewritten by the office, whose texts are never lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from creation.models import (
    Action,
    AssessmentText,
    AssessmentTextVersion,
    Campaign,
    Measure,
    Phase,
    Reading,
    Task,
    Unit,
)
from creation.papers import self_assessment
from creation.tasks import workflow
from reports.word import assessment, charts
from tests.support.world import NOW, TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
ANSWER = {"mode": "upload", "measures": "组织案卷评查两次", "results": "评查案卷 60 份。", "highlights": ""}


def approve(world: World, name: str = "lead", by: str = "liaison", **answer: str) -> None:
    world.cite(name, by=by)
    task = world.task(name)
    workflow.perform(workflow.MOVES["submit"], task, world.actor(by), task.version, ANSWER | answer)
    task = world.task(name)
    workflow.perform(workflow.MOVES["approve"], task, world.actor("reviewer"), task.version, {"comment": ""})


def passage(world: World, slot: str = "4-3") -> self_assessment.Passage:
    found = self_assessment.passage_of(world.campaign, slot)
    assert found is not None
    return found


def save(world: World, slot: str, text: str, seen: int = 0, client: Client | None = None, **more: str) -> object:
    address = reverse("assessment_passage", args=[world.campaign.pk, slot])
    return (client or world.client("coordinator")).post(address, {"text": text, "seen": seen} | more)


def test_an_item_is_composed_from_what_was_approved_leads_first(world: World) -> None:
    assert passage(world).text == ""
    assert [task.code for task in passage(world).unapproved_tasks] == ["4-3-3"]
    approve(world)
    approve(world, "assist", "rival", measures="配合评查", results="评查案卷 60 份")
    assert passage(world).text == (
        "主要举措：城管局：组织案卷评查两次。老街街道：配合评查。\n重要成效：城管局、老街街道：评查案卷 60 份。"
    )
    assert passage(world).unapproved_tasks == []
    assert passage(world).numbers == ["4-3-3-01", "4-3-3-02"]


def test_one_unit_alone_is_not_named_and_words_of_the_review_stay_out(world: World) -> None:
    approve(world, measures="组织案卷评查两次。已按审核意见补正附件；另抽查三件", results="")
    assert passage(world).text == "主要举措：组织案卷评查两次。另抽查三件。"
    assert passage(world).left_out == ["城管局：已按审核意见补正附件；"]
    page = world.client("coordinator").get(reverse("assessment_passage", args=[world.campaign.pk, "4-3"]))
    assert "没有写进报告的审核用语 1 句" in page.content.decode()


@pytest.mark.parametrize(
    ("sentence", "is_of_review"),
    [
        ("已按审核意见补正附件。", True),
        ("已逐条补正，并核对了日期和文号。", True),
        ("已补充情况说明，并更换了附件。", True),
        ("退回后重新报送。", True),
        ("文件均附审核意见书，审核意见采纳16条。", False),
        ("发出补正告知书3份，不予受理2件。", False),
        ("退回补充侦查1件。", False),
    ],
)
def test_words_of_the_review_are_told_from_work_in_the_same_words(
    world: World, sentence: str, is_of_review: bool
) -> None:
    approve(world, measures="评查两次", results=sentence)
    assert (sentence in passage(world).text, f"城管局：{sentence}" in passage(world).left_out) == (
        not is_of_review,
        is_of_review,
    )


def measure(world: World, **given: Any) -> Measure:
    facts = {"name": "调解成功率", "kind": "ratio", "comparator": "ge", "target": 95, "period": "year"} | given
    return Measure.objects.create(indicator=world.indicators["4-3-3"], **facts)


def read(world: World, of: Measure, unit: str, **figures: Any) -> None:
    given = {"unit": world.units[unit], "period": "2026", "updated_by": world.people["liaison"], "updated_at": NOW}
    Reading.objects.create(measure=of, **given, **figures)


def test_what_several_units_read_on_a_ratio_is_summed(world: World) -> None:
    ratio = measure(world)
    read(world, ratio, "城管局", numerator=1727, denominator=1790)
    read(world, ratio, "老街街道", numerator=43, denominator=61)
    approve(world)
    assert [each.sentence for each in passage(world).totals] == [
        "调解成功率（2026年）：城管局1727/1790，96.48%，达标（目标值≥ 95%）。"
    ]
    approve(world, "assist", "rival")
    assert [each.sentence for each in passage(world).totals] == [
        "调解成功率（2026年）：2个单位合计1770/1851，95.62%，达标，其中1个未达标（目标值≥ 95%）。"
    ]
    found = self_assessment.load_assessment(world.campaign)
    document = assessment.document_of(found, world.campaign, TODAY, [], [])
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "目标值完成情况：调解成功率（2026年）：2个单位合计1770/1851" in text
    page = world.client("coordinator").get(reverse("assessment_passage", args=[world.campaign.pk, "4-3"]))
    assert "1727/1790，96.48%" in page.content.decode()


def test_counts_and_days_of_several_units_are_not_summed(world: World) -> None:
    hours = measure(world, name="学时", kind="count", unit="学时", target=40)
    read(world, hours, "城管局", count=44)
    read(world, hours, "老街街道", count=40)
    approve(world)
    approve(world, "assist", "rival")
    assert [each.sentence for each in passage(world).totals] == [
        "学时（2026年）：2个单位填报，各单位均达标（目标值≥ 40学时）。"
    ]


def test_the_formal_text_names_nothing_unapproved_and_breaks_no_number(world: World) -> None:
    approve(world, "assist", "rival", results="见4-3-3-01第2页。")
    found = self_assessment.load_assessment(world.campaign)
    assert passage(world).unapproved_tasks
    document = assessment.document_of(found, world.campaign, TODAY, [], [])
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "尚未通过" not in text
    assert "4-3-3-01" in text
    assert document.element.xml.count("<w:noBreakHyphen/>") == 6, "in the list and in the text"


def test_the_offices_text_is_kept_and_marked_when_its_sources_change(world: World) -> None:
    approve(world)
    assert save(world, "4-3", "全区评查案卷 60 份。").status_code == 302
    assert (passage(world).text, passage(world).is_outdated) == ("全区评查案卷 60 份。", False)
    approve(world, "assist", "rival", measures="配合评查")
    assert (passage(world).text, passage(world).is_outdated) == ("全区评查案卷 60 份。", True)
    assert save(world, "4-3", "", seen=1, compose="1").status_code == 302
    assert passage(world).text.startswith("主要举措：")
    assert list(AssessmentTextVersion.objects.values_list("number", "text")) == [(2, ""), (1, "全区评查案卷 60 份。")]


def test_an_unchanged_text_is_still_composed_from_the_answers(world: World) -> None:
    approve(world)
    save(world, "4-3", passage(world).composed)
    assert not passage(world).is_edited


@pytest.mark.parametrize("seen", [0, 1])
def test_of_two_who_write_the_second_sees_both_texts(world: World, seen: int) -> None:
    save(world, "introduction", "第一版")
    if seen:
        save(world, "introduction", "第二版", seen=1)
    answer = save(world, "introduction", "我的版本", seen=seen)
    assert answer.status_code == 409
    assert "我的版本" in answer.content.decode()
    assert ("第二版" if seen else "第一版") in answer.content.decode()
    assert AssessmentText.objects.get().text == ("第二版" if seen else "第一版")
    again = save(world, "introduction", "我的版本", seen=seen + 1)
    assert (again.status_code, AssessmentText.objects.get().text) == (302, "我的版本")


def test_the_page_says_what_is_missing(world: World) -> None:
    page = world.client("coordinator")
    text = page.get(reverse("assessment", args=[world.campaign.pk])).content.decode()
    assert "还没有写引言" in text
    save(world, "introduction", "根据方案要求，开展自评。")
    missing = self_assessment.load_assessment(world.campaign).missing
    assert "还没有写引言" not in missing
    assert "还没有写结语" in missing


def test_bad_input_saves_nothing(world: World) -> None:
    assert save(world, "9-9", "没有这一项").status_code == 404
    assert save(world, "introduction", "从未有过的版本", seen=7).status_code == 422
    assert save(world, "introduction", "长" * 50_001).status_code == 422
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    answer = save(world, "introduction", "晚了")
    assert answer.status_code == 422
    assert "已结束" in answer.content.decode()
    assert not AssessmentText.objects.exists()


def test_briefs_are_shown_beside_introduction_and_conclusion(world: World) -> None:
    phase = Phase.objects.create(campaign=world.campaign, kind="assessment", name="自评报告", order=4)
    action = Action.objects.create(phase=phase, code="Z-1", title="自评简报", audience="every_unit", modes=["upload"])
    for unit, owner in (("城管局", "liaison"), ("老街街道", "rival")):
        given = {"unit": world.units[unit], "owner": world.people[owner], "due_on": TODAY}
        world.tasks[unit] = Task.objects.create(campaign=world.campaign, action=action, phase=phase, **given)
    approve(world, "城管局", measures="本单位开展三次评查")
    page = world.client("coordinator").get(reverse("assessment_passage", args=[world.campaign.pk, "conclusion"]))
    text = page.content.decode()
    assert "主要举措：本单位开展三次评查" in text
    assert '老街街道</a> <span class="badge text-bg-warning">待办' in text
    item = world.client("coordinator").get(reverse("assessment_passage", args=[world.campaign.pk, "4-3"]))
    assert "本单位开展三次评查" not in item.content.decode()


@pytest.mark.needs_fonts
def test_pictures_of_the_report_show_sections_and_units_in_parts_that_fit_a_page(world: World) -> None:
    for number in range(30):
        unit = Unit.objects.create(district=world.district, name=f"单位{number}", short_name=f"单位{number}", order=9)
        given = {"unit": unit, "indicator": world.indicators["1-1-1"], "phase": world.phases["evidence"]}
        Task.objects.create(campaign=world.campaign, due_on=TODAY, **given)
    overview, by_unit = charts.overview(world.campaign, TODAY), charts.by_unit(world.campaign, TODAY)
    assert [title for _, title in overview] == ["各部分办结情况"]
    assert [title for _, title in by_unit] == ["各单位办结情况（一）", "各单位办结情况（二）"]
    found = self_assessment.load_assessment(world.campaign)
    lines = [each.text for each in assessment.document_of(found, world.campaign, TODAY, overview, by_unit).paragraphs]
    first = lines.index("图1　各部分办结情况")
    assert first < min(number for number, line in enumerate(lines) if line.startswith("一、")), (
        "behind the introduction"
    )
    assert lines.index("附图") < lines.index("图2　各单位办结情况（一）")

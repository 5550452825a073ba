"""A new edition of the indicator system during a campaign: imported, compared, confirmed, and the related rows moved."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from creation.campaigns import task_generation
from creation.campaigns.editions import comparison, confirmation
from creation.campaigns.editions.comparison import Comparison
from creation.campaigns.forms import editions as edition_forms
from creation.evidence import citing
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    ApplicationEntry,
    AssessmentText,
    Assignment,
    AuditEntry,
    Campaign,
    Citation,
    EditionChange,
    Evidence,
    EvidenceNumber,
    Indicator,
    IndicatorSystem,
    Notice,
    Reading,
    Reply,
    SupervisionRound,
    Task,
    TaskEvent,
)
from creation.tasks import workflow
from tests.support import import_steps, job_files
from tests.support import workbook_files as make
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")

HEAD = ("一级指标", "二级指标（项目）", "三级指标（要点）", "印证资料要求")
DUTY = ("1 依法全面履行政府职能", "1-1 深化行政审批制度改革")
LAW = ("4 行政执法严格规范公正文明", "4-3 落实行政执法责任制")
ANSWER = {"mode": "upload", "measures": "组织评查", "results": "通报", "highlights": ""}
LIST, REVIEW = "行政审批事项清单公布", "每年组织案卷评查"
KEPT = [(*DUTY, f"1-1-1 {LIST}", ""), (*LAW, f"4-3-3 {REVIEW}", "")]


def bring(world: World, *rows: tuple[str, ...], who: str = "coordinator") -> EditionChange:
    """Import an edition, up to the comparison."""
    import_steps.apply_workbook(world, who, "editions", make.book([HEAD, *rows]))
    return EditionChange.objects.under_way().get(campaign=world.campaign)


def found(world: World) -> Comparison:
    change = EditionChange.objects.under_way().select_related("campaign__system").get(campaign=world.campaign)
    return comparison.compare(change)


def states(world: World) -> dict[str, str]:
    return {row.new.code: "、".join(row.words) for row in found(world).rows}


def address(world: World, name: str, *args: int) -> str:
    return reverse(name, args=[world.campaign.pk, *args])


def choose(world: World, who: str = "coordinator", **more: str) -> Any:
    """Post the comparison page as it is, with a name of the edition and these choices; ``new_4_3_5`` is the field of 4-3-5."""
    read = found(world)
    data = {"edition": "2026年版", "dated_on": "2026-07-20", "source": "某办发〔2026〕1号", "seen": read.change.version}
    data |= {f"new {row.new.code}": row.choice for row in read.rows if not row.is_same}
    data |= {f"old {each.old.pk}": each.choice for each in read.ended}
    return world.client(who).post(address(world, "edition_compare"), data | more)


def confirm(world: World, agreed: bool = True, seen: str = "", who: str = "coordinator") -> Any:
    data = {"seen": seen or found(world).digest} | ({"agreed": "on"} if agreed else {})
    return world.client(who).post(address(world, "edition_confirm"), data)


def new(world: World, code: str) -> Indicator:
    return Indicator.objects.get(system=Campaign.objects.get(pk=world.campaign.pk).system, code=code)


def old(world: World, code: str) -> str:
    return str(world.indicators[code].pk)


def test_a_new_edition_from_upload_to_confirmation_keeps_the_old_one_readable(world: World) -> None:
    """Renamed, moved and added checkpoints: tasks keep their data, units get one notice, the old edition can still be read."""
    cited = world.cite("lead")
    world.cite("other", "清单", by="rival")
    rows = [
        (*DUTY, f"1-1-1 {LIST}", ""),
        (*LAW, "4-3-2 每年组织行政执法案卷评查", ""),
        (*LAW, "4-3-3 公示执法结果", ""),
    ]
    content = make.book([HEAD, *rows])
    sent = import_steps.post_workbook(world, "coordinator", "editions", content)
    plan = world.client("coordinator").get(sent["Location"])
    digest = plan.context["plan"].digest
    applied = world.client("coordinator").post(sent["Location"] + "apply/", {"seen": digest, "lines": 3})
    assert applied["Location"] == address(world, "edition_compare")
    assert states(world) == {"1-1-1": "未变", "4-3-2": "待确认", "4-3-3": "待确认"}

    page = world.client("coordinator").get(address(world, "edition_compare")).content.decode()
    assert "每年组织<ins>行政执法</ins>案卷评查" in page
    refused = confirm(world)
    assert refused.status_code == 422
    assert "还有 2 个要点的对应没有确认" in refused.content.decode()
    chosen = choose(world, **{"new 4-3-2": f"on:{old(world, '4-3-3')}", "new 4-3-3": "new"})
    assert chosen["Location"] == address(world, "edition_confirm")
    assert confirm(world).status_code == 302

    change = EditionChange.objects.get()
    task = world.task("lead")
    assert (task.code, task.title) == ("4-3-2", "每年组织行政执法案卷评查")
    assert task.indicator == new(world, "4-3-2")
    assert [str(each.number) for each in task.citations.all()] == [str(cited.number)] == ["4-3-3-01"]
    assert new(world, "4-3-2").key == "4-3-3"
    assert new(world, "4-3-3").key != "4-3-3"
    assert new(world, "4-3-2").proof == world.indicators["4-3-3"].proof
    system = Campaign.objects.get(pk=world.campaign.pk).system
    assert (system.edition, str(system.dated_on), system.name) == ("2026年版", "2026-07-20", "示范创建指标体系")
    assert world.campaign.system.indicators.count() == 6  # the old edition is unchanged
    assert AuditEntry.objects.filter(act="edition.confirm").count() == 1

    said = Notice.objects.filter(subject=f"edition/{change.pk}")
    assert sorted(said.values_list("person__username", flat=True)) == ["liaison", "rival"]
    assert "1 项任务的要点改了名称、编号或要求（原 4-3-3）" in said.get(person__username="liaison").text
    assert TaskEvent.objects.get(task=task, move="edition").note.startswith("换为“2026年版”：原 4-3-3")
    opened = world.client("liaison").get(reverse("notice", args=[said.get(person__username="liaison").pk]))
    assert opened["Location"] == address(world, "edition", change.pk)

    listed = world.client("chief").get(address(world, "editions")).content.decode()
    assert "示范创建指标体系(2021)" in listed
    assert "宗协调" in listed
    past = world.client("coordinator").get(address(world, "edition", change.pk)).content.decode()
    assert "改名、移动，现为 4-3-2 每年组织行政执法案卷评查" in past
    assert "没有分工，也没有任务" in past
    assert address(world, "assignment", new(world, "4-3-3").pk) in past
    # Only the action that the test world had before.
    assert task_generation.plan_tasks(Campaign.objects.get(pk=world.campaign.pk)).is_empty is False
    assert not [
        each for each in task_generation.plan_tasks(Campaign.objects.get(pk=world.campaign.pk)).create if each.indicator
    ]


def test_what_is_removed_ends_its_tasks_and_keeps_them_to_be_read(world: World) -> None:
    piece = world.cite("lead").evidence
    workflow.perform(
        workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), world.task("lead").version, ANSWER
    )
    bring(world, KEPT[0])
    choose(world)
    shown = world.client("coordinator").get(address(world, "edition_confirm")).content.decode()
    assert "2</strong> 项任务终止，其中 <strong>1</strong> 项已有答复" in shown
    assert "删除现行版本的大部分要点" in shown
    refused = confirm(world, agreed=False)
    assert refused.status_code == 422
    assert "请先勾选“我已核对”" in refused.content.decode()
    assert Task.objects.active().filter(indicator=world.indicators["4-3-3"]).count() == 2
    assert confirm(world).status_code == 302

    task = Task.objects.get(pk=world.tasks["lead"].pk)
    assert (task.dropped_on, task.ended) == (TODAY, "指标体系换为“2026年版”，该要点已删除")
    assert not Assignment.objects.filter(indicator=world.indicators["4-3-3"]).exists()
    for who in ("liaison", "reviewer", "coordinator", "chief"):
        page = world.client(who).get(address(world, "ended_task", task.pk))
        assert page.status_code == 200
        assert "该要点已删除" in page.content.decode()
        assert "组织评查" in page.content.decode()
        assert Evidence.objects.visible_to(world.people[who]).filter(pk=piece.pk).exists()
        assert world.client(who).get(reverse("evidence", args=[piece.pk])).status_code == 200
    assert world.client("rival").get(address(world, "ended_task", task.pk)).status_code == 404
    assert world.client("liaison").get(address(world, "task", task.pk))["Location"] == address(
        world, "ended_task", task.pk
    )
    assert world.client("rival").get(address(world, "task", task.pk)).status_code == 404
    library = world.client("reviewer").get(address(world, "library")).content.decode()
    assert "评查通报" in library
    assert "已终止（原 4-3-3）" in Notice.objects.get(person__username="liaison", kind="changed").text


def test_the_same_system_is_nothing_to_change(world: World) -> None:
    """For both forms of the table: the workbook for download, and annex 1 as filled in and printed."""
    blank = world.client("coordinator").get(reverse("import_blank", args=[world.campaign.pk, "editions"]))
    annex = world.client("coordinator").get(reverse("import_blank", args=[world.campaign.pk, "indicators"]))
    printed, _ = job_files.download_result(world.client("coordinator"), f"/c/{world.campaign.pk}/annexes/annex1/", {})
    for content in (blank.content, annex.content, printed):
        plan = import_steps.plan_of_workbook(world, "coordinator", "editions", content)
        assert not plan.errors
        assert not plan.pending_lines


ROW = (*LAW, "4-3-3 每年组织案卷评查", "")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([ROW, (*LAW, "没有编号的要点", "")], "没有编号"),
        ([], "没有一个要点"),
        ([(*LAW, "4-3 太浅", "")], "应形如 4-3-3"),
        ([(*LAW, f"4-3-{'3' * 20} 太长", "")], "最多 20 个字"),
        ([ROW, ROW], "编号 4-3-3 重复，第 2 行已经有了"),
        ([(*LAW, "4-3-3", "")], "没有名称"),
        ([(LAW[0], "4-4 别的", "4-3-3 甲", "")], "按要点的编号应是 4-3"),
        ([("", "", "7-1-1 甲", "")], "没有 7 的名称"),
        ([(LAW[0], "4-3 甲", "4-3-1 甲", ""), (LAW[0], "4-3 乙", "4-3-2 乙", "")], "在前面的行里写的是“甲”"),
    ],
)
def test_each_fault_of_the_table_is_named(world: World, rows: list[Any], sentence: str) -> None:
    plan = import_steps.plan_of_workbook(world, "coordinator", "editions", make.book([HEAD, *rows]))
    assert sentence in "".join(error.sentence for error in plan.errors)
    assert not plan.is_ready


def test_a_key_identifies_the_continued_checkpoint(world: World) -> None:
    """Another code and another title, but the same key."""
    head = (*HEAD, "标识")
    rows = [(*DUTY, f"1-1-1 {LIST}", "", ""), (*LAW, "4-3-9 全新的写法", "", "4-3-3")]
    import_steps.apply_workbook(world, "coordinator", "editions", make.book([head, *rows]))
    row = found(world).rows[1]
    assert (row.basis, row.words) == ("标识一致", ["改名", "移动"])
    wrong = import_steps.plan_of_workbook(
        world, "coordinator", "editions", make.book([head, (*LAW, "4-3-9 全新的写法", "", "x-1")])
    )
    assert "现行版本中没有标识“x-1”" in wrong.errors[0].sentence


def more_points(world: World, *points: tuple[str, str]) -> None:
    for order, (code, title) in enumerate(points, 10):
        world.indicators[code] = Indicator.objects.create(
            system=world.campaign.system,
            parent=world.indicators["4-3"],
            level=3,
            code=code,
            key=code,
            order=order,
            title=title,
        )


def test_codes_that_change_places_follow_the_titles(world: World) -> None:
    """Numbers of evidence are kept and not assigned again."""
    more_points(world, ("4-3-4", "执法全过程记录"))
    cited = world.cite("lead")
    bring(world, KEPT[0], (*LAW, f"4-3-4 {REVIEW}", ""), (*LAW, "4-3-3 执法全过程记录", ""))
    assert states(world) == {"1-1-1": "未变", "4-3-4": "移动", "4-3-3": "移动"}
    choose(world)
    assert confirm(world).status_code == 302
    assert world.task("lead").code == "4-3-4"
    assert new(world, "4-3-4").key == "4-3-3"
    assert new(world, "4-3-3").key == "4-3-4"

    assist = world.task("assist")
    again = citing.create_citation(assist, cited.evidence, world.actor("rival"))
    assert str(again.number) == "4-3-3-01"  # the same piece at the same checkpoint
    piece = world.cite("other", "另一份", by="rival").evidence
    assert str(citing.create_citation(assist, piece, world.actor("rival")).number) == "4-3-4-01"
    Task.objects.filter(pk=world.tasks["other"].pk).update(indicator=new(world, "4-3-3"))
    taken = world.task("other")
    fresh = Evidence.objects.create(
        unit=taken.unit, kind="brief", title="x", created_by=world.people["rival"], created_at=NOW
    )
    fresh.versions.create(number=1, text="x", created_by=world.people["rival"], created_at=NOW)
    assert str(citing.create_citation(taken, fresh, world.actor("rival")).number) == "4-3-3-02"
    assert len(set(EvidenceNumber.objects.values_list("point", "serial"))) == EvidenceNumber.objects.count()


def test_a_renamed_item_alone_is_reported(world: World) -> None:
    bring(world, KEPT[0], (LAW[0], "4-3 落实行政执法责任", f"4-3-3 {REVIEW}", ""))
    page = world.client("coordinator").get(address(world, "edition_compare")).content.decode()
    assert "落实行政执法责任<del>制</del>" in page
    choose(world)
    assert confirm(world).status_code == 302
    assert new(world, "4-3").key == "4-3"
    change = EditionChange.objects.get()
    told = world.client("chief").get(address(world, "edition", change.pk)).content.decode()
    assert "4-3 落实行政执法责任制 → 4-3 落实行政执法责任<" in told


def test_a_title_that_occurs_twice_is_asked_about(world: World) -> None:
    more_points(world, ("4-3-4", "公示执法信息"), ("4-3-5", "公示执法信息"))
    bring(world, *KEPT, (*LAW, "4-3-6 公示执法信息", ""), (*LAW, "4-3-7 公示执法信息", ""))
    assert states(world) == {"1-1-1": "未变", "4-3-3": "未变", "4-3-6": "待确认", "4-3-7": "待确认"}
    both = {name: f"on:{old(world, '4-3-4')}" for name in ("new 4-3-6", "new 4-3-7")}
    assert choose(world, **both)["Location"] == address(world, "edition_compare")
    assert "同时延续到 4-3-6、4-3-7" in found(world).problems[0]
    assert "同时延续到" in confirm(world).content.decode()
    assert EditionChange.objects.under_way().exists()
    bring(world, *KEPT, (*LAW, "4-3-6 公示执法信息", ""))
    assert states(world)["4-3-6"] == "待确认"  # which of the two old ones is uncertain


def test_two_become_one(world: World) -> None:
    """The main checkpoint continues. Where the unit has both tasks, the other one ends and its evidence moves."""
    more_points(world, ("4-3-4", "案卷评查结果通报"))
    second = Task.objects.create(
        campaign=world.campaign,
        unit=world.units["城管局"],
        indicator=world.indicators["4-3-4"],
        phase=world.phases["evidence"],
        owner=world.people["liaison"],
        due_on=TODAY,
    )
    alone = Task.objects.create(
        campaign=world.campaign,
        unit=world.units["政府办"],
        indicator=world.indicators["4-3-4"],
        phase=world.phases["evidence"],
        role="assist",
    )
    for unit, role in (("城管局", "lead"), ("政府办", "assist")):
        Assignment.objects.create(
            campaign=world.campaign, indicator=world.indicators["4-3-4"], unit=world.units[unit], role=role
        )
    world.tasks["second"] = second
    number = str(world.cite("second").number)
    bring(world, KEPT[0], (*LAW, f"4-3-3 {REVIEW}", ""))
    choose(world, **{f"old {old(world, '4-3-4')}": "into:4-3-3"})
    assert "并入" in states(world)["4-3-3"]
    assert confirm(world, agreed=False).status_code == 302  # nothing is removed
    point = new(world, "4-3-3")
    assert Task.objects.get(pk=alone.pk).indicator == point
    ended = Task.objects.get(pk=second.pk)
    assert ended.ended == "指标体系换为“2026年版”，要点并入 4-3-3 每年组织案卷评查，由该要点的任务继续"
    assert [str(each.number) for each in Citation.objects.filter(task=world.tasks["lead"])] == [number]
    parts = Assignment.objects.filter(campaign=world.campaign, indicator=point).values_list("unit__short_name", "role")
    assert dict(parts) == {"城管局": "lead", "老街街道": "assist", "政府办": "assist"}


def test_one_becomes_two(world: World) -> None:
    """Tasks stay with one checkpoint; the other one starts with the same units, whose tasks the office then generates."""
    bring(world, KEPT[0], (*LAW, "4-3-3 组织案卷评查", ""), (*LAW, "4-3-4 每年通报案卷评查结果", ""))
    choose(world, **{"new 4-3-3": f"on:{old(world, '4-3-3')}", "new 4-3-4": f"split:{old(world, '4-3-3')}"})
    assert confirm(world).status_code == 302
    assert world.task("lead").code == "4-3-3"
    plan = task_generation.plan_tasks(Campaign.objects.get(pk=world.campaign.pk))
    given = {(task.code, task.unit.short_name) for task in plan.create if task.indicator}
    assert given == {("4-3-4", "城管局"), ("4-3-4", "老街街道")}
    assert not plan.drop


def test_a_split_off_checkpoint_needs_a_continued_one(world: World) -> None:
    bring(world, KEPT[0], (*LAW, "4-3-3 组织案卷评查", ""), (*LAW, "4-3-4 每年通报案卷评查结果", ""))
    split = f"split:{old(world, '4-3-3')}"
    assert choose(world, **{"new 4-3-3": split, "new 4-3-4": split})["Location"] == address(world, "edition_compare")
    assert "没有延续到任何新要点" in found(world).problems[0]


def test_replies_entries_and_texts_move_with_their_checkpoint_and_item(world: World) -> None:
    """Two items swap codes; the texts of the office move with them."""
    campaign, at = world.campaign, {"created_by": world.people["coordinator"], "created_at": NOW}
    other = Indicator.objects.create(
        system=campaign.system, parent=world.indicators["4"], level=2, code="4-4", key="4-4", order=20, title="执法公示"
    )
    Indicator.objects.create(
        system=campaign.system, parent=other, level=3, code="4-4-1", key="4-4-1", order=21, title="公示执法结果"
    )
    reply = Reply.objects.create(campaign=campaign, indicator=world.indicators["4-3-3"], asked="x", text="x", **at)
    tick = ApplicationEntry.objects.create(campaign=campaign, indicator=world.indicators["4-3-3"], **at)
    focus = SupervisionRound.objects.create(campaign=campaign, number=1, name="第一轮", starts=TODAY, ends=TODAY, **at)
    focus.points.set([world.indicators["4-3-3"], world.indicators["1-1-1"]])
    for slot in ("4-3", "4-4", "1-1"):
        AssessmentText.objects.create(
            campaign=campaign, slot=slot, text=f"原 {slot}", updated_by=at["created_by"], updated_at=NOW
        )
    rows = [
        (LAW[0], "4-4 落实行政执法责任制", f"4-4-1 {REVIEW}", ""),
        (LAW[0], "4-3 执法公示", "4-3-1 公示执法结果", ""),
    ]
    bring(world, *rows)
    choose(world)
    assert confirm(world).status_code == 302
    reply.refresh_from_db()
    tick.refresh_from_db()
    assert reply.indicator == tick.indicator == new(world, "4-4-1")
    assert [point.code for point in focus.points.all()] == ["4-4-1"]  # 1-1-1 is gone
    assert new(world, "4-4").key == "4-3"
    texts = dict(AssessmentText.objects.filter(slot__in=["4-3", "4-4", "1-1"]).values_list("slot", "text"))
    assert texts == {"4-4": "原 4-3", "4-3": "原 4-4"}
    assert AssessmentText.objects.filter(text="原 1-1").exists()


def test_what_was_read_before_the_change_is_not_judged_after_it(world: World) -> None:
    """The requirement has changed since the reviewer opened the page."""
    world.cite("lead")
    workflow.perform(
        workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), world.task("lead").version, ANSWER
    )
    seen = world.task("lead")
    bring(world, KEPT[0], (*LAW, f"4-3-3 {REVIEW}", "另附年度清单。"))
    choose(world)
    confirm(world)
    with pytest.raises(Stale):
        workflow.perform(workflow.MOVES["approve"], seen, world.actor("reviewer"), seen.version, {"comment": ""})
    fresh = world.task("lead")
    assert (fresh.status, fresh.requirement) == ("submitted", "另附年度清单。")
    workflow.perform(workflow.MOVES["approve"], fresh, world.actor("reviewer"), fresh.version, {"comment": ""})


def test_readings_go_on_under_the_new_edition(world: World) -> None:
    measure = world.indicators["4-3-3"].measures.get()
    Reading.objects.create(
        measure=measure,
        unit=world.units["城管局"],
        period="2026",
        count=2,
        updated_by=world.people["liaison"],
        updated_at=NOW,
    )
    bring(world, KEPT[0], (*LAW, "4-3-3 每年组织行政执法案卷评查", ""))
    choose(world)
    confirm(world)
    moved = Reading.objects.get()
    assert moved.measure.indicator == new(world, "4-3-3")
    assert moved.verdict.met
    assert world.indicators["4-3-3"].measures.count() == 1
    page = world.client("liaison").get(address(world, "task", world.tasks["lead"].pk)).content.decode()
    assert "行政执法案卷评查" in page


def test_what_changed_since_the_comparison_stops_it(world: World) -> None:
    bring(world, KEPT[0])
    choose(world)
    seen = found(world).digest
    Task.objects.create(
        campaign=world.campaign,
        unit=world.units["政府办"],
        indicator=world.indicators["4-3-3"],
        phase=world.phases["evidence"],
    )
    refused = confirm(world, seen=seen)
    assert refused.status_code == 409
    assert "对照之后又有了变化" in refused.content.decode()
    assert "3</strong> 项任务终止" in refused.content.decode()
    assert IndicatorSystem.objects.filter(district=world.district).count() == 1
    assert Campaign.objects.get(pk=world.campaign.pk).system_id == world.campaign.system_id


def test_sending_twice_does_it_once(world: World) -> None:
    change = bring(world, KEPT[0])
    choose(world)
    seen = found(world).digest
    first = confirm(world, seen=seen)
    second = confirm(world, seen=seen)
    with pytest.raises(Refusal):  # both saw the comparison before either confirmed
        confirmation.confirm_change(change, seen, True, world.actor("coordinator"))
    assert first["Location"] == address(world, "edition", EditionChange.objects.get().pk)
    assert second["Location"] == address(world, "editions")
    assert IndicatorSystem.objects.filter(district=world.district).count() == 2


def test_two_who_choose_at_once_see_one_another(world: World) -> None:
    bring(world, KEPT[0])
    assert choose(world).status_code == 302
    stale = choose(world, seen="1")
    assert stale.status_code == 409
    assert "刚刚被他人改过" in stale.content.decode()


def test_another_import_takes_the_place_of_the_first_and_says_so(world: World) -> None:
    first = bring(world, KEPT[0])
    plan = import_steps.plan_of_workbook(world, "coordinator", "editions", make.book([HEAD, KEPT[1]]))
    assert any("已有一份新版正在对照" in note for note in plan.notes)
    second = bring(world, KEPT[1])
    assert first.pk != second.pk
    assert EditionChange.objects.get(pk=first.pk).dropped_at
    gone = world.client("coordinator").post(address(world, "edition_drop"))
    assert gone["Location"] == address(world, "editions")
    assert world.client("coordinator").get(address(world, "edition_compare")).status_code == 302
    assert AuditEntry.objects.filter(act="edition.drop").count() == 1


def test_an_edition_needs_a_name_of_its_own(world: World) -> None:
    bring(world, KEPT[0])
    assert choose(world, edition="")["Location"] == address(world, "edition_compare")
    assert "还没有填写新版的版本名称" in confirm(world).content.decode()
    taken = choose(world, edition="2021")
    assert taken.status_code == 422
    assert "已有“2021”这个版本" in taken.content.decode()


def test_a_closed_campaign_stays_with_its_edition(world: World) -> None:
    bring(world, KEPT[0])
    choose(world)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    refused = confirm(world)
    assert refused.status_code == 422
    assert "已结束" in refused.content.decode()
    assert "已结束" in choose(world).content.decode()
    assert Task.objects.active().filter(indicator=world.indicators["4-3-3"]).count() == 2


def test_the_office_alone_compares(world: World) -> None:
    bring(world, KEPT[0])
    choose(world)
    seen = found(world).digest
    for who in ("reviewer", "liaison", "chief"):
        assert confirm(world, seen=seen, who=who).status_code == 403
        assert choose(world, who=who).status_code == 403
        assert "继续对照" not in world.client(who).get(address(world, "editions")).content.decode()
    assert EditionChange.objects.under_way().count() == 1


def test_a_long_comparison_is_asked_page_by_page_and_keeps_what_each_page_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edition_forms, "ROWS_PER_PAGE", 2)
    titles = ("全新的要求", "公示执法结果", "听证告知到位")
    bring(world, KEPT[0], *((*LAW, f"4-3-{n} {title}", "") for n, title in enumerate(titles, 7)))
    client, compare = world.client("coordinator"), address(world, "edition_compare")
    first, second = (client.get(compare, {"page": number}).content.decode() for number in (1, 2))
    assert "第 1 页，共 2 页" in first
    assert "有变化（3）" in first, "the heading counts all of them"
    assert ('name="new 4-3-7"' in first, 'name="new 4-3-9"' in first) == (True, False)
    assert ('name="new 4-3-7"' in second, 'name="new 4-3-9"' in second) == (False, True)
    assert ('value="2">保存，看下一页' in first, 'value="1">保存，看上一页' in second) == (True, True)

    def keep(page: int, **said: str) -> Any:
        data = {"edition": "2026年版", "dated_on": "", "source": "", "seen": found(world).change.version}
        return client.post(
            f"{compare}?page={page}", data | {key.replace("_", " "): value for key, value in said.items()}
        )

    gone = f"old_{old(world, '4-3-3')}"
    assert keep(2, **{gone: "into:4-3-8", "new_4-3-9": "new", "to": "1"})["Location"] == f"{compare}?page=1"
    assert keep(1, **{"new_4-3-7": "new", "new_4-3-8": "new"})["Location"] == address(world, "edition_confirm")
    assert [each.choice for each in found(world).ended] == ["into:4-3-8"]


def test_queries_do_not_grow_with_checkpoints_and_tasks(world: World) -> None:
    def counted(name: str) -> int:
        client = world.client("coordinator")
        client.get(address(world, "editions"))
        return count_queries(lambda: client.get(address(world, name)))

    bring(world, KEPT[0], (*LAW, "4-3-9 全新的要求", ""))
    choose(world)
    few = {name: counted(name) for name in ("edition_compare", "edition_confirm")}
    more_points(world, *((f"4-3-{n}", f"第 {n} 个原要点") for n in range(20, 50)))
    for code in [f"4-3-{n}" for n in range(20, 50)]:
        Task.objects.create(
            campaign=world.campaign,
            unit=world.units["城管局"],
            indicator=world.indicators[code],
            phase=world.phases["evidence"],
        )
    assert {name: counted(name) for name in few} == few
    confirm(world)
    change = EditionChange.objects.confirmed().get()
    with CaptureQueriesContext(connection) as queries:
        world.client("coordinator").get(address(world, "edition", change.pk))
    many = len(queries)
    Task.objects.exclude(ended="").filter(indicator__code__startswith="4-3-2").update(ended="", dropped_on=None)
    with CaptureQueriesContext(connection) as queries:
        world.client("coordinator").get(address(world, "edition", change.pk))
    assert len(queries) == many


def ledger(world: World, **chosen: str) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the rows of 数据 by code and unit, and all text of 汇总."""
    content, _ = job_files.download_result(
        world.client("coordinator"), f"/c/{world.campaign.pk}/ledger/export/", chosen
    )
    book = load_workbook(BytesIO(content))
    head, *rows = book["数据"].iter_rows(values_only=True)
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    told = " ".join(str(cell) for row in book["汇总"].iter_rows(values_only=True) for cell in row if cell)
    return {f"{line['编号']} {line['责任单位']}": line for line in lines}, told


def test_a_past_day_keeps_the_codes_and_titles_of_its_edition(world: World) -> None:
    """Also for renamed and removed checkpoints; today's ledger shows the new edition."""
    bring(world, (*LAW, "4-3-1 每年组织行政执法案卷评查", ""))
    choose(world, **{"new 4-3-1": f"on:{old(world, '4-3-3')}"})
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        assert confirm(world).status_code == 302
    with time_machine.travel(NOW + timedelta(days=5), tick=False):
        now, today = ledger(world)
        then, past = ledger(world, as_of=str(TODAY + timedelta(days=1)))
    points = {key: line for key, line in then.items() if line["编号"] != "D-3"}
    assert set(points) == {"1-1-1 老街街道", "4-3-3 城管局", "4-3-3 老街街道"}
    assert set(now) == {"4-3-1 城管局", "4-3-1 老街街道", "D-3 城管局"}
    line = points["4-3-3 城管局"]
    assert line["三级指标（要点）"] == "4-3-3 每年组织案卷评查"
    assert (line["牵头单位"], points["1-1-1 老街街道"]["牵头单位"]) == ("城管局", "老街街道")
    assert line["目标值"] == "行政执法案卷评查≥ 1次"
    assert next(iter(then)) == "1-1-1 老街街道"
    assert "要点的编号、名称按当日的指标体系“2021”" in past
    assert "指标体系“" not in today


def test_the_same_table_brings_the_parts_of_new_checkpoints_as_annex_1(world: World) -> None:
    head = (*HEAD, "牵头单位", "责任单位")
    rows = [(*row, "", "") for row in KEPT] + [(*LAW, "4-3-4 公示执法结果", "公示截图。", "城管局", "司法局")]
    content = make.book([head, *rows])
    import_steps.apply_workbook(world, "coordinator", "editions", content)
    choose(world)
    assert confirm(world).status_code == 302
    world.campaign.refresh_from_db()
    import_steps.apply_workbook(world, "coordinator", "indicators", content)
    parts = Assignment.objects.filter(campaign=world.campaign, indicator=new(world, "4-3-4"))
    assert dict(parts.values_list("unit__short_name", "role")) == {"城管局": "lead", "司法局": "assist"}
    again = import_steps.plan_of_workbook(world, "coordinator", "editions", content)
    assert not again.pending_lines

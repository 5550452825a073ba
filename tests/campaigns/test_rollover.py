"""Roll a campaign forward to the next year: what is copied, what is reset, what is left to decide; and last year's evidence."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse

from creation.campaigns import campaign_lifecycle
from creation.campaigns.rollover import roll_forward
from creation.campaigns.rollover.dates import RolloverTarget
from creation.campaigns.rollover.roll_forward import CAMPAIGN_KEYS
from creation.lib.refusals import Refusal
from creation.lib.relations import Stays
from creation.models import (
    Action,
    ActionFile,
    Assignment,
    AuditEntry,
    Campaign,
    Citation,
    Evidence,
    Holiday,
    Indicator,
    IndicatorSystem,
    Membership,
    PaperTemplate,
    Phase,
    ReminderRule,
    RolloverGap,
    Submission,
    SubmittedCitation,
    Task,
    Unit,
    User,
)
from creation.people import ownership
from creation.tasks import bulk_changes
from creation.units import merging
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World, add_person

pytestmark = pytest.mark.django_db
LATER = NOW.replace(year=2026, month=12, day=1)
FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _the_day() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def preview(world: World, who: str = "coordinator", **wish: Any) -> Any:
    return world.client(who).get(reverse("campaign_roll", args=[world.campaign.pk]), wish or None)


def sent(page: Any) -> dict[str, Any]:
    """Return what the browser would send from the preview."""
    form, days = page.context["form"], page.context["days"]
    fields = [form[name] for name in form.fields] + [days[name] for name in days.fields]
    return {field.name: field.value() or "" for field in fields} | {"confirmed": "1"}


def roll(world: World, who: str = "coordinator", **changes: Any) -> Campaign:
    client, address = world.client(who), reverse("campaign_roll", args=[world.campaign.pk])
    response = client.post(address, sent(preview(world)) | changes)
    assert response.status_code == 302, response.content.decode()
    made = Campaign.objects.get(previous=world.campaign)
    assert response.url == reverse("campaign_setup", args=[made.pk])
    return made


def begin(world: World, made: Campaign) -> Campaign:
    campaign_lifecycle.open_draft(made, world.actor("coordinator", LATER))
    return Campaign.objects.get(pk=made.pk)


def task_of(made: Campaign, unit: str, code: str = "4-3-3") -> Task:
    return Task.objects.for_table().get(campaign=made, unit__short_name=unit, indicator__code=code)


def address(name: str, task: Task, *args: Any) -> str:
    return reverse(name, args=[task.campaign_id, task.pk, *args])


# The campaign


def test_the_preview_says_in_numbers_what_comes_along_and_changes_nothing(world: World) -> None:
    world.cite("lead")
    before = [model.objects.count() for model in (Campaign, Indicator, Assignment, AuditEntry, Holiday)]
    page = preview(world)
    outline = page.context["outline"]
    assert (outline.checkpoints, len(outline.assignments), outline.leads, outline.units) == (2, 3, 2, 2)
    assert (len(outline.actions), len(outline.rules), outline.evidence_count) == (1, 9, 1)
    assert [unit.short_name for unit in outline.units_without_liaison] == ["司法局", "政府办"]
    assert "<strong>3</strong> 条分工" in page.content.decode()
    assert [model.objects.count() for model in (Campaign, Indicator, Assignment, AuditEntry, Holiday)] == before


def test_the_new_campaign_has_the_structure_and_last_years_stays_as_it_was(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    ReminderRule.objects.filter(campaign=world.campaign, condition="signing").update(lead_times=[9], enabled=False)
    old = Campaign.objects.values().get(pk=world.campaign.pk)
    made = roll(world, name="源汇区2027年创建")
    assert (made.name, made.year, made.state, made.sign_off) == ("源汇区2027年创建", 2027, "draft", True)
    assert (made.window_from, made.window_to) == (date(2025, 1, 1), date(2027, 12, 31))
    codes = [list(each.system.indicators.values_list("code", "key", "title")) for each in (world.campaign, made)]
    assert codes[0] == codes[1]
    assert made.system_id != world.campaign.system_id
    assert made.system.indicators.get(code="4-3-3").parent.parent == made.system.indicators.get(code="4")
    assert made.system.indicators.get(code="4-3-3").measures.get().name == "行政执法案卷评查"
    parts = [set(each.assignments.values_list("indicator__key", "unit", "role")) for each in (world.campaign, made)]
    assert parts[0] == parts[1]
    signing = made.rules.filter(condition="signing")
    assert [(rule.lead_times, rule.enabled) for rule in signing] == [([9], False)] * 3
    assert Campaign.objects.values().get(pk=world.campaign.pk) == old
    assert AuditEntry.objects.filter(act="campaign.roll", object__contains="2027年创建").count() == 1


def test_status_is_not_carried_over(world: World) -> None:
    world.cite("lead")
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="approved", first_submitted_at=NOW)
    made = begin(world, roll(world))
    assert {task.status for task in made.tasks.all()} == {"open"}
    assert not made.tasks.exclude(first_submitted_at=None).exists()
    assert not Citation.objects.filter(task__campaign=made).exists()
    assert task_of(made, "城管局").owner == world.people["liaison"]
    assert world.task("lead").status == "approved"


def test_phases_move_a_year_and_onto_workdays(world: World) -> None:
    days = {phase.kind: (phase.starts, phase.ends) for phase in roll(world).phases.all()}
    assert days["evidence"] == (date(2027, 7, 12), date(2027, 8, 10))  # 11 July 2027 is a Sunday
    assert days["mobilization"] == (date(2027, 6, 21), date(2027, 7, 9))  # 10 July is a Saturday, so the Friday before
    assert days["application"] == (None, None)


def test_a_year_without_holidays_says_so_and_still_offers_days(world: World) -> None:
    page = preview(world, name="x", year=2031)
    assert "2031 年的节假日和调休安排尚未录入" in page.content.decode()
    assert page.context["days"]["evidence_starts"].value() == date(2031, 7, 11)
    for day, name in ((date(2031, 1, 23), "春节"), (date(2031, 7, 11), "测试"), (date(2031, 10, 1), "国庆节")):
        Holiday.objects.create(day=day, kind="off", name=name)
    page = preview(world, name="x", year=2031)
    assert "尚未录入" not in page.content.decode()
    assert page.context["days"]["evidence_starts"].value() == date(2031, 7, 14)


def test_days_of_the_preview_can_be_changed(world: World) -> None:
    made = roll(world, application_starts="2027-09-01", application_ends="2027-09-30", evidence_starts="2027-07-01")
    assert made.phases.get(kind="application").ends == date(2027, 9, 30)
    assert made.phases.get(kind="evidence").starts == date(2027, 7, 1)


def test_another_start_moves_every_phase_and_is_shown_before_it_counts(world: World) -> None:
    """The dates on screen were calculated for another start."""
    client, url = world.client("coordinator"), reverse("campaign_roll", args=[world.campaign.pk])
    data = sent(preview(world)) | {"starts": "2027-03-01"}
    page = client.post(url, data)
    assert not Campaign.objects.filter(year=2027).exists()
    assert "重新推算" in page.content.decode()
    assert page.context["days"]["mobilization_starts"].value() == date(2027, 3, 1)
    assert page.context["days"]["evidence_starts"].value() == date(2027, 3, 22)  # 21 March is a Sunday
    assert client.post(url, sent(page)).status_code == 302
    assert Campaign.objects.get(year=2027).phases.get(kind="evidence").starts == date(2027, 3, 22)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"year": "2026"}, "年度须晚于"),
        ({"year": "abc"}, "请填写四位数年份"),
        ({"year": "99999"}, "不晚于 2100 年"),
        ({"name": ""}, "请填写新活动的名称"),
        ({"starts": "2029-03-01"}, "相差一年以上"),
        ({"starts": "2027-02-30"}, "请填写存在的日期"),
        ({"evidence_ends": "2027-01-01"}, "早于开始日期"),
        ({"evidence_ends": ""}, "同时填写"),
        ({"evidence_ends": "2027-13-01"}, "结束日期不存在"),
    ],
)
def test_what_cannot_be_gets_a_sentence_and_makes_nothing(world: World, wish: dict[str, str], sentence: str) -> None:
    url = reverse("campaign_roll", args=[world.campaign.pk])
    response = world.client("coordinator").post(url, sent(preview(world)) | wish)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Campaign.objects.filter(previous=world.campaign).exists()


def test_a_second_submit_makes_no_second_campaign(world: World) -> None:
    data, client = sent(preview(world)), world.client("coordinator")
    url = reverse("campaign_roll", args=[world.campaign.pk])
    assert {client.post(url, data).url for _ in range(2)} == {
        reverse("campaign_setup", args=[Campaign.objects.get(year=2027).pk])
    }
    assert AuditEntry.objects.filter(act="campaign.roll").count() == 1


def test_two_who_confirm_at_the_same_moment_make_one(world: World) -> None:
    """Both saw the page before either confirmed."""
    wish, actor = RolloverTarget("2027年活动", 2027, None), world.actor("coordinator", LATER)
    assert roll_forward.roll_forward(world.campaign, wish, {}, actor) == roll_forward.roll_forward(
        world.campaign, wish, {}, actor
    )


def test_a_year_that_has_a_campaign_already_and_a_draft_are_refused(world: World) -> None:
    other = Campaign.objects.create(
        district=world.district, system=world.campaign.system, host=world.units["司法局"], name="另建的", year=2027
    )
    assert "2027 年度已有活动“另建的”" in preview(world).content.decode()
    url = reverse("campaign_roll", args=[other.pk])
    assert "还在筹备，没有可以沿用的内容" in world.client("coordinator").get(url).content.decode()


def test_it_can_be_rolled_on_and_on(world: World) -> None:
    made = begin(world, roll(world))
    url = reverse("campaign_roll", args=[made.pk])
    client = world.client("coordinator")
    assert client.post(url, sent(client.get(url))).status_code == 302
    last = Campaign.objects.get(year=2028)
    assert (last.previous, last.system.edition) == (made, "2021（2028年度）")


def test_a_person_who_may_not_open_a_campaign_may_not_roll_one_forward(world: World) -> None:
    for who, code in (("reviewer", 403), ("liaison", 403), ("outsider", 404)):
        assert preview(world, who).status_code == code


def test_work_items_come_with_their_files_and_days(world: World) -> None:
    action = Action.objects.get(phase__campaign=world.campaign)
    ActionFile.objects.create(action=action, name="方案.pdf", blob="ab/" + "0" * 32, sha256="0" * 64, size=1)
    Action.objects.create(phase=action.phase, code="L-1", title="已取消", audience="office", cancelled_on=NOW.date())
    chosen = Action.objects.create(
        phase=action.phase, code="L-2", title="批示", audience="chosen", due_on=date(2026, 7, 4)
    )
    chosen.units.add(world.units["城管局"])
    PaperTemplate.objects.create(
        campaign=world.campaign,
        kind="bulletin",
        number=3,
        blob="cd/" + "0" * 32,
        created_by=world.people["coordinator"],
        created_at=NOW,
    )
    made = roll(world)
    there = {each.code: each for each in Action.objects.filter(phase__campaign=made)}
    assert set(there) == {"D-3", "L-2"}
    assert there["D-3"].files.get().blob == "ab/" + "0" * 32
    assert there["L-2"].due_on == date(2027, 7, 2)  # 4 July 2027 is a Sunday, so the Friday before
    assert [unit.short_name for unit in there["L-2"].units.all()] == ["城管局"]
    assert made.templates.get().blob == "cd/" + "0" * 32


def test_what_is_decided_about_each_key_is_done(world: World) -> None:
    """Rows of a key with a function point to the copies; rows of a key that stays do not."""
    action = Action.objects.get(phase__campaign=world.campaign)
    ActionFile.objects.create(action=action, name="方案.pdf", blob="ab/" + "0" * 32, sha256="0" * 64, size=1)
    chosen = Action.objects.create(phase=action.phase, code="L-2", title="批示", audience="chosen")
    chosen.units.add(world.units["老街街道"])
    stamp = {"created_by": world.people["coordinator"], "created_at": NOW}
    PaperTemplate.objects.create(campaign=world.campaign, kind="bulletin", number=1, blob="cd/" + "0" * 32, **stamp)
    Membership.objects.filter(user=world.people["liaison"]).update(campaign=world.campaign)
    gone(world, "老街街道")
    world.cite("lead")
    made = roll(world)
    copies = {
        Campaign: [made],
        IndicatorSystem: [made.system],
        Indicator: list(made.system.indicators.all()),
        Phase: list(made.phases.all()),
        Action: list(Action.objects.filter(phase__campaign=made)),
    }
    found = {}
    for key in CAMPAIGN_KEYS:
        model, _, name = key.partition(".")
        field = apps.get_model("creation", model)._meta.get_field(name)
        found[key] = field.model._default_manager.filter(**{f"{name}__in": copies[field.related_model]}).exists()
    copied = {key for key, decision in CAMPAIGN_KEYS.items() if not isinstance(decision, Stays)}
    assert {key for key, is_there in found.items() if is_there} == copied - {"Campaign.previous"}
    assert made.previous == world.campaign


# Open gaps


def gone(world: World, name: str) -> None:
    Unit.objects.filter(pk=world.units[name].pk).update(active_to=date(2026, 11, 1))


def test_a_part_of_a_closed_unit_is_listed_and_ticked_off(world: World) -> None:
    gone(world, "老街街道")
    assert "4-3-3 每年组织案卷评查：配合单位老街街道已停用" in preview(world).content.decode()
    made = roll(world)
    rows = {row.text: row for row in made.gaps.all()}
    assert set(rows) == {
        "4-3-3 每年组织案卷评查：配合单位老街街道已停用",
        "1-1-1 行政审批事项清单公布：牵头单位老街街道已停用",
    }
    assert not made.assignments.filter(unit=world.units["老街街道"]).exists()
    client, setup = world.client("coordinator"), reverse("campaign_setup", args=[made.pk])
    page = client.get(setup).content.decode()
    assert "还有 2 项待定" in page
    assert "现为：牵头 （缺），配合 0 个单位" in page
    assert "现为：牵头 城管局，配合 0 个单位" in page
    with pytest.raises(Refusal, match="1-1-1"):
        campaign_lifecycle.open_draft(made, world.actor("coordinator"))
    for row in rows.values():
        client.post(reverse("undecided_settle", args=[made.pk, row.pk]))
    assert "项待定" not in client.get(setup).content.decode()
    assert AuditEntry.objects.filter(act="undecided.settle").count() == 2
    assert RolloverGap.objects.get(pk=row.pk).settled_by == world.people["coordinator"]


def test_a_merged_unit_names_its_successor(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    unit = Unit.objects.get(pk=world.units["老街街道"].pk)
    merging.merge(unit, world.units["政府办"], unit.version, world.actor("coordinator", LATER))
    made = roll(world)
    assert "1-1-1 行政审批事项清单公布：牵头单位老街街道已并入政府办" in {row.text for row in made.gaps.all()}


def test_an_owner_by_name_stays_and_a_disabled_one_is_listed(world: World) -> None:
    clerk, actor = world.people["clerk"], world.actor("coordinator")
    for name in ("lead", "action"):
        seen = {world.tasks[name].pk: world.task(name).version}
        bulk_changes.change_owner(world.campaign, seen, {world.units["城管局"].pk: clerk}, actor)
    made = begin(world, roll(world))
    assert task_of(made, "城管局").owner == clerk
    assert Task.objects.get(campaign=made, action__code="D-3", unit=world.units["城管局"]).owner == clerk
    assert not made.gaps.exists()
    RolloverGap.objects.all().delete()
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    text = "4-3-3 每年组织案卷评查：城管局的责任人程承办账号已停用，改由联络员负责"
    assert text in preview(world, name="x", year=2028).content.decode()


def test_roles_for_the_old_campaign_alone_come_along_in_units_and_are_listed_beyond(world: World) -> None:
    extra = add_person("extra", "白联络", None, world.units["政府办"])
    Membership.objects.create(
        user=extra, role="liaison", district=world.district, unit=extra.unit, campaign=world.campaign
    )
    Membership.objects.filter(user=world.people["inspector"]).update(campaign=world.campaign)
    made = roll(world)
    assert ownership.task_owners(made, LATER.date())[world.units["政府办"].pk] == extra
    assert [row.text for row in made.gaps.all()] == ["督导检查组杜督导的任职只限上年活动，需要时请系统管理员重新指定"]


def test_the_number_of_queries_does_not_grow_with_units_and_checkpoints(world: World) -> None:
    def counted(year: int) -> tuple[int, int]:
        page, client = preview(world, name="x", year=year), world.client("coordinator")
        shown = count_queries(preview, world, name="x", year=year)
        done = count_queries(lambda: client.post(reverse("campaign_roll", args=[world.campaign.pk]), sent(page)))
        return shown, done

    gone(world, "老街街道")
    world.cite("lead")
    few = counted(2027)
    item = world.indicators["4-3"]
    for number in range(10, 30):
        point = Indicator.objects.create(
            system=item.system, parent=item, level=3, code=f"4-3-{number}", key=f"k{number}", order=number, title="x"
        )
        for unit in world.units.values():
            role = "lead" if unit.short_name == "司法局" else "assist"
            Assignment.objects.create(campaign=world.campaign, indicator=point, unit=unit, role=role)
    for title in "甲乙丙丁":
        world.cite("lead", title)
    assert counted(2028) == few


# Last year's evidence


def closed_year(world: World, **facts: Any) -> Citation:
    """Return a citation that was submitted last year; its evidence has a second version since."""
    citation = world.cite("lead")
    Citation.objects.filter(pk=citation.pk).update(passage="第三段")
    Evidence.objects.filter(pk=citation.evidence_id).update(**facts)
    version = citation.evidence.versions.get()
    submission = Submission.objects.create(
        task=citation.task,
        number=1,
        mode="upload",
        handed_on=NOW.date(),
        created_by=citation.created_by,
        created_at=NOW,
        digest="0" * 64,
    )
    SubmittedCitation.objects.create(submission=submission, version=version, number="4-3-3-01", title="评查通报")
    citation.evidence.versions.create(number=2, text="更正后", created_by=citation.created_by, created_at=NOW)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    return citation


def decide(world: World, task: Task, evidence: Evidence, verdict: str, who: str = "liaison", **more: Any) -> Any:
    data = {"evidence": evidence.pk, "verdict": verdict} | more
    extra = FRAGMENT if more.pop("fragment", False) else {}
    return world.client(who).post(address("heritage_decide", task), data, **extra)


def test_last_years_evidence_is_offered_and_does_not_count(world: World) -> None:
    citation = closed_year(world)
    task = task_of(begin(world, roll(world)), "城管局")
    page = world.client("liaison").get(address("task", task)).content.decode()
    assert "1 份待确认" in page
    assert "上年编号 4-3-3-01" in page
    assert "第 2 版（上年报送第 1 版）" in page
    assert "证明段落：第三段" in page
    assert reverse("exhibit", args=[world.campaign.pk, citation.task_id, citation.pk]) in page
    assert not task.citations.exists()
    for who in ("reviewer", "chief", "leader"):
        assert "上年材料" not in world.client(who).get(address("task", task)).content.decode()
    assert (
        "上年材料"
        not in world.client("rival").get(address("task", task_of(task.campaign, "老街街道"))).content.decode()
    )


def test_a_piece_that_still_applies_is_cited_with_its_passage(world: World) -> None:
    evidence = closed_year(world).evidence
    task = task_of(begin(world, roll(world)), "城管局")
    response = decide(world, task, evidence, "keep", fragment=True)
    assert "已引用，编号 4-3-3-01" in response.content.decode()
    assert "已全部确认" in response.content.decode()
    cited = task.citations.get()
    assert (cited.evidence, cited.passage) == (evidence, "第三段")
    assert evidence.versions.count() == 2  # nothing was copied
    again = decide(world, task, evidence, "keep", fragment=True)
    assert (again.status_code, task.citations.count()) == (422, 1)


def test_a_piece_from_outside_the_window_warns_and_keeps_the_reason(world: World) -> None:
    evidence = closed_year(world, dated_on=date(2024, 5, 1)).evidence  # the new period begins in 2025
    task = task_of(begin(world, roll(world)), "城管局")
    page = world.client("liaison").get(address("task", task)).content.decode()
    assert "成文日期不在今年的材料时间范围内（2025-01-01 至 2027-12-31）" in page
    assert decide(world, task, evidence, "keep", outside_reason="制度一直有效" * 40).status_code == 302
    assert not task.citations.exists()
    decide(world, task, evidence, "keep", outside_reason="制度一直有效")
    assert task.citations.get().outside_reason == "制度一直有效"


def test_a_rejected_piece_can_be_restored(world: World) -> None:
    evidence = closed_year(world).evidence
    task, client = task_of(begin(world, roll(world)), "城管局"), world.client("liaison")
    assert "已标为不再适用" in decide(world, task, evidence, "drop", fragment=True).content.decode()
    assert "已全部确认" in client.get(address("task", task)).content.decode()
    assert AuditEntry.objects.filter(act="evidence.dismiss").count() == 1
    decide(world, task, evidence, "again")
    assert "1 份待确认" in client.get(address("task", task)).content.decode()
    decide(world, task, evidence, "drop")
    decide(world, task, evidence, "keep")
    assert task.citations.get().evidence == evidence


def test_only_who_may_cite_for_the_unit_decides(world: World) -> None:
    evidence = closed_year(world).evidence
    task = task_of(begin(world, roll(world)), "城管局")
    codes = {who: decide(world, task, evidence, "keep", who).status_code for who in ("rival", "reviewer", "leader")}
    assert codes == {"rival": 404, "reviewer": 403, "leader": 403}
    assert not task.citations.exists()
    assert decide(world, task, world.cite("other", by="rival").evidence, "keep").status_code == 404
    assert decide(world, task, evidence, "keep", "clerk").status_code == 302
    assert task.citations.count() == 1


def test_a_leads_piece_of_an_assist_waits_for_the_assist(world: World) -> None:
    """Then the lead may cite it, as in any year."""
    shared = world.cite("assist", by="rival").evidence
    number = Citation.objects.get(evidence=shared).number
    Citation.objects.create(
        task=world.tasks["lead"], evidence=shared, number=number, created_by=world.people["liaison"], created_at=NOW
    )
    made = begin(world, roll(world))
    lead, assist = task_of(made, "城管局"), task_of(made, "老街街道")
    assert "该单位在本年任务中引用以后" in world.client("liaison").get(address("task", lead)).content.decode()
    assert decide(world, lead, shared, "keep").status_code == 302
    assert not lead.citations.exists()
    decide(world, assist, shared, "keep", "rival")
    decide(world, lead, shared, "keep")
    assert lead.citations.get().evidence == shared


def test_a_merged_units_pieces_wait_at_its_successors_task(world: World) -> None:
    evidence = world.cite("other", by="rival").evidence
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    unit = Unit.objects.get(pk=world.units["老街街道"].pk)
    merging.merge(unit, world.units["城管局"], unit.version, world.actor("coordinator", LATER))
    made = roll(world)
    Assignment.objects.create(
        campaign=made,
        indicator=made.system.indicators.get(code="1-1-1"),
        unit=world.units["城管局"],
        role="lead",
    )
    task = task_of(begin(world, made), "城管局", "1-1-1")
    page = world.client("liaison").get(address("task", task)).content.decode()
    assert "1 份待确认" in page
    assert reverse("evidence", args=[evidence.pk]) in page
    decide(world, task, evidence, "keep")
    assert task.citations.get().evidence == evidence


def test_the_task_page_costs_the_same_for_one_piece_and_for_many(world: World) -> None:
    closed_year(world)
    task, client = task_of(begin(world, roll(world)), "城管局"), world.client("liaison")
    client.get(address("task", task))

    def queries() -> int:
        return count_queries(lambda: client.get(address("task", task)))

    one = queries()
    for title in "甲乙丙丁":
        world.cite("lead", title)
    assert "5 份待确认" in client.get(address("task", task)).content.decode()
    assert queries() == one

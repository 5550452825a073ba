"""Create, change, deactivate and merge units; the effect on open work is shown before it happens."""

from datetime import date

import pytest

from creation.campaigns import campaign_lifecycle
from creation.communication import announcements
from creation.lib.refusals import Refusal
from creation.models import (
    Action,
    Announcement,
    Assignment,
    AuditEntry,
    Evidence,
    FindingSource,
    Membership,
    Notice,
    Task,
    Unit,
    User,
)
from creation.rules.policy import Role
from creation.supervision import findings, orders
from creation.supervision.findings import FindingText
from creation.supervision.orders import OrderText
from creation.tasks import workflow
from creation.units import lifecycle, merging
from tests.support.world import TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")

FORM = {
    "name": "源汇区新局",
    "short_name": "新局",
    "kind": "department",
    "order": 9,
    "leader": "",
    "active_from": "",
    "seen": 1,
}
FIELDS = ("measures", "results", "highlights", "keeper", "place", "statement")


def unit(world: World, name: str) -> Unit:
    return Unit.objects.get(pk=world.units[name].pk)


def test_a_unit_is_added_and_changed(world: World) -> None:
    client = world.client("coordinator")
    assert client.post("/units/new/", FORM)["Location"] == "/units/"
    made = Unit.objects.get(short_name="新局")
    client.post(f"/units/{made.pk}/", FORM | {"leader": "方局长"})
    made.refresh_from_db()
    assert (made.district, made.leader, made.version) == (world.district, "方局长", 2)
    assert list(AuditEntry.objects.filter(act__startswith="unit.").order_by("pk").values_list("act", flat=True)) == [
        "unit.create",
        "unit.edit",
    ]


@pytest.mark.parametrize("same", [{"name": "源汇区城管局"}, {"short_name": "城管局"}])
def test_a_name_is_given_once(world: World, same: dict[str, str]) -> None:
    page = world.client("coordinator").post("/units/new/", FORM | same)
    assert page.status_code == 200
    assert "本区已有" in page.content.decode()


def test_of_two_edits_the_second_sees_both_texts(world: World) -> None:
    client, pk = world.client("coordinator"), world.units["政府办"].pk
    client.post(f"/units/{pk}/", FORM)
    lost = client.post(f"/units/{pk}/", FORM | {"leader": "后来者"})
    assert lost.status_code == 409
    assert "后来者" in lost.content.decode()
    assert unit(world, "政府办").leader == ""


def test_a_unit_with_work_cannot_stop(world: World) -> None:
    client, pk = world.client("coordinator"), world.units["城管局"].pk
    assert "<strong>2</strong> 项未办结任务" in client.get(f"/units/{pk}/").content.decode()
    page = client.post(f"/units/{pk}/stop/", {"seen": 1}, follow=True)
    assert "不能停用" in page.content.decode()
    assert unit(world, "城管局").active_to is None


def test_the_office_itself_cannot_stop(world: World) -> None:
    page = world.client("coordinator").post(f"/units/{world.units['司法局'].pk}/stop/", {"seen": 1}, follow=True)
    assert "创建办所在单位" in page.content.decode()


def test_an_idle_unit_is_deactivated_and_reactivated(world: World) -> None:
    client, pk = world.client("coordinator"), world.units["政府办"].pk
    client.post(f"/units/{pk}/stop/", {"seen": 1})
    stopped = unit(world, "政府办")
    assert stopped.active_to == TODAY
    assert not stopped.is_active(TODAY)
    assert stopped not in Unit.objects.active(TODAY)
    client.post(f"/units/{pk}/resume/", {"seen": 2})
    assert unit(world, "政府办").is_active(TODAY)


def test_what_was_seen_before_a_change_is_not_acted_on(world: World) -> None:
    pk = world.units["政府办"].pk
    page = world.client("coordinator").post(f"/units/{pk}/stop/", {"seen": 7}, follow=True)
    assert "刚刚被他人修改" in page.content.decode()
    assert unit(world, "政府办").active_to is None


def merge(world: World, gone: str = "城管局", into: str = "老街街道", who: str = "coordinator") -> merging.MergePlan:
    return merging.merge(unit(world, gone), unit(world, into), 1, world.actor(who))


def test_the_effects_are_shown_before_and_nothing_is_done(world: World) -> None:
    world.cite("action")
    into = world.units["老街街道"]
    page = world.client("coordinator").get(f"/units/{world.units['城管局'].pk}/merge/?into={into.pk}")
    shown = page.context["plan"]
    assert (shown.moved, shown.dropped, shown.kept, shown.history) == (1, 1, 0, 0)
    assert (shown.assignments, shown.evidence, shown.people) == (1, 1, 3)
    assert unit(world, "城管局").merged_into is None


def test_tasks_go_over_with_what_was_typed_and_doubles_become_one(world: World) -> None:
    """Both have a task for 4-3-3: 城管局 led, 老街街道 assisted. Only 城管局 has one for the action, which moves as it is."""
    citation = world.cite("action")
    merge(world)
    into = world.units["老街街道"]
    assert world.task("action").unit == into
    assert world.task("action").citations.get() == citation
    assert world.task("lead").dropped_on == TODAY
    assert (world.task("assist").role, world.task("assist").dropped_on) == ("lead", None)
    assert Assignment.objects.get(campaign=world.campaign, indicator=world.indicators["4-3-3"]).unit == into
    assert Evidence.objects.get(pk=citation.evidence_id).unit == into
    gone = unit(world, "城管局")
    assert (gone.merged_into, gone.active_to) == (into, TODAY)


def test_approved_tasks_keep_the_old_name(world: World) -> None:
    data = dict.fromkeys(FIELDS, "") | {"mode": "statement", "statement": "无此类情形。"}
    workflow.perform(workflow.MOVES["submit"], world.task("action"), world.actor("liaison"), 1, data)
    workflow.perform(workflow.MOVES["approve"], world.task("action"), world.actor("reviewer"), 2, {})
    merge(world)
    assert world.task("action").unit == world.units["城管局"]
    assert world.task("action").dropped_on is None


def test_what_was_approved_is_not_asked_for_again(world: World) -> None:
    """Neither at a checkpoint nor for an action, at the merger or when tasks are distributed later."""
    action = world.tasks["action"].action
    assert action
    Action.objects.filter(pk=action.pk).update(audience="chosen")
    action.units.set([world.units["城管局"]])
    Task.objects.filter(pk=world.tasks["assist"].pk).delete()
    Assignment.objects.filter(unit=world.units["老街街道"]).delete()
    data = dict.fromkeys(FIELDS, "") | {"mode": "statement", "statement": "无此类情形。"}
    for name in ("action", "lead"):
        workflow.perform(workflow.MOVES["submit"], world.task(name), world.actor("liaison"), 1, data)
        workflow.perform(workflow.MOVES["approve"], world.task(name), world.actor("reviewer"), 2, {})
    merge(world)
    assert Assignment.objects.get(indicator=world.indicators["4-3-3"]).unit == world.units["老街街道"]
    campaign_lifecycle.publish_changes(world.campaign, world.actor("coordinator"))
    for name in ("action", "lead"):
        key = {"indicator": world.tasks[name].indicator, "action": world.tasks[name].action}
        assert Task.objects.active().get(**key).unit == world.units["城管局"]


def test_people_go_over_and_one_liaison_remains(world: World) -> None:
    client = world.client("liaison")
    assert client.get("/profile/").status_code == 200
    merge(world)
    into = world.units["老街街道"]
    assert set(User.objects.filter(unit=into).values_list("username", flat=True)) == {
        "rival",
        "liaison",
        "clerk",
        "leader",
    }
    held = Membership.objects.active(TODAY).filter(unit=into)
    assert {(m.user.username, m.role) for m in held} == {
        ("rival", Role.LIAISON),
        ("liaison", Role.CLERK),
        ("clerk", Role.CLERK),
        ("leader", Role.UNIT_LEADER),
    }
    assert world.task("action").owner == world.people["rival"]
    assert client.get("/profile/").status_code == 302, "whoever is moved comes in anew"


def test_the_people_of_the_unit_and_the_office_are_told(world: World) -> None:
    world.cite("lead")
    plan = merge(world, who="administrator")
    told = {
        (each.person.username, each.text) for each in Notice.objects.filter(slot=f"merged {world.units['城管局'].pk}")
    }
    moved = f"城管局已并入老街街道：移交未办结任务 {plan.moved} 项、印证资料 1 份，"
    texts = dict.fromkeys(("rival", "liaison", "clerk", "leader"), f"{moved}请在“待办”中核对。")
    texts |= {"coordinator": f"{moved}撤销重复任务 {plan.dropped} 项。"}
    assert told == set(texts.items())


def test_an_answered_double_stays_for_the_office(world: World) -> None:
    world.cite("lead")
    data = dict.fromkeys(FIELDS, "") | {"mode": "upload"}
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, data)
    assert merge(world, who="administrator").kept == 1
    assert "1 项城管局答复过的任务留在其名下，请办结" in Notice.objects.get(person=world.people["coordinator"]).text
    assert world.task("lead").dropped_on is None
    assert world.task("lead").submissions.count() == 1


def test_a_rectification_and_an_order_reply_that_both_have_become_one(world: World) -> None:
    """Neither is of the plan, whose doubles are ended when its tasks are generated."""
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    both = {world.units[name]: None for name in ("城管局", "老街街道")}
    finding = findings.record_finding(
        world.campaign, FindingText("公示超过规定日期", source), both, world.actor("inspector")
    )
    lead, assist = both
    text = OrderText("限期公示", lead, [assist], cycle="weekly")
    order = orders.issue_order(world.campaign, text, world.actor("inspector"))
    merge(world)
    for tasks in (finding.rectifications.all(), Task.objects.filter(action=order.action)):
        ended, goes_on = tasks.get(unit=lead), tasks.get(unit=assist)
        assert (ended.dropped_on, ended.ended) == (TODAY, "城管局并入老街街道，由老街街道的同一事项接续")
        assert ended.events.filter(move="unit.merge").exists()
        assert (goes_on.dropped_on, goes_on.owner) == (None, world.people["rival"])
    assert not Task.objects.active().filter(unit=lead).exists()


def test_announcements_that_wait_for_a_signature_go_over_and_signed_ones_stay(world: World) -> None:
    gone, into = world.units["城管局"], world.units["老街街道"]
    office, liaison = world.actor("coordinator"), world.actor("liaison")
    text = announcements.AnnouncementText(
        title="报送口径", body="请各单位按此口径报送。", units=[gone], needs_receipt=True, sign_by=None
    )
    waiting, signed = (announcements.issue_announcement(world.campaign, text, office) for _ in range(2))
    announcements.sign_receipt(signed, 1, liaison)
    assert merging.plan(gone, into).announcements == 1
    merge(world)
    assert list(waiting.units.all()) == [into]
    assert list(signed.units.all()) == [gone]
    assert Announcement.objects.awaiting(world.people["rival"]).get() == waiting


def test_what_cannot_be_merged_is_a_sentence(world: World) -> None:
    actor = world.actor("coordinator")
    with pytest.raises(Refusal, match="另一个单位"):
        merging.merge(unit(world, "城管局"), unit(world, "城管局"), 1, actor)
    merge(world)
    with pytest.raises(Refusal, match="已经并入"):
        merging.merge(unit(world, "城管局"), unit(world, "政府办"), 2, actor)
    with pytest.raises(Refusal, match="已停用"):
        merging.merge(unit(world, "政府办"), unit(world, "城管局"), 1, actor)
    with pytest.raises(Refusal, match="不能恢复"):
        lifecycle.reactivate(unit(world, "城管局"), 2, actor)


def test_the_host_goes_over_with_its_campaigns(world: World) -> None:
    merge(world, "司法局", "政府办")
    world.campaign.refresh_from_db()
    assert world.campaign.host == world.units["政府办"]


def test_a_unit_that_has_not_begun_is_not_active(world: World) -> None:
    later = Unit(district=world.district, active_from=date(2026, 9, 1))
    assert not later.is_active(TODAY)

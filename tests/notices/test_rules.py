"""The pages of reminder rules: list by phase, change with a preview, disable and enable."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle
from creation.models import AuditEntry, Campaign, Notice, ReminderRule
from creation.notices import reminders
from creation.notices.reminders import rule_settings
from creation.notices.reminders.conditions import CONDITIONS
from creation.notices.reminders.rule_words import schedule_text
from creation.presets import load
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db


def row(world: World, condition: str = "unanswered", phase: str = "evidence") -> ReminderRule:
    return ReminderRule.objects.get(campaign=world.campaign, phase_kind=phase, condition=condition)


def address(world: World, rule: ReminderRule, tail: str = "") -> str:
    return f"/c/{world.campaign.pk}/rules/{rule.pk}/{tail}"


def typed(rule: ReminderRule, **given: Any) -> dict[str, Any]:
    names = ("name", "audience", "text", "overdue_every", "leader_after", "office_after")
    return rule.values(*names) | {"lead_times": rule.days, "seen": rule.version, "day": "2026-08-03"} | given


def test_opening_a_campaign_creates_the_rules_of_all_phases_once(db: Any) -> None:
    campaign = campaign_lifecycle.prepare_campaign("yuanhui", 2026, Actor(None, NOW))
    assert campaign.rules.count() == len(load("yuanhui").reminder_rules)
    assert {rule.phase_kind for rule in campaign.rules.all()} == set(campaign.phases.values_list("kind", flat=True))
    campaign.rules.filter(condition="no_liaison").delete()
    campaign.rules.update(text="改过")
    count = campaign.rules.count()
    assert (
        campaign_lifecycle.prepare_campaign("yuanhui", 2026, Actor(None, NOW)).rules.filter(text="改过").count()
        == count
    )


def test_every_created_rule_is_valid_in_the_form(db: Any) -> None:
    for rule in campaign_lifecycle.prepare_campaign("yuanhui", 2026, Actor(None, NOW)).rules.all():
        rule_settings.check_rule(rule)


def test_the_list_has_a_section_for_each_phase(world: World) -> None:
    page = world.client("coordinator").get(f"/c/{world.campaign.pk}/rules/").content.decode()
    assert page.count("<section") == 3
    assert "逐项报送" in page
    assert "提前 7、3、1、0 天" in page


def test_a_change_counts_from_the_next_reminder_on_and_leaves_its_trace(world: World) -> None:
    rule = row(world)
    answer = world.client("coordinator").post(
        address(world, rule), typed(rule, text="{task}，{left}", lead_times="10，5 0")
    )
    assert answer.status_code == 302
    rule.refresh_from_db()
    assert (rule.lead_times, rule.text, rule.version) == ([10, 5, 0], "{task}，{left}", 2)
    assert "提前天数：10、5、0" in AuditEntry.objects.get(act="rule.edit").detail
    reminders.remind(Actor(None, NOW))
    assert Notice.objects.get(subject=f"task/{world.tasks['lead'].pk}").text == "4-3-3 每年组织案卷评查，还有 10 天"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"text": "{task} {who}"}, "不认识“{who}”"),
        ({"text": "{task} {count}"}, "不认识“{count}”"),
        ({"text": ""}, "这个字段是必填项"),
        ({"lead_times": "7, 三"}, "“三”不是 0 到 180 的整数"),
        ({"lead_times": "181"}, "“181”不是 0 到 180 的整数"),
        ({"lead_times": " ".join(map(str, range(11)))}, "最多写 10 个天数"),
        ({"lead_times": "", "overdue_every": 0}, "这条规则从不提醒"),
        ({"leader_after": 5, "office_after": 3}, "创建办不能先于分管领导得知"),
        ({"audience": "chief"}, "chief"),
    ],
)
def test_an_invalid_rule_is_refused_with_a_sentence(world: World, given: dict[str, Any], sentence: str) -> None:
    rule = row(world)
    answer = world.client("coordinator").post(address(world, rule), typed(rule, **given))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert row(world).version == 1


def test_the_second_editor_is_told_and_overwrites_nothing(world: World) -> None:
    rule, client = row(world), world.client("coordinator")
    client.post(address(world, rule), typed(rule, name="先改的"))
    answer = client.post(address(world, rule), typed(rule, name="后改的"))
    assert answer.status_code == 409
    assert "先改的" in answer.content.decode()
    assert row(world).name == "先改的"
    assert client.post(address(world, rule, "switch/"), {"seen": 1, "enabled": 0}).status_code == 409
    assert row(world).enabled


def test_a_disabled_rule_sends_nothing(world: World) -> None:
    rule, client = row(world), world.client("coordinator")
    client.post(address(world, rule, "switch/"), {"seen": rule.version, "enabled": 0})
    assert not row(world).enabled
    reminders.remind(Actor(None, NOW + timedelta(days=3)))
    assert not Notice.objects.filter(subject=f"task/{world.tasks['lead'].pk}").exists()
    client.post(address(world, rule, "switch/"), {"seen": 2, "enabled": 1})
    assert row(world).enabled
    assert AuditEntry.objects.filter(act="rule.switch").count() == 2


def test_the_rules_of_a_closed_campaign_stay_as_they_are(world: World) -> None:
    rule, client = row(world), world.client("coordinator")
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    answer = client.post(address(world, rule), typed(rule, name="x"))
    assert "已结束，只供查阅" in answer.content.decode()
    client.post(address(world, rule, "switch/"), {"seen": 1, "enabled": 0})
    assert (row(world).version, row(world).enabled) == (1, True)


@time_machine.travel(NOW)
def test_the_preview_lists_people_and_texts_and_writes_nothing(world: World) -> None:
    rule = row(world)
    page = world.client("coordinator").get(address(world, rule), {"day": "2026-08-03"}).content.decode()
    assert "2026年8月3日：2 人会收到，共 3 条" in page
    assert "刘联络（城管局）1 条" in page
    assert "还有 7 天：4-3-3 每年组织案卷评查。请在 8 月 10 日前报送。" in page
    assert not Notice.objects.exists()


def test_the_preview_shows_the_rule_as_typed_and_saves_nothing(world: World) -> None:
    rule = row(world)
    page = world.client("coordinator").post(address(world, rule), typed(rule, text="请看：{task}", preview="1"))
    assert "请看：4-3-3 每年组织案卷评查" in page.content.decode()
    assert row(world).version == 1
    wrong = world.client("coordinator").post(address(world, rule), typed(rule, text="{who}", preview="1"))
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-08-08", "这一天是休息日"),
        ("2026-07-20", "这一天没有要提醒的"),
        ("2026-08-04", "这一天不是提醒日"),
        ("2026-08-32", "输入一个有效的日期"),
    ],
)
def test_a_day_without_reminders_shows_the_reason(world: World, day: str, sentence: str) -> None:
    page = world.client("coordinator").get(address(world, row(world)), {"day": day}).content.decode()
    assert sentence in page


@pytest.mark.parametrize(
    ("condition", "day", "sentence"),
    [
        ("unanswered", "2026-07-20", "下一次是 <strong>2026年7月29日</strong>"),
        ("unanswered", "2026-08-08", "下一次是 <strong>2026年8月10日</strong>"),
        ("signing", "2026-08-03", "之后 60 天内也没有"),
    ],
)
def test_a_day_without_reminders_names_the_next_one_with_some(
    world: World, condition: str, day: str, sentence: str
) -> None:
    page = world.client("coordinator").get(address(world, row(world, condition)), {"day": day}).content.decode()
    assert sentence in page


def test_a_rule_of_a_phase_without_dates_says_why_there_is_nothing(world: World) -> None:
    phase = world.campaign.phases.get(kind="evidence")
    client, where = world.client("coordinator"), address(world, row(world, "signing"))
    assert "还没有日期" not in client.get(where, {"day": "2026-08-03"}).content.decode()
    world.campaign.phases.filter(pk=phase.pk).update(starts=None, ends=None)
    page = client.get(where, {"day": "2026-08-03"}).content.decode()
    assert (
        f'“收集印证资料”阶段还没有日期，<a href="{phase.get_absolute_url()}">填写日期</a>以后才有期限可提醒。' in page
    )


# Adding a rule


def new_address(world: World, phase: str = "evidence", condition: str = "review_waiting") -> str:
    return f"/c/{world.campaign.pk}/rules/new/{phase}/{condition}/"


def proposed(world: World, **given: Any) -> dict[str, Any]:
    rule = rule_settings.propose_rule(world.campaign, "evidence", "review_waiting")
    return rule.values("name", "audience", "text", "overdue_every") | {"seen": 1, "day": "2026-08-03"} | given


def test_each_phase_offers_what_it_has_no_rule_for(world: World) -> None:
    page = world.client("coordinator").get(f"/c/{world.campaign.pk}/rules/").content.decode()
    offered = {
        phase: {name for name in CONDITIONS if new_address(world, phase, name) in page}
        for phase in ("mobilization", "evidence", "application")
    }
    others = {"office_items", "units_behind", "review_waiting", "undated"}
    assert offered == {"mobilization": others, "evidence": others, "application": others | {"not_entered"}}


@pytest.mark.parametrize("condition", ["review_waiting", "office_items", "units_behind", "undated"])
def test_the_proposed_rule_is_saved_as_it_is_shown(world: World, condition: str) -> None:
    client, address = world.client("coordinator"), new_address(world, condition=condition)
    page = client.get(address)
    assert "新规则，还没有保存" in page.content.decode()
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields} | {"day": "2026-08-03"}
    done = client.post(address, data, follow=True)
    assert f"“{form['name'].value()}”已添加" in done.content.decode()
    rule = row(world, condition)
    assert rule.text == CONDITIONS[condition].proposed.text
    assert rule.enabled
    assert AuditEntry.objects.get(act="rule.add").detail.startswith(f"名称：{rule.name}")
    assert client.get(address).headers["Location"] == rule.get_absolute_url()


def test_a_new_rule_is_previewed_before_it_is_saved(world: World) -> None:
    data = proposed(world, condition="x") | {"preview": "1"}
    page = world.client("coordinator").post(new_address(world), data).content.decode()
    assert "2026年8月3日：0 人会收到" in page
    behind = rule_settings.propose_rule(world.campaign, "evidence", "units_behind")
    data = behind.values("name", "audience", "text", "overdue_every") | {
        "lead_times": "7", "seen": 1, "day": "2026-08-03", "preview": "1"
    }  # fmt: skip
    page = world.client("coordinator").post(new_address(world, condition="units_behind"), data).content.decode()
    assert "还有 2 个单位没有完成“收集印证资料”的事项：老街街道、城管局" in page
    assert not world.campaign.rules.filter(condition="units_behind").exists()


def test_a_rule_that_another_added_meanwhile_is_not_added_twice(world: World) -> None:
    rule_settings.add_rule(
        rule_settings.propose_rule(world.campaign, "evidence", "review_waiting"), {}, world.actor("coordinator")
    )
    answer = world.client("coordinator").post(new_address(world), proposed(world, name="后添加的"))
    assert answer.status_code == 422
    assert "已经有“答复等待审核超过 5 个工作日”的提醒规则" in answer.content.decode()
    assert row(world, "review_waiting").name == "答复等待审核过久"


@pytest.mark.parametrize(
    ("given", "sentence"), [({"text": "{task}"}, "不认识“{task}”"), ({"overdue_every": 0}, "这条规则从不提醒")]
)
def test_an_invalid_new_rule_is_refused_with_a_sentence(world: World, given: dict[str, Any], sentence: str) -> None:
    answer = world.client("coordinator").post(new_address(world), proposed(world, **given))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not world.campaign.rules.filter(condition="review_waiting").exists()


def test_a_closed_campaign_takes_no_new_rule(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    answer = world.client("coordinator").post(new_address(world), proposed(world))
    assert "已结束，只供查阅" in answer.content.decode()
    assert not world.campaign.rules.filter(condition="review_waiting").exists()


@pytest.mark.parametrize(
    ("phase", "condition"), [("evidence", "not_entered"), ("evidence", "nothing"), ("publicity", "unanswered")]
)
def test_what_a_phase_cannot_have_is_not_found(world: World, phase: str, condition: str) -> None:
    assert world.client("coordinator").get(new_address(world, phase, condition)).status_code == 404


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "提前 7、3、1、0 天；逾期后前 10 个工作日每 2 个工作日一次，以后每周一次"),
        ({"overdue_every": 5}, "提前 7、3、1、0 天；逾期后每 5 个工作日一次"),
        ({"overdue_every": 0, "lead_times": [3]}, "提前 3 天；逾期后不再提醒"),
        ({"leader_after": 3, "office_after": 5, "lead_times": []},
         "逾期后前 10 个工作日每 2 个工作日一次，以后每周一次；逾期超过 30 个工作日，只告知分管领导和创建办"),
        ({"leader_after": 3, "office_after": 5, "audience": "unit_leader", "lead_times": []},
         "逾期后前 10 个工作日每 2 个工作日一次，以后每周一次；逾期超过 30 个工作日，只告知创建办"),
        ({"condition": "review_waiting", "lead_times": []}, "前 10 个工作日每 2 个工作日一次，以后每周一次"),
    ],
)  # fmt: skip
def test_the_schedule_is_told_in_words(world: World, values: dict[str, Any], words: str) -> None:
    assert schedule_text(rule_settings.with_values(row(world), values)) == words


def test_the_schedule_is_on_both_pages(world: World) -> None:
    words = "逾期后前 10 个工作日每 2 个工作日一次，以后每周一次"
    client = world.client("coordinator")
    assert words in client.get(f"/c/{world.campaign.pk}/rules/").content.decode()
    assert words in client.get(address(world, row(world))).content.decode()


@pytest.mark.parametrize("who", ["liaison", "reviewer", "chief"])
def test_only_the_coordination_changes_rules(world: World, who: str) -> None:
    rule = row(world)
    assert world.client(who).post(address(world, rule), typed(rule, name="x")).status_code == 403

"""The verbs of setting up, announcing and replying enforce their rules without a form."""

from datetime import date, timedelta
from typing import Any

import pytest

from creation.campaigns import campaign_actions, campaign_settings, task_assignment
from creation.campaigns.campaign_actions import NewAction
from creation.campaigns.rollover import dates, roll_forward
from creation.communication import announcements, questions
from creation.communication.announcements import AnnouncementText
from creation.communication.questions import ReplyText
from creation.models import (
    Action,
    Indicator,
    IndicatorLevel,
    Phase,
    Unit,
)
from tests.support.verb_refusals import YESTERDAY, Refusal, Verb, VerbTests
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.django_db


# The office


def instruct(world: World, **changes: Any) -> None:
    values: dict[str, Any] = {
        "phase": world.phases["evidence"], "title": "补报", "text": "", "source": "", "audience": "chosen",
        "units": [world.units["城管局"]], "modes": ["upload"], "due_on": TODAY,
    }  # fmt: skip
    values |= {name: value(world) if callable(value) else value for name, value in changes.items()}
    campaign_actions.create_action(world.campaign, NewAction(**values), world.actor("coordinator"))


def stranger(world: World) -> Unit:
    return Unit.objects.get(short_name="住建局")


def foreign_phase(world: World) -> Phase:
    return world.elsewhere.phases.get(kind="evidence")


def reword(world: World, **data: Any) -> None:
    action = Action.objects.select_related("phase__campaign").get(code="D-3", phase__campaign=world.campaign)
    campaign_actions.edit_action(action, text="", due_on=None, actor=world.actor("coordinator"), **data)


def settle(world: World, **values: Any) -> None:
    campaign_settings.update_settings(world.campaign, values, world.campaign.version, world.actor("coordinator"))


def roll(world: World, starts: date | None, name: str, days: dict[str, Any]) -> None:
    wish = dates.RolloverTarget(name, 2027, starts)
    roll_forward.roll_forward(world.campaign, wish, days, world.actor("coordinator"))


def assist(world: World, units: list[str]) -> None:
    item = Indicator.objects.get(system=world.campaign.system, code="4-3", level=IndicatorLevel.ITEM)
    found = list(Unit.objects.filter(short_name__in=units))
    task_assignment.add_assists_to_item(world.campaign, item, found, world.actor("coordinator"))


def announce(world: World, units: list[str], **values: Any) -> None:
    found = list(Unit.objects.filter(short_name__in=units))
    text = AnnouncementText(units=found, needs_receipt=True, **values)
    announcements.issue_announcement(world.campaign, text, world.actor("coordinator"))


def issued(world: World) -> None:
    announce(world, ["城管局"], title="通知", body="正文", sign_by=None)


def correct(world: World, **values: Any) -> None:
    announcements.correct_announcement(
        world.campaign.announcements.get(), 1, **values, actor=world.actor("coordinator")
    )


def question(world: World, text: str) -> None:
    questions.ask_question(world.task("lead"), text, world.actor("liaison"))


def two_questions(world: World) -> None:
    question(world, "怎样报？")
    questions.ask_question(world.task("other"), "何时报？", world.actor("rival"))


def first(world: World) -> Any:
    return world.tasks["lead"].questions.select_related("task__campaign", "task__unit", "created_by").get()


def reply(world: World, also: bool = False, **values: Any) -> None:
    others = list(world.tasks["other"].questions.all()) if also else []
    questions.reply_to(first(world), ReplyText(**values), world.actor("coordinator"), others)


def replied(world: World) -> None:
    question(world, "怎样报？")
    reply(world, text="照常")


def correct_reply(world: World, **values: Any) -> None:
    questions.correct_reply(first(world).reply, 1, "", **values, actor=world.actor("coordinator"))


def point(world: World, own: bool) -> None:
    questions.reuse_reply(
        first(world), questions.Reply.objects.get(campaign=_campaign(world, own)), world.actor("coordinator")
    )


def _campaign(world: World, own: bool) -> Any:
    return world.campaign if own else world.elsewhere


def replies_in_both(world: World) -> None:
    question(world, "怎样报？")
    office = world.people["coordinator"]
    for campaign, system in ((world.campaign, world.campaign.system), (world.elsewhere, world.elsewhere.system)):
        code = "4-3-3"
        indicator = Indicator.objects.get(system=system, code=code)
        questions.Reply.objects.create(
            campaign=campaign,
            indicator=indicator,
            asked="问",
            text="答",
            created_by=office,
            created_at=NOW,
            published_at=NOW,
        )


INSTRUCTION: list[Refusal] = [
    ({"title": " "}, "请填写事项"),
    ({"phase": foreign_phase}, "不是本活动的阶段"),
    ({"audience": "everybody"}, "请选择对象"),
    ({"units": []}, "请至少选择一个单位"),
    ({"units": lambda world: [stranger(world)]}, "不是本区单位"),
    ({"modes": []}, "请至少选择一种答复方式"),
    ({"modes": ["fax"]}, "请至少选择一种答复方式"),
    ({"due_on": YESTERDAY}, "已经过去"),
]
ANNOUNCEMENT: list[Refusal] = [
    ({"title": " "}, "请填写标题"),
    ({"body": ""}, "请填写正文"),
    ({"units": []}, "请至少选择一个单位"),
    ({"units": ["住建局"]}, "不是本区单位"),
    ({"sign_by": YESTERDAY}, "已经过去"),
]
START = date(2027, 6, 21)
OFFICE = [
    Verb("instruct", instruct, {"title": "补报"}, INSTRUCTION),
    Verb("reword", reword, {"title": "制定方案"}, [({"title": " "}, "请填写事项")]),
    Verb("settle", settle, {"name": "创建", "window_from": TODAY, "window_to": TODAY},
         [({"name": " "}, "请填写活动的名称"), ({"window_to": YESTERDAY}, "材料截止日期不能早于起始日期")]),
    Verb("roll", roll, {"starts": START, "name": "2027年创建", "days": {}},
         [({"name": " "}, "请填写新活动的名称"), ({"starts": date(2029, 1, 1)}, "相差一年以上"),
          ({"days": {"evidence": (START, None)}}, "须同时填写"),
          ({"days": {"evidence": (START, START - timedelta(days=1))}}, "早于开始日期")]),
    Verb("add assists", assist, {"units": ["政府办"]},
         [({"units": []}, "请至少选择一个单位"), ({"units": ["住建局"]}, "不是本区单位")]),
    Verb("announce", announce, {"units": ["城管局"], "title": "通知", "body": "正文", "sign_by": TODAY}, ANNOUNCEMENT),
    Verb("correct an announcement", correct, {"title": "通知", "body": "正文二", "reason": "有误"},
         [({"title": ""}, "请填写标题"), ({"body": " "}, "请填写正文"), ({"reason": " "}, "请填写更正原因")], issued),
    Verb("ask a question", question, {"text": "怎样报？"}, [({"text": " "}, "请写下您的问题")]),
    Verb("reply", reply, {"text": "照常", "published_question": "怎样报", "publish": True},
         [({"text": " "}, "请填写答复"), ({"published_question": " "}, "公开时请填写公开的问题"), ({"also": True}, "请刷新后重新选择")],
         two_questions),
    Verb("correct a reply", correct_reply, {"text": "照旧", "reason": "有误"},
         [({"text": ""}, "请填写答复"), ({"reason": " "}, "请填写原因")], replied),
    Verb("point to a reply", point, {"own": True}, [({"own": False}, "请选择一条已有的答复")], replies_in_both),
]  # fmt: skip


class TestVerbs(VerbTests):
    verbs = OFFICE

"""The open points of inspection, meetings and the last phases, before a campaign is closed."""

import pytest
from django.urls import reverse

from creation.campaigns import open_points
from creation.campaigns.open_points import OpenKind
from creation.communication import instructions
from creation.communication.instructions import InstructionText
from creation.models import Campaign, Commendation, Survey, TypicalCase
from creation.publicity import cases
from creation.supervision import orders, visit_plan, visits
from tests.support.commended import commendation_in_nomination
from tests.support.last_phases import case, issue_order, survey, visit
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]


def kind(world: World, words: str) -> OpenKind:
    found = open_points.open_work(Campaign.objects.get(pk=world.campaign.pk), TODAY).kinds
    return next(each for each in found if each.words == words)


def texts(world: World, words: str) -> list[str]:
    return [row.text for row in kind(world, words).rows]


def test_an_order_is_open_until_it_is_closed(world: World) -> None:
    made = issue_order(world)
    found = kind(world, "份督办单没有办结")
    assert [(row.text, row.url) for row in found.rows] == [(str(made), made.get_absolute_url())]
    assert found.url == reverse("orders", args=[world.campaign.pk]) + "?state=open"
    orders.close_order(made, "已补齐", world.actor("inspector"), made.version)
    assert kind(world, "份督办单没有办结").count == 0


def test_a_visit_is_open_from_its_announcement_to_its_record_and_its_feedback_to_the_signature(world: World) -> None:
    announced, recorded = visit(world, "城管局", recorded=False), visit(world, "老街街道")
    assert texts(world, "次走访已通知没有记录") == [str(announced)]
    assert texts(world, "份反馈意见没有签收") == [str(recorded)]
    assert kind(world, "份反馈意见没有签收").url == reverse("visits", args=[world.campaign.pk]) + "?state=to_sign"
    visit_plan.cancel_visit(announced, "台风", world.actor("inspector"))
    visits.sign_feedback(recorded, "甲主任", world.actor("rival"), recorded.version)
    assert kind(world, "次走访已通知没有记录").count == kind(world, "份反馈意见没有签收").count == 0


def test_an_instruction_is_open_until_it_is_settled(world: World) -> None:
    made = instructions.write_instruction(world.campaign, InstructionText("请抓紧。" * 20), world.actor("chief"))
    (text,) = texts(world, "件领导批示没有办理")
    assert text.startswith(f"{made}：请抓紧。")
    assert text.endswith("…")
    instructions.answer_instruction(made, "已督促", world.actor("coordinator"))
    assert kind(world, "件领导批示没有办理").count == 0


def test_a_case_is_open_from_its_submission_to_its_judgement(world: World) -> None:
    case(world, "起草中的", "draft")
    made = case(world, "一线做法", "submitted")
    assert texts(world, "篇典型经验没有审核") == ["城管局 一线做法"]
    cases.judge_case(made, select=True, comment="", actor=world.actor("reviewer"), seen=made.version)
    assert kind(world, "篇典型经验没有审核").count == 0


def test_a_survey_is_open_to_its_last_day(world: World) -> None:
    survey(world, "已结束的", 0)
    made = survey(world, "年度测评", 0, ends=0)
    assert texts(world, "次满意度测评没有结束") == [f"年度测评（到 {TODAY}）"]
    Survey.objects.filter(pk=made.pk).update(starts=TODAY.replace(day=1), ends=TODAY.replace(day=2))
    assert kind(world, "次满意度测评没有结束").count == 0


def test_a_commendation_is_open_until_its_decision_or_until_it_is_cleared(world: World) -> None:
    made = commendation_in_nomination(world)
    assert texts(world, "次评选表彰没有作出决定") == ["年度表彰（提名）"]
    Commendation.objects.filter(pk=made.pk).update(purged_at=NOW)
    assert kind(world, "次评选表彰没有作出决定").count == 0


def test_they_are_shown_before_the_end_and_cost_the_same_for_few_and_for_many(world: World) -> None:
    page = reverse("campaign_closing", args=[world.campaign.pk])

    def queries() -> int:
        return count_queries(lambda: world.client("coordinator").get(page))

    issue_order(world)
    visit(world, "城管局", recorded=False)
    case(world, "一线做法", "submitted")
    instructions.write_instruction(world.campaign, InstructionText("抓紧"), world.actor("chief"))
    queries()
    before = queries()
    issue_order(world)
    visit(world, "老街街道", recorded=False)
    instructions.write_instruction(world.campaign, InstructionText("再抓紧"), world.actor("chief"))
    TypicalCase.objects.bulk_create(
        TypicalCase(
            campaign=world.campaign, unit=world.units["司法局"], title=f"做法{number}", practice="x", results="x",
            state="submitted", created_by=world.people["coordinator"], created_at=NOW, submitted_at=NOW,
        )
        for number in range(20)
    )  # fmt: skip
    assert queries() == before
    shown = world.client("coordinator").get(page).content.decode()
    assert "2 份督办单没有办结，2 次走访已通知没有记录，2 件领导批示没有办理，21 篇典型经验没有审核" in shown
    assert f'<a href="{reverse("cases", args=[world.campaign.pk])}">还有 13 条，查看全部</a>' in shown

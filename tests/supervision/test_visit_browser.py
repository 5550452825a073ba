"""An inspector's day on a phone, with the network gone in the middle of it: nothing is lost, nothing is there twice."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from creation.audit.actor import Actor
from creation.models import Finding, FindingSource, Task, Visit, VisitCheck, VisitPhoto
from creation.supervision import findings, rounds, visit_plan
from creation.supervision.findings import FindingText
from creation.supervision.rounds import RoundText, TeamText
from creation.supervision.visit_plan import PlannedDay
from creation.tasks import workflow
from tests.support.browser import OVERFLOW, PHONE, axe
from tests.support.evidence_files import png
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]
ENOUGH = 15_000  # milliseconds in which something appears


@pytest.fixture
def phone(browser: Any, live_server: Any, world: World) -> Iterator[Any]:
    """Return the inspector's phone, on the day of a visit to 城管局."""
    today, actor = timezone.localdate(), Actor(world.people["inspector"], timezone.now())
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    Task.objects.filter(pk=world.tasks["action"].pk).update(due_on=today - timedelta(days=9))
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=today + timedelta(days=9))
    lead = world.task("lead")
    answer = {"mode": "on_site", "place": "三楼档案室", "keeper": "程承办"}
    workflow.perform(workflow.MOVES["submit"], lead, Actor(world.people["liaison"], actor.at), lead.version, answer)
    mended = findings.record_finding(
        world.campaign, FindingText("公示不及时", source), {world.units["城管局"]: today + timedelta(days=9)}, actor
    )
    report = mended.rectifications.for_table().get()
    said = {"mode": "statement", "statement": "已公示", "results": "已公示"}
    workflow.perform(workflow.MOVES["submit"], report, Actor(world.people["liaison"], actor.at), report.version, said)
    row = rounds.add_round(world.campaign, RoundText("第一轮督导", today, today, preparation="案卷原件"), actor)
    team = rounds.add_team(row, TeamText("第一组", actor.human), [world.units["城管局"]], actor)
    visit_plan.set_days(row, [PlannedDay(team.visits.get(), today, "am", 1)], actor)
    visit_plan.announce(row, actor)
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, base_url=live_server.url)
    context.set_default_timeout(ENOUGH)
    cookie = world.client("inspector").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context
    context.close()


def line(page: Any, words: str) -> Any:
    return page.locator("form[data-line]", has_text=words)


def saved(page: Any, words: str) -> None:
    line(page, words).locator("[data-state]", has_text="已保存").wait_for()


def state(page: Any, words: str) -> None:
    page.locator("#visit-state", has_text=words).wait_for()


def first_answer_is_lost(page: Any) -> list[str]:
    """Let the first note reach the server and its answer get lost on the way back; return the addresses of what was sent."""
    sent: list[str] = []

    def lose(route: Any) -> None:
        sent.append(route.request.url)
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/check/", lose)
    return sent


def test_a_visit_from_the_list_to_the_signed_feedback(phone: Any) -> None:
    page = phone.new_page()
    page.goto("/")
    page.get_by_role("link", name="走访 城管局").click()
    assert "存放：三楼档案室；保管人：程承办" in line(page, "每年组织案卷评查").inner_text()
    assert page.evaluate(OVERFLOW) == ""
    assert axe(page) == []

    sent = first_answer_is_lost(page)
    line(page, "制定工作方案").get_by_role("radio", name="未看到").check()
    saved(page, "制定工作方案")
    assert len(sent) > 1

    phone.set_offline(True)
    lead = line(page, "每年组织案卷评查")
    lead.get_by_role("radio", name="不符").check()
    lead.get_by_label("说明").fill("只有上半年的记录")
    lead.locator("input[type=file]").set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": png()})
    page.get_by_role("button", name="再记一项").click()
    other = page.locator("#visit-others form").last
    other.get_by_label("查看内容").fill("公示栏")
    other.get_by_role("radio", name="看到", exact=True).check()
    state(page, "没有网络：2 项、1 张照片暂存在本机")
    page.locator("#visit-finish").click()
    state(page, "没有网络")
    page.close()
    assert VisitCheck.objects.count() == 1

    phone.set_offline(False)
    page = phone.new_page()
    page.goto(Visit.objects.for_table().get().get_absolute_url())
    state(page, "写下的都已保存")
    reported = line(page, "公示不及时")
    reported.get_by_role("radio", name="看到", exact=True).check()
    reported.get_by_role("link", name="核查整改，销号").click()  # waits until the note has arrived
    page.locator("summary", has_text="销号").first.click()
    assert page.get_by_label("核查方式").input_value().startswith("visit-")
    page.get_by_label("为什么由您本人核查").first.fill("另一名同志在驻村")
    page.get_by_role("button", name="确认销号").click()
    page.locator("main > .alert-success").wait_for()
    page.goto(Visit.objects.for_table().get().get_absolute_url())

    line(page, "每年组织案卷评查").get_by_role("link", name="登记问题").click()
    assert page.get_by_label("问题（一句话）").input_value() == "只有上半年的记录"
    page.get_by_role("button", name="登记并下发整改").click()
    page.locator("main > .alert-success", has_text="第 002 号").wait_for()

    page.locator("#visit-finish").click()
    page.get_by_role("button", name="保存，请单位签收").click()
    page.get_by_label("签收人姓名").fill("王主任")
    page.get_by_role("button", name="签收反馈意见").click()
    page.locator("main > .alert-success", has_text="已签收").wait_for()

    noted = {check.title: (check.verdict, check.remark) for check in VisitCheck.objects.all()}
    assert noted == {
        "D-3 制定工作方案": ("not_seen", ""),
        "4-3-3 每年组织案卷评查": ("mismatch", "只有上半年的记录"),
        "公示栏": ("seen", ""),
        "W001 公示不及时": ("seen", ""),
    }
    assert VisitCheck.objects.count() == 4
    assert Task.objects.get(finding__code="W001").get_status_display() == "已销号"
    assert VisitPhoto.objects.get().line.remark == "只有上半年的记录"
    assert Finding.objects.get(code="W002").indicator.code == "4-3-3"  # type: ignore[union-attr]
    visit = Visit.objects.get()
    assert visit.signed_name == "王主任"
    assert "与所报不符的：\n1. 4-3-3 每年组织案卷评查：只有上半年的记录" in visit.feedback
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('visit:')).length") == 0

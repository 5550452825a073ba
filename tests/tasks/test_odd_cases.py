"""Unusual data in reminders and notices: titles with braces, markup or great length; a changed due date; a return with a new due date.

Elsewhere: line breaks in an address or a text, people without an address, disabled people (test_mail.py, test_reminders.py), units without
a liaison (test_reminders.py, test_rule_conditions.py, test_urging.py), braces in a rule's text (test_rule_conditions.py).
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from creation import access
from creation.audit.actor import Actor
from creation.communication import questions
from creation.models import Channel, Holiday, Indicator, Notice, RequestKind, Task
from creation.notices import digest_builder, dispatch, reminders, urging
from creation.tasks import bulk_changes, unit_requests, workflow
from creation.tasks.workflow import MOVES
from tests.notices.test_mail import channel, server  # noqa: F401 - fixtures: a real SMTP server and the channel to it
from tests.support.mail_and_webhook_servers import MailServer
from tests.support.world import NOW, ZONE, World

ODD = "{0} {name} {{% load %}} <b>\r\nBcc: x@example.com\n‮" + "长" * 5000
STATEMENT = {"mode": "statement", "statement": "没有此项业务。", "measures": "自查", "results": "", "highlights": ""}


def on(day: date, hour: int = 9) -> Actor:
    return Actor(None, datetime(day.year, day.month, day.day, hour, tzinfo=ZONE))


def move(world: World, name: str, who: str, at: datetime, task: str = "lead", **data: Any) -> None:
    found, entry, actor = world.task(task), MOVES[name], world.actor(who, at)
    workflow.perform(
        entry, found, actor, found.version, data, access.acts_on_behalf_of_unit(actor.human, entry.permission, found)
    )


def slots(world: World, task: str, who: str) -> list[str]:
    said = Notice.objects.filter(kind="reminder", person=world.people[who], subject=f"task/{world.tasks[task].pk}")
    return list(said.order_by("pk").values_list("slot", flat=True))


def test_an_unusual_title_is_unchanged_in_every_message(
    world: World,
    channel: Channel,  # noqa: F811
    server: MailServer,  # noqa: F811
) -> None:
    Indicator.objects.filter(code="4-3-3").update(title=ODD)
    office, liaison = world.actor("coordinator"), world.actor("liaison")
    seen = {world.tasks["lead"].pk: world.task("lead").version}
    bulk_changes.change_due_day(world.campaign, seen, date(2026, 8, 3), ODD, office)
    reminders.remind(Actor(None, NOW))
    urging.urge(world.campaign, [world.tasks["lead"].pk], ODD, office)
    asked = questions.ask_question(world.task("lead"), ODD, liaison)
    questions.reply_to(asked, questions.ReplyText(ODD), office)
    request = unit_requests.submit_request(world.task("lead"), liaison, RequestKind.EXTENSION, ODD, date(2026, 8, 20))
    unit_requests.refuse_request(request, office, ODD)
    move(world, "submit", "liaison", NOW, **STATEMENT)
    move(world, "return", "reviewer", NOW, reason="missing", comment=ODD)
    said = Notice.objects.filter(person=world.people["liaison"])
    assert {"changed", "reminder", "urge", "question", "returned"} <= set(said.values_list("kind", flat=True))
    for notice in Notice.objects.exclude(subject="").filter(text__contains="4-3-3"):
        assert len(notice.text) <= 400
        assert "{0} {name}" in notice.text, notice.text[:80]
    digest_builder.run_all(Actor(None, NOW))
    dispatch.dispatch_due(lambda: NOW)
    assert set(server.readers) >= {"liaison@example.com"}
    for _, mail in server.received:
        assert mail["Bcc"] is None
        assert "\n" not in str(mail["Subject"])
        assert len(str(mail["Subject"])) < 120
        assert "<b>" not in mail.get_body(("html",)).get_content()
    for address in (
        "/",
        "/notices/",
        f"/c/{world.campaign.pk}/tasks/",
        f"/c/{world.campaign.pk}/questions/?show=answered",
    ):
        page = world.client("liaison").get(address)
        assert page.status_code == 200
        assert "{{% load %}} &lt;b&gt;" in page.content.decode() or address == "/notices/"


def test_after_an_extension_reminders_name_the_new_day_and_never_the_old_one(world: World) -> None:
    reminders.remind(on(date(2026, 8, 3)))
    assert slots(world, "assist", "rival") == ["2026-08-05/-1"]
    request = unit_requests.submit_request(
        world.task("assist"), world.actor("rival"), RequestKind.EXTENSION, "汛期", date(2026, 8, 12)
    )
    unit_requests.grant_extension(request, world.actor("coordinator"), date(2026, 8, 12), "同意")
    for day in range(4, 12):
        reminders.remind(on(date(2026, 8, day)))
    assert slots(world, "assist", "rival")[1:] == ["2026-08-12/-7", "2026-08-12/-3", "2026-08-12/-1"]


@pytest.mark.parametrize(
    ("new", "words", "slot"),
    [
        (date(2026, 8, 14), "新的时限 2026-08-14。", "2026-08-14/-7"),
        (date(2026, 8, 15), "新的时限 2026-08-15（休息日，请在 2026-08-14 前办结）。", "2026-08-15/-7"),
        (None, "被退回", "2026-08-10/-1"),
    ],
)
def test_a_return_names_its_new_day_and_is_reminded_of_by_it(
    world: World, new: date | None, words: str, slot: str
) -> None:
    move(world, "submit", "liaison", NOW, **STATEMENT)
    reminders.remind(on(date(2026, 8, 3)))
    assert slots(world, "lead", "liaison") == []
    move(world, "return", "reviewer", NOW + timedelta(days=4), reason="missing", comment="缺通报", new_due_on=new)
    told = Notice.objects.get(person=world.people["liaison"], kind="returned")
    assert words in told.text
    assert told.urgency == "at_once"
    reminders.remind(on(date(2026, 8, 7)))
    reminders.remind(on(date(2026, 8, 10)))
    assert slots(world, "lead", "liaison")[0] == slot
    text = Notice.objects.filter(person=world.people["liaison"], kind="reminder", task=world.tasks["lead"])[0].text
    assert "修改后重新报送" in text


def test_a_day_that_becomes_a_holiday_after_the_reminder_was_said_is_no_crash_and_no_second_one(world: World) -> None:
    reminders.remind(on(date(2026, 8, 7)))
    before = slots(world, "lead", "liaison")
    Holiday.objects.create(day=date(2026, 8, 10), kind="off", name="区庆")
    reminders.remind(on(date(2026, 8, 7), 15))
    reminders.remind(on(date(2026, 8, 10)))
    after = slots(world, "lead", "liaison")
    assert before == ["2026-08-10/-1"]
    assert after == [*before, "2026-08-10/0"], "said on the workday before, since the day itself is off"
    assert Task.objects.get(pk=world.tasks["lead"].pk).due_on == date(2026, 8, 10)

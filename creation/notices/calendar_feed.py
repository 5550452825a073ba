"""A person's due days as a calendar feed for phones and mail programs."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from creation.models import Holiday, Task, User
from creation.notices.channels.messages import domain

MAX_EVENTS = 1000  # events
REFRESH_INTERVAL = timedelta(hours=6)


def feed_url(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('feed', args=[token])}"


def build_feed(person: User, at: datetime) -> bytes:
    """Return all-day events, one for each task that the person still has to answer.

    If the due day is a day off, the event names the workday before.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//creation-tracker//due days//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"法治政府建设示范创建 {person.name}")
    calendar.add("refresh-interval", REFRESH_INTERVAL, parameters={"value": "DURATION"})
    workdays = Holiday.objects.calendar()
    own_tasks = Task.objects.visible_to(person).unanswered().filter(owner=person).for_table()
    for task in own_tasks.order_by("due_on", "pk")[:MAX_EVENTS]:
        if task.due_on:
            day = workdays.on_or_before(task.due_on)
            note = "" if day == task.due_on else f"截止日为休息日，请在此前的工作日 {day:%Y-%m-%d} 完成。"
            calendar.add_component(_event(task, task.due_on, note, at))
    return bytes(calendar.to_ical())


def _event(task: Task, due_on: date, note: str, at: datetime) -> Event:
    link = f"{settings.SITE_URL}{reverse('task', args=[task.campaign_id, task.pk])}"
    event = Event()
    event.add("uid", f"task-{task.pk}@{domain()}")
    event.add("dtstamp", at)
    event.add("dtstart", due_on)
    event.add("dtend", due_on + timedelta(days=1))
    event.add("summary", f"截止：{task.code} {task.title}")
    event.add("description", f"{note}\n{link}".strip())
    event.add("url", link)
    event.add("transp", "TRANSPARENT")
    return event

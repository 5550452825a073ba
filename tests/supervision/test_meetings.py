"""Meetings: recorded with agenda, minutes and sign-in sheet; what they decide becomes work of the units."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.lib.refusals import Refusal, Stale
from creation.models import Action, AuditEntry, Campaign, Meeting, MeetingDecision, MeetingFile, Notice, Task
from creation.supervision import meetings
from creation.supervision.meetings import MeetingText
from tests.support.evidence_files import png
from tests.support.world import NOW, TODAY, World

DUE = date(2026, 8, 20)


def record(world: World, **said: Any) -> Meeting:
    text = MeetingText(**{"kind": "weekly", "title": "第3次周例会", "held_on": TODAY} | said)
    return meetings.record_meeting(world.campaign, text, world.actor("coordinator"))


def test_a_decision_is_work_of_the_units_in_the_phase_of_the_day(world: World) -> None:
    meeting = record(world)
    units = [world.units["城管局"], world.units["老街街道"]]
    action = meetings.decide(meeting, "补报学时", "逐人核对", units, DUE, world.actor("coordinator"))
    assert (action.source, action.phase) == ("第3次周例会（2026-07-31）议定事项", world.phases["evidence"])
    tasks = Task.objects.filter(action__decision__meeting=meeting)
    assert {(task.unit, task.due_on) for task in tasks.select_related("unit")} == {(unit, DUE) for unit in units}
    assert Notice.objects.filter(person=world.people["liaison"]).exists()


def test_a_decision_that_is_refused_leaves_nothing(world: World) -> None:
    meeting, actor = record(world), world.actor("coordinator")
    with pytest.raises(Refusal, match="至少选择一个单位"):
        meetings.decide(meeting, "补报学时", "", [], DUE, actor)
    with pytest.raises(Refusal, match="已经过去"):
        meetings.decide(meeting, "补报学时", "", [world.units["城管局"]], date(2026, 7, 1), actor)
    assert not MeetingDecision.objects.exists()
    assert not Action.objects.filter(title="补报学时").exists()
    assert meetings.decide(meeting, "补报学时", "", [world.units["城管局"]], DUE, actor).tasks.count() == 1


def test_minutes_are_added_later_and_the_second_of_two_is_told(world: World) -> None:
    meeting = record(world)
    text = MeetingText(kind="weekly", title="第3次周例会", held_on=TODAY, minutes="议定三件事。")
    meetings.edit_meeting(meeting, text, world.actor("coordinator"), seen=1)
    assert AuditEntry.objects.get(act="meeting.edit").detail == "会议纪要"
    with pytest.raises(Stale, match="刚刚被他人修改") as stale:
        meetings.edit_meeting(meeting, text, world.actor("coordinator"), seen=1)
    assert "议定三件事" in str(stale.value.theirs)


def test_a_meeting_without_a_name_and_one_of_a_closed_campaign_are_refused(world: World) -> None:
    with pytest.raises(Refusal, match="请填写会议名称"):
        record(world, title=" ")
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    with pytest.raises(Refusal, match="已结束"):
        record(world)
    assert not Meeting.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_it_is_recorded_with_its_sign_in_sheet_and_decides_on_the_pages(world: World) -> None:
    client, campaign = world.client("coordinator"), world.campaign
    sheet = SimpleUploadedFile("签到册.png", png())
    sent = {"kind": "joint", "title": "府院联席会议", "held_on": "2026-07-30", "agenda": "一、通报进度"}
    address = reverse("meeting_new", args=[campaign.pk])
    assert client.post(address, sent | {"title": ""}).status_code == 422
    page = client.post(address, sent | {"files": sheet}, follow=True).content.decode()
    assert "会议已登记" in page
    meeting, file = Meeting.objects.get(), MeetingFile.objects.get()
    sent_back: Any = client.get(reverse("meeting_file", args=[campaign.pk, meeting.pk, file.pk]))
    assert b"".join(sent_back.streaming_content) == png()
    decide = reverse("meeting_decide", args=[campaign.pk, meeting.pk])
    assert "请至少选择一个单位" in client.post(decide, {"title": "补报学时"}).content.decode()
    given = {"title": "补报学时", "due_on": DUE.isoformat(), "units": [world.units["城管局"].pk]}
    page = client.post(decide, given, follow=True).content.decode()
    assert "1 个单位，已报 0" in page
    edit = reverse("meeting_edit", args=[campaign.pk, meeting.pk])
    changed = sent | {"minutes": "议定补报学时。", "seen": 1}
    assert "议定补报学时。" in client.post(edit, changed, follow=True).content.decode()
    assert client.post(edit, changed).status_code == 409
    listed = client.get(reverse("meetings", args=[campaign.pk]), {"q": "补报", "kind": "joint"}).content.decode()
    assert "府院联席会议" in listed


def test_units_do_not_read_meetings(world: World) -> None:
    meeting, client = record(world), world.client("liaison")
    assert client.get(reverse("meetings", args=[world.campaign.pk])).status_code == 403
    assert client.get(meeting.get_absolute_url()).status_code == 404
    assert "会议</a>" not in client.get(reverse("findings", args=[world.campaign.pk])).content.decode()
    assert world.client("chief").get(meeting.get_absolute_url()).status_code == 200


def test_the_list_costs_the_same_for_one_and_for_many(world: World, django_assert_num_queries: Any) -> None:
    client, address = world.client("inspector"), reverse("meetings", args=[world.campaign.pk])
    record(world)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(25):
        record(world, title=f"会议{number}")
    with django_assert_num_queries(len(one)):
        page = client.get(address).content.decode()
    assert "会议24" in page

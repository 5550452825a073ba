"""Meetings of the campaign: recorded with agenda, minutes and sign-in sheet; what they decide becomes work of the units."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns import campaign_actions
from creation.campaigns.campaign_actions import NewAction
from creation.campaigns.open_campaigns import lock_not_closed
from creation.lib.refusals import Stale, require_text
from creation.models import (
    Action,
    ActionFile,
    AnswerMode,
    Audience,
    Campaign,
    Meeting,
    MeetingDecision,
    MeetingFile,
    Phase,
    Unit,
)
from creation.supervision.findings import phase_of_supervision

NO_TITLE = "请填写会议名称。"
LABELS = {
    "kind": "会议类型",
    "title": "会议名称",
    "held_on": "日期",
    "place": "地点",
    "chair": "主持人",
    "present": "参会",
    "agenda": "议程",
    "minutes": "会议纪要",
}


@dataclass(frozen=True, slots=True)
class MeetingText:
    """What is written about a meeting; see the fields of ``Meeting``."""

    kind: str
    title: str
    held_on: date
    place: str = ""
    chair: str = ""
    present: str = ""
    agenda: str = ""
    minutes: str = ""


def record_meeting(campaign: Campaign, text: MeetingText, actor: Actor, files: Collection[ActionFile] = ()) -> Meeting:
    """Record a meeting, held or planned. ``files`` are unsaved attachments: the sign-in sheet. Raises Refusal."""
    _require_valid(text)
    with transaction.atomic():
        lock_not_closed(campaign.pk)
        facts = asdict(text) | {"recorded_by": actor.human, "recorded_at": actor.at}
        meeting = Meeting.objects.create(campaign=campaign, **facts)
        _attach(meeting, files)
        audit_log.record(actor, "meeting.record", meeting, detail=f"{text.held_on:%Y-%m-%d}")
    return meeting


def edit_meeting(
    meeting: Meeting, text: MeetingText, actor: Actor, seen: int, files: Collection[ActionFile] = ()
) -> Meeting:
    """Change what is written, the minutes after the meeting for example, and add files. Raises Refusal and Stale."""
    _require_valid(text)
    with transaction.atomic():
        lock_not_closed(meeting.campaign.pk)
        now = Meeting.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=meeting.pk)
        old, new = asdict(text_of(now)), asdict(text)
        changed = "、".join(LABELS[name] for name in LABELS if old[name] != new[name])
        if not Meeting.objects.change(now.pk, seen, **new):
            raise Stale("这次会议刚刚被他人修改，您的修改没有保存。请核对两边内容后再改。", as_text(text_of(now)))
        _attach(now, files)
        added = f"附件 {len(files)} 个" if files else ""
        audit_log.record(actor, "meeting.edit", now, detail="；".join(filter(None, [changed, added])))
        now.refresh_from_db()
    return now


def decide(
    meeting: Meeting, title: str, text: str, units: Collection[Unit], due_on: date | None, actor: Actor
) -> Action:
    """Turn a decision of the meeting into work of the units, due on that day, and tell them. Raises Refusal."""
    with transaction.atomic():
        wanted = NewAction(
            phase=_phase_at(meeting),
            title=title,
            text=text,
            source=f"{meeting.title}（{meeting.held_on:%Y-%m-%d}）议定事项"[:100],
            audience=Audience.CHOSEN,
            units=units,
            modes=list(AnswerMode.values),
            due_on=due_on,
        )
        action = campaign_actions.create_action(meeting.campaign, wanted, actor)
        MeetingDecision.objects.create(meeting=meeting, action=action)
        audit_log.record(actor, "meeting.decide", meeting, detail=str(action))
    return action


def text_of(meeting: Meeting) -> MeetingText:
    return MeetingText(**{name: getattr(meeting, name) for name in LABELS})


def as_text(text: MeetingText) -> str:
    """Return the text as lines of label and value, for the page that compares two versions."""
    values: dict[str, Any] = asdict(text)
    return "\n".join(f"{label}：{values[name]}" for name, label in LABELS.items() if values[name])


def _require_valid(text: MeetingText) -> None:
    require_text(text.title, NO_TITLE, "title")


def _attach(meeting: Meeting, files: Collection[ActionFile]) -> None:
    for file in files:
        kept = {name: getattr(file, name) for name in ("name", "blob", "sha256", "size", "media_type")}
        MeetingFile.objects.create(meeting=meeting, **kept)


def _phase_at(meeting: Meeting) -> Phase:
    """Return the latest phase that runs on the day of the meeting, or that of supervision."""
    running = meeting.campaign.phases.filter(starts__lte=meeting.held_on, ends__gte=meeting.held_on)
    return running.order_by("-order").first() or phase_of_supervision(meeting.campaign)

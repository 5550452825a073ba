"""Findings (督导问题): recording one gives each unit a rectification, which is a task of that unit with its own due day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from creation.audit import audit_log, task_events
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import (
    Campaign,
    Finding,
    FindingChange,
    FindingSource,
    Holiday,
    Indicator,
    NoticeKind,
    NumberCounter,
    Phase,
    PhaseKind,
    Severity,
    Task,
    Unit,
    Visit,
    VisitCheck,
)
from creation.people.notifications import notify_about_task
from creation.people.ownership import task_owners
from creation.people.recipients import liaisons
from creation.rules.deadlines import due_day_text
from creation.tasks.repeated_returns import ENOUGH, returns_of

POINT = "W"  # the counter of findings; evidence of the rectification of W017 is numbered W017-01
OWN_REVIEW = "自查"  # the usual source of what the office finds in answers
CLOSED = "不能登记督导问题"
NOT_OFTEN = "“{task}”没有退回两次，或者已经列为问题，不用再列。"
NO_TITLE = "请用一句话写明问题，它会显示在单位的待办里。"
NO_UNITS = "请至少选择一个整改单位。"
NO_REASON = "请写明撤销的原因，各单位会在通知里看到。"
LABELS = {
    "title": "问题",
    "text": "问题表述",
    "source": "问题来源",
    "source_paper": "来源文件",
    "found_on": "发现日期",
    "indicator": "对应要点",
    "basis": "依据",
    "demand": "整改要求",
    "severity": "程度",
    "is_common": "共性问题",
}


@dataclass(frozen=True, slots=True)
class FindingText:
    """What is written about a finding; see the fields of ``Finding``."""

    title: str
    source: FindingSource
    text: str = ""
    source_paper: str = ""
    found_on: date | None = None
    indicator: Indicator | None = None
    basis: str = ""
    demand: str = ""
    severity: str = Severity.GENERAL
    is_common: bool = False


def record_finding(
    campaign: Campaign,
    text: FindingText,
    due_days: Mapping[Unit, date | None],
    actor: Actor,
    *,
    task: Task | None = None,
    visit: Visit | None = None,
    noted: VisitCheck | None = None,
) -> Finding:
    """Record a finding with the next number, and give each unit its rectification, due on the day given (None: 待定).

    ``task``: the task in whose answer it was found; ``visit``: the visit on which it was found; ``noted``: what was noted there. Raises
    Refusal.
    """
    _require_valid(campaign, text, due_days, actor.today)
    with transaction.atomic():
        lock_open(campaign, CLOSED)
        serial = NumberCounter.objects.lock(campaign, POINT).take_next()
        finding = Finding.objects.create(
            campaign=campaign,
            serial=serial,
            code=f"{POINT}{serial:03d}",
            task=task,
            visit=visit,
            noted=noted,
            created_by=actor.human,
            created_at=actor.at,
            **_fields(text),
        )
        audit_log.record(actor, "finding.record", finding, detail="、".join(map(str, due_days)))
        _give_rectifications(finding, due_days, actor)
    return finding


def record_finding_of_task(
    task: Task, text: FindingText, due_days: Mapping[Unit, date | None], actor: Actor
) -> Finding:
    """Make a task that was returned again and again a finding (列为问题). Raises Refusal."""
    with transaction.atomic():
        Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
        if task.is_rectification or len(returns_of(task)) < ENOUGH:
            raise Refusal(NOT_OFTEN.format(task=task))
        if made := Finding.objects.active().select_related("campaign").filter(task=task).first():
            raise Refusal(f"这项任务已经列为问题 {made.number}。")
        return record_finding(task.campaign, text, due_days, actor, task=task)


def finding_from_task(task: Task, today: date) -> dict[str, Any]:
    """Return the first values of the form for a finding of this task, with the reasons for which it was returned."""
    sources = FindingSource.objects.filter(district=task.campaign.district_id, active=True)
    reasons = [f"{review.get_reason_display()}：{review.comment}".rstrip("：") for review in returns_of(task)]
    said = "\n".join(f"第 {len(reasons) - place} 次退回，{reason}" for place, reason in enumerate(reasons))
    values: dict[str, Any] = {
        "title": f"{task.title}：报送的材料 {len(reasons)} 次退回"[-100:],
        "text": f"{task.code} {task.title}报送的材料被退回 {len(reasons)} 次。\n{said}"[:4000],
        "source": sources.filter(name=OWN_REVIEW).first(),
        "found_on": today,
        "indicator": task.indicator,
        "units": [task.unit_id],
    }
    return {name: value for name, value in values.items() if value}


def add_units(finding: Finding, due_days: Mapping[Unit, date | None], actor: Actor) -> list[Unit]:
    """Give further units a rectification of the finding; return those that did not have one. Raises Refusal."""
    if not due_days:
        raise Refusal(NO_UNITS, field="units")
    _require_days(due_days, actor.today)
    _require_own_units(finding.campaign, due_days)
    with transaction.atomic():
        _lock(finding)
        existing = set(finding.rectifications.values_list("unit", flat=True))
        new = {unit: day for unit, day in due_days.items() if unit.pk not in existing}
        if not new:
            raise Refusal("所选单位都已经有这个问题的整改任务。", field="units")
        audit_log.record(actor, "finding.add_units", finding, detail="、".join(map(str, new)))
        _give_rectifications(finding, new, actor)
    return list(new)


def edit_finding(finding: Finding, text: FindingText, actor: Actor, seen: int) -> Finding:
    """Correct the wording. Keeps the former one; tells the units that are still rectifying. Raises Refusal and Stale."""
    _require_text(finding.campaign, text, actor.today, finding.indicator)
    with transaction.atomic():
        now = _lock(finding)
        old, new = as_data(text_of(now)), as_data(text)
        if now.version != seen:
            raise Stale("这个问题刚刚被他人修改，您的修改没有保存。请核对两边内容后再改。", as_text(now))
        if old != new:
            Finding.objects.change(now.pk, seen, **_fields(text))
            FindingChange.objects.create(finding=now, old=old, new=new, changed_by=actor.human, changed_at=actor.at)
            audit_log.record(
                actor, "finding.edit", now, detail="、".join(LABELS[name] for name in old if old[name] != new[name])
            )
            now.refresh_from_db()
            for task in now.rectifications.active().unanswered().for_table():
                notify_about_task(
                    liaisons(task, actor),
                    NoticeKind.CHANGED,
                    f"问题表述有修改：{task}",
                    task,
                    actor,
                    dedup_key=f"f{now.version}",
                )
    return now


def withdraw_finding(finding: Finding, reason: str, actor: Actor) -> int:
    """Withdraw a finding that was recorded by mistake; its rectifications end and stay readable. Return their number. Raises Refusal."""
    require_text(reason, NO_REASON)
    with transaction.atomic():
        now = _lock(finding)
        words = reason.strip()[:200]
        Finding.objects.change(now.pk, now.version, withdrawn_on=actor.today, withdraw_reason=words)
        tasks = list(now.rectifications.active().for_table())
        for task in tasks:
            task_events.record_event(task, actor, "finding.withdraw", "撤销问题", words)
            text = f"问题已撤销，不用再整改：{task}。{words}"
            notify_about_task(liaisons(task, actor), NoticeKind.CHANGED, text, task, actor)
        now.rectifications.active().bump(dropped_on=actor.today, ended=f"问题已撤销：{words}"[:200])
        audit_log.record(actor, "finding.withdraw", now, detail=f"{words}；终止整改 {len(tasks)} 项")
    return len(tasks)


def as_text(finding: Finding) -> str:
    """Return the wording as lines of label and text, for the page that compares two versions."""
    return "\n".join(f"{LABELS[name]}：{value}" for name, value in as_data(text_of(finding)).items() if value)


def _fields(text: FindingText) -> dict[str, Any]:
    stripped = replace(text, title=text.title.strip())
    return {name: getattr(stripped, name) for name in LABELS}


def text_of(finding: Finding) -> FindingText:
    """Return what is written about the finding now."""
    return FindingText(**{name: getattr(finding, name) for name in LABELS})


def as_data(text: FindingText) -> dict[str, str]:
    """Return the text as JSON, as a person reads it."""
    values = {name: getattr(text, name) for name in LABELS}
    values["severity"] = Severity(text.severity).label
    values["is_common"] = "是" if text.is_common else ""
    return {name: "" if value is None else str(value) for name, value in values.items()}


def differences(change: FindingChange) -> list[tuple[str, str, str]]:
    """Return label, former and new text of what was changed."""
    names = (name for name in LABELS if change.old.get(name, "") != change.new.get(name, ""))
    return [(LABELS[name], change.old.get(name, ""), change.new.get(name, "")) for name in names]


def _require_valid(campaign: Campaign, text: FindingText, due_days: Mapping[Unit, date | None], today: date) -> None:
    _require_text(campaign, text, today)
    if not due_days:
        raise Refusal(NO_UNITS, field="units")
    _require_days(due_days, today)
    _require_own_units(campaign, due_days)


def _require_own_units(campaign: Campaign, due_days: Mapping[Unit, date | None]) -> None:
    campaign.require_own_units(due_days, "units")


def _require_text(campaign: Campaign, text: FindingText, today: date, former: Indicator | None = None) -> None:
    """``former``: the point that the finding had, which may be one of an edition before."""
    require_text(text.title, NO_TITLE, "title")
    if text.found_on and text.found_on > today:
        raise Refusal(f"发现日期 {text.found_on:%Y-%m-%d} 还没有到，请改正。", field="found_on")
    if text.source.district_id != campaign.district_id:
        raise Refusal("所选的问题来源不是本区的，请重新选择。", field="source")
    if text.indicator and text.indicator != former and text.indicator.system_id != campaign.system_id:
        raise Refusal("所选的要点不在本活动的指标体系里，请重新选择。", field="indicator")


def _require_days(due_days: Mapping[Unit, date | None], today: date) -> None:
    for unit, day in due_days.items():
        if day and day < today:
            raise Refusal(f"{unit}的整改时限 {day:%Y-%m-%d} 已经过去，请改填今天或以后的日期。", field="due_on")


def _lock(finding: Finding) -> Finding:
    """Lock and return the finding. Raises Refusal when it is withdrawn or its campaign is not open."""
    lock_open(finding.campaign, CLOSED)
    rows = Finding.objects.select_for_update(of=("self",)).select_related("campaign", "source", "indicator")
    now = rows.get(pk=finding.pk)
    if now.withdrawn_on:
        raise Refusal("这个问题已经撤销，不能再改动。")
    return now


def _give_rectifications(finding: Finding, due_days: Mapping[Unit, date | None], actor: Actor) -> None:
    phase, owners = phase_of_supervision(finding.campaign), task_owners(finding.campaign, actor.today)
    Task.objects.bulk_create(
        Task(
            campaign=finding.campaign,
            unit=unit,
            finding=finding,
            phase=phase,
            due_on=day,
            owner=owners.get(unit.pk),
            given_on=actor.today,
        )
        for unit, day in due_days.items()
    )
    calendar = Holiday.objects.calendar()
    for task in finding.rectifications.filter(unit__in=list(due_days)).for_table():
        due = f"请于 {due_day_text(task.due_on, calendar)}前报送整改情况。" if task.due_on else "整改时限待定。"
        task_events.record_event(task, actor, "finding.record", "下发问题", finding.number)
        notify_about_task(liaisons(task, actor), NoticeKind.ASSIGNED, f"督导问题：{task}。{due}", task, actor)


def phase_of_supervision(campaign: Campaign) -> Phase:
    """Return the phase of supervision, or the first phase of a campaign that has none."""
    phases = {phase.kind: phase for phase in campaign.phases.order_by("-order")}
    return phases.get(PhaseKind.INSPECTION) or list(phases.values())[-1]

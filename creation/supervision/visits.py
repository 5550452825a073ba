"""Recording a visit: the feedback (反馈意见) to the unit, and the unit's signature for it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import DEFAULT_SOURCES, FindingSource, Indicator, NoticeKind, Verdict, Visit, VisitCheck
from creation.people.notifications import notify
from creation.supervision.rounds import require_open
from creation.supervision.visit_notices import people_of

MAX_FEEDBACK = 8000
NO_FEEDBACK = "请填写反馈意见。"
NO_SIGNER = "请填写签收人的姓名。"
STALE = "这次走访刚刚被他人记录，您写的没有保存。请核对两边内容后再改。"
NUMERALS = "一二三四五"


def feedback_draft(visit: Visit, noted: list[VisitCheck]) -> str:
    """Return the feedback as it follows from what was noted and from the findings of this visit."""
    day = f"{visit.day.year}年{visit.day.month}月{visit.day.day}日，" if visit.day else ""
    last = [check.verdict for check in last_checks(noted)]
    counts = "、".join(f"{each.label} {last.count(each)} 项" for each in Verdict if each in last)
    parts = [
        f"{day}{visit.team}到{visit.unit.name}现场督导，查看 {len(last)} 项" + (f"：{counts}。" if counts else "。")
    ]
    findings = list(visit.findings.active().order_by("serial"))
    sections = [
        ("没有看到的", _lines(noted, Verdict.NOT_SEEN)),
        ("与所报不符的", _lines(noted, Verdict.MISMATCH)),
        ("其他", _lines(noted, "")),
        ("登记的问题", [f"{each.number} {each.title}" for each in findings]),
    ]
    for numeral, (name, lines) in zip(NUMERALS, [each for each in sections if each[1]], strict=False):
        parts.append(f"{numeral}、{name}：")
        parts += [f"{number}. {line}" for number, line in enumerate(lines, 1)]
    parts.append("请按要求整改，并在时限前报送整改情况。" if findings else "请对照补齐材料。")
    return "\n".join(parts)


def last_checks(noted: Iterable[VisitCheck]) -> list[VisitCheck]:
    """Return what was noted last about each thing. ``noted`` is in the order in which it was noted."""
    return list({check.task_id or -check.pk: check for check in noted}.values())


def _lines(noted: list[VisitCheck], verdict: str) -> list[str]:
    rows = [check for check in noted if check.verdict == verdict and (verdict or check.remark)]
    return [f"{check.title}：{check.remark}" if check.remark else check.title for check in rows]


def finding_from_visit(visit: Visit, noted: VisitCheck | None, today: date) -> dict[str, Any]:
    """Return the first values of the form for a finding of this visit, or of what was noted on one line of it."""
    usual = FindingSource.objects.filter(district=visit.round.campaign.district_id, active=True)
    values: dict[str, Any] = {
        "units": [visit.unit_id],
        "source": usual.filter(name=DEFAULT_SOURCES[0]).first(),
        "source_paper": str(visit.round)[:200],
        "found_on": min(visit.day or today, today),
    }
    if noted:
        said = f"{noted.get_verdict_display()}：{noted.title}" if noted.verdict else noted.title
        values["title"] = (noted.remark.splitlines() or [said])[0][:100]
        values["text"] = f"{said}。{noted.remark}" if noted.remark else ""
        values["indicator"] = _point_of(noted)
    return {name: value for name, value in values.items() if value}


def _point_of(noted: VisitCheck) -> Indicator | None:
    if noted.task is None:
        return None
    return noted.task.indicator or (noted.task.finding.indicator if noted.task.finding else None)


def record_visit(visit: Visit, feedback: str, actor: Actor, seen: int) -> None:
    """Record the visit with its feedback and ask the unit to sign for it. May be corrected until then. Raises Refusal and Stale."""
    text = feedback.replace("\r\n", "\n").strip()
    if not text:
        raise Refusal(NO_FEEDBACK, field="feedback")
    with transaction.atomic():
        require_open(visit.round.campaign)
        now = Visit.objects.select_for_update(of=("self",)).for_table().get(pk=visit.pk)
        _require_recordable(now, actor)
        values = {"feedback": text, "day": now.day or actor.today, "recorded_by": actor.human, "recorded_at": actor.at}
        # Who was visited without notice may read the feedback.
        if not now.announced_for:
            values |= {"announced_for": values["day"], "announced_half": now.half}
        if not Visit.objects.active().filter(signed_at=None).change(now.pk, seen, **values):
            raise Stale(STALE, now.feedback)
        audit_log.record(actor, "visit.feedback", now, detail="更正反馈意见" if now.recorded_at else "")
        for person in people_of(now, actor):
            notify(
                person,
                NoticeKind.ANNOUNCEMENT,
                f"督导反馈意见{'有更正' if now.recorded_at else ''}：{now.round}，{now.unit}。请阅读并签收。",
                actor,
                subject=f"visit/{now.pk}",
                dedup_key=f"feedback/{seen}",
            )


def _require_recordable(visit: Visit, actor: Actor) -> None:
    if visit.cancelled_on:
        raise Refusal("这次走访已经取消，不能记录。")
    if visit.signed_at:
        raise Refusal("反馈意见已经签收，不能再改。")
    if visit.day and visit.day > actor.today:
        raise Refusal(f"走访日期 {visit.day:%Y-%m-%d} 还没有到。如已提前去，请先在走访安排里改日期。")


def sign_feedback(visit: Visit, name: str, actor: Actor, seen: int) -> None:
    """Sign for the feedback that ``seen`` names, once. Raises Refusal.

    On the unit's own account, or with the name typed on the inspector's phone.
    """
    words = name.strip()[:40]
    if not words:
        raise Refusal(NO_SIGNER, field="name")
    with transaction.atomic():
        require_open(visit.round.campaign)
        signed = Visit.objects.to_sign().change(
            visit.pk, seen, signed_name=words, signed_by=actor.human, signed_at=actor.at
        )
        if not signed:
            raise Refusal("反馈意见刚刚有更正或已经签收，请刷新页面查看。", 409)
        audit_log.record(actor, "visit.sign", visit, detail=words)

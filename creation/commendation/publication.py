"""公示 of those who are to be commended, objections and how they were handled, and the decision, or the end without one."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.commendation import voting
from creation.commendation.commendations import locked, require_stage, tell_units
from creation.lib.refusals import Refusal, require_text
from creation.models import (
    Commendation,
    CommendationStage,
    Consultation,
    Holiday,
    Nomination,
    NominationKind,
    Objection,
)
from creation.rules.deadlines import Workdays

WORKDAYS = 5  # of the public notice, at least; the day on which it begins does not count
NO_CHOICE = "请选择列入公示的提名。"
NO_TEXT, NO_HANDLING, NO_NUMBER = "请填写异议内容。", "请填写处理情况。", "请填写决定的文号。"
NO_END = "请写明为什么终止评选，各单位会在通知里看到。"
MAX_REASON = 200
MAX_TEXT = 2000


def earliest_end(begins: date, calendar: Workdays) -> date:
    """Return the first day on which a public notice that begins on this day may end."""
    return calendar.shift(begins, WORKDAYS)


def publish(commendation: Commendation, chosen: Sequence[Nomination], until: date, actor: Actor) -> None:
    """Begin the public notice of the chosen nominations today. Raises Refusal."""
    with transaction.atomic():
        now = locked(commendation)
        require_stage(now, CommendationStage.VOTED, "现在不能公示：须在表决结束之后，且只公示一次。")
        _require_publishable(now, chosen)
        earliest = earliest_end(actor.today, Holiday.objects.calendar())
        if until < earliest:
            raise Refusal(f"公示至少 {WORKDAYS} 个工作日，最早到 {earliest:%Y-%m-%d}，请改正。", field="until")
        Nomination.objects.filter(pk__in=[each.pk for each in chosen]).bump(proposed=True)
        Commendation.objects.filter(pk=now.pk).update(public_from=actor.today, public_until=until)
        audit_log.record(
            actor, "commendation.publish", now, detail=f"到 {until}；{'、'.join(str(each) for each in chosen)}"
        )
        tell_units(now, f"{now}拟表彰对象公示，到 {until:%Y-%m-%d}。如有异议，请与创建办联系。", actor, "public")


def _require_publishable(commendation: Commendation, chosen: Sequence[Nomination]) -> None:
    if not chosen:
        raise Refusal(NO_CHOICE, field="nominations")
    results = voting.results_of(commendation)
    for each in chosen:
        if each.pk not in results or not results[each.pk].passed:
            raise Refusal(f"{each}没有获得过半数同意，不能列入公示。", field="nominations")
    counts = Counter(each.kind for each in chosen)
    for kind in NominationKind:
        if counts[kind] > commendation.quota_of(kind):
            quota = commendation.quota_of(kind)
            raise Refusal(f"{kind.label}名额 {quota} 个，选了 {counts[kind]} 个，请减少。", field="nominations")
    waiting = Consultation.objects.filter(nomination__in=[each.pk for each in chosen], answered_on=None)
    if asked := waiting.select_related("nomination__unit").first():
        raise Refusal(f"{asked.nomination}还没有{asked.organ}的答复，请先登记答复，再公示。", field="nominations")


def record_objection(nomination: Nomination, raised_by: str, received_on: date, text: str, actor: Actor) -> Objection:
    """Record an objection to a nominee of the public notice. ``raised_by`` "": anonymous. Raises Refusal."""
    require_text(text, NO_TEXT, "text")
    with transaction.atomic():
        now = locked(nomination.commendation)
        require_stage(now, CommendationStage.PUBLIC, "不在公示，不能登记异议。")
        if not now.nominations.proposed().filter(pk=nomination.pk).exists():
            raise Refusal("这份提名没有列入公示。")
        assert now.public_from is not None  # noqa: S101 - the stage says so
        if not now.public_from <= received_on <= actor.today:
            raise Refusal(f"收到日期须在公示开始（{now.public_from}）和今天之间，请改正。", field="received_on")
        made = Objection.objects.create(
            nomination=nomination,
            raised_by=raised_by.strip(),
            received_on=received_on,
            text=text.strip(),
            recorded_by=actor.human,
            recorded_at=actor.at,
        )
        audit_log.record(actor, "commendation.objection", nomination, detail=f"异议 {made.pk}")
    return made


def handle_objection(objection: Objection, upheld: bool, handling: str, actor: Actor) -> None:
    """Record how an objection was handled. One that is upheld takes the nominee off the list. Raises Refusal."""
    require_text(handling, NO_HANDLING, "handling")
    with transaction.atomic():
        now = locked(objection.nomination.commendation)
        require_stage(now, CommendationStage.PUBLIC, "不在公示，不能处理异议。")
        changed = Objection.objects.filter(pk=objection.pk, handled_at=None).update(
            upheld=upheld, handling=handling.strip(), handled_by=actor.human, handled_at=actor.at
        )
        if not changed:
            raise Refusal("这条异议已经处理，请刷新后再看。", 409)
        words = "成立，不予表彰" if upheld else "不成立"
        audit_log.record(actor, "commendation.handle", objection.nomination, detail=f"异议 {objection.pk} {words}")


def decide(commendation: Commendation, number: str, decided_on: date, actor: Actor) -> None:
    """Record the decision, after the public notice. Raises Refusal."""
    require_text(number, NO_NUMBER, "number")
    with transaction.atomic():
        now = locked(commendation)
        require_stage(now, CommendationStage.PUBLIC, "不在公示，不能作出决定。")
        assert now.public_until is not None  # noqa: S101 - the stage says so
        if not now.public_until < decided_on <= actor.today:
            sentence = f"公示到 {now.public_until:%Y-%m-%d}，决定日期须在其后、不晚于今天，请改正。"
            raise Refusal(sentence, field="decided_on")
        waiting = Objection.objects.filter(nomination__commendation=now, handled_at=None)
        if found := waiting.select_related("nomination__unit").first():
            raise Refusal(f"{found.nomination}的异议还没有处理，请先处理，再作出决定。")
        count = now.nominations.commended().count()
        if not count:
            raise Refusal("公示的对象都因异议成立而不予表彰，没有可以表彰的，请改为终止评选。")
        Commendation.objects.filter(pk=now.pk).update(decided_on=decided_on, decision_number=number.strip())
        audit_log.record(actor, "commendation.decide", now, detail=f"{number.strip()}，{count} 个")
        tell_units(now, f"{now}已作出决定（{number.strip()}），请查看表彰名单。", actor, "decided")


def why_not_ended(commendation: Commendation) -> str:
    """Return why it cannot be ended without a decision, or ""."""
    if commendation.stage in (CommendationStage.DECIDED, CommendationStage.ENDED, CommendationStage.PURGED):
        return f"“{commendation}”{commendation.stage.label}，不能终止。"
    left = commendation.nominations.commended().count()
    return f"公示的对象还有 {left} 个没有成立的异议，请在公示期满后作出决定。" if left else ""


def end(commendation: Commendation, reason: str, actor: Actor) -> None:
    """End it without a decision (终止评选), for example when nobody passed the vote or every nominee was struck off. Raises Refusal."""
    require_text(reason, NO_END, "reason")
    with transaction.atomic():
        now = locked(commendation)
        if sentence := why_not_ended(now):
            raise Refusal(sentence)
        words = reason.strip()
        Commendation.objects.filter(pk=now.pk).update(ended_on=actor.today, end_reason=words)
        audit_log.record(actor, "commendation.end", now, detail=words)
        tell_units(now, f"{now}已终止，不作表彰：{words}", actor, "ended")

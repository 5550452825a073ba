"""What a move of a rectification (整改) does besides changing the status: verifying it, closing it (销号), opening it again.

Like ``effects``: each runs in the move's transaction and returns the note for the history.
"""

from datetime import date

from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import DueDateOrigin, NoticeKind, ReviewVerdict, Task, Urgency
from creation.people.notifications import notify_about_task
from creation.people.recipients import liaisons
from creation.tasks.effects import Data, change_due_day, due_sentence, required_comment, review_submission

NO_REMAINDER = "请写明还有什么没有整改到位，单位才知道接着做什么。"
NO_CONSENT = "请填写领导小组同意长期坚持的会议或批示，如“9月3日领导小组第5次会议”。"
NO_RELAPSE = "请写明哪里反弹了。"
NO_LOOK = "请写明复查的情况。"
SAID = 300  # letters of a visit's note that are repeated in the history
NO_NEXT_DAY = "请填写日期。"


def close(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """销号: the rectification is verified, on paper or on site; ``visit_check`` in ``data`` is what was noted of it on a visit."""
    note = _verified(task, data)
    if task.submissions.order_by("-number")[0].verdict_given is None:  # one that was 长期坚持 has been judged
        review_submission(task, actor, verdict=ReviewVerdict.APPROVE, comment=note)
    notify_about_task(liaisons(task, actor), NoticeKind.APPROVED, f"已销号：{task}", task, actor)
    return note


def accept_part(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """部分整改: the finding stays open with what is left to do, and a new due day."""
    left = required_comment(data, NO_REMAINDER)
    day = _future(data.get("new_due_on"), actor.today)
    review_submission(task, actor, verdict=ReviewVerdict.PART, comment=left, new_due_on=day)
    former_due = change_due_day(task, day, DueDateOrigin.RETURN, left, actor)
    text = f"部分整改：{task}。{due_sentence(day)}还需：{left}"
    notify_about_task(liaisons(task, actor), NoticeKind.RETURNED, text, task, actor, urgency=Urgency.AT_ONCE)
    return left + former_due


def keep(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """长期坚持: the leading group consents that the rectification has no end; it is looked at again by the day given."""
    consent = required_comment(data, NO_CONSENT)
    day = _future(data.get("new_due_on"), actor.today)
    review_submission(task, actor, verdict=ReviewVerdict.LONG_TERM, comment=consent, new_due_on=day)
    change_due_day(task, day, DueDateOrigin.RETURN, consent, actor)
    note = f"领导小组同意：{consent}；{day:%Y-%m-%d} 前复查"
    notify_about_task(liaisons(task, actor), NoticeKind.CHANGED, f"转为长期坚持：{task}。{note}", task, actor)
    return note


def look_again(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """年度复查: what was promised for good still holds; the next look is due by the day given."""
    seen = required_comment(data, NO_LOOK)
    day = _future(data.get("new_due_on"), actor.today)
    change_due_day(task, day, DueDateOrigin.RETURN, seen, actor)
    return f"{seen}；下次 {day:%Y-%m-%d} 前复查"


def relapse(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """反弹: what was closed came back; counts as a repeated finding."""
    what = required_comment(data, NO_RELAPSE)
    day = _future(data.get("new_due_on"), actor.today)
    former_due = change_due_day(task, day, DueDateOrigin.REOPEN, what, actor)
    text = f"问题反弹，须重新整改：{task}。{due_sentence(day)}{what}"
    notify_about_task(liaisons(task, actor), NoticeKind.RETURNED, text, task, actor, urgency=Urgency.AT_ONCE)
    return what + former_due


def _future(day: date | None, today: date) -> date:
    if day is None:
        raise Refusal(NO_NEXT_DAY, field="new_due_on")
    if day < today:
        raise Refusal("日期不能早于今天，请改选以后的日期。", field="new_due_on")
    return day


def _verified(task: Task, data: Data) -> str:
    how, comment, check = str(data.get("how") or ""), str(data.get("comment") or "").strip(), data.get("visit_check")
    if check and check.task_id != task.pk:
        raise Refusal("所选的走访记录不是这一项整改的，请重新选择。", field="how")
    on_visit = f"（{check.said[:SAID]}）" if check else ""
    return "：".join(filter(None, (f"{how}核查{on_visit}" if how else "", comment)))

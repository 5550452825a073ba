"""What a move does besides changing the status: the effects that the table in ``workflow`` names.

Each runs in the move's transaction after the status has changed, and returns the note for the history.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from creation.audit.actor import Actor
from creation.campaigns.due_dates import change_due_date
from creation.evidence import items, quarantine
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import (
    AnswerMode,
    Citation,
    Draft,
    DueDateOrigin,
    EvidenceVersion,
    Holiday,
    NoticeKind,
    Reading,
    ReturnReason,
    Review,
    ReviewVerdict,
    Submission,
    SubmittedCitation,
    Task,
    TaskEvent,
    TaskStatus,
    Urgency,
    User,
)
from creation.people import credentials
from creation.people.notifications import notify_about_task
from creation.people.recipients import leaders, liaisons
from creation.rules.deadlines import due_day_text, former_due_note
from creation.tasks import answers

Data = Mapping[str, Any]
NO_CHANGES = "请写明哪里需要修改，承办人员才知道怎样改。"
NO_REOPENING = "请写明为什么撤销通过。"
NO_REASON = "请选择退回原因。"
UNSIGNED = "。本单位没有可以审签的分管领导，直接送创建办"


def submit(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """Store the answer as a Submission with copies of its citations; delete the submitter's draft."""
    _refuse_unseen_draft(task, actor, data)
    _refuse_unseen_work(task, actor, data)
    citations = _counting_citations(task)
    _require_acceptable(task, data["mode"], citations)
    for sentence in answers.lacking(data).values():
        raise Refusal(sentence)
    _refuse_secrecy_marks(citations)
    submission = Submission(
        task=task,
        number=task.submissions.count() + 1,
        **{name: data.get(name, "") for name in answers.FIELDS},
        readings=[reading.as_data() for reading in readings_of(task)],
        due_on=task.due_on,
        handed_on=actor.today,
        created_by=actor.human,
        on_behalf=on_behalf,
        created_at=actor.at,
    )
    cited = _store(submission, citations)
    Draft.objects.filter(task=task, person=actor.human).delete()
    if task.status == TaskStatus.SIGNING:
        notify_about_task(
            leaders(task, actor), NoticeKind.CHANGED, f"请审签：{task}", task, actor, urgency=Urgency.AT_ONCE
        )
    unsigned = task.campaign.sign_off and not on_behalf and task.status == TaskStatus.SUBMITTED
    note = f"{submission.get_mode_display()}，印证资料 {len(cited)} 份，{items.DECLARATION}"
    return note + (UNSIGNED if unsigned else "")


def _require_acceptable(task: Task, mode: str, citations: list[Citation]) -> None:
    if mode not in task.modes:
        raise Refusal("此任务不接受这种提供方式，请改选其他方式。")
    if mode == AnswerMode.UPLOAD and not citations:
        raise Refusal("还没有印证资料。请先上传或引用材料，或改选“现场提供”“情况说明”。")
    if waiting := quarantine.awaiting_scan(citations):
        names = "、".join(f"“{evidence}”" for evidence in waiting)
        raise Refusal(f"{names}正在等待查毒，还不能报送。查毒服务恢复后会自动检查，一般几分钟，请稍后再报送。")


def _refuse_secrecy_marks(citations: list[Citation]) -> None:
    """Refuse evidence with a secrecy mark until somebody has declared it not secret or removed the file."""
    flagged = [f"“{each.evidence}”（{marks}）" for each in citations if (marks := each.evidence.flagged_marks)]
    if flagged:
        raise Refusal(f"{'、'.join(flagged[:3])}带有密级标志，不能报送。请在资料旁“确认不涉密”，或“清除文件”后再报送。")


def _refuse_unseen_draft(task: Task, actor: Actor, data: Data) -> None:
    """Refuse to delete a draft that the person saved in another window meanwhile. ``draft_seen`` is None when no page was involved."""
    seen = data.get("draft_seen")
    if seen is None:
        return
    draft = Draft.objects.filter(task=task, person=actor.human).first()
    if draft is None or draft.version == seen:
        return
    if answers.content_of(draft.content) != answers.content_of(data):
        raise Stale("您在另一窗口（或另一台设备）写了不同的内容。请核对后选定一份。", answers.as_text(draft.content))


def _refuse_unseen_work(task: Task, actor: Actor, data: Data) -> None:
    """Refuse to hand in over what others wrote, added, replaced or removed since the page was opened.

    ``opened`` is None when no page was involved; ``pieces`` is what the page showed: version by citation.
    """
    opened = data.get("opened")
    if opened is None:
        return
    others = Draft.objects.filter(task=task, saved_at__gt=opened).exclude(person=actor.human).select_related("person")
    mine = answers.content_of(data)
    drafts = [
        each for each in others if not answers.is_blank(each.content) and answers.content_of(each.content) != mine
    ]
    added = Citation.objects.counting().filter(task=task, created_at__gt=opened).exclude(created_by=actor.human)
    pieces = list(added.select_related("evidence", "created_by"))
    shown: Mapping[int, int] = data.get("pieces") or {}
    replaced, removed = _replaced_pieces(task, actor, shown), _removed_pieces(task, shown)
    if not (drafts or pieces or replaced or removed):
        return
    texts = [f"{each.person.name}起草的内容\n\n{answers.as_text(each.content)}" for each in drafts]
    texts += [f"{each.created_by.name}加入的材料：{each.evidence}（一并报送）" for each in pieces]
    texts += [f"{each.created_by.name}更换了文件的材料：{each.evidence}（报送更换后的）" for each in replaced]
    texts += [f"已移除的材料：{each}（不再报送）" for each in removed]
    authors = [each.person for each in drafts] + [each.created_by for each in pieces]
    authors += [each.created_by for each in replaced]
    names = "、".join(dict.fromkeys(each.name for each in authors))
    raise Stale(
        f"您打开这一页以后，{names + '又改过' if names else '材料有变动'}。请核对后再报送。", "\n\n".join(texts)
    )


def _replaced_pieces(task: Task, actor: Actor, shown: Mapping[int, int]) -> list[EvidenceVersion]:
    """Return the newest versions, by others, of pieces of which the page showed an older one."""
    cited = Citation.objects.counting().filter(task=task, pk__in=shown)
    versions = EvidenceVersion.objects.filter(evidence__in=cited.values("evidence")).exclude(created_by=actor.human)
    newest = {each.evidence_id: each for each in versions.select_related("evidence", "created_by").order_by("number")}
    seen = {evidence: shown[key] for key, evidence in cited.values_list("pk", "evidence")}
    return [each for key, each in newest.items() if each.number > seen[key]]


def _removed_pieces(task: Task, shown: Mapping[int, int]) -> list[Citation]:
    """Return what the page showed and the task no longer cites."""
    cited = Citation.objects.counting().filter(task=task).values("pk")
    gone = Citation.objects.filter(task=task, pk__in=shown).exclude(pk__in=cited)
    return list(gone.select_related("evidence", "number"))


@prepared
def _counting_citations(task: Task) -> QuerySet[Citation, Citation]:
    rows = Citation.objects.counting().filter(task=task).select_related("evidence", "number", "task__campaign")
    return rows.prefetch_related("evidence__secrecy_marks")


def _store(submission: Submission, citations: list[Citation]) -> list[SubmittedCitation]:
    versions = EvidenceVersion.objects.filter(evidence__in=[citation.evidence_id for citation in citations])
    newest = {version.evidence_id: version for version in versions.order_by("number")}
    cited = [submitted_citation(citation, newest[citation.evidence_id]) for citation in citations]
    submission.digest = digest_of(submission, cited)
    submission.save()
    for row in cited:
        row.submission = submission
    return SubmittedCitation.objects.bulk_create(cited)


def submitted_citation(citation: Citation, version: EvidenceVersion) -> SubmittedCitation:
    """Copy all data of the piece as of now, so that later corrections do not change what was submitted."""
    evidence = citation.evidence
    outside = evidence.dated_on is not None and not citation.task.campaign.window_includes(evidence.dated_on)
    return SubmittedCitation(
        version=version,
        number=str(citation.number),
        title=evidence.title,
        kind=evidence.kind,
        passage=citation.passage,
        doc_number=evidence.doc_number,
        dated_on=evidence.dated_on,
        issuer=evidence.issuer,
        pages=evidence.pages,
        outside_reason=citation.outside_reason if outside else "",
    )


def readings_of(task: Task) -> list[Reading]:
    """Return the unit's readings of the task's measures in the campaign's year."""
    if not task.indicator_id:
        return []
    rows = Reading.objects.filter(
        unit=task.unit_id, measure__indicator=task.indicator_id, period__startswith=str(task.campaign.year)
    )
    return list(rows.select_related("measure").order_by("measure", "period"))


def digest_of(submission: Submission, cited: list[SubmittedCitation]) -> str:
    """Return the SHA-256 over the answer's text and the digests of the cited versions, as canonical JSON."""
    content = submission.content() | {
        "task": submission.task_id,
        "number": submission.number,
        "readings": submission.readings,
        "cited": [
            [
                row.number,
                row.title,
                row.kind,
                row.passage,
                row.doc_number,
                str(row.dated_on or ""),
                row.issuer,
                row.pages,
                row.outside_reason,
                row.version.sha256 or row.version.url or row.version.text,
            ]
            for row in cited
        ],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def sign(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    return str(data.get("comment", ""))


def withdraw(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    return str(data.get("comment", ""))


def send_back(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """The unit's leader returns the answer for changes before it leaves the unit."""
    comment = required_comment(data, NO_CHANGES)
    text = f"分管领导退回：{task}。{comment}"
    notify_about_task(liaisons(task, actor), NoticeKind.RETURNED, text, task, actor, urgency=Urgency.AT_ONCE)
    return comment


def approve(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    comment = str(data.get("comment", ""))
    review_submission(task, actor, verdict=ReviewVerdict.APPROVE, comment=comment)
    notify_about_task(liaisons(task, actor), NoticeKind.APPROVED, f"已通过：{task}", task, actor)
    return comment


def return_answer(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    comment, new_due_on = str(data.get("comment") or ""), data.get("new_due_on")
    if sentence := wrong_return(data) or wrong_due_date(new_due_on, actor.today):
        raise Refusal(sentence)
    reason = ReturnReason(data["reason"])
    review_submission(task, actor, verdict=ReviewVerdict.RETURN, reason=reason, comment=comment, new_due_on=new_due_on)
    text = f"{reason.label}。{comment}".strip()
    former_due = change_due_day(task, new_due_on, DueDateOrigin.RETURN, text, actor)
    text_of_notice = f"被退回：{task}。{due_sentence(new_due_on)}{text}"
    notify_about_task(liaisons(task, actor), NoticeKind.RETURNED, text_of_notice, task, actor, urgency=Urgency.AT_ONCE)
    return text + former_due


def reopen(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """The office withdraws its approval; the earlier review stays in the history."""
    comment = required_comment(data, NO_REOPENING)
    if sentence := wrong_due_date(data.get("new_due_on"), actor.today):
        raise Refusal(sentence)
    former_due = change_due_day(task, data.get("new_due_on"), DueDateOrigin.REOPEN, comment, actor)
    text = f"撤销通过：{task}。{due_sentence(data.get('new_due_on'))}{comment}"
    notify_about_task(liaisons(task, actor), NoticeKind.RETURNED, text, task, actor, urgency=Urgency.AT_ONCE)
    return comment + former_due


def wrong_return(data: Data) -> str:
    """Return why a return for this reason is refused, or ""."""
    if data.get("reason") not in ReturnReason.values:
        return NO_REASON
    if data["reason"] == ReturnReason.OTHER and not str(data.get("comment") or "").strip():
        return "选择“其他”时请写明原因。"
    return ""


def wrong_due_date(day: date | None, today: date) -> str:
    """Return why the due date is refused, or "": it must not be in the past."""
    return "完成时限不能早于今天，请改选以后的日期。" if day and day < today else ""


def required_comment(data: Data, sentence: str) -> str:
    """Return the comment, which this move requires. Raises Refusal with ``sentence`` without one."""
    comment = str(data.get("comment") or "")
    require_text(comment, sentence)
    return comment


def why_not_reviewed_by(person: User, submission: Submission) -> str:
    """Return why this person may not review the submission, or ""."""
    if submission.created_by_id == person.pk:
        return "不能审核本人报送或代填的答复，请由其他审核人员审核。"
    let_in_by, signed = _let_in_and_signed(person, submission)
    if let_in_by == person.pk:
        return "报送人的密码是用您签发的一次性链接设置的，不能由您审核，请由其他审核人员审核；没有其他审核人员的，请系统管理员增加。"
    return "不能审核本人审签过的答复，请由其他审核人员审核。" if signed else ""


def _let_in_and_signed(person: User, submission: Submission) -> tuple[int | None, bool]:
    """Return who let in the person that handed in, and whether ``person`` signed the submission."""
    link = credentials.used_links(OuterRef("created_by")).values("issued_by")[:1]
    signings = TaskEvent.objects.filter(task=OuterRef("task"), move="sign", created_by=person)
    signed = Exists(signings.filter(created_at__gte=OuterRef("created_at")))
    found: tuple[int | None, bool] = Submission.objects.values_list(Subquery(link), signed).get(pk=submission.pk)
    return found


def review_submission(task: Task, actor: Actor, **fields: Any) -> None:
    submission = _last_submission(task)[0]
    if sentence := why_not_reviewed_by(actor.human, submission):
        raise Refusal(sentence)
    Review.objects.create(submission=submission, created_by=actor.human, created_at=actor.at, **fields)


@prepared
def _last_submission(task: Task) -> QuerySet[Submission, Submission]:
    return Submission.objects.filter(task=task).select_related("created_by").order_by("-number")[:1]


def due_sentence(new_due_on: Any) -> str:
    """The new due date comes first in a notice, since the end of a notice may be cut."""
    return f"新的时限 {due_day_text(new_due_on, Holiday.objects.calendar())}。" if new_due_on else ""


def change_due_day(task: Task, new_due_on: Any, origin: DueDateOrigin, reason: str, actor: Actor) -> str:
    """Change the due date if a new one is given; return the note about the former one."""
    if not new_due_on or new_due_on == task.due_on:
        return ""
    former_due = former_due_note(task.due_on)
    change_due_date(Task.objects.filter(pk=task.pk), new_due_on, origin, reason, actor, new_version=False)
    task.refresh_from_db(fields=["due_on"])
    return former_due

"""Typical cases (典型经验): written and submitted by a unit, returned or selected by the office."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    ActionFile,
    Campaign,
    CasePicture,
    CaseState,
    Membership,
    NoticeKind,
    TypicalCase,
    Unit,
    Urgency,
)
from creation.models.membership import MembershipQuerySet
from creation.people import credentials, notifications
from creation.rules.policy import Role

MAX_TEXT = 6000
MAX_PICTURES = 6
PICTURE_TYPES = frozenset({"image/jpeg", "image/png"})  # those that Word shows
NO_TITLE, NO_PRACTICE, NO_RESULTS = "请填写题目。", "请写明主要做法。", "请写明成效。"
NO_COMMENT = "请写明要怎样修改，单位才知道改哪里。"
CLOSED = "典型经验不能再改动"
JUDGES = (Role.COORDINATOR, Role.REVIEWER)
EDITABLE = (CaseState.DRAFT, CaseState.RETURNED)
LABELS = {"title": "题目", "background": "背景", "practice": "主要做法", "results": "成效", "insight": "经验启示"}


@dataclass(frozen=True, slots=True)
class CaseText:
    title: str
    practice: str
    results: str
    background: str = ""
    insight: str = ""


def write_case(
    campaign: Campaign, unit: Unit, text: CaseText, actor: Actor, pictures: Sequence[ActionFile] = ()
) -> TypicalCase:
    """Begin a case. ``pictures``: files that are stored already. Raises Refusal."""
    _require_valid(text)
    with transaction.atomic():
        lock_open(campaign, CLOSED)
        case = TypicalCase.objects.create(
            campaign=campaign, unit=unit, created_by=actor.human, created_at=actor.at, **_columns(text)
        )
        _add_pictures(case, pictures)
        audit_log.record(actor, "case.write", case)
    return case


def edit_case(
    case: TypicalCase,
    text: CaseText,
    actor: Actor,
    seen: int,
    pictures: Sequence[ActionFile] = (),
    dropped: Collection[int] = (),
) -> TypicalCase:
    """Change text and pictures while it is with the unit. ``dropped``: keys of pictures to take out. Raises Refusal and Stale."""
    _require_valid(text)
    with transaction.atomic():
        lock_open(case.campaign, CLOSED)
        if not TypicalCase.objects.filter(state__in=EDITABLE).change(case.pk, seen, **_columns(text)):
            raise _refusal(case, seen)
        case.pictures.filter(pk__in=dropped).delete()
        _add_pictures(case, pictures)
        case = TypicalCase.objects.for_table().get(pk=case.pk)
        audit_log.record(actor, "case.edit", case)
    return case


def submit_case(case: TypicalCase, actor: Actor, seen: int) -> TypicalCase:
    """Submit the case; those who judge cases are told. Raises Refusal and Stale."""
    with transaction.atomic():
        lock_open(case.campaign, CLOSED)
        rows = TypicalCase.objects.filter(state__in=EDITABLE)
        if not rows.change(case.pk, seen, state=CaseState.SUBMITTED, submitted_at=actor.at, comment=""):
            raise _refusal(case, seen)
        case.refresh_from_db()
        audit_log.record(actor, "case.submit", case)
        office = _people(case, actor).filter(role__in=JUDGES)
        text = f"{case.unit.short_name}报送典型经验：{case}。请审核。"
        _tell(case, office, NoticeKind.REQUEST, text, Urgency.DAILY, actor)
    return case


def judge_case(case: TypicalCase, *, select: bool, comment: str, actor: Actor, seen: int) -> TypicalCase:
    """The office takes the case into the booklet or returns it with a comment; the unit is told. Raises Refusal and Stale."""
    if not select and not comment.strip():
        raise Refusal(NO_COMMENT, field="comment")
    _require_other(case, actor)
    state = CaseState.SELECTED if select else CaseState.RETURNED
    with transaction.atomic():
        lock_open(case.campaign, CLOSED)
        values = {"state": state, "comment": comment.strip(), "judged_by": actor.human, "judged_at": actor.at}
        rows = TypicalCase.objects.filter(state__in=(CaseState.SUBMITTED, CaseState.SELECTED))
        if not rows.change(case.pk, seen, **values):
            raise _refusal(case, seen)
        case.refresh_from_db()
        audit_log.record(actor, "case.judge", case, detail=f"{case.get_state_display()}：{case.comment}")
        text = f"典型经验{'已采用' if select else '退回修改'}：{case}。{case.comment}"
        kind, urgency = (NoticeKind.APPROVED, Urgency.DAILY) if select else (NoticeKind.RETURNED, Urgency.AT_ONCE)
        _tell(case, _people(case, actor).filter(unit=case.unit_id, role=Role.LIAISON), kind, text, urgency, actor)
    return case


def _require_other(case: TypicalCase, actor: Actor) -> None:
    """Raise Refusal for who wrote the case, or may know the password of who did: as for answers, nobody judges the own work."""
    if case.created_by_id == actor.human.pk:
        raise Refusal("不能审核本人起草的典型经验，请由其他审核人员审核。")
    if credentials.issued_link_of(case.created_by, actor.human):
        raise Refusal("起草人的密码是用您签发的一次性链接设置的，不能由您审核，请由其他审核人员审核。")


def _add_pictures(case: TypicalCase, files: Sequence[ActionFile]) -> None:
    if other := [file for file in files if file.media_type not in PICTURE_TYPES]:
        raise Refusal(f"“{other[0].name}”不是照片：请上传 jpg 或 png 图片。")
    if case.pictures.count() + len(files) > MAX_PICTURES:
        raise Refusal(f"一篇最多 {MAX_PICTURES} 张照片，请先去掉一些。")
    for file in files:
        facts = {name: getattr(file, name) for name in ("name", "blob", "sha256", "size", "media_type")}
        CasePicture.objects.create(case=case, **facts)


def _people(case: TypicalCase, actor: Actor) -> MembershipQuerySet:
    return Membership.objects.recipients(actor.today, Role.LIAISON, *JUDGES).for_campaign(case.campaign)


def _tell(
    case: TypicalCase, whom: MembershipQuerySet, kind: NoticeKind, text: str, urgency: Urgency, actor: Actor
) -> None:
    subject, key = f"case/{case.pk}", f"v{case.version}"
    for person in whom.people():
        notifications.notify(person, kind, text, actor, subject=subject, dedup_key=key, urgency=urgency)


def _columns(text: CaseText) -> dict[str, str]:
    return {name: getattr(text, name).strip() for name in LABELS}


def _require_valid(text: CaseText) -> None:
    for name, sentence in (("title", NO_TITLE), ("practice", NO_PRACTICE), ("results", NO_RESULTS)):
        if not getattr(text, name).strip():
            raise Refusal(sentence, field=name)


def _refusal(case: TypicalCase, seen: int) -> Refusal:
    now = TypicalCase.objects.get(pk=case.pk)
    if now.version != seen:
        return Stale(
            f"这篇典型经验刚刚被他人更新，现为“{now.get_state_display()}”。请核对最新内容后再操作。", as_text(now)
        )
    return Refusal(f"典型经验现为“{now.get_state_display()}”，不能这样操作。")


def as_text(case: TypicalCase) -> str:
    return "\n\n".join(f"{label}：{getattr(case, name)}" for name, label in LABELS.items() if getattr(case, name))

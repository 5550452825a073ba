"""Setting up a mock assessment, and closing it: from then on the scores are known and stay as they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from creation.appraisal import score_sheet
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import (
    Appraisal,
    AppraisalPoint,
    AppraisalRequest,
    AppraisalSeat,
    Campaign,
    Indicator,
    NoticeKind,
    PointEffect,
    Score,
    Unit,
    User,
)
from creation.people import notifications

NO_NAME = "请填写名称，如“9月模拟考核”。"
NO_UNITS = "请至少选择一个受评单位。"
NO_POINTS = "请至少选择一个一级指标，或增加一个评分项。"
WRONG_END = "结束日期不能早于开始日期，请改正。"
NO_ASSESSORS = "请至少选择一名评分人。"


@dataclass(frozen=True, slots=True)
class ExtraPoint:
    """An item besides the checkpoints: 加分, 扣分 or 一票否决."""

    title: str
    effect: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class NewAppraisal:
    """``default_points``: the points of a checkpoint whose indicator system gives none."""

    name: str
    kind: str
    starts: date
    ends: date
    units: Collection[Unit]
    sections: Collection[str]
    default_points: Decimal
    assessors: Mapping[User, Sequence[str]]
    everyone: bool = False
    note: str = ""
    extras: Sequence[ExtraPoint] = ()


@dataclass(frozen=True, slots=True)
class AppraisalChange:
    """What may be changed until the close. The sheet and the units stay: they may be scored already."""

    name: str
    ends: date
    note: str
    assessors: Collection[User]


def create_appraisal(campaign: Campaign, new: NewAppraisal, actor: Actor) -> Appraisal:
    """Set up the assessment with its score sheet and tell the assessors. Raises Refusal."""
    checkpoints = _checkpoints(campaign, new.sections)
    _require_valid(campaign, new, checkpoints)
    with transaction.atomic():
        lock_open(campaign, "不能组织模拟考核")
        if campaign.appraisals.filter(name=new.name.strip()).exists():
            raise Refusal(f"已有名为“{new.name.strip()}”的模拟考核，请换一个名称。", field="name")
        appraisal = Appraisal.objects.create(
            campaign=campaign,
            name=new.name.strip(),
            kind=new.kind,
            starts=new.starts,
            ends=new.ends,
            note=new.note.strip(),
            everyone=new.everyone,
            created_by=actor.human,
            created_at=actor.at,
        )
        appraisal.units.set(new.units)
        AppraisalPoint.objects.bulk_create(_sheet(appraisal, checkpoints, new))
        AppraisalSeat.objects.bulk_create(
            AppraisalSeat(appraisal=appraisal, person=person, sections=list(sections))
            for person, sections in new.assessors.items()
        )
        audit_log.record(
            actor, "appraisal.create", campaign, detail=f"{appraisal}；评分人 {'、'.join(map(str, new.assessors))}"
        )
        _invite(appraisal, new.assessors, actor)
    return appraisal


def change_appraisal(appraisal: Appraisal, change: AppraisalChange, seen: int, actor: Actor) -> None:
    """Change name, end, note and assessors; who has scored or asked stays. Raises Refusal and Stale."""
    name = change.name.strip()
    if not name:
        raise Refusal(NO_NAME, field="name")
    if change.ends < appraisal.starts:
        raise Refusal(WRONG_END, field="ends")
    if not change.assessors:
        raise Refusal(NO_ASSESSORS, field="assessors")
    with transaction.atomic():
        now = _locked_open(appraisal, "不能修改模拟考核")
        if now.campaign.appraisals.filter(name=name).exclude(pk=now.pk).exists():
            raise Refusal(f"已有名为“{name}”的模拟考核，请换一个名称。", field="name")
        begun = Q(scores__isnull=False) | Q(requests__isnull=False)
        gone = now.seats.exclude(person__in=change.assessors)
        if kept := gone.filter(begun).select_related("person").first():
            raise Refusal(f"{kept.person}已经评了分或提了要求，不能移出评分人，请重新勾选。", field="assessors")
        if not Appraisal.objects.change(now.pk, seen, name=name, ends=change.ends, note=change.note.strip()):
            raise Stale("这次模拟考核刚刚被他人修改，没有保存。请核对后再改。", f"{now.name}，到 {now.ends}")
        gone.delete()
        seated = set(now.seats.values_list("person", flat=True))
        added = [person for person in change.assessors if person.pk not in seated]
        AppraisalSeat.objects.bulk_create(AppraisalSeat(appraisal=now, person=person) for person in added)
        words = f"{name}，到 {change.ends}；评分人 {'、'.join(map(str, change.assessors))}"
        audit_log.record(actor, "appraisal.change", now.campaign, detail=words)
        now.refresh_from_db()
        _invite(now, added, actor)


def withdraw_appraisal(appraisal: Appraisal, actor: Actor) -> None:
    """Remove one that was set up wrongly, before anybody has scored or asked, and tell the assessors. Raises Refusal."""
    with transaction.atomic():
        now = _locked_open(appraisal, "不能撤销模拟考核")
        if (
            Score.objects.filter(seat__appraisal=now).exists()
            or AppraisalRequest.objects.filter(seat__appraisal=now).exists()
        ):
            raise Refusal(f"“{now}”已经有人评分或提了要求，不能撤销。请改它的名称和说明，或结束评分。")
        people = [seat.person for seat in now.seats.select_related("person")]
        audit_log.record(actor, "appraisal.withdraw", now.campaign, detail=str(now))
        for person in people:
            text, subject = f"模拟考核“{now}”已撤销，不用评分。", f"campaign/{now.campaign_id}"
            notifications.notify(
                person, NoticeKind.REQUEST, text, actor, subject=subject, dedup_key=f"withdrawn/{now.pk}"
            )
        now.delete()


def _locked_open(appraisal: Appraisal, cannot: str) -> Appraisal:
    """Return the assessment as it is now, locked. Raises Refusal when it or its campaign has ended."""
    lock_open(appraisal.campaign, cannot)
    now = Appraisal.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=appraisal.pk)
    if not now.is_open:
        raise Refusal(f"“{now}”的评分已经结束，{cannot}。")
    return now


def _invite(appraisal: Appraisal, people: Iterable[User], actor: Actor) -> None:
    for person in people:
        text = f"请参加模拟考核评分：{appraisal}，{appraisal.starts:%Y-%m-%d} 至 {appraisal.ends:%Y-%m-%d}"
        notifications.notify(
            person, NoticeKind.REQUEST, text, actor, subject=f"appraisal/{appraisal.pk}", dedup_key="seat"
        )


def close_appraisal(appraisal: Appraisal, actor: Actor) -> None:
    """End the scoring: the results are shown to those who may read them. Raises Refusal when it is closed already."""
    with transaction.atomic():
        lock_open(appraisal.campaign, "不能结束评分；请先重新启动活动")
        now = Appraisal.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=appraisal.pk)
        if not now.is_open:
            raise Refusal("这次模拟考核的评分已经结束。")
        score_sheet.leave_open(now, actor)
        Appraisal.objects.change(now.pk, now.version, closed_at=actor.at, closed_by=actor.human)
        audit_log.record(actor, "appraisal.close", now.campaign, detail=str(now))


def _checkpoints(campaign: Campaign, sections: Collection[str]) -> list[Indicator]:
    found = campaign.system.indicators.checkpoints().filter(parent__parent__code__in=sections)
    return list(found.select_related("parent__parent").order_by("order"))


def _require_valid(campaign: Campaign, new: NewAppraisal, checkpoints: Sequence[Indicator]) -> None:
    require_text(new.name, NO_NAME, "name")
    if new.ends < new.starts:
        raise Refusal(WRONG_END, field="ends")
    if not new.units:
        raise Refusal(NO_UNITS, field="units")
    campaign.require_own_units(new.units, "units")
    if not checkpoints and not new.extras:
        raise Refusal(NO_POINTS, field="sections")
    if not new.assessors:
        raise Refusal(NO_ASSESSORS, field="assessors")
    if unvalued := [extra.title for extra in new.extras if extra.effect != PointEffect.VETO and extra.points <= 0]:
        raise Refusal(f"评分项“{'”“'.join(unvalued)}”没有分值。请填写最高分值，或把性质改为一票否决。")


def _sheet(appraisal: Appraisal, checkpoints: Sequence[Indicator], new: NewAppraisal) -> list[AppraisalPoint]:
    lines = [
        AppraisalPoint(
            appraisal=appraisal,
            indicator=each,
            title=each.title,
            points=each.points or new.default_points,
            order=order,
        )
        for order, each in enumerate(checkpoints, 1)
    ]
    lines += [
        AppraisalPoint(
            appraisal=appraisal,
            title=extra.title.strip(),
            effect=extra.effect,
            points=0 if extra.effect == PointEffect.VETO else extra.points,
            order=order,
        )
        for order, extra in enumerate(new.extras, len(lines) + 1)
    ]
    return lines

"""Setting up a mock assessment, and closing it: from then on the scores are known and stay as they are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from creation.appraisal import score_sheet
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal
from creation.models import (
    Appraisal,
    AppraisalPoint,
    AppraisalSeat,
    Campaign,
    Indicator,
    NoticeKind,
    PointEffect,
    Unit,
    User,
)
from creation.people import notifications

NO_NAME = "请填写名称，如“9月模拟考核”。"
NO_UNITS = "请至少选择一个受评单位。"
NO_POINTS = "请至少选择一个一级指标，或增加一个评分项。"
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
        for person in new.assessors:
            text = f"请参加模拟考核评分：{appraisal}，{new.starts:%Y-%m-%d} 至 {new.ends:%Y-%m-%d}"
            notifications.notify(
                person, NoticeKind.REQUEST, text, actor, subject=f"appraisal/{appraisal.pk}", dedup_key="seat"
            )
    return appraisal


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
    if not new.name.strip():
        raise Refusal(NO_NAME, field="name")
    if new.ends < new.starts:
        raise Refusal("结束日期不能早于开始日期，请改正。", field="ends")
    if not new.units:
        raise Refusal(NO_UNITS, field="units")
    if strangers := [unit for unit in new.units if unit.district_id != campaign.district_id]:
        raise Refusal(f"{strangers[0]} 不是本区单位，请重新选择。", field="units")
    if not checkpoints and not new.extras:
        raise Refusal(NO_POINTS, field="sections")
    if not new.assessors:
        raise Refusal(NO_ASSESSORS, field="assessors")


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

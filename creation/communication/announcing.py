"""通知公告: the office issues, corrects, withdraws and urges; a unit signs for what it received."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import (
    ActionFile,
    Announcement,
    AnnouncementFile,
    AnnouncementVersion,
    Campaign,
    Membership,
    NoticeKind,
    Receipt,
    Unit,
    Urgency,
    User,
)
from creation.rules.policy import UNIT_ROLES, Role

NO_TITLE, NO_BODY = "请填写标题。", "请填写正文。"


@dataclass(frozen=True, slots=True)
class Text:
    """What an announcement says, to whom, and whether it is to be signed for."""

    title: str
    body: str
    units: Collection[Unit]
    needs_receipt: bool
    sign_by: date | None


def issue(campaign: Campaign, text: Text, actor: Actor, files: Collection[ActionFile] = ()) -> Announcement:
    """``files``: attachments, kept in storage but not saved as rows. Raises Refusal."""
    _require_open(campaign)
    _require_words(text.title, text.body)
    if not text.units:
        raise Refusal("请至少选择一个单位。")
    if strangers := [unit for unit in text.units if unit.district_id != campaign.district_id]:
        raise Refusal(f"{strangers[0]} 不是本区单位，请重新选择。")
    if text.sign_by and text.sign_by < actor.today:
        raise Refusal(f"签收期限 {text.sign_by:%Y-%m-%d} 已经过去，请改填今天或以后的日期。")
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)  # numbers are given one after the other
        last = Announcement.objects.filter(campaign=campaign).aggregate(n=Max("number"))["n"] or 0
        made = Announcement.objects.create(
            campaign=campaign,
            number=last + 1,
            title=text.title,
            body=text.body,
            needs_receipt=text.needs_receipt,
            sign_by=text.sign_by if text.needs_receipt else None,
            issued_by=actor.human,
            issued_at=actor.at,
        )
        made.units.set(text.units)
        _attach(made, files)
        trail.audit(actor, "announcement.issue", made, detail=f"发送 {len(text.units)} 个单位")
        _tell(made, made.units.all(), f"新公告：{made}。{_asked(made)}", actor)
    return made


def _attach(announcement: Announcement, files: Iterable[ActionFile]) -> None:
    for file in files:
        AnnouncementFile.objects.create(
            announcement=announcement,
            name=file.name,
            blob=file.blob,
            sha256=file.sha256,
            size=file.size,
            media_type=file.media_type,
        )


def _asked(announcement: Announcement) -> str:
    if not announcement.needs_receipt:
        return "请阅知。"
    return f"请于 {announcement.sign_by:%Y-%m-%d} 前签收。" if announcement.sign_by else "请阅读并签收。"


def correct(announcement: Announcement, seen: int, title: str, body: str, reason: str, actor: Actor) -> None:
    """A new version: the old text stays on record, and the units sign anew. Raises Refusal, also for who comes second."""
    _require_open(announcement.campaign)
    _require_words(title, body)
    if not reason.strip():
        raise Refusal("请填写更正原因，各单位会在公告里看到。")
    with transaction.atomic():
        old = Announcement.objects.select_related("campaign").get(pk=announcement.pk)
        standing = Announcement.objects.filter(withdrawn_at=None)
        if not standing.change(announcement.pk, seen, title=title, body=body):
            raise Refusal("公告刚刚被他人更正或撤回，没有保存，请刷新后核对。")
        AnnouncementVersion.objects.create(
            announcement=old,
            number=seen,
            title=old.title,
            body=old.body,
            reason=reason.strip(),
            by=actor.human,
            at=actor.at,
        )
        new = Announcement.objects.select_related("campaign").get(pk=announcement.pk)
        trail.audit(actor, "announcement.correct", new, detail=reason.strip())
        _tell(new, new.units.all(), f"公告已更正：{new}。{reason.strip()}。{_asked(new)}", actor)


def withdraw(announcement: Announcement, reason: str, actor: Actor) -> None:
    """The units see that and why it was withdrawn, no longer what it said. Raises Refusal."""
    if not reason.strip():
        raise Refusal("请填写撤回原因，各单位会看到。")
    with transaction.atomic():
        standing = Announcement.objects.filter(pk=announcement.pk, withdrawn_at=None)
        if not standing.update(withdrawn_at=actor.at, withdrawn_reason=reason.strip()):
            raise Refusal("公告已经撤回。")
        trail.audit(actor, "announcement.withdraw", announcement, detail=reason.strip())
        _tell(announcement, announcement.units.all(), f"公告已撤回：{announcement}。{reason.strip()}", actor)


def signable(announcement: Announcement, person: User) -> list[Unit]:
    """The person's addressed units that have not signed the version that stands."""
    if not announcement.needs_receipt or announcement.withdrawn_at or not announcement.campaign.is_open:
        return []
    held = [g.unit for g, _ in person.grants_for("announcement.sign") if g.campaign in (None, announcement.campaign_id)]
    return list(unsigned(announcement).filter(pk__in=[unit for unit in held if unit]))


def unsigned(announcement: Announcement) -> Any:
    done = Receipt.objects.filter(announcement=announcement, version=announcement.version).values("unit")
    return announcement.units.exclude(pk__in=done).order_by("order", "pk")


def sign(announcement: Announcement, seen: int, actor: Actor) -> list[Unit]:
    """Sign for one's units what one has read: version ``seen``. Raises Refusal where there is nothing to sign."""
    with transaction.atomic():
        now = Announcement.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=announcement.pk)
        if now.version != seen:
            raise Refusal("公告刚刚更正过，请阅读新的内容后再签收。")
        units = signable(now, actor.human)
        if not units:
            raise Refusal("没有需要您签收的：本单位已经签收，或公告已撤回、不需要签收。")
        for unit in units:
            Receipt.objects.create(announcement=now, version=seen, unit=unit, by=actor.human, at=actor.at)
        trail.audit(actor, "announcement.sign", now, detail="、".join(map(str, units)))
    return units


def urge(announcement: Announcement, actor: Actor) -> int:
    """Remind the units that have not signed, once a day; gives their number. Raises Refusal."""
    _require_open(announcement.campaign)
    if announcement.withdrawn_at or not announcement.needs_receipt:
        raise Refusal("公告已撤回或不需要签收，不能催办。")
    with transaction.atomic():
        units = list(unsigned(announcement))
        if not units:
            raise Refusal("各单位都已签收，不需要催办。")
        slot = f"urge v{announcement.version} {actor.today}"
        _tell(announcement, units, f"请尽快签收公告：{announcement}。", actor, NoticeKind.URGE, slot)
        trail.audit(actor, "announcement.urge", announcement, detail="、".join(map(str, units)))
    return len(units)


def _require_words(title: str, body: str) -> None:
    if not title.strip():
        raise Refusal(NO_TITLE)
    if not body.strip():
        raise Refusal(NO_BODY)


def _require_open(campaign: Campaign) -> None:
    if not campaign.is_open:
        raise Refusal(f"“{campaign}”{campaign.get_state_display()}，不能再发布或处理公告。")


def _tell(
    announcement: Announcement,
    units: Iterable[Unit],
    text: str,
    actor: Actor,
    kind: NoticeKind = NoticeKind.ANNOUNCEMENT,
    slot: str = "",
) -> None:
    """The units' liaisons; where there is none, whoever else the unit has."""
    slot = slot or f"{actor.at:%Y-%m-%dT%H:%M:%S.%f}"
    for person in listeners(announcement.campaign, units, actor):
        trail.notify(
            person,
            kind,
            text,
            actor,
            subject=f"announcement/{announcement.pk}",
            slot=slot,
            urgency=Urgency.AT_ONCE,
        )


def listeners(campaign: Campaign, units: Iterable[Unit], actor: Actor) -> list[User]:
    of_campaign = _members(campaign, units, actor)
    led = {m.unit_id for m in of_campaign if m.role == Role.LIAISON}
    heard = [m for m in of_campaign if m.role == Role.LIAISON or m.unit_id not in led]
    return list({m.user_id: m.user for m in heard}.values())


def deaf(announcement: Announcement, actor: Actor) -> list[Unit]:
    """The addressed units in which nobody is left to hear of it, nor to sign."""
    units = list(announcement.units.order_by("order", "pk"))
    staffed = {member.unit_id for member in _members(announcement.campaign, units, actor)}
    return [unit for unit in units if unit.pk not in staffed]


def _members(campaign: Campaign, units: Iterable[Unit], actor: Actor) -> list[Membership]:
    held = Membership.objects.recipients(actor.today, *UNIT_ROLES).for_campaign(campaign)
    return list(held.filter(unit__in=[unit.pk for unit in units]))

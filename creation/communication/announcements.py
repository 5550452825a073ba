"""Announcements (通知公告): the office issues, corrects and withdraws them and urges units; units sign receipts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal, require_text
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
from creation.people import notifications
from creation.rules.policy import UNIT_ROLES, Permission, Role

NOT_OPEN = "不能再发布或处理公告"
NO_TITLE, NO_BODY = "请填写标题。", "请填写正文。"


@dataclass(frozen=True, slots=True)
class AnnouncementText:
    """The text of an announcement, the units addressed, and whether it needs a receipt."""

    title: str
    body: str
    units: Collection[Unit]
    needs_receipt: bool
    sign_by: date | None


def issue_announcement(
    campaign: Campaign, text: AnnouncementText, actor: Actor, files: Collection[ActionFile] = ()
) -> Announcement:
    """Issue an announcement. ``files`` are attachments already stored, as unsaved rows. Raises Refusal."""
    require_issuable(campaign, text, actor)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)  # so that numbers are consecutive
        last = Announcement.objects.filter(campaign=campaign).aggregate(n=Max("number"))["n"] or 0
        announcement = Announcement.objects.create(
            campaign=campaign,
            number=last + 1,
            title=text.title,
            body=text.body,
            needs_receipt=text.needs_receipt,
            sign_by=text.sign_by if text.needs_receipt else None,
            issued_by=actor.human,
            issued_at=actor.at,
        )
        announcement.units.set(text.units)
        _attach_files(announcement, files)
        audit_log.record(actor, "announcement.issue", announcement, detail=f"发送 {len(text.units)} 个单位")
        _notify_units(
            announcement, announcement.units.all(), f"新公告：{announcement}。{_receipt_request(announcement)}", actor
        )
    return announcement


def require_issuable(campaign: Campaign, text: AnnouncementText, actor: Actor) -> None:
    """Raise Refusal unless this text may be issued today."""
    campaign.require_open(NOT_OPEN)
    _require_words(text.title, text.body)
    if not text.units:
        raise Refusal("请至少选择一个单位。", field="units")
    campaign.require_own_units(text.units)
    if text.sign_by and text.sign_by < actor.today:
        raise Refusal(f"签收期限 {text.sign_by:%Y-%m-%d} 已经过去，请改填今天或以后的日期。", field="sign_by")


def _attach_files(announcement: Announcement, files: Iterable[ActionFile]) -> None:
    for file in files:
        AnnouncementFile.objects.create(
            announcement=announcement,
            name=file.name,
            blob=file.blob,
            sha256=file.sha256,
            size=file.size,
            media_type=file.media_type,
        )


def _receipt_request(announcement: Announcement) -> str:
    if not announcement.needs_receipt:
        return "请阅知。"
    return f"请于 {announcement.sign_by:%Y-%m-%d} 前签收。" if announcement.sign_by else "请阅读并签收。"


def correct_announcement(
    announcement: Announcement, seen: int, title: str, body: str, reason: str, actor: Actor
) -> None:
    """Correct the text in a new version. The old text is kept, and units sign again. Raises Refusal, also if somebody else was faster."""
    announcement.campaign.require_open(NOT_OPEN)
    _require_words(title, body)
    require_text(reason, "请填写更正原因，各单位会在公告里看到。")
    with transaction.atomic():
        old = Announcement.objects.select_related("campaign").get(pk=announcement.pk)
        current = Announcement.objects.filter(withdrawn_at=None)
        if not current.change(announcement.pk, seen, title=title, body=body):
            raise Refusal("公告刚刚被他人更正或撤回，没有保存，请刷新后核对。")
        AnnouncementVersion.objects.create(
            announcement=old,
            number=seen,
            title=old.title,
            body=old.body,
            reason=reason.strip(),
            created_by=actor.human,
            created_at=actor.at,
        )
        new = Announcement.objects.select_related("campaign").get(pk=announcement.pk)
        audit_log.record(actor, "announcement.correct", new, detail=reason.strip())
        _notify_units(new, new.units.all(), f"公告已更正：{new}。{reason.strip()}。{_receipt_request(new)}", actor)


def withdraw_announcement(announcement: Announcement, reason: str, actor: Actor) -> None:
    """Withdraw an announcement. Units see that and why, but not the text. Raises Refusal."""
    require_text(reason, "请填写撤回原因，各单位会看到。")
    with transaction.atomic():
        lock_open(announcement.campaign, NOT_OPEN)
        current = Announcement.objects.filter(pk=announcement.pk, withdrawn_at=None)
        if not current.update(withdrawn_at=actor.at, withdrawn_reason=reason.strip()):
            raise Refusal("公告已经撤回。")
        audit_log.record(actor, "announcement.withdraw", announcement, detail=reason.strip())
        _notify_units(announcement, announcement.units.all(), f"公告已撤回：{announcement}。{reason.strip()}", actor)


def signable_units(announcement: Announcement, person: User) -> list[Unit]:
    """Return the person's addressed units that have not signed the current version."""
    if not announcement.needs_receipt or announcement.withdrawn_at or not announcement.campaign.is_open:
        return []
    own_units = [
        g.unit
        for g, _ in person.grants_for(Permission.ANNOUNCEMENT_SIGN)
        if g.campaign in (None, announcement.campaign_id)
    ]
    return list(unsigned_units(announcement).filter(pk__in=[unit for unit in own_units if unit]))


def unsigned_units(announcement: Announcement) -> Any:
    signed = Receipt.objects.filter(announcement=announcement, version=announcement.version).values("unit")
    return announcement.units.exclude(pk__in=signed).order_by("order", "pk")


def sign_receipt(announcement: Announcement, seen: int, actor: Actor) -> list[Unit]:
    """Sign a receipt for the person's units. ``seen`` is the version that was read. Raises Refusal if there is nothing to sign."""
    with transaction.atomic():
        now = Announcement.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=announcement.pk)
        if now.version != seen:
            raise Refusal("公告刚刚更正过，请阅读新的内容后再签收。")
        units = signable_units(now, actor.human)
        if not units:
            raise Refusal("没有需要您签收的：本单位已经签收，或公告已撤回、不需要签收。")
        for unit in units:
            Receipt.objects.create(
                announcement=now, version=seen, unit=unit, created_by=actor.human, created_at=actor.at
            )
        audit_log.record(actor, "announcement.sign", now, detail="、".join(map(str, units)))
    return units


def urge_receipts(announcement: Announcement, actor: Actor) -> int:
    """Remind the units that have not signed, once a day. Return their number. Raises Refusal."""
    announcement.campaign.require_open(NOT_OPEN)
    if announcement.withdrawn_at or not announcement.needs_receipt:
        raise Refusal("公告已撤回或不需要签收，不能催办。")
    with transaction.atomic():
        units = list(unsigned_units(announcement))
        if not units:
            raise Refusal("各单位都已签收，不需要催办。")
        dedup_key = f"urge v{announcement.version} {actor.today}"
        _notify_units(announcement, units, f"请尽快签收公告：{announcement}。", actor, NoticeKind.URGE, dedup_key)
        audit_log.record(actor, "announcement.urge", announcement, detail="、".join(map(str, units)))
    return len(units)


def _require_words(title: str, body: str) -> None:
    require_text(title, NO_TITLE)
    require_text(body, NO_BODY)


def _notify_units(
    announcement: Announcement,
    units: Iterable[Unit],
    text: str,
    actor: Actor,
    kind: NoticeKind = NoticeKind.ANNOUNCEMENT,
    dedup_key: str = "",
) -> None:
    """Notify the units' liaisons; without one, the other members of the unit."""
    dedup_key = dedup_key or f"{actor.at:%Y-%m-%dT%H:%M:%S.%f}"
    for person in recipients_in(announcement.campaign, units, actor):
        notifications.notify(
            person,
            kind,
            text,
            actor,
            subject=f"announcement/{announcement.pk}",
            dedup_key=dedup_key,
            urgency=Urgency.AT_ONCE,
        )


def recipients_in(campaign: Campaign, units: Iterable[Unit], actor: Actor) -> list[User]:
    of_campaign = _members(campaign, units, actor)
    units_with_liaison = {m.unit_id for m in of_campaign if m.role == Role.LIAISON}
    recipients = [m for m in of_campaign if m.role == Role.LIAISON or m.unit_id not in units_with_liaison]
    return list({m.user_id: m.user for m in recipients}.values())


def units_without_recipients(campaign: Campaign, units: Iterable[Unit], actor: Actor) -> list[Unit]:
    """Return those of the units that have nobody to notify or sign."""
    units = list(units)
    units_with_members = {member.unit_id for member in _members(campaign, units, actor)}
    return [unit for unit in units if unit.pk not in units_with_members]


def _members(campaign: Campaign, units: Iterable[Unit], actor: Actor) -> list[Membership]:
    own_units = Membership.objects.recipients(actor.today, *UNIT_ROLES).for_campaign(campaign)
    return list(own_units.filter(unit__in=[unit.pk for unit in units]))

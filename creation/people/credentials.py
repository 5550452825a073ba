"""How a person gets a password: by a link that works once, or by changing the current one. Passwords are never sent."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal
from creation.models import FormerPassword, LinkPurpose, Membership, NoticeKind, OneTimeLink, Urgency, User
from creation.people import notifications, sessions
from creation.rules.policy import Role

LINK_LIFETIME = timedelta(hours=24)
INVITATION_DAYS = (1, 3, 7)  # days that the first link of a new person may be valid, as the office chooses


def link_lifetime(person: User, days: int) -> timedelta:
    """Return how long a link for this person is valid: an invitation for ``days``, a new password always for LINK_LIFETIME."""
    return LINK_LIFETIME if person.has_usable_password() else timedelta(days=days)


def issue_link(person: User, actor: Actor, days: int = 1) -> str:
    """Create a link for this person and return its token, which is not stored. Earlier links stop working. Raises Refusal.

    ``days`` is for invitations; a link that replaces a forgotten password is always valid for LINK_LIFETIME.
    """
    if days not in INVITATION_DAYS:
        raise Refusal(f"链接的有效期只能是 {'、'.join(map(str, INVITATION_DAYS))} 天。")
    if not person.is_active:
        raise Refusal(f"{person.name}的账号已停用，请先启用再签发链接。")
    token = secrets.token_urlsafe(32)
    purpose = LinkPurpose.RESET if person.has_usable_password() else LinkPurpose.INVITE
    with transaction.atomic():
        revoke_links(person, actor)
        OneTimeLink.objects.create(
            user=person,
            purpose=purpose,
            token_digest=token_digest(token),
            issued_by=actor.person,
            issued_at=actor.at,
            expires_at=actor.at + link_lifetime(person, days),
        )
        audit_log.record(actor, "link.issue", person, detail=purpose.label)
        if purpose == LinkPurpose.RESET:
            _tell_of_issue(person, actor)
    return token


def _tell_of_issue(person: User, actor: Actor) -> None:
    """Tell the person and the auditors that somebody can now set a new password of this account."""
    issuer = str(actor.person or "系统")
    at = f"{timezone.localtime(actor.at):%Y-%m-%d %H:%M}"
    texts = {
        person: f"{issuer}于 {at} 为您的账号签发了重设密码的一次性链接。如非您本人要求，请立即告知创建办和安全审计员。"
    }
    whose = f"{person.unit or ''} {person.name}".strip()
    told = f"{issuer}于 {at} 为{whose}的账号签发了重设密码的一次性链接，请核对是否本人要求。"
    held = person.memberships.values("district")  # of a leader or an expert, who may belong to no unit
    districts = Q(district=person.unit.district_id) if person.unit else Q(district__in=held)
    auditors = Membership.objects.recipients(actor.today, Role.AUDITOR).filter(districts)
    texts |= dict.fromkeys(auditors.people(), told)
    _tell(person, texts, f"link {actor.at:%Y%m%d%H%M%S%f}", actor)


def _tell(person: User, texts: dict[User, str], dedup_key: str, actor: Actor) -> None:
    for each, text in texts.items():
        notifications.notify(
            each,
            NoticeKind.CHANGED,
            text,
            actor,
            subject=f"account/{person.pk}",
            dedup_key=dedup_key,
            urgency=Urgency.AT_ONCE,
        )


def issued_link_of(person: User | None, issuer: User) -> bool:
    """Return whether the person's password was last set with a link that ``issuer`` handed out, who may therefore know it."""
    return any(last.issued_by_id == issuer.pk for last in _last_used_link(person))


def used_links(person: User | OuterRef | None) -> QuerySet[OneTimeLink]:
    """Return the links with which the person set a password, the latest first."""
    return OneTimeLink.objects.filter(user=person, used_at__isnull=False).order_by("-used_at", "-pk")


@prepared
def _last_used_link(person: User | None) -> QuerySet[OneTimeLink, OneTimeLink]:
    return used_links(person)[:1]


def link_url(token: str) -> str:
    """Return the URL that the holder opens."""
    return f"{settings.SITE_URL}{reverse('one_time_link', args=[token])}"


def find_link(token: str, now: datetime) -> OneTimeLink | None:
    """Return the link of this token if it is still valid."""
    link = (
        OneTimeLink.objects.filter(token_digest=token_digest(token), user__is_active=True)
        .select_related("user", "issued_by")
        .first()
    )
    return link if link and link.is_open(now) else None


def redeem_link(link: OneTimeLink, password: str, actor: Actor) -> None:
    """Use up the link and set the password. Raises Refusal if it was used already."""
    with transaction.atomic():
        unused = OneTimeLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=actor.at)
        if not unused.update(used_at=actor.at):
            raise Refusal("该链接已经用过，请联系创建办或系统管理员重新签发。")
        issuer = link.issued_by
        audit_log.record(
            actor,
            "link.redeem",
            link.user,
            detail=f"签发人 {issuer.name}({issuer.username})" if issuer else "签发人 系统",
        )
        set_password(link.user, password, actor)
        if link.purpose == LinkPurpose.RESET:
            where = f"，地址 {actor.address}" if actor.address else ""
            at = f"{timezone.localtime(actor.at):%Y-%m-%d %H:%M}"
            text = f"您的密码于 {at} 用{issuer or '系统'}签发的一次性链接重设{where}。如非您本人操作，请立即告知创建办和安全审计员。"
            _tell(link.user, {link.user: text}, f"redeemed {link.pk}", actor)


def set_password(person: User, password: str, actor: Actor, keep: str = "") -> None:
    """Set the password, store its hash in the history, and end the person's links and sessions except the one with key ``keep``."""
    person.password, person.password_changed_at = make_password(password), actor.at
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(password=person.password, password_changed_at=actor.at)
        FormerPassword.objects.create(user=person, password=person.password, set_at=actor.at)
        revoke_links(person, actor)
        audit_log.record(actor, "password.set", person)
        sessions.end_all_sessions(person, actor, keep)


def revoke_links(person: User, actor: Actor) -> None:
    """Invalidate links that were not used."""
    OneTimeLink.objects.filter(user=person, used_at=None, expires_at__gt=actor.at).update(expires_at=F("issued_at"))


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

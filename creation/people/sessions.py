"""Login sessions as rows: they expire, can be ended remotely, and are listed for the person."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import lock_waits
from creation.lib.prepared import prepared
from creation.models import User, UserSession

WRITE_EVERY = timedelta(minutes=1)
ENDED, IDLE, EXPIRED = "ended", "idle", "expired"


def get_or_create_session(user: User, key: str, actor: Actor, agent: str) -> UserSession:
    """Return the row of this session, creating it when its key is first seen."""
    if found := _with_reference_version(key):
        return found[0]
    UserSession.objects.get_or_create(
        session_key=key,
        defaults={
            "user": user,
            "address": actor.address or None,
            "agent": agent[:200],
            "started_at": actor.at,
            "seen_at": actor.at,
        },
    )
    return _with_reference_version(key)[0]


@prepared
def _with_reference_version(key: str) -> QuerySet[UserSession, UserSession]:
    return UserSession.objects.with_reference_version().filter(session_key=key)


def end_reason(session: UserSession, now: datetime) -> str:
    """Return why the session is over: ``ended`` (remotely), ``idle`` or ``expired``; "" while it is valid."""
    if session.ended_at:
        return ENDED
    if now - session.started_at >= timedelta(hours=settings.SESSION_HOURS):
        return EXPIRED
    if now - session.seen_at >= timedelta(minutes=settings.IDLE_MINUTES):
        return IDLE
    return ""


def touch_session(session: UserSession, now: datetime) -> None:
    """Record activity of the person, at most once a minute. While the database is locked by others, the next request records it."""
    if now - session.seen_at >= WRITE_EVERY:
        with lock_waits.give_up_when_locked():
            UserSession.objects.filter(pk=session.pk).update(seen_at=now)


def end_session(session: UserSession, actor: Actor, action: str) -> bool:
    """End a session. Return False if it was over already."""
    with transaction.atomic():
        if not UserSession.objects.active().filter(pk=session.pk).update(ended_at=actor.at):
            return False
        Session.objects.filter(session_key=session.session_key).delete()
        audit_log.record(
            actor,
            action,
            session.user,
            detail=f"登录于 {_local(session.started_at)}，来自 {session.address or '未知地址'}",
        )
    return True


def end_all_sessions(user: User, actor: Actor, keep: str = "") -> int:
    """End every session of a person except the one with key ``keep``. Return the number ended."""
    with transaction.atomic():
        live = UserSession.objects.active().filter(user=user).exclude(session_key=keep)
        keys = list(live.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        ended = live.update(ended_at=actor.at)
        if ended:
            audit_log.record(actor, "session.end", user, detail=f"结束 {ended} 个登录")
    return ended


def change_session_key(old: str, new: str) -> None:
    """Continue a session under a new key, after a change of password."""
    UserSession.objects.filter(session_key=old).update(session_key=new)


def _local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def is_live(key: str, now: datetime) -> bool:
    """Return whether a person is logged in with this session key. Nothing is written."""
    session = UserSession.objects.active().filter(session_key=key).first() if key else None
    return session is not None and not end_reason(session, now)

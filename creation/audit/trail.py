"""What every verb ends with: the event on the task, the notice to a person, the entry in the audit trail."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from creation.models import AuditEntry, Notice, NoticeKind, Task, TaskEvent, Urgency, User

LABEL = 20  # characters of an event's name
SIGNED_FIELDS = ("at", "person_id", "person", "district_id", "act", "object", "result", "detail", "address", "nonce")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, when and from where: made once at the door. ``person`` None is the system itself (clock, operator)."""

    person: User | None
    at: datetime
    address: str = ""

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @property
    def human(self) -> User:
        """The person, for verbs that only people do. Raises ValueError for the system."""
        if self.person is None:
            raise ValueError("This verb needs a person.")
        return self.person


def event(
    task: Task, actor: Actor, move: str, label: str, source: str, target: str, note: str = "", on_behalf: bool = False
) -> TaskEvent:
    return TaskEvent.objects.create(
        task=task,
        move=move,
        label=shorten(label, LABEL),  # a unit's name may be part of it
        source=source,
        target=target,
        note=note,
        on_behalf=on_behalf,
        by=actor.person,
        at=actor.at,
    )


def notify(
    person: User,
    kind: NoticeKind,
    text: str,
    actor: Actor,
    *,
    subject: str,
    slot: str,
    task: Task | None = None,
    urgency: str = Urgency.DAILY,
) -> None:
    """Tell one person one thing, once: the same person, kind, subject and slot make no second row."""
    Notice.objects.get_or_create(
        person=person,
        kind=kind,
        subject=subject,
        slot=slot,
        defaults={"text": shorten(text), "at": actor.at, "task": task, "urgency": urgency},
    )


def shorten(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def audit(actor: Actor, act: str, obj: models.Model | str = "", result: str = "done", detail: str = "") -> AuditEntry:
    """Append one entry; call it inside the act's transaction, so that no act happens without it."""
    entry = _entry(actor, act, obj, result, detail)
    entry.save(force_insert=True)
    return entry


def audit_many(actor: Actor, act: str, told: Iterable[tuple[models.Model, str]]) -> None:
    """An entry for each object and detail, as ``audit`` does it."""
    AuditEntry.objects.bulk_create([_entry(actor, act, obj, "done", detail) for obj, detail in told], batch_size=500)


def _entry(actor: Actor, act: str, obj: models.Model | str, result: str, detail: str) -> AuditEntry:
    person = actor.person
    entry = AuditEntry(
        at=actor.at,
        person_id=person.pk if person else None,
        person=f"{person.name}({person.username})" if person else "未登录" if actor.address else "系统",
        district_id=_district(obj, person),
        act=act,
        object=shorten(name_of(obj), 200),
        result=result,
        detail=detail,
        address=actor.address,
        nonce=uuid4().hex,
    )
    entry.mac = mac_of(entry)
    return entry


def name_of(obj: models.Model | str) -> str:
    return obj if isinstance(obj, str) else f"{obj._meta.verbose_name} {obj.pk} {obj}"


def mac_of(entry: AuditEntry) -> str:
    """What an entry's ``mac`` must be."""
    return sign({name: getattr(entry, name) for name in SIGNED_FIELDS})


def sign(values: dict[str, Any]) -> str:
    """HMAC-SHA256 over canonical JSON; times in UTC, so that the database's zone does not matter."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=in_utc)
    return hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _district(obj: models.Model | str, person: User | None) -> int | None:
    scope = getattr(obj, "scope", None)
    if scope is not None:
        return scope().district or None
    return person.unit.district_id if person and person.unit else None

"""Writes audit entries: what was done, by whom, on which object. Each entry is signed."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models

from creation.audit.actor import Actor
from creation.lib.strings import shorten
from creation.models import AuditEntry, User

SIGNED_FIELDS = ("at", "person_id", "person", "district_id", "act", "object", "result", "detail", "address", "nonce")


def record(
    actor: Actor, action: str, obj: models.Model | str = "", result: str = "done", detail: str = ""
) -> AuditEntry:
    """Append one entry. Call it in the transaction of the action, so that no action is committed without its entry."""
    entry = _build_entry(actor, action, obj, result, detail)
    entry.save(force_insert=True)
    return entry


def record_many(actor: Actor, action: str, objects: Iterable[tuple[models.Model, str]]) -> None:
    """Append an entry for each object and detail, like ``record``."""
    AuditEntry.objects.bulk_create(
        [_build_entry(actor, action, obj, "done", detail) for obj, detail in objects], batch_size=500
    )


def _build_entry(actor: Actor, action: str, obj: models.Model | str, result: str, detail: str) -> AuditEntry:
    person = actor.person
    entry = AuditEntry(
        at=actor.at,
        person_id=person.pk if person else None,
        person=f"{person.name}({person.username})" if person else "未登录" if actor.address else "系统",
        district_id=_district_id(obj, person),
        act=action,
        object=shorten(display_name(obj), 200),
        result=result,
        detail=detail,
        address=actor.address,
        nonce=uuid4().hex,
    )
    entry.mac = entry_mac(entry)
    return entry


def display_name(obj: models.Model | str) -> str:
    return obj if isinstance(obj, str) else f"{obj._meta.verbose_name} {obj.pk} {obj}"


def entry_mac(entry: AuditEntry) -> str:
    """Return the expected ``mac`` of an entry."""
    return sign({name: getattr(entry, name) for name in SIGNED_FIELDS})


def sign(values: dict[str, Any]) -> str:
    """Return the HMAC-SHA256 of canonical JSON. Times are in UTC, so that the database's time zone does not matter."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=to_utc_text)
    return hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def to_utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _district_id(obj: models.Model | str, person: User | None) -> int | None:
    scope = getattr(obj, "scope", None)
    if scope is not None:
        return scope().district or None
    return person.unit.district_id if person and person.unit else None

"""Is the installation well? What can be asked of it, who hears of it, and what is to be done."""

from datetime import datetime

from creation.audit.actor import Actor
from creation.models import Membership, NoticeKind, Urgency, User
from creation.operations.health import backlog, components, data_safety
from creation.operations.health.probe_result import Level, Probe, ProbeResult
from creation.people import notifications
from creation.rules.policy import PERMISSION_MATRIX, Permission

__all__ = ["Level", "ProbeResult", "alarms", "notify_alarms", "report"]

GROUPS: dict[str, tuple[Probe, ...]] = {
    "运行": (components.database, components.broker, components.clock, components.store, components.conversion),
    "数据安全": (data_safety.sealed, data_safety.backed_up, data_safety.full_backup, data_safety.room),
    "待处理": (backlog.jobs, backlog.deliveries),
}
# What is said on every page and into the inbox, and the rights with which one hears it. Cheap to ask, all of them.
BANNER: dict[Probe, tuple[Permission, ...]] = {
    components.clock: (Permission.HEALTH_READ,),
    data_safety.sealed: (Permission.HEALTH_READ, Permission.AUDIT_READ),
    data_safety.backed_up: (Permission.HEALTH_READ,),
    data_safety.room: (Permission.HEALTH_READ,),
}


def report(now: datetime) -> dict[str, list[ProbeResult]]:
    return {name: [probe(now) for probe in probes] for name, probes in GROUPS.items()}


def alarms(user: User, now: datetime) -> list[ProbeResult]:
    """What this person must hear on every page; nothing is asked for those whom nothing concerns."""
    probes = [
        probe for probe, permissions in BANNER.items() if any(user.grants_for(permission) for permission in permissions)
    ]
    return [found for found in (probe(now) for probe in probes) if found.is_alarm]


def notify_alarms(actor: Actor) -> int:
    """Tell of each alarm those who can act, once a day; gives the number of alarms."""
    count = 0
    for probe, permissions in BANNER.items():
        if (found := probe(actor.at)).is_alarm:
            count += 1
            for person in _recipients(permissions, actor):
                _notify(person, probe.__name__, found, actor)
    return count


def _recipients(permissions: tuple[Permission, ...], actor: Actor) -> list[User]:
    roles = {role for permission in permissions for role in PERMISSION_MATRIX[permission]}
    return Membership.objects.recipients(actor.today, *roles).people()


def _notify(person: User, probe: str, found: ProbeResult, actor: Actor) -> None:
    text, dedup_key = f"{found.name}：{found.message}{found.advice}", actor.today.isoformat()
    notifications.notify(
        person, NoticeKind.HEALTH, text, actor, subject=f"health/{probe}", dedup_key=dedup_key, urgency=Urgency.AT_ONCE
    )

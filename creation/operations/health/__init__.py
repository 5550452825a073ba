"""Health of the installation: what is checked, who is notified, and what to do."""

from dataclasses import replace
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
# Checks shown on every page and sent as notices, with the rights of the people concerned. They run often, so they must be cheap.
BANNER: dict[Probe, tuple[Permission, ...]] = {
    components.clock: (Permission.HEALTH_READ,),
    data_safety.sealed: (Permission.HEALTH_READ, Permission.AUDIT_READ),
    data_safety.backed_up: (Permission.HEALTH_READ,),
    data_safety.room: (Permission.HEALTH_READ,),
}
ADVICE_TO_OTHERS = "请告知系统管理员，由其按“系统状态”页的提示处理。"


def report(now: datetime) -> dict[str, list[ProbeResult]]:
    return {name: [probe(now) for probe in probes] for name, probes in GROUPS.items()}


def alarms(user: User, now: datetime) -> list[ProbeResult]:
    """Return the alarms shown to this person on every page. Checks that do not concern the person are not run."""
    probes = [
        probe for probe, permissions in BANNER.items() if any(user.grants_for(permission) for permission in permissions)
    ]
    return [_advice_for(user, found) for found in (probe(now) for probe in probes) if found.is_alarm]


def _advice_for(user: User, found: ProbeResult) -> ProbeResult:
    """Return the result with the advice that this person can follow: log files and commands are the administrator's."""
    return found if user.grants_for(Permission.HEALTH_READ) else replace(found, advice=ADVICE_TO_OTHERS)


def notify_alarms(actor: Actor) -> int:
    """Notify those who can act on each alarm, once a day. Return the number of alarms."""
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
    found, dedup_key = _advice_for(person, found), actor.today.isoformat()
    text = f"{found.name}：{found.message}{found.advice}"
    notifications.notify(
        person, NoticeKind.HEALTH, text, actor, subject=f"health/{probe}", dedup_key=dedup_key, urgency=Urgency.AT_ONCE
    )

"""Is the installation well? What can be asked of it, who hears of it, and what is to be done."""

from datetime import datetime

from creation.audit import trail
from creation.audit.trail import Actor
from creation.models import Membership, NoticeKind, Urgency, User
from creation.operations.health import keeping, running, undone
from creation.operations.health.finding import Finding, Level, Probe
from creation.rules.policy import MATRIX

__all__ = ["Finding", "Level", "alarms", "report", "watch"]

GROUPS: dict[str, tuple[Probe, ...]] = {
    "运行": (running.database, running.broker, running.clock, running.store, running.conversion),
    "数据安全": (keeping.sealed, keeping.backed_up, keeping.copied, keeping.room),
    "待处理": (undone.jobs, undone.deliveries),
}
# What is said on every page and into the inbox, and the rights with which one hears it. Cheap to ask, all of them.
BANNER: dict[Probe, tuple[str, ...]] = {
    running.clock: ("health.read",),
    keeping.sealed: ("health.read", "audit.read"),
    keeping.backed_up: ("health.read",),
    keeping.room: ("health.read",),
}


def report(now: datetime) -> dict[str, list[Finding]]:
    return {name: [probe(now) for probe in probes] for name, probes in GROUPS.items()}


def alarms(user: User, now: datetime) -> list[Finding]:
    """What this person must hear on every page; nothing is asked for those whom nothing concerns."""
    asked = [probe for probe, acts in BANNER.items() if any(user.grants_for(act) for act in acts)]
    return [found for found in (probe(now) for probe in asked) if found.is_alarm]


def watch(actor: Actor) -> int:
    """Tell of each alarm those who can act, once a day; gives the number of alarms."""
    count = 0
    for probe, acts in BANNER.items():
        if (found := probe(actor.at)).is_alarm:
            count += 1
            for person in _hearers(acts, actor):
                _tell(person, probe.__name__, found, actor)
    return count


def _hearers(acts: tuple[str, ...], actor: Actor) -> list[User]:
    roles = {role for act in acts for role in MATRIX[act]}
    return Membership.objects.recipients(actor.today, *roles).people()


def _tell(person: User, probe: str, found: Finding, actor: Actor) -> None:
    text, slot = f"{found.name}：{found.says}{found.todo}", actor.today.isoformat()
    trail.notify(person, NoticeKind.HEALTH, text, actor, subject=f"health/{probe}", slot=slot, urgency=Urgency.AT_ONCE)

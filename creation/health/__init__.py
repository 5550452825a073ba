"""Is the installation well? What can be asked of it, who hears of it, and what is to be done."""

from datetime import datetime

from creation.health.probes import BANNER, Finding
from creation.models import User

__all__ = ["Finding", "alarms"]


def alarms(user: User, now: datetime) -> list[Finding]:
    """What this person must hear on every page; nothing is asked for those whom nothing concerns."""
    asked = [probe for probe, acts in BANNER.items() if any(user.grants_for(act) for act in acts)]
    return [found for found in (probe(now) for probe in asked) if found.is_alarm]

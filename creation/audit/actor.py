"""Who acts, when and from where."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from creation.models import User


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

"""The person or system that performs an action, with time and address."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from creation.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, time and address of an action.

    Created once per request or job. ``person`` is None for the system (scheduler, operator).
    """

    person: User | None
    at: datetime
    address: str = ""

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @property
    def human(self) -> User:
        """The person, for verbs that only people perform. Raises ValueError for the system."""
        if self.person is None:
            raise ValueError("This verb needs a person.")
        return self.person

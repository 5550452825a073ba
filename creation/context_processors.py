"""Context available in every template."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from creation.models import User
from creation.operations import health


def alarms(request: HttpRequest) -> dict[str, Any]:
    """Add ``alarms``: problems of the installation, for the people responsible. Evaluated only if the template uses it."""
    user = getattr(request, "user", None)
    return {"alarms": SimpleLazyObject(lambda: health.alarms(user, timezone.now()) if isinstance(user, User) else [])}

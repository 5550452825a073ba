"""What every page may have to say beside its own matter."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from creation.models import User
from creation.operations import health


def alarms(request: HttpRequest) -> dict[str, Any]:
    """``alarms``: what is wrong with the installation, for those whom it concerns. Asked when the page asks."""
    user = getattr(request, "user", None)
    return {"alarms": SimpleLazyObject(lambda: health.alarms(user, timezone.now()) if isinstance(user, User) else [])}

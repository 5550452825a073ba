"""Guessed passwords: of many accounts from one address, and of one's own account at the page that changes it.

Beside the lock of one account at one address (django-axes), whose rows are counted here. Offices share an address, so nobody is locked out
by it: each further attempt has to wait a little longer.
"""

from datetime import datetime, timedelta
from math import ceil

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max, Sum
from django.http import HttpRequest

from creation.models import User

FREE = 20  # failures of an address within AXES_COOLOFF_TIME, after which a login has to wait
LONGEST = 60  # seconds


def seconds_to_wait(request: HttpRequest, now: datetime) -> int:
    """Return after how many seconds a password from this address is looked at again, 0 for at once."""
    recent = AccessAttempt.objects.filter(
        ip_address=get_client_ip_address(request), attempt_time__gt=now - settings.AXES_COOLOFF_TIME
    )
    found = recent.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    pause = min(LONGEST, (found["failures"] or 0) - FREE)
    return max(0, ceil((found["last"] + timedelta(seconds=pause) - now).total_seconds())) if pause > 0 else 0


def is_locked(request: HttpRequest, person: User) -> bool:
    """Return whether the person's password was missed too often. django-axes answers such a request by its page."""
    request.axes_locked_out = not AxesProxyHandler.is_allowed(request, {"username": person.username})  # type: ignore[attr-defined]
    return bool(request.axes_locked_out)  # type: ignore[attr-defined]


def record_miss(request: HttpRequest, person: User) -> None:
    """Count a wrong password of a person who is logged in, as that of a login."""
    user_login_failed.send(sender=__name__, credentials={"username": person.username}, request=request)

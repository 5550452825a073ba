"""What browser tests of supervision do on several pages."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

LATER = (timezone.localdate() + timedelta(days=20)).isoformat()


def tick(page: Any, unit: str) -> None:
    page.locator("label", has=page.locator("input[name=units], input[name=assists]"), has_text=unit).first.click()

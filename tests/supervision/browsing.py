"""What browser tests of supervision do on several pages."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from creation import background

ENOUGH = 15_000  # milliseconds in which something appears
LATER = (timezone.localdate() + timedelta(days=20)).isoformat()


def done(page: Any, words: str) -> None:
    page.locator("main > .alert-success", has_text=words).wait_for()


def tick(page: Any, unit: str) -> None:
    page.locator("label", has=page.locator("input[name=units], input[name=assists]"), has_text=unit).first.click()


def file_of_job(page: Any) -> Any:
    """Return the download that the page's job makes."""
    page.wait_for_url("**/jobs/**")
    background.run_queued(timezone.now)
    page.reload()
    with page.expect_download() as found:
        page.locator("a[href$='/file/']").first.click()
    return found.value

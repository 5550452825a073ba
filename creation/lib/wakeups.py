"""Wakes the workers after a commit. Best effort: no request ever waits for the broker or fails because of it.

The work itself is recorded in rows. If a wake-up is lost, the scheduler finds the rows within a minute.
"""

import logging
import threading
import time

from celery import current_app

RETRY_SECONDS = 30  # seconds without another attempt after the broker failed to answer

logger = logging.getLogger(__name__)
_quiet_until = 0.0
_lock = threading.Lock()


def broker_answers() -> bool:
    """Return whether the broker accepts messages. Answers within a second in any case."""
    try:
        with current_app.connection_for_write() as line:
            line.default_channel.client.ping()
    except Exception as error:  # noqa: BLE001 - see ``wake_worker``
        logger.info("The broker does not answer: %s", error)
        return False
    return True


def wake_worker(name: str) -> bool:
    """Ask a worker to run this function of a `jobs` module now. Return whether the broker accepted the message."""
    global _quiet_until
    with _lock:
        if time.monotonic() < _quiet_until:
            return False
    try:
        current_app.send_task(name, retry=False, expires=50)
    except Exception as error:  # noqa: BLE001 - no error of the broker may break a page
        with _lock:
            _quiet_until = time.monotonic() + RETRY_SECONDS
        logger.info("No wake-up for %s: %s", name, error)
        return False
    return True

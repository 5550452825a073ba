"""A best-effort wake-up for the workers, after commit and at the door: no page ever waits for the broker or fails with it.

What is to be done stands in rows; the clock finds within a minute what a lost wake-up would have started at once.
"""

import logging
import threading
import time

from celery import current_app

RETRY_SECONDS = 30  # seconds without another try after a broker that did not answer

logger = logging.getLogger(__name__)
_quiet_until = 0.0
_lock = threading.Lock()


def broker_answers() -> bool:
    """Does the broker take messages at the moment? Known within a second, whatever its state."""
    try:
        with current_app.connection_for_write() as line:
            line.default_channel.client.ping()
    except Exception as error:  # as in ``wake_worker``
        logger.info("The broker does not answer: %s", error)
        return False
    return True


def wake_worker(name: str) -> bool:
    """Ask a worker to run this function of a `jobs` module now. Gives whether the broker took the message."""
    global _quiet_until
    with _lock:
        if time.monotonic() < _quiet_until:
            return False
    try:
        current_app.send_task(name, retry=False, expires=50)
    except Exception as error:  # whatever a broker can do wrong is no matter of the page's
        with _lock:
            _quiet_until = time.monotonic() + RETRY_SECONDS
        logger.info("No wake-up for %s: %s", name, error)
        return False
    return True

"""When is it well again?"""

import time
from contextlib import suppress
from datetime import UTC, datetime

from benchmarks.faults.site import FAILURES, MOST_SECONDS, Person, Site


def writes_again(site: Site, since: float) -> float:
    """Return the seconds until a note and a picture were acknowledged that were sent after ``since``."""
    kinds = ("note", "picture")
    begun = [len(site.times(kind)) for kind in kinds]
    while True:
        times = [site.times(kind)[count + 1 :] for kind, count in zip(kinds, begun, strict=True)]
        if all(times):
            return max(found[0] for found in times) - since
        give_up(since)


def exports_again(site: Site, since: float) -> float:
    """Ask for an export until one is queued; return the seconds until that one is finished."""
    office, queued = Person(site, "coordinator"), ""
    while not queued:
        with suppress(*FAILURES):
            status, _ = office.post(site.places["assessment"])
            queued = newest_job(site, "assessment") if status == 302 else ""
        give_up(since)
    site.journal.add("export", queued)
    while job_state(site, queued) != "done":
        assert job_state(site, queued) in {"queued", "running"}, job_state(site, queued)
        give_up(since)
    return time.monotonic() - since


def clock_again(site: Site, since: float) -> float:
    """Return the seconds until the clock's round ran, beyond the minute that lies between two rounds."""
    before = heartbeat(site)
    while heartbeat(site) == before:
        give_up(since, 2 * MOST_SECONDS)
    age = datetime.now(UTC).timestamp() - before
    return max(0.0, age - 60)


def heartbeat(site: Site) -> float:
    """Return the moment of the clock's last round; 0 before the first."""
    ((at,),) = site.ask("SELECT max(done_at) FROM creation_heartbeat WHERE name = 'clock'")
    return datetime.fromisoformat(str(at)).replace(tzinfo=UTC).timestamp() if at else 0.0


def give_up(since: float, most: float = 4 * MOST_SECONDS) -> None:
    time.sleep(0.1)
    assert time.monotonic() - since < most, "it did not recover"


def newest_job(site: Site, kind: str) -> str:
    return str(site.ask("SELECT max(id) FROM creation_job WHERE kind = ?", kind)[0][0])


def job_state(site: Site, key: str) -> str:
    return str(site.ask("SELECT state FROM creation_job WHERE id = ?", key)[0][0])

"""People who write all the time."""

import hashlib
import os
from contextlib import suppress
from datetime import UTC, datetime

from benchmarks.faults.site import FAILURES, Person, Site
from tests.support import evidence_files


def write_notes(site: Site) -> None:
    person, number = Person(site, "liaison"), 0
    while not site.stopped.wait(0.3):
        number += 1
        text = f"第 {number} 条进展"
        with suppress(*FAILURES):
            status, _ = person.post(site.places["notes"], day=f"{datetime.now(UTC):%Y-%m-%d}", text=text)
            site.answers[status] = site.answers.get(status, 0) + 1
            if status == 302:
                site.journal.add("note", text)


def send_pictures(site: Site) -> None:
    person = Person(site, "rival")
    while not site.stopped.wait(1.5):
        content = evidence_files.jpg() + os.urandom(20_000)
        with suppress(*FAILURES):
            if person.put_picture(site.places["other"], content):
                site.journal.add("picture", hashlib.sha256(content).hexdigest())

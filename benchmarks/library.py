"""The evidence library with many pieces: first page, search, filters, sorting; for the office and for a unit. Target: 0.8 s of CPU a page.

    DATA_DIR=$(mktemp -d) .venv/bin/python benchmarks/library.py [PIECES]

Fills an empty data folder with 60,000 pieces (or the given number), each cited once, with texts of up to 1,500 characters.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

AIM, BATCH, UNITS = 0.8, 2000, 80
SEARCHES = ("评查", "行政执法案卷评查", "法治政府建设", "整改 时限", "没有这样的词语")


def main(pieces: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    began = time.process_time()
    people, campaign = fill(pieces)
    print(f"{pieces} pieces written in {time.process_time() - began:.0f} s of CPU")
    worst = max(seconds for name, person in people.items() for seconds in measure(name, person, campaign))
    return int(worst > AIM)


def fill(pieces: int) -> tuple[dict[str, Any], Any]:
    from django.db import transaction
    from django.utils import timezone

    from creation.audit.actor import Actor
    from creation.campaigns import campaign_lifecycle
    from creation.models import Membership, Task, Unit, User
    from creation.rules.policy import Role

    now = timezone.now()
    campaign = campaign_lifecycle.prepare_campaign("yuanhui", now.year, Actor(None, now), draft=True)
    campaign.state = "open"
    campaign.save()
    there = list(Unit.objects.filter(district=campaign.district))
    units = there + [
        Unit.objects.create(district=campaign.district, name=f"单位{n}", short_name=f"单位{n}", order=n)
        for n in range(len(there), UNITS)
    ]
    people = {}
    for name, role, unit in (("office", Role.COORDINATOR, None), ("unit", Role.LIAISON, units[0])):
        people[name] = User.objects.create_user(name, "x", name=name, unit=units[0])
        Membership.objects.create(user=people[name], role=role, district=campaign.district, unit=unit)
    phase = campaign.phases.all()[2]
    points = list(campaign.system.indicators.checkpoints())
    tasks = Task.objects.bulk_create(
        Task(campaign=campaign, unit=unit, indicator=point, phase=phase) for unit in units for point in points
    )
    for start in range(0, pieces, BATCH):
        with transaction.atomic():
            write(campaign, tasks, people["unit"], now, range(start, min(start + BATCH, pieces)))
    return people, campaign


def write(campaign: Any, tasks: list[Any], person: Any, now: Any, numbers: range) -> None:
    from creation.evidence.library import search_index
    from creation.models import Citation, Evidence, EvidenceNumber, EvidenceVersion

    chosen = [tasks[number * 7 % len(tasks)] for number in numbers]
    texts = [text(number) for number in numbers]
    evidence = Evidence.objects.bulk_create(
        Evidence(
            unit_id=task.unit_id, kind="brief", title=words[:28], created_by=person, created_at=now,
            dated_on=(now - timedelta(days=number % 900)).date(),
        )
        for number, task, words in zip(numbers, chosen, texts, strict=True)
    )  # fmt: skip
    EvidenceVersion.objects.bulk_create(
        EvidenceVersion(evidence=piece, text=words, created_by=person, created_at=now)
        for piece, words in zip(evidence, texts, strict=True)
    )
    given = EvidenceNumber.objects.bulk_create(
        EvidenceNumber(campaign=campaign, point=f"x-{number}", serial=1, evidence=piece)
        for number, piece in zip(numbers, evidence, strict=True)
    )
    Citation.objects.bulk_create(
        Citation(task=task, evidence=piece, number=number, created_by=person, created_at=now)
        for task, piece, number in zip(chosen, evidence, given, strict=True)
    )
    search_index.update_entries(evidence)


def sentences() -> Iterator[str]:
    for path in sorted((ROOT / "creation/presets/yuanhui").glob("*.toml")):
        for line in path.read_text("utf-8").splitlines():
            yield from (part for part in line.split('"') if len(part) > 8 and part[0] > "\u4e00")


SENTENCES = list(sentences())


def text(number: int) -> str:
    rng = random.Random(number)
    wanted = rng.choice((30, 30, 400, 1500, 1500))
    words = ""
    while len(words) < wanted:
        words += rng.choice(SENTENCES)
    return words[:wanted]


def measure(name: str, person: Any, campaign: Any) -> Iterator[float]:
    from django.test import Client
    from django.urls import reverse

    client, address = Client(HTTP_HOST="127.0.0.1"), reverse("library", args=[campaign.pk])
    client.force_login(person)
    asked = [
        "",
        *(f"?q={words}" for words in SEARCHES),
        "?section=4&cited=yes",
        "?sort=-places",
        "?outside=1",
        "?page=40",
    ]
    for query in asked:
        seconds = best(lambda query=query: client.get(address + query))
        print(f"{name:7} {seconds * 1000:7.0f} ms  {query or 'the first page'}")
        yield seconds


def best(ask: Callable[[], Any]) -> float:
    found = []
    for _ in range(3):
        began = time.process_time()
        answer = ask()
        found.append(time.process_time() - began)
        assert answer.status_code == 200, answer.status_code
    return min(found)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60_000))

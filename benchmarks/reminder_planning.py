"""Plan one day's reminders for many tasks and units: time, memory, queries. Planning writes nothing.

    .venv/bin/python benchmarks/reminder_planning.py            100,000 tasks of 900 units, in a temporary database
    .venv/bin/python benchmarks/reminder_planning.py --full     1,000,000 tasks of 9,000 units; target: under 60 s and 500 MB
    … --postgresql                                     on a PostgreSQL server of its own instead of SQLite

The database is in a temporary folder, unless DATABASE_URL names an empty one. Time is elapsed time and CPU time, without the database
server's; memory is that of a new process that plans but did not create the data. The number of queries must not grow with the tasks.
The exit code is 1 when a target is missed.

There are ten campaigns with the preset's rules; three quarters of the tasks are answered. The most expensive day is planned: the last
one, on which every open task causes a reminder.
"""

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

FULL = "--full" in sys.argv
TASKS, UNITS = (1_000_000, 9_000) if FULL else (100_000, 900)
CAMPAIGNS = 10
SECONDS, MEGABYTES = 60, 500  # targets

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

EXIT = ExitStack()
if "PLANNING_BENCHMARK" not in os.environ:  # the process that plans finds the data already there
    os.environ["PLANNING_BENCHMARK"] = "1"
    folder = EXIT.enter_context(tempfile.TemporaryDirectory())
    os.environ.setdefault("DATA_DIR", folder)
    if "--postgresql" in sys.argv:
        from tests.support.local_servers import postgres_server

        os.environ["DATABASE_URL"] = EXIT.enter_context(postgres_server())
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/db.sqlite3")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from creation import presets  # noqa: E402
from creation.models import (  # noqa: E402
    Campaign,
    District,
    Indicator,
    IndicatorSystem,
    Membership,
    Phase,
    Task,
    Unit,
    User,
)
from creation.notices import reminders  # noqa: E402
from creation.notices.reminders import rule_settings  # noqa: E402
from creation.rules.deadlines import Workdays  # noqa: E402
from creation.rules.policy import Role  # noqa: E402

DAY = date(2026, 8, 10)


def build() -> None:
    rules = presets.load("yuanhui").reminder_rules
    for number in range(CAMPAIGNS):
        district = District.objects.create(name=f"第{number}区")
        units = people(district, UNITS // CAMPAIGNS, number)
        system = IndicatorSystem.objects.create(district=district, name="指标体系", edition="2021")
        section = Indicator.objects.create(system=system, level=1, code="1", key="1", order=1, title="一级")
        item = Indicator.objects.create(
            system=system, parent=section, level=2, code="1-1", key="1-1", order=2, title="二级"
        )
        points = Indicator.objects.bulk_create(
            Indicator(
                system=system, parent=item, level=3, code=f"1-1-{n}", key=f"1-1-{n}", order=n + 3, title=f"要点{n}"
            )
            for n in range(TASKS // UNITS + 1)
        )
        campaign = Campaign.objects.create(
            district=district, system=system, host=units[0], name=str(district), year=2026, state="open"
        )
        phase = Phase.objects.create(
            campaign=campaign, kind="evidence", name="收集印证资料", order=3, starts=date(2026, 7, 11), ends=DAY
        )
        rule_settings.create_rules(campaign, rules)
        tasks(campaign, phase, units, points)


def people(district: District, count: int, number: int) -> list[Unit]:
    units = Unit.objects.bulk_create(
        Unit(district=district, name=f"单位{n}", short_name=f"单位{n}", order=n, kind="department")
        for n in range(count)
    )
    users = User.objects.bulk_create(
        User(username=f"u{number}-{n}", name="联络员", unit=unit) for n, unit in enumerate(units)
    )
    Membership.objects.bulk_create(
        Membership(user=user, role=Role.LIAISON, district=district, unit=user.unit) for user in users
    )
    return units


def tasks(campaign: Campaign, phase: Phase, units: list[Unit], points: list[Indicator]) -> None:
    """Create every unit's task for every checkpoint: two rows by hand, copied in the database; every fourth is open."""
    first = [
        Task.objects.create(campaign=campaign, phase=phase, unit=units[0], indicator=point, due_on=DAY, **state)
        for point, state in zip(points, STATES, strict=False)
    ]
    fields = [field.column for field in Task._meta.concrete_fields if not field.primary_key]
    taken = {"unit_id": "u.id", "indicator_id": "p.id"}
    values = ", ".join(taken.get(column, f"t.{column}") for column in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO creation_task ({", ".join(fields)}) SELECT {values}
            FROM creation_unit u CROSS JOIN creation_indicator p
            JOIN creation_task t ON t.id = CASE WHEN (u.id + p.id) %% 4 = 0 THEN %s ELSE %s END
            WHERE u.district_id = %s AND p.system_id = %s AND p.level = 3 AND NOT (u.id = %s AND p.id IN (%s, %s))""",
            [
                *(each.pk for each in first),
                campaign.district_id,
                campaign.system_id,
                units[0].pk,
                points[0].pk,
                points[1].pk,
            ],
        )


STATES: tuple[dict[str, object], ...] = ({}, {"status": "approved", "first_submitted_at": timezone.now()})


class Counter:
    count = 0

    def __call__(self, execute: object, *rest: object) -> object:
        self.count += 1
        return execute(*rest)  # type: ignore[operator]


def plan(pipe: Any) -> None:
    """Send the result: elapsed seconds, CPU seconds, megabytes, queries, reminders."""
    counter, said, start, spent = Counter(), 0, time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counter):
        for lot in reminders.planned_on(DAY, Workdays()):
            said += len(lot)
    pipe.send((time.perf_counter() - start, time.process_time() - spent, memory(), counter.count, said))


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    call_command("migrate", verbosity=0)
    build()
    total, units = Task.objects.count(), Unit.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a database in use does this by itself
    connection.close()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=plan, args=(there,))
    process.start()
    there.close()
    took, spent, used, queries, said = here.recv()
    process.join()
    print(f"{connection.vendor}: {total:,} tasks, {units:,} units: {said:,} reminders planned")
    print(f"time    {took:8.1f} s   (aim {SECONDS}; {spent:.1f} s of the processor)")
    print(f"memory  {used:8.0f} MB  (aim {MEGABYTES})")
    print(f"queries {queries:8,}     ({queries / total:.5f} a task)")
    raise SystemExit(0 if took < SECONDS and used < MEGABYTES and queries < total / 100 else 1)


if __name__ == "__main__":
    with EXIT:
        main()

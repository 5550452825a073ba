"""What people get in a year on the plan's dates, with nobody and with everybody answering: the table of docs/long-tests.md.

    .venv/bin/python benchmarks/reminder_year.py            in a temporary database; takes some minutes
    … --year 2027

A campaign of the preset with its units, a liaison and a leader in each, a coordinator, a reviewer and an inspector; the phases that
the plan does not date have no dates. In August and in October a third of the units each get a finding to rectify in six weeks; in
September a third are to be visited, one a workday. The rehearsal is that of ``manage.py rehearse``. The exit code is 1 when its
target is missed.
"""

import os
import sys
import tempfile
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path

YEAR = int(sys.argv[sys.argv.index("--year") + 1]) if "--year" in sys.argv else 2026

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

EXIT = ExitStack()
folder = EXIT.enter_context(tempfile.TemporaryDirectory())
os.environ["DATA_DIR"] = folder
os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from creation.audit.actor import Actor  # noqa: E402
from creation.campaigns import campaign_lifecycle  # noqa: E402
from creation.models import Campaign, FindingSource, Holiday, Membership, Unit, User  # noqa: E402
from creation.notices.reminders.condition_tasks import Answers  # noqa: E402
from creation.notices.reminders.due_items import enabled_rules  # noqa: E402
from creation.notices.reminders.rehearsal import Burden, RehearsedWeek, rehearse  # noqa: E402
from creation.rules.policy import UNIT_ROLES, Role  # noqa: E402
from creation.supervision import rounds, visit_plan  # noqa: E402
from creation.supervision.findings import FindingText, record_finding  # noqa: E402
from creation.supervision.rounds import RoundText, TeamText  # noqa: E402
from creation.supervision.visit_plan import PlannedDay  # noqa: E402

ROLES = (Role.LIAISON, Role.UNIT_LEADER)


def build() -> None:
    """Prepare and open the campaign on the first day of its first phase."""
    campaign = campaign_lifecycle.prepare_campaign("yuanhui", YEAR, Actor(None, at(date(YEAR, 6, 21))))
    units = list(Unit.objects.filter(district=campaign.district).order_by("order", "pk"))
    for unit in units:
        for role in ROLES:
            add_person(campaign, unit, role)
    for role in (Role.COORDINATOR, Role.REVIEWER, Role.INSPECTOR):
        add_person(campaign, campaign.host, role)
    inspector = User.objects.get(memberships__role=Role.INSPECTOR)
    text = FindingText(title="案卷没有评查记录", source=FindingSource.objects.filter(district=campaign.district)[0])
    for found_on, third in ((date(YEAR, 8, 3), units[::3]), (date(YEAR, 10, 12), units[1::3])):
        due_on = Holiday.objects.calendar().on_or_before(found_on + timedelta(weeks=6))
        record_finding(campaign, text, dict.fromkeys(third, due_on), Actor(inspector, at(found_on)))
    plan_visits(campaign, units[2::3], inspector)


def plan_visits(campaign: Campaign, units: list[Unit], inspector: User) -> None:
    first, calendar, actor = date(YEAR, 9, 1), Holiday.objects.calendar(), Actor(inspector, at(date(YEAR, 8, 25)))
    row = rounds.add_round(campaign, RoundText("第一轮集中督导", first, date(YEAR, 9, 30), "", "", []), actor)
    visits = rounds.add_team(row, TeamText("第一组", inspector, []), units, actor).visits.for_table()
    planned = [
        PlannedDay(each, calendar.shift(first, number), "am", each.version) for number, each in enumerate(visits)
    ]
    visit_plan.set_days(row, planned, actor)


def add_person(campaign: Campaign, unit: Unit, role: Role) -> None:
    person = User.objects.create(username=f"{unit.pk}-{role}", name=str(role), unit=unit)
    within = unit if role in UNIT_ROLES else None
    Membership.objects.create(user=person, role=role, district=campaign.district, unit=within)


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))


def row(label: str, weeks: str, burden: Burden) -> str:
    cells = (label, weeks, burden.weeks, f"{burden.median:g}", burden.most, burden.lines, burden.cut)
    return f"| {' | '.join(map(str, cells))} |"


def busiest(weeks: list[RehearsedWeek]) -> str:
    week = max(weeks, key=lambda each: (sum(each.messages.values()), each.monday))
    return f"busiest week from {week.monday}: {len(week.messages)} people, median {week.median:g}, most {week.max_messages}"


def main() -> int:
    call_command("migrate", verbosity=0)
    build()
    reached = True
    print("| Answers | Weeks | Weeks of a person | Median of digests | Most | Most lines | Weeks with a digest cut |")
    print("|---|---|---|---|---|---|---|")
    told = []
    for label, answers in (("nobody", Answers.NONE), ("everybody, on the due day", Answers.ON_THE_DUE_DAY)):
        found = rehearse(enabled_rules(), date(YEAR, 1, 1), date(YEAR, 12, 31), Holiday.objects.calendar(), answers)
        burdens = [("near a deadline", found.burden(near=True)), ("others", found.burden(near=False))]
        print(*(row(label, weeks, burden) for weeks, burden in burdens), sep="\n", flush=True)
        reached &= found.max_per_day <= 1 and all(burden.is_within_target for _, burden in burdens)
        told.append(f"{label}: {busiest(found.weeks)}; {len(found.without_notices)} people without any notice")
    print(*told, sep="\n")
    return 0 if reached else 1


if __name__ == "__main__":
    with EXIT:
        sys.exit(main())

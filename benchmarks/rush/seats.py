"""Who sits at the browsers: accounts, and for each browser tasks that no other browser writes to.

`python -m benchmarks.rush.seats fill` loads the large demonstration and keeps its passwords in the data folder; `passwords` renews them.
"""

import json
import os
import sys
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import django

PASSWORDS = "passwords.json"
OFFICE = {"coordinator": 2, "reviewer": 6, "inspector": 1, "leading_group": 1}  # of each 60 browsers
EXPORTERS = 10  # each exports once, as a second request of the same person joins the first


def fill(units: int, evidence: int) -> None:
    """Load the demonstration for load tests: by default 80 units, 60,000 pieces of evidence."""
    from django.core.management import call_command
    from django.utils import timezone

    from creation import demo

    call_command("migrate", interactive=False, verbosity=0)
    loaded = demo.load_large(timezone.now(), units, evidence)
    remember({account.login: account.password for account in loaded.accounts})


def renew_passwords() -> None:
    """Give all people of a demonstration that is there already new passwords."""
    from django.utils import timezone

    from creation import demo

    remember({account.login: account.password for account in demo.reset_passwords(timezone.now())})


def remember(passwords: dict[str, str]) -> None:
    from django.conf import settings

    (Path(settings.DATA_DIR) / PASSWORDS).write_text(json.dumps(passwords))


def plan(browsers: int) -> list[dict[str, Any]]:
    """Return the seats, in the order in which people come."""
    from django.conf import settings
    from django.utils import timezone

    from creation.models import Campaign, Membership, Task
    from creation.rules.policy import Role

    passwords = json.loads((Path(settings.DATA_DIR) / PASSWORDS).read_text())
    campaign = max(Campaign.objects.open(), key=lambda each: each.tasks.count())
    held = Membership.objects.active(timezone.localdate()).for_campaign(campaign).select_related("user")
    held = [each for each in held.order_by("unit", "pk") if each.user.username in passwords]
    office = islice(cycle(each for each in held if each.role in OFFICE), sum(OFFICE.values()) * browsers // 60)
    units = islice(cycle(each for each in held if each.unit_id), browsers)
    chosen = [*office, *units][:browsers]
    seats_of_unit, taken = Counter(each.unit_id for each in chosen), Counter[int | None]()
    tasks = Task.objects.active().filter(campaign=campaign, status="open", indicator__isnull=False).order_by("pk")
    seats = []
    for each in chosen:
        own = list(tasks.filter(unit=each.unit_id).values_list("pk", flat=True)) if each.unit_id else []
        mine = own[taken[each.unit_id] :: seats_of_unit[each.unit_id]]
        taken[each.unit_id] += 1
        seats.append(
            {"login": each.user.username, "password": passwords[each.user.username], "role": Role(each.role).value,
             "campaign": campaign.pk, "drafts": mine[::2], "answers": mine[1::2]}
        )  # fmt: skip
    return [*seats, *exporters(campaign)]


def exporters(campaign: Any) -> list[dict[str, Any]]:
    """Return coordinators who only export; they are created when they are missing."""
    from creation.models import User
    from creation.rules.policy import Role
    from tests.support.world import add_person

    seats = []
    for number in range(EXPORTERS):
        login = f"rush.office{number}"
        if not User.objects.filter(username=login).exists():
            add_person(login, "办文书", Role.COORDINATOR, campaign.host)
        seats.append({"login": login, "password": "correct horse battery", "role": "exporter", "campaign": campaign.pk})
    return seats


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "passwords":
        renew_passwords()
    else:
        print(json.dumps(plan(int(sys.argv[2]))))

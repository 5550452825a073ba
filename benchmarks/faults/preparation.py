"""The data and the small disk on which the faults are tried."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults.harm import DISK_MEGABYTES
from benchmarks.faults.site import GIVEN, WRITERS
from tests.support.server_process import ROOT, environment


def prepare(data: Path, tasks: int) -> dict[str, str]:
    """Fill the database in a process of its own; return the addresses that are used."""
    code = f"from benchmarks.faults import preparation; preparation.fill({tasks})"
    around = environment(data, **GIVEN)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=around, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split("\t") for line in done.stdout.splitlines() if "\t" in line)


def fill(tasks: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.urls import reverse

    from benchmarks import campaign_data
    from creation.models import Campaign, Unit
    from creation.rules.policy import Role
    from tests.support.world import add_person, make_world

    call_command("migrate", interactive=False, verbosity=0)
    world = make_world("双河区")
    campaign_data.fill(tasks)
    large = Campaign.objects.latest("pk")
    for number in range(WRITERS):
        add_person(f"writer{number}", "办文书", Role.COORDINATOR, Unit.objects.filter(district=large.district)[0])
    lead, other = world.task("lead"), world.task("other")
    places = {
        "notes": reverse("task_notes", args=[world.campaign.pk, lead.pk]),
        "other": reverse("task", args=[world.campaign.pk, other.pk]),
        "assessment": reverse("assessment_export", args=[world.campaign.pk]),
        "large ledger": reverse("ledger_export", args=[large.pk]),
    }
    print("\n".join(f"{name}\t{place}" for name, place in places.items()))


@contextmanager
def small_disk() -> Iterator[tuple[Path, bool]]:
    """Yield a folder, and whether it is a disk of its own, which may be filled."""
    folder = Path(tempfile.mkdtemp(prefix="creation-faults-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield folder, mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)

"""Calendar, units, phases and indicators are kept in the memory of each web process, and a change by any other is seen at once."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from creation.lib import reference_triggers
from creation.models import Holiday, Indicator, Phase, ReferenceVersion, Unit
from creation.web import reference
from tests.support.world import NOW, World, make_world

ROOT = Path(__file__).resolve().parent.parent.parent
CHANGE = """
import django
django.setup()
from creation.models import Unit
Unit.objects.filter(short_name="老街街道").update(short_name="新街街道")
"""


def asking(method: str = "get") -> HttpRequest:
    request: Any = getattr(RequestFactory(), method)("/")
    reference.VERSION.keep(request, ReferenceVersion.objects.values_list("token", flat=True).get())
    return request  # type: ignore[no-any-return]


def matrix_page(client: Client, world: World) -> str:
    return str(client.get(reverse("progress", args=[world.campaign.pk])).content.decode())


@pytest.mark.django_db(transaction=True)
def test_a_change_by_another_process_is_on_the_next_page() -> None:
    world = make_world("源汇区")
    client = world.client("coordinator")
    for _ in range(3):  # the third comes from memory
        assert "老街街道" in matrix_page(client, world)
    changed_by_another_process()
    page = matrix_page(client, world)
    assert "新街街道" in page
    assert "老街街道" not in page


def changed_by_another_process() -> None:
    given = connection.settings_dict
    url = (
        f"sqlite:///{given['NAME']}"
        if connection.vendor == "sqlite"
        else f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    )
    env = os.environ | {
        "DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    subprocess.run([sys.executable, "-c", CHANGE], cwd=ROOT, env=env, check=True)


def test_what_has_not_changed_is_read_once(world: World, django_assert_num_queries: Any) -> None:
    request = asking()
    reference.units(request, world.campaign)
    with django_assert_num_queries(0):
        assert reference.units(request, world.campaign) == list(world.units.values())


@pytest.mark.parametrize("how", ["saved", "updated", "deleted", "made", "unless there", "over it", "by hand"])
def test_every_way_to_change_a_row_is_another_version(world: World, how: str) -> None:
    before = ReferenceVersion.objects.get().token
    phase = world.phases["application"]
    if how == "saved":
        Unit.objects.get(pk=world.units["司法局"].pk).save()
    elif how == "updated":
        Phase.objects.filter(pk=phase.pk).update(name="申报")
    elif how == "deleted":
        Indicator.objects.filter(tasks=None, level=3).delete()
        Phase.objects.filter(pk=phase.pk).delete()
    elif how == "made":
        Holiday.objects.bulk_create([Holiday(day=date(2026, 10, 1), kind="off")])
    elif how == "unless there":
        Holiday.objects.bulk_create([Holiday(day=date(2026, 10, 1), kind="off")], ignore_conflicts=True)
    elif how == "over it":
        for kind in ("off", "work"):
            before = ReferenceVersion.objects.get().token
            Holiday.objects.bulk_create(
                [Holiday(day=date(2026, 10, 1), kind=kind)],
                update_conflicts=True,
                unique_fields=["day"],
                update_fields=["kind"],
            )
    else:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE creation_indicator SET title = 'x'")
    assert ReferenceVersion.objects.get().token != before


def test_what_was_rolled_back_is_not_kept(world: World) -> None:
    """The version of a change that never happened does not come again with another change."""
    versions = set()
    for name in ("甲", "乙"):
        with transaction.atomic():
            Unit.objects.filter(short_name="司法局").update(short_name=name)
            versions.add(reference.VERSION.find(asking()))
            assert name in {str(unit) for unit in reference.units(asking(), world.campaign)}
            transaction.set_rollback(True)
    assert len(versions) == 2
    assert "司法局" in {str(unit) for unit in reference.units(asking(), world.campaign)}


def test_a_request_that_changes_something_takes_nothing_from_memory(world: World) -> None:
    reference.units(asking(), world.campaign)
    request = asking("post")
    Unit.objects.filter(short_name="司法局").update(short_name="改名局")
    assert "改名局" in {str(unit) for unit in reference.units(request, world.campaign)}


def test_a_holiday_counts_from_the_next_page_on(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        client = world.client("liaison")
        address = reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
        for _ in range(3):
            assert "休息日" not in client.get(address).content.decode()
        Holiday.objects.create(day=date(2026, 8, 10), kind="off")
        assert "休息日，请在8月7日前办结" in client.get(address).content.decode()


def test_missing_triggers_are_found_and_a_migration_brings_them_back(world: World) -> None:
    reference_triggers.remove(connection)
    missing = sorted(reference_triggers.names(connection.vendor))
    assert reference_triggers.missing(connection) == missing
    (found,) = [each for each in run_checks(tags=["database"], databases=["default"]) if each.id == "creation.E008"]
    assert all(name in found.msg for name in missing)
    call_command("migrate", verbosity=0)
    assert reference_triggers.missing(connection) == []

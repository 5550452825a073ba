"""Rows with versions: a change increments the version, and succeeds only if the person saw the current one."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from creation.models import Task, Unit
from creation.models.versioned import Versioned, VersionedQuerySet
from tests.support.world import World

MODELS = list(apps.get_app_config("creation").get_models())
CODE = [path for room in ("creation", "reports") for path in Path(room).rglob("*.py") if "migrations" not in path.parts]
COUNTED = re.compile(r"""version\s*=\s*(models\.)?F\(['"]version['"]\)\s*\+""")


def test_a_change_counts_the_version_up_and_meets_the_conditions_of_its_queryset(world: World) -> None:
    unit = Unit.objects.get(pk=world.units["城管局"].pk)
    assert not Unit.objects.filter(name="").change(unit.pk, unit.version, leader="甲")
    assert not Unit.objects.change(unit.pk, unit.version + 1, leader="甲")
    assert Unit.objects.change(unit.pk, unit.version, leader="乙")
    now = Unit.objects.get(pk=unit.pk)
    assert (now.leader, now.version) == ("乙", unit.version + 1)


def test_rows_that_change_together_all_count_up(world: World) -> None:
    before = dict(Unit.objects.values_list("pk", "version"))
    assert Unit.objects.all().bump(leader="甲") == len(before) > 1
    assert dict(Unit.objects.values_list("pk", "version")) == {pk: version + 1 for pk, version in before.items()}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_that_count_versions_are_versioned(model: type[models.Model]) -> None:
    counted = [field for field in model._meta.fields if field.name == "version" and field.default == 1]
    assert issubclass(model, Versioned) == bool(counted)
    if counted:
        assert isinstance(model._default_manager.all(), VersionedQuerySet)


def test_versions_are_counted_in_one_place() -> None:
    found = [str(path) for path in CODE if COUNTED.search(path.read_text())]
    assert found == ["creation/models/versioned.py"]


def test_a_row_that_is_read_again_keeps_the_related_rows_that_are_still_its_own(world: World) -> None:
    task = Task.objects.select_related("unit", "owner").get(pk=world.tasks["lead"].pk)
    unit, rival = task.unit, world.people["rival"]
    assert Task.objects.change(task.pk, task.version, owner=rival)
    task.read_again()
    assert task.unit is unit
    assert (task.owner, task.version) == (rival, Task.objects.get(pk=task.pk).version)

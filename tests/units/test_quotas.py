"""Quotas warn the unit and the office, and never block."""

from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.urls import reverse

from creation.models import EvidenceVersion, Unit
from creation.units import quotas
from tests.support import evidence_files, upload_requests
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World


@pytest.fixture(autouse=True)
def _the_day(fresh_data_dir: Path, settings: LazySettings) -> Any:
    settings.UNIT_QUOTA_GB = 1
    with time_machine.travel(NOW, tick=False):
        yield


def weigh(world: World, percent: int) -> None:
    """Set the size of the unit's only file to this share of a gigabyte."""
    upload_requests.upload(world.client("liaison"), world.task("lead"), "甲.jpg", evidence_files.jpg())
    EvidenceVersion.objects.exclude(blob="").update(size=percent * 2**30 // 100 + 1)


def pages(world: World) -> tuple[str, str]:
    task = world.task("lead")
    answer = world.client("liaison").get(reverse("task", args=[task.campaign_id, task.pk]))
    return answer.content.decode(), world.client("coordinator").get(reverse("storage_use")).content.decode()


@pytest.mark.parametrize(("percent", "word"), [(79, ""), (80, "接近上限"), (100, "已超出"), (250, "已超出")])
def test_the_unit_and_the_office_are_warned_and_nothing_is_blocked(world: World, percent: int, word: str) -> None:
    weigh(world, percent)
    unit_page, office_page = pages(world)
    assert (f"占配额的 {percent}%" in unit_page) is bool(word)
    assert f"{percent}%" in office_page
    assert ("有 1 个单位已用到配额的八成以上" in office_page) is bool(word)
    assert (word or "接近上限") in office_page or not word
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), "乙.png", evidence_files.png())
    assert answer.status_code == 201


def test_a_unit_may_have_a_quota_of_its_own_or_none(world: World) -> None:
    weigh(world, 90)
    unit = world.units["城管局"]
    for quota, high in ((None, True), (2, False), (0, False)):
        Unit.objects.filter(pk=unit.pk).update(quota_gb=quota)
        unit.refresh_from_db()
        assert quotas.storage_usage_of(unit).is_high is high
    assert "不限" in pages(world)[1]


def test_the_list_takes_as_many_queries_for_one_unit_as_for_many(world: World) -> None:
    counts = []
    for units in (Unit.objects.filter(pk=world.units["城管局"].pk), Unit.objects.all()):
        counts.append(count_queries(quotas.storage_usages, units))
    assert counts == [2, 2]

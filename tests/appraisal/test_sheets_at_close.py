"""Of a mock assessment that an older version closed, the sheet of that day is kept from the upgrade on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.support import upgrades
from tests.support.upgrades import Upgrade
from tests.support.world import NOW, TODAY


@pytest.fixture
def upgrade(django_db_blocker: Any, tmp_path: Path) -> Iterator[Upgrade]:
    old = upgrades.database("", tmp_path, "0025_survey_links")
    with override_settings(MIGRATION_MODULES={}), django_db_blocker.unblock(), old as found:
        yield found


def test_a_point_that_nobody_scored_gets_a_row_without_a_value(upgrade: Upgrade) -> None:
    rows = upgrade.rows
    district = rows("District").create(name="源汇区")
    unit = rows("Unit").create(district=district, name="源汇区城管局", short_name="城管局", order=1)
    person = rows("User").create(username="zhuanjia", name="专家", unit=unit)
    system = rows("IndicatorSystem").create(district=district, name="体系", edition="2021")
    parent, points = None, []
    for level, code in enumerate(("4", "4-3", "4-3-1", "4-3-2"), 1):
        row = rows("Indicator").create(
            system=system, level=min(level, 3), parent=parent, code=code, key=code, order=level, title=code
        )
        parent, points = (row, []) if level < 3 else (parent, [*points, row])
    campaign = rows("Campaign").create(
        district=district, system=system, host=unit, name="2026", year=2026, state="open"
    )
    phase = rows("Phase").create(campaign=campaign, kind="evidence", name="收集印证资料", order=1)
    for point in points:
        rows("Task").create(campaign=campaign, unit=unit, phase=phase, indicator=point)
    known = {"campaign": campaign, "starts": TODAY, "ends": TODAY, "created_by": person, "created_at": NOW}
    closed = rows("Appraisal").create(name="结束的", closed_at=NOW, closed_by=person, **known)
    running = rows("Appraisal").create(name="正在评的", **known)
    for each in (closed, running):
        each.units.add(unit)
        lines = [
            rows("AppraisalPoint").create(appraisal=each, indicator=point, title=point.title, points=10, order=order)
            for order, point in enumerate(points)
        ]
        other = rows("AppraisalSeat").create(appraisal=each, person=person, sections=["4"])
        rows("Score").create(seat=other, point=lines[0], unit=unit, value=7, scored_at=NOW)
    upgrade.to("0028_sheets_at_close")
    found = upgrade.rows("Score").values_list("seat__appraisal__name", "point__title", "value")
    assert sorted(found, key=str) == [("正在评的", "4-3-1", 7), ("结束的", "4-3-1", 7), ("结束的", "4-3-2", None)]

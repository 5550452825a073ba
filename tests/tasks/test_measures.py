"""指标数据: sums of what units report, what is not due yet, what lags behind, and former values. Figures of other districts' reports."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.lib.refusals import Refusal
from creation.models import Measure, Reading, ReadingChange, Task
from creation.rules.targets import (
    Comparator,
    Figures,
    Standing,
    judge_ratio,
    percent,
    period_end,
    standing,
    swings,
    total,
)
from creation.tasks import measure_readings
from creation.tasks.measure_summary import MeasureTable
from tests.support.world import NOW, TODAY, World

YEAR_END = date(2026, 12, 31)


def ratio(world: World, **more: Any) -> Measure:
    values = {"kind": "ratio", "comparator": "ge", "target": 95, "period": "year", "name": "调解成功率"} | more
    return Measure.objects.create(indicator=world.indicators["4-3-3"], **values)


def read(world: World, measure: Measure, unit: str, period: str = "2026", **figures: Any) -> Reading:
    facts = {"updated_by": world.people["liaison"], "updated_at": NOW}
    return Reading.objects.create(measure=measure, unit=world.units[unit], period=period, **figures, **facts)


@pytest.mark.parametrize(
    ("top", "bottom", "rate"), [(1727, 1790, "96.48"), (258, 274, "94.16"), (43, 61, "70.49"), (114, 100, "114")]
)
def test_the_rates_of_the_reports(top: int, bottom: int, rate: str) -> None:
    assert percent(Decimal(top), Decimal(bottom)) == Decimal(rate)


def test_a_part_is_not_larger_than_its_whole_unless_it_is_no_part() -> None:
    figures = Figures(Decimal(114), Decimal(100))
    assert judge_ratio(Comparator.AT_LEAST, Decimal(100), figures).met is None
    assert judge_ratio(Comparator.AT_LEAST, Decimal(100), figures, may_exceed=True).text == "114%，达标"
    nothing = Figures(Decimal(3), Decimal(0))
    assert judge_ratio(Comparator.AT_LEAST, Decimal(100), nothing, may_exceed=True).met is None


def test_a_district_is_sum_over_sum_and_no_mean_of_rates(world: World) -> None:
    measure = ratio(world)
    read(world, measure, "城管局", numerator=1700, denominator=1700)
    read(world, measure, "老街街道", numerator=27, denominator=90)
    summary = MeasureTable(world.campaign, TODAY).summary(measure)
    assert summary.total_text == "1727 / 1790 = 96.48%"
    assert summary.standing(TODAY) is Standing.MET
    assert [row.unit.short_name for row in summary.behind] == ["老街街道"]
    assert total([Figures(Decimal(1), Decimal(2)), Figures(None, Decimal(5))]) == Figures(Decimal(1), Decimal(2))


def test_what_is_not_due_yet_has_not_been_missed(world: World) -> None:
    measure = ratio(world)
    table = MeasureTable(world.campaign, TODAY).summary(measure)
    assert {row.standing for row in table.rows} == {Standing.AHEAD}
    assert table.missing == []
    late = MeasureTable(world.campaign, date(2027, 1, 1)).summary(measure)
    assert len(late.missing) == 2
    read(world, measure, "城管局", numerator=1, denominator=2)
    assert MeasureTable(world.campaign, YEAR_END).summary(measure).behind[0].standing is Standing.SHORT
    assert MeasureTable(world.campaign, date(2027, 1, 1)).summary(measure).behind[0].standing is Standing.MISSED


def test_who_has_not_reported_a_count_yet_does_not_make_the_district_fall_short(world: World) -> None:
    measure = ratio(world, kind="count", target=1, comparator="ge", unit="次", name="案卷评查次数")
    read(world, measure, "城管局", count=2)
    assert MeasureTable(world.campaign, TODAY).summary(measure).standing(TODAY) is Standing.AHEAD
    late = date(2027, 1, 1)
    assert MeasureTable(world.campaign, late).summary(measure).standing(late) is Standing.MISSED
    read(world, measure, "老街街道", count=0)
    summary = MeasureTable(world.campaign, TODAY).summary(measure)
    assert summary.standing(TODAY) is Standing.SHORT
    assert summary.behind[0].text == "0次"


def test_quarters_end_with_their_last_month_and_the_running_one_is_current(world: World) -> None:
    assert [period_end(f"2026Q{n}").isoformat()[5:] for n in (1, 2, 3, 4)] == ["03-31", "06-30", "09-30", "12-31"]
    measure = ratio(world, period="quarter")
    assert MeasureTable(world.campaign, TODAY).summary(measure).period == "2026Q3"
    assert MeasureTable(world.campaign, date(2026, 2, 1)).summary(measure).period == "2026Q1"
    assert standing(None, period_end("2026Q2"), TODAY) is Standing.EMPTY


def test_the_change_against_last_year_and_the_line_of_years(world: World) -> None:
    measure = ratio(world)
    read(world, measure, "城管局", "2025", numerator=258, denominator=274)
    read(world, measure, "城管局", numerator=1727, denominator=1790)
    summary = MeasureTable(world.campaign, TODAY).summary(measure)
    assert summary.change_text == "+2.32 个百分点"
    assert [name for name, _ in summary.spark] == ["2025", "2026"]


def test_a_quarter_is_compared_with_the_one_before_and_that_of_last_year(world: World) -> None:
    measure = ratio(world, kind="plain", target=None, unit="次", name="会前学法", period="quarter")
    for period, count in (("2025Q3", 2), ("2026Q2", 5), ("2026Q3", 4)):
        read(world, measure, "城管局", period, count=count)
    summary = MeasureTable(world.campaign, TODAY).summary(measure)
    assert (summary.change_text, summary.year_change_text) == ("-1次", "+2次")
    with time_machine.travel(NOW, tick=False):
        page = world.client("coordinator").get(reverse("measures", args=[world.campaign.pk])).content.decode()
    assert "比上年同期 +2次" in page


def test_a_plain_figure_has_no_target_and_is_never_missed(world: World) -> None:
    measure = ratio(world, kind="plain", target=None, comparator="ge", unit="件", name="法律援助")
    read(world, measure, "城管局", count=997)
    read(world, measure, "老街街道", count=Decimal("2573.5"))
    summary = MeasureTable(world.campaign, date(2027, 1, 1)).summary(measure)
    assert summary.total_text == "3570.5件"
    assert summary.standing(date(2027, 1, 1)) is Standing.FILLED
    assert summary.behind == []


def save(world: World, measure: Measure, seen: int = 0, note: str = "", **figures: Any) -> Reading:
    task = world.task("lead")
    slot = next(each for each in measure_readings.slots_of(task) if each.measure == measure)
    given = Figures(**{name: Decimal(value) for name, value in figures.items()})
    return measure_readings.save_reading(task, world.actor("liaison"), slot, given, note, seen)


def test_a_swing_of_more_than_half_asks_why(world: World) -> None:
    measure = ratio(world, kind="plain", target=None, unit="件", name="投诉")
    read(world, measure, "城管局", "2025", count=100)
    with pytest.raises(Refusal, match="与上期（数量 100）相差超过一半"):
        save(world, measure, count=160)
    assert not Reading.objects.filter(period="2026").exists()
    assert save(world, measure, note="新增两个受理点", count=160).count == 160
    assert save(world, measure, seen=1, count=150).count == 150
    assert swings(Figures(count=Decimal(151)), Figures(count=Decimal(100)))
    assert not swings(Figures(count=Decimal(150)), Figures(count=Decimal(100)))
    assert not swings(Figures(count=Decimal(5)), Figures())


def test_a_former_value_stays_with_who_changed_it(world: World) -> None:
    measure = ratio(world)
    save(world, measure, numerator=258, denominator=274)
    save(world, measure, seen=1, numerator=260, denominator=274)
    assert ReadingChange.objects.get().former["verdict"] == "94.16%，未达标"
    page = world.client("chief").get(reverse("measure", args=[world.campaign.pk, measure.pk])).content.decode()
    assert "原为 258 / 274 = 94.16%" in page
    assert "260 / 274 = 94.89%" in page, "what was counted stands beside the rate"
    assert "刘联络" in page


@time_machine.travel(NOW, tick=False)
def test_a_unit_sees_its_own_figures_only(world_at_work: World) -> None:
    world = world_at_work
    measure = ratio(world)
    read(world, measure, "城管局", numerator=96, denominator=100)
    read(world, measure, "老街街道", numerator=33, denominator=100)
    for name, args in (("measures", []), ("measure", [measure.pk])):
        address = reverse(name, args=[world.campaign.pk, *args])
        own = world.client("liaison").get(address).content.decode()
        assert "96" in own
        assert "33%" not in own
        assert "老街街道" not in own
        whole = world.client("chief").get(address).content.decode()
        assert "老街街道" in whole


def test_the_page_costs_the_same_for_one_measure_and_for_many(world: World, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, address = world.client("chief"), reverse("measures", args=[world.campaign.pk])
    read(world, ratio(world), "城管局", numerator=1, denominator=2)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(12):
        read(world, ratio(world, name=f"测量项{number}"), "老街街道", numerator=1, denominator=2)
    assert Task.objects.filter(indicator=world.indicators["4-3-3"]).count() == 2
    with django_assert_num_queries(len(one)):
        assert "测量项11" in client.get(address).content.decode()

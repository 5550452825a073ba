"""Figures of the matrix, rates, snapshots and the pages that show them."""

from datetime import date, timedelta

import pytest
import time_machine

from creation.models import Snapshot, Task, Unit
from creation.tasks import charts, progress, workflow
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.django_db


def approve(world: World, name: str = "lead") -> None:
    world.cite(name)
    task = world.task(name)
    answer = {"mode": "upload", "measures": "评查", "results": "完成", "highlights": ""}
    task = workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer)
    workflow.perform(workflow.MOVES["approve"], task, world.actor("reviewer"), task.version, {"comment": ""})


def tasks(world: World) -> progress.Matrix:
    return progress.matrix(Task.objects.active().filter(campaign=world.campaign), TODAY)


def test_the_matrix_counts_by_unit_and_section(world: World) -> None:
    approve(world)
    found = tasks(world)
    unit, township = world.units["城管局"].pk, world.units["老街街道"].pk
    assert (found.cells[unit]["4"].approved, found.cells[unit]["4"].total) == (1, 1)
    assert found.cells[unit][progress.ACTIONS].overdue == 1
    assert found.units[unit].total == 2
    assert found.sections["4"].total == 2
    assert found.units[township].approved == 0
    assert found.whole.total == 4


def test_the_light_of_a_cell_is_the_one_that_asks_for_attention_first(world: World) -> None:
    approve(world)
    found = tasks(world)
    assert found.cells[world.units["城管局"].pk]["4"].light == "green"
    assert found.units[world.units["城管局"].pk].light == "red"
    assert found.cells[world.units["老街街道"].pk]["4"].light == "yellow"  # due 5 August, three workdays ahead


def test_rates_look_at_what_is_due_and_at_everything(world: World) -> None:
    approve(world)
    whole = tasks(world).whole
    assert (whole.due, whole.due_answered, whole.report_rate) == (1, 0, 0.0)
    assert whole.done_rate == 0.25
    assert progress.TaskFigures().report_rate is None
    assert progress.TaskFigures().done_rate is None


def test_figures_are_what_they_say_and_their_sum_too() -> None:
    some = progress.TaskFigures(total=8, approved=1, submitted=2, returned=3, overdue=4, near=5, due=6, due_answered=3)
    assert (some.answered, some.report_rate, some.done_rate) == (3, 0.5, 0.125)
    both = progress.TaskFigures(*range(10, 90, 10))
    both.add(some)
    assert both == progress.TaskFigures(18, 21, 32, 43, 54, 65, 76, 83)


def test_each_phase_has_its_figures_in_order(world: World) -> None:
    approve(world)
    change_status(world, "assist", "submitted", due_on=TODAY)
    change_status(world, "other", "returned")
    found = progress.figures_by_phase(tasks(world), world.campaign.phases.order_by("order"))
    assert [phase.kind for phase, _ in found] == ["mobilization", "evidence", "application"]
    first, second, last = (figures for _, figures in found)
    assert (first.total, first.overdue, first.approved) == (1, 1, 0)
    assert (second.total, second.approved, second.submitted, second.returned) == (3, 1, 1, 1)
    assert (second.overdue, second.near) == (0, 0)
    assert (second.due, second.due_answered) == (1, 1)
    assert last == progress.TaskFigures()


def test_sections_with_tasks_come_in_order_and_actions_last(world: World) -> None:
    change_status(world, "assist", "submitted", due_on=TODAY)
    found = tasks(world)
    titles = [("1", "一"), ("4", "四"), ("8", "八")]
    sections = progress.figures_by_section(found, titles)
    assert [code for code, _, _ in sections] == ["1", "4", progress.ACTIONS]
    assert (sections[1][2].due, sections[1][2].due_answered) == (1, 1)
    Task.objects.filter(indicator__code="1-1-1").delete()
    assert [code for code, _, _ in progress.figures_by_section(tasks(world), titles)] == ["4", progress.ACTIONS]


def test_the_trend_has_the_shares_of_each_day_of_all_or_of_one_unit(world: World) -> None:
    unit = world.units["城管局"].pk
    figures = {"total": 8, "due": 4, "approved": 1, "submitted": 2}
    units = {str(unit): {"total": 4, "due": 1, "approved": 1, "submitted": 1}}
    for day, whole in ((TODAY, figures), (TODAY - timedelta(days=1), {**figures, "total": 0})):
        Snapshot.objects.create(campaign=world.campaign, day=day, figures={"all": whole, "units": units})
    assert progress.trend(world.campaign) == [progress.TrendPoint(TODAY, 0.5, 0.375, 0.125)]
    assert progress.trend(world.campaign, unit)[-1] == progress.TrendPoint(TODAY, 0.25, 0.5, 0.25)
    assert progress.trend(world.campaign, world.units["司法局"].pk) == []


def change_status(world: World, name: str, status: str, **values: object) -> None:
    found = Task.objects.filter(pk=world.tasks[name].pk)
    found.update(status=status, first_submitted_at=NOW, **values)


def test_dropped_tasks_do_not_count(world: World) -> None:
    Task.objects.filter(pk=world.tasks["action"].pk).update(dropped_on=TODAY)
    assert tasks(world).whole.total == 3


def test_a_day_has_one_snapshot_and_the_last_one_counts(world: World) -> None:
    progress.take_snapshots(TODAY)
    approve(world)
    progress.take_snapshots(TODAY)
    snapshot = Snapshot.objects.get(campaign=world.campaign)
    assert snapshot.figures["all"]["approved"] == 1
    assert snapshot.figures["units"][str(world.units["城管局"].pk)]["approved"] == 1
    progress.take_snapshots(TODAY + timedelta(days=1))
    assert [day.approved for day in progress.trend(world.campaign)] == [0.25, 0.25]


def stored(world: World, ago: int, overdue: int = 0, **units: int) -> None:
    """Store a snapshot of so many days ago, with the overdue tasks of all and of units."""
    whole = {"total": 2, "approved": 1, "submitted": 1, "overdue": overdue}
    each = {str(world.units[name].pk): {"overdue": count} for name, count in units.items()}
    figures = {"all": whole, "units": each}
    Snapshot.objects.create(campaign=world.campaign, day=TODAY - timedelta(days=ago), figures=figures)


def week_change(world: World) -> progress.WeekChange | None:
    snapshot = progress.snapshots_to_compare([world.campaign], TODAY).get(world.campaign.pk)
    return progress.week_change(tasks(world), snapshot, Unit.objects.order_by("order", "pk"))


@pytest.mark.parametrize(
    ("ago", "compared"), [((0,), None), ((1,), 1), ((6, 3), 6), ((7, 3), 7), ((8, 7, 6), 7), ((9, 8), 8), ((-1, 9), 9)]
)
def test_a_week_is_compared_with_the_latest_snapshot_that_is_a_week_old_or_with_the_oldest(
    world: World, ago: tuple[int, ...], compared: int | None
) -> None:
    for days in ago:
        stored(world, days)
    change = week_change(world)
    assert (change and change.since) == (None if compared is None else TODAY - timedelta(days=compared))


def test_the_change_of_a_week_is_now_less_then_and_names_the_units_that_have_more_or_fewer_overdue(
    world: World,
) -> None:
    """城管局 and 老街街道 have one overdue task each; 老街街道 had two before."""
    change_status(world, "assist", "open", due_on=TODAY - timedelta(days=1))
    change_status(world, "other", "submitted")
    stored(world, 7, overdue=1, 老街街道=2)
    change = week_change(world)
    assert change is not None
    assert [(unit.short_name, more) for unit, more in change.later_units] == [("城管局", 1)]
    assert [(unit.short_name, fewer) for unit, fewer in change.better_units] == [("老街街道", 1)]
    assert (change.total, change.answered, change.approved, change.overdue) == (2, -1, -1, 1)


def test_closed_campaigns_get_no_snapshot(world: World) -> None:
    world.campaign.state = "closed"
    world.campaign.save()
    progress.take_snapshots(TODAY)
    assert not Snapshot.objects.filter(campaign=world.campaign).exists()


def test_the_page_shows_figures_and_leads_to_the_tasks(world: World) -> None:
    approve(world)
    with time_machine.travel(NOW, tick=False):
        page = world.client("chief").get(f"/c/{world.campaign.pk}/progress/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "老街街道" in text
    assert f"/c/{world.campaign.pk}/tasks/?unit={world.units['城管局'].pk}&amp;section=4" in text
    assert "25%" in text


def test_leaders_and_assessors_read_and_units_do_not(world: World) -> None:
    address = f"/c/{world.campaign.pk}/progress/"
    codes = {
        who: world.client(who).get(address).status_code
        for who in ("coordinator", "chief", "assessor", "liaison", "outsider")
    }
    assert codes == {"coordinator": 200, "chief": 200, "assessor": 200, "liaison": 403, "outsider": 404}


def test_more_tasks_cost_no_more_queries(world: World) -> None:
    client, address = world.client("coordinator"), f"/c/{world.campaign.pk}/progress/"

    def queries() -> int:
        return count_queries(client.get, address)

    queries()
    few = queries()
    for number in range(60):
        unit = Unit.objects.create(
            district=world.district, name=f"单位{number}", short_name=f"单位{number}", order=100 + number
        )
        Task.objects.create(
            campaign=world.campaign,
            unit=unit,
            indicator=world.indicators["1-1-1"],
            phase=world.phases["evidence"],
            due_on=TODAY,
        )
    queries()  # units have changed, and are read again
    assert queries() == few


def test_a_units_page_is_404_for_units_of_other_districts(world: World) -> None:
    client = world.client("coordinator")
    other = Unit.objects.exclude(district=world.district)[0]
    assert client.get(f"/c/{world.campaign.pk}/progress/{world.units['城管局'].pk}/").status_code == 200
    assert client.get(f"/c/{world.campaign.pk}/progress/{other.pk}/").status_code == 404


def test_the_chart_stays_inside_its_frame() -> None:
    days = [progress.TrendPoint(date(2026, 7, 1) + timedelta(days=n), n / 40, n / 50, n / 60) for n in range(40)]
    chart = charts.trend_chart(days, TODAY)
    assert chart is not None
    places = [tuple(map(float, point.split(","))) for line in chart.lines for point in line.points.split()]
    assert all(charts.LEFT <= x <= charts.WIDTH and 0 <= y <= charts.HEIGHT for x, y in places)
    assert charts.trend_chart(days[:1], TODAY) is None


def test_the_chart_ends_at_the_share_that_the_page_says() -> None:
    days = [progress.TrendPoint(date(2026, 7, day), 1, 0.998, 2 / 3) for day in (1, 2)]
    chart = charts.trend_chart(days, TODAY)
    assert chart is not None
    assert [line.last for line in chart.lines] == ["100%", "99.8%", "66.6%"]


def test_bars_bear_names_and_undated_phases_are_shown(world: World) -> None:
    phases = list(world.campaign.phases.order_by("order"))
    for phase in phases:
        phase.starts, phase.ends = None, None
    phases[0].starts, phases[0].ends = date(2026, 6, 21), date(2026, 7, 10)
    phases[1].starts, phases[1].ends = date(2026, 12, 30), date(2026, 12, 31)
    drawn = charts.timeline(phases, TODAY)
    assert drawn
    assert [bar.place for bar in drawn.bars] == ["inside", "end"]
    assert [phase for phase, _ in drawn.undated] == phases[2:]
    assert len({y for _, y in drawn.undated} | {bar.y for bar in drawn.bars}) == len(phases)


def test_the_name_of_a_month_is_not_cut_off_at_the_edge(world: World) -> None:
    phase = world.campaign.phases.all()[0]
    phase.starts, phase.ends = date(2026, 6, 21), date(2026, 10, 3)
    drawn = charts.timeline([phase], TODAY)
    assert drawn
    assert [month.text for month in drawn.months] == ["6月", "7月", "8月", "9月", ""]

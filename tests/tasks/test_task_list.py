"""The task list: what each filter finds, what each person sees, and the number of queries."""

import re
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import conditional_escape

from creation.models import Indicator, IndicatorLevel, Submission, Task, Unit, User
from tests.support.query_counts import page_queries
from tests.support.world import NOW, ZONE, World

pytestmark = pytest.mark.usefixtures("at_now")


def listed(client: Client, world: World, **filters: Any) -> list[str]:
    """Return the tasks of the page, by their names in the world."""
    page = client.get(reverse("task_list", args=[world.campaign.pk]), filters)
    assert page.status_code == 200
    names = {task.pk: name for name, task in world.tasks.items()}
    return [names[row.record.pk] for row in page.context["table"].paginated_rows]


def submit_task(world: World, name: str, on: datetime = NOW) -> None:
    task = world.task(name)
    person = world.people["liaison" if task.unit == world.units["城管局"] else "rival"]
    Submission.objects.create(
        task=task,
        number=1,
        mode="statement",
        statement="无此项业务。",
        due_on=task.due_on,
        handed_on=on.date(),
        created_by=person,
        created_at=on,
        digest="x",
    )
    Task.objects.filter(pk=task.pk).update(status="submitted", first_submitted_at=on)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["other", "lead", "assist", "action"]),
        ({"section": "4"}, ["lead", "assist"]),
        ({"section": "action"}, ["action"]),
        ({"item": "1-1"}, ["other"]),
        ({"role": "assist"}, ["assist"]),
        ({"light": "red"}, ["action"]),
        ({"light": "yellow"}, ["assist"]),
        ({"status": "submitted"}, ["other"]),
        ({"status": "unanswered"}, ["lead", "assist", "action"]),
        ({"late": "1"}, ["other"]),
        ({"q": "案卷"}, ["lead", "assist"]),
        ({"q": "4-3-3"}, ["lead", "assist"]),
        ({"q": "城管 案卷"}, ["lead"]),
        ({"q": "方案"}, ["action"]),
        ({"q": "没有这个词"}, []),
        ({"q": "100%_"}, []),
    ],
)
def test_each_filter_of_the_address_narrows_the_list(world: World, filters: dict[str, str], found: list[str]) -> None:
    submit_task(world, "other", datetime(2026, 8, 12, 9, tzinfo=ZONE))
    assert listed(world.client("coordinator"), world, **filters) == found


def test_units_phases_and_owners_are_filters_too(world: World) -> None:
    office = world.client("coordinator")
    assert listed(office, world, unit=world.units["老街街道"].pk) == ["other", "assist"]
    assert listed(office, world, phase=world.phases["mobilization"].pk) == ["action"]
    assert listed(office, world, owner=world.people["liaison"].pk) == ["lead", "action"]


def test_a_value_that_cannot_be_understood_is_named_beside_its_field(world: World) -> None:
    page = world.client("coordinator").get(reverse("task_list", args=[world.campaign.pk]), {"light": "purple"})
    assert "此条件未起作用" in page.content.decode()


def test_a_unit_lists_its_own_tasks_and_is_offered_no_other_unit(world: World) -> None:
    client = world.client("rival")
    assert listed(client, world) == ["other", "assist"]
    assert listed(client, world, unit=world.units["城管局"].pk) == ["other", "assist"]
    page = client.get(reverse("task_list", args=[world.campaign.pk])).content.decode()
    assert "城管局" not in page
    assert "刘联络" not in page


def test_one_unit_is_offered_only_the_filters_that_narrow_its_own_tasks(world: World) -> None:
    def names(who: str) -> set[str]:
        page = world.client(who).get(reverse("task_list", args=[world.campaign.pk]))
        assert ("按单位" in page.content.decode()) is ("unit" in page.context["filter"].form.fields)
        return set(page.context["filter"].form.fields)

    office = names("coordinator")
    assert {"unit", "owner"} < office
    assert names("liaison") == names("clerk") == office - {"unit", "owner"}
    Task.objects.filter(pk=world.tasks["action"].pk).update(owner=world.people["clerk"])
    assert names("liaison") == office - {"unit"}
    assert listed(world.client("liaison"), world, unit=world.units["老街街道"].pk) == ["lead", "action"]


def test_another_district_is_not_there(world: World) -> None:
    assert world.client("outsider").get(reverse("task_list", args=[world.campaign.pk])).status_code == 404


@pytest.mark.parametrize(
    ("column", "ends"),
    [
        ("code", ("other", "lead")),
        ("title", ("action", "other")),
        ("unit", ("other", "lead")),
        ("phase", ("action", "other")),
        ("due_on", ("action", "other")),
        ("light", ("action", "other")),
        ("status", ("lead", "assist")),
        ("owner", ("lead", "other")),
        ("citation_count", ("lead", "other")),
        ("late", ("lead", "other")),
    ],
)
def test_every_column_sorts_both_ways(world: World, column: str, ends: tuple[str, str]) -> None:
    Task.objects.filter(pk=world.tasks["assist"].pk).update(status="returned")
    world.cite("other", by="rival")
    submit_task(world, "other", datetime(2026, 8, 12, 9, tzinfo=ZONE))
    office = world.client("coordinator")
    up, down = listed(office, world, sort=column), listed(office, world, sort=f"-{column}")
    assert set(up) == set(down) == set(world.tasks)
    assert (up[0], down[0]) == ends


def test_undated_tasks_come_last_in_both_directions(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=None)
    office = world.client("coordinator")
    assert listed(office, world, sort="due_on")[-1] == "lead"
    assert listed(office, world, sort="-due_on")[-1] == "lead"


def test_a_row_shows_light_days_left_late_and_evidence(world: World) -> None:
    world.cite("lead")
    submit_task(world, "lead", datetime(2026, 8, 12, 9, tzinfo=ZONE))
    page = world.client("coordinator").get(reverse("task_list", args=[world.campaign.pk])).content.decode()
    for word in ("逾期报送", "待审核", "逾期 21 天", "还有 10 天", "牵头", "配合", "已报送"):
        assert word in page


def test_the_ledger_is_asked_for_with_the_filter_of_the_address(world: World) -> None:
    page = world.client("coordinator").get(
        reverse("task_list", args=[world.campaign.pk]), {"section": "4", "q": "案卷"}
    )
    wanted = f"{reverse('ledger', args=[world.campaign.pk])}?section=4&amp;q=%E6%A1%88%E5%8D%B7"
    assert wanted in page.content.decode()


def test_no_tasks_yet_and_none_found_have_different_messages(world: World) -> None:
    office, address = world.client("coordinator"), reverse("task_list", args=[world.campaign.pk])
    assert "没有符合条件的任务" in office.get(address, {"q": "没有这个词"}).content.decode()
    Task.objects.all().delete()
    assert "还没有任务" in office.get(address).content.decode()


def test_htmx_gets_the_results_alone_and_no_cache_mixes_them_up(world: World) -> None:
    client, address = world.client("coordinator"), reverse("task_list", args=[world.campaign.pk])
    part = client.get(address, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    whole = client.get(address, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.content.decode()


def test_only_who_plans_is_offered_changes_in_bulk(world: World) -> None:
    address = reverse("task_list", args=[world.campaign.pk])
    assert "批量改时限…" in world.client("coordinator").get(address).content.decode()
    for name in ("reviewer", "liaison", "chief"):
        assert "批量改时限…" not in world.client(name).get(address).content.decode()


def many(world: World, count: int) -> None:
    """Create ``count`` tasks besides those of the world, half of them with evidence."""
    lead = world.task("lead")
    made = [
        Task(
            campaign=lead.campaign,
            unit=lead.unit,
            indicator=lead.indicator,
            phase=lead.phase,
            owner=lead.owner,
            due_on=date(2026, 8, 10),
            period=f"p{number}",
        )
        for number in range(count)
    ]
    Task.objects.bulk_create(made)


def queries(client: Client, address: str) -> int:
    for _ in range(2):
        client.get(address)  # what this process keeps in memory
    return page_queries(client, address)


def test_two_hundred_rows_cost_no_more_queries_than_a_few(world: World) -> None:
    client, address = world.client("coordinator"), reverse("task_list", args=[world.campaign.pk])
    few = queries(client, address)
    many(world, 200)
    assert queries(client, address) == few


def test_more_indicators_units_phases_and_people_cost_no_more_queries(world: World) -> None:
    client, address = world.client("coordinator"), reverse("task_list", args=[world.campaign.pk])
    few = queries(client, address)
    for number in range(8):
        vary(world, number)
    assert queries(client, address) == few


def vary(world: World, number: int) -> None:
    """Create a task whose section, item, checkpoint, unit and owner are new, in each of the phases in turn."""
    unit = Unit.objects.create(
        district=world.district, name=f"源汇区新{number}局", short_name=f"新{number}局", order=90 + number
    )
    above: Indicator | None = None
    for level in IndicatorLevel:
        code = "-".join([str(50 + number)] * level)
        order = 900 + 10 * number + level
        above = Indicator.objects.create(
            system=world.campaign.system,
            parent=above,
            level=level,
            code=code,
            key=code,
            order=order,
            title=f"指标 {code}",
        )
    phase = [*world.phases.values()][number % len(world.phases)]
    owner = User.objects.create(username=f"owner{number}", name=f"责任人{number}", unit=unit)
    Task.objects.create(
        campaign=world.campaign, unit=unit, indicator=above, phase=phase, owner=owner, due_on=date(2026, 8, 10)
    )


def test_cells_are_those_of_the_library(world: World) -> None:
    """Rows are composed without django-tables2's own loop over cells, to the same result."""
    page = world.client("coordinator").get(reverse("task_list", args=[world.campaign.pk]))
    rows = list(page.context["table"].paginated_rows)
    cells = [conditional_escape(localize(cell)) for row in rows for cell in row]
    shown = re.search(r"<tbody *>(.*?)</tbody>", page.content.decode(), re.DOTALL)
    assert shown
    assert re.findall(r"<td [^>]*>(.*?)</td>", shown[1], re.DOTALL) == cells
    assert len(cells) == 12 * len(rows) > 12


def test_a_page_holds_fifty_rows_and_the_filter_stays_on_the_next(world: World) -> None:
    many(world, 60)
    page = world.client("coordinator").get(reverse("task_list", args=[world.campaign.pk]), {"section": "4"})
    assert len(page.context["table"].paginated_rows) == 50
    assert "?section=4&amp;page=2" in page.content.decode()

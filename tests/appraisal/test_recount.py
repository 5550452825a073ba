"""Scores of five assessors × 92 points × 45 units, entered one by one and counted anew by a module that knows nothing of ours.

``--long`` runs it whole, every other run a small part of it.
"""

import ast
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from creation.appraisal import organizing, results, score_sheet
from creation.appraisal.organizing import ExtraPoint, NewAppraisal
from creation.audit.actor import Actor
from creation.models import Appraisal, Indicator, Membership, Unit, User
from creation.rules.policy import Role
from tests.support import score_recount as recount
from tests.support.job_files import download_result
from tests.support.sampling import SEED
from tests.support.world import NOW, TODAY, World, add_person

EXTRAS = [
    ExtraPoint("创新做法", "bonus", Decimal(5)),
    ExtraPoint("弄虚作假", "deduction", Decimal(4)),
    ExtraPoint("重大违法行政", "veto", Decimal(0)),
]


class Scale(NamedTuple):
    assessors: int
    points: int
    units: int


WHOLE, PART = Scale(5, 92, 45), Scale(3, 14, 6)


def test_the_recount_imports_nothing_of_ours() -> None:
    tree = ast.parse(Path(recount.__file__).read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert {module.split(".")[0] for module in modules}.isdisjoint({"creation", "reports", "config", "tests", "django"})


def test_every_figure_of_the_results_is_that_of_the_recount(
    world: World, request: pytest.FixtureRequest, fresh_data_dir: Path
) -> None:
    scale, rng = WHOLE if request.config.getoption("--long") else PART, Random(SEED)
    print(f"TESTS_SEED={SEED}")
    with time_machine.travel(NOW, tick=False):
        made = set_up(world, scale)
        entered = enter(world, made, rng)
        assert entered >= scale.assessors * scale.points * scale.units * 9 // 10
        organizing.close_appraisal(Appraisal.objects.get(pk=made.pk), world.actor("coordinator"))
        made = Appraisal.objects.get(pk=made.pk)
        content, _ = download_result(
            world.client("coordinator"), reverse("appraisal_export", args=[world.campaign.pk, made.pk]), {}
        )
    with connection.cursor() as cursor:
        cursor.execute(recount.SQL, [made.pk])
        rows = recount.given(cursor.fetchall())
    check_pages(made, rows)
    check_workbook(made, rows, content, scale)


def set_up(world: World, scale: Scale) -> Appraisal:
    """Give the district its units, checkpoints and assessors, and set the assessment up with bonus, deduction and veto."""
    for order in range(len(world.units) + 1, scale.units + 1):
        Unit.objects.create(district=world.district, name=f"源汇区第{order}局", short_name=f"第{order}局", order=order)
    system = world.campaign.system
    parents = [world.indicators["1-1"], world.indicators["4-3"]]
    for number in range(system.indicators.checkpoints().count(), scale.points):
        parent = parents[number % 2]
        Indicator.objects.create(
            system=system, parent=parent, level=3, code=f"{parent.code}-{number + 9}", key=f"k{number}", order=100 + number,
            title=f"要点{number}",
        )  # fmt: skip
    people = [world.people["assessor"], world.people["reviewer"]]
    for number in range(scale.assessors - len(people)):
        people.append(
            add_person(f"assessor{number}", f"专家{number}", Role.ASSESSOR, world.units["政府办"], world.campaign)
        )
    assert Membership.objects.filter(user=people[-1], expires__gt=date(2026, 12, 31)).exists()
    new = NewAppraisal(
        name="年底模拟考核", kind="paper", starts=TODAY, ends=TODAY, units=list(Unit.objects.filter(district=world.district)),
        sections=["1", "4"], default_points=Decimal(10), assessors={person: [] for person in people}, everyone=True,
        extras=EXTRAS,
    )  # fmt: skip
    return organizing.create_appraisal(world.campaign, new, world.actor("coordinator"))


def enter(world: World, made: Appraisal, rng: Random) -> int:
    """Save the scores of each assessor by the verb of the page; leave some out; let one veto. Return their number."""
    entered, units = 0, list(made.units.order_by("order"))
    points = list(made.points.select_related("appraisal", "indicator__parent__parent"))
    for seat in made.seats.select_related("person", "appraisal__campaign"):
        actor = world_actor(seat.person)
        for unit in units:
            for point in points:
                veto = point.effect == "veto"
                if rng.random() < (0.99 if veto else 0.03):
                    continue
                value = None if veto else Decimal(rng.randint(0, int(point.points * 4))) / 4
                score_sheet.save_score(seat, point, unit, value, "", actor, vetoed=veto)
                entered += point.effect == "normal"
    return entered


def world_actor(person: User) -> Actor:
    return Actor(person, NOW)


def check_pages(made: Appraisal, rows: list[recount.Given]) -> None:
    found = results.results_of(made)
    whole = recount.sums(rows)
    for row in found.units:
        reached, full = whole[row.unit.short_name]
        assert (exact(row.whole.score), exact(row.whole.full)) == (max(reached, Fraction(0)), full), row.unit
    for place, (code, _) in enumerate(found.sections):
        part = recount.sums(rows, code)
        for row in found.units:
            of_unit = row.sections[place]
            assert of_unit is not None
            assert near(of_unit.reached, part[row.unit.short_name][0]), (row.unit, code)
    given = recount.assessors(rows)
    assert {name: count for name, count, _ in found.assessors} == {name: count for name, (count, _) in given.items()}
    assert all(rate is not None and near(rate, given[name][1]) for name, _, rate in found.assessors)
    weakest = [(each.point.pk, each.units) for each in found.weakest]
    assert [(point, {unit.short_name for unit in units}) for point, units in weakest] == [
        (point, units) for point, _, units in recount.weakest(rows, results.WEAKEST)
    ]
    disagreed = {(each.point.pk, each.unit.short_name) for each in found.disagreements}
    assert disagreed == recount.disagreements(rows)


def check_workbook(made: Appraisal, rows: list[recount.Given], content: bytes, scale: Scale) -> None:
    sums = recount.sums(rows)
    printed = {row["单位"]: row for row in recount.printed(content, "得分表")}
    assert {unit: row["得分"] for unit, row in printed.items()} == {
        unit: recount.as_printed(*found) for unit, found in sums.items()
    }
    vetoed = {row.unit for row in rows if row.vetoed}
    assert {unit for unit, row in printed.items() if row["备注"] == "一票否决"} == vetoed
    for code, heading in (("1", "1 依法全面履行政府职能"), ("4", "4 行政执法严格规范公正文明"), ("", recount.OTHER)):
        part = recount.sums(rows, code)
        assert {unit: row[heading] for unit, row in printed.items()} == {
            unit: recount.as_printed(*found) for unit, found in part.items()
        }
    details = recount.printed(content, "评分明细")
    assert len(details) == scale.units * (scale.points + len(EXTRAS))
    names = [name for name, *_ in results.results_of(made).assessors]
    cells = Counter((row["单位"], name, str(row[name])) for row in details for name in names if row[name])
    assert cells == Counter(
        (row.unit, row.assessor, "否决" if row.vetoed else recount.text(row.value))
        for row in rows
        if row.vetoed or row.value is not None
    )


def exact(value: Decimal) -> Fraction:
    """Return the number of ``value``: a third of a quarter comes back as a fraction."""
    return Fraction(value).limit_denominator(1000)


def near(value: Decimal, expected: Fraction) -> bool:
    return abs(Fraction(value) - expected) < Fraction(1, 10**9)

"""Readings: entered, compared with the target at once, not overwritten unseen, copied into submissions."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from creation.models import Measure, Reading, Submission
from tests.support.world import World
from tests.tasks.test_moves import make

pytestmark = pytest.mark.usefixtures("at_now")


@pytest.fixture
def ratio(world: World) -> Measure:
    return Measure.objects.create(
        indicator=world.indicators["4-3-3"],
        name="调解成功率",
        kind="ratio",
        numerator="调解成功",
        denominator="调解案件",
        comparator="ge",
        target=95,
        period="year",
    )


def enter(
    world: World, measure: Measure, who: str = "liaison", period: str = "2026", htmx: bool = True, **data: Any
) -> Any:
    url = reverse("reading", args=[world.campaign.pk, world.tasks["lead"].pk, measure.pk, period])
    return world.client(who).post(url, {"seen": 0} | data, headers={"HX-Request": "true"} if htmx else {})


def test_a_ratio_is_judged_at_once_and_rounded_down(world: World, ratio: Measure) -> None:
    answer = enter(world, ratio, numerator="1727", denominator="1790")
    assert answer.status_code == 200
    assert "96.48%，达标" in answer.content.decode().replace(",", "，")
    assert "已保存 10:00" in answer.content.decode()
    assert Reading.objects.get().numerator == Decimal(1727)


def test_a_missed_target_says_so(world: World, ratio: Measure) -> None:
    assert "未达标" in enter(world, ratio, numerator="43", denominator="61").content.decode()


def test_full_width_digits_are_numbers_too(world: World, ratio: Measure) -> None:
    assert enter(world, ratio, numerator="１７２７", denominator="１７９０").status_code == 200


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [({"numerator": "很多"}, "请填写数字"), ({"numerator": "-1"}, "不能为负数"), ({"numerator": "1" * 20}, "位")],
)
def test_what_is_no_figure_is_refused_beside_the_field(
    world: World, ratio: Measure, figures: dict[str, str], sentence: str
) -> None:
    answer = enter(world, ratio, denominator="10", **figures)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Reading.objects.exists()


def test_without_scripts_the_page_comes_back_with_what_was_typed(world: World, ratio: Measure) -> None:
    answer = enter(world, ratio, htmx=False, numerator="很多", denominator="1790")
    assert answer.status_code == 422
    assert 'value="很多"' in answer.content.decode()
    assert enter(world, ratio, htmx=False, numerator="1", denominator="1").status_code == 302


def test_a_quarterly_measure_has_four_places(world: World) -> None:
    quarterly = Measure.objects.create(
        indicator=world.indicators["4-3-3"],
        name="会前学法",
        kind="count",
        unit="次",
        comparator="ge",
        target=1,
        period="quarter",
    )
    assert enter(world, quarterly, period="2026Q3", count="2").status_code == 200
    assert enter(world, quarterly, period="2026", count="2").status_code == 404
    assert enter(world, quarterly, period="2026Q5", count="2").status_code == 404
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "第四季度" in page.content.decode()


def test_a_date_is_judged_against_its_day(world: World) -> None:
    report = Measure.objects.create(
        indicator=world.indicators["4-3-3"],
        name="年度报告",
        kind="date",
        comparator="le",
        target_month_day="03-31",
        period="year",
    )
    assert "按时" in enter(world, report, day="2026-03-30").content.decode()
    assert "晚于要求日期" in enter(world, report, day="2026-04-01", seen=1).content.decode()


def test_a_measure_of_another_indicator_is_not_found(world: World) -> None:
    other = Measure.objects.create(
        indicator=world.indicators["1-1-1"], name="其他", kind="count", comparator="ge", target=1, period="year"
    )
    assert enter(world, other, count="1").status_code == 404


def test_the_same_figures_again_change_nothing(world: World, ratio: Measure) -> None:
    enter(world, ratio, numerator="1", denominator="2")
    assert enter(world, ratio, numerator="1", denominator="2").status_code == 200
    assert Reading.objects.get().version == 1


def test_overwriting_anothers_figures_needs_a_decision(world: World, ratio: Measure) -> None:
    enter(world, ratio, who="clerk", numerator="1", denominator="2")
    late = enter(world, ratio, numerator="3", denominator="4")
    assert late.status_code == 409
    assert "程承办 刚刚填过" in late.content.decode()
    assert Reading.objects.get().numerator == 1
    assert 'name="seen" value="1"' in late.content.decode()
    assert enter(world, ratio, seen=1, numerator="3", denominator="4").status_code == 200
    assert Reading.objects.get().numerator == 3


def test_without_scripts_the_conflict_is_a_page_with_both(world: World, ratio: Measure) -> None:
    enter(world, ratio, who="clerk", numerator="1", denominator="2")
    late = enter(world, ratio, htmx=False, numerator="3", denominator="4")
    assert late.status_code == 409
    assert "调解成功 1，调解案件 2" in late.content.decode()
    again = late.context["again"]
    assert world.client("liaison").post(again["url"], again["fields"]).status_code == 302
    assert Reading.objects.get().numerator == 3


def test_what_is_handed_in_freezes_the_figures_of_its_day(world: World, ratio: Measure) -> None:
    enter(world, ratio, numerator="1727", denominator="1790")
    make(world, "submit")
    frozen = Submission.objects.get().readings
    assert frozen[0]["numerator"] == "1727.00"
    late = enter(world, ratio, seen=1, numerator="1", denominator="1")
    assert late.status_code == 409
    assert "不能再修改读数" in late.content.decode()
    assert Reading.objects.get().numerator == 1727


@pytest.mark.parametrize(("who", "code"), [("clerk", 200), ("coordinator", 200), ("leader", 403), ("rival", 404)])
def test_those_who_draft_enter_figures(world: World, ratio: Measure, who: str, code: int) -> None:
    assert enter(world, ratio, who=who, numerator="1", denominator="1").status_code == code


def test_reviewers_read_figures_and_see_no_fields(world: World, ratio: Measure) -> None:
    enter(world, ratio, numerator="1727", denominator="1790")
    page = world.client("reviewer").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert "调解成功 1727，调解案件 1790" in page.content.decode()
    assert 'name="numerator"' not in page.content.decode()

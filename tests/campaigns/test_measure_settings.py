"""The office adds a measure to a checkpoint: units report it on their tasks."""

from typing import Any

import pytest
from django.urls import reverse

from creation.models import Measure
from tests.support.world import World


def post(world: World, **data: Any) -> Any:
    values = {
        "checkpoint": world.indicators["1-1-1"].pk,
        "name": "法律援助案件数",
        "kind": "plain",
        "period": "year",
        "comparator": "ge",
        "unit": "件",
    }
    address = reverse("measure_new", args=[world.campaign.pk])
    return world.client("coordinator").post(address, values | data, follow=True)


def test_a_plain_figure_is_reported_on_the_task(world: World) -> None:
    assert "已增加测量项“法律援助案件数”" in post(world).content.decode()
    measure = Measure.objects.get(name="法律援助案件数")
    assert (measure.target, measure.unit, measure.kind) == (None, "件", "plain")
    page = world.client("rival").get(world.task("other").get_absolute_url()).content.decode()
    assert "法律援助案件数" in page
    assert "数量（件）" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "请填写测量项的名称"),
        ({"kind": "count"}, "须填写目标值"),
        ({"kind": "ratio", "target": "95"}, "写明分子和分母"),
        ({"kind": "date"}, "每年的目标日期"),
        ({"kind": "date", "target_month_day": "02-30"}, "请按 03-31 的样子"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_added(world: World, change: dict[str, Any], sentence: str) -> None:
    before = Measure.objects.count()
    answer = post(world, **change)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Measure.objects.count() == before


def test_a_name_is_used_once_a_checkpoint(world: World) -> None:
    post(world)
    assert "已有测量项" in post(world).content.decode()
    assert Measure.objects.filter(name="法律援助案件数").count() == 1


def test_a_ratio_may_be_allowed_to_exceed(world: World) -> None:
    parts = {"kind": "ratio", "target": "100", "numerator": "完成数", "denominator": "年度任务数", "may_exceed": "on"}
    post(world, **parts)
    measure = Measure.objects.get(name="法律援助案件数")
    assert (measure.may_exceed, measure.unit, measure.target_text) == (True, "%", "≥ 100%")

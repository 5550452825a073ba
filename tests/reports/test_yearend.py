"""Workbooks of mock assessments and of publicity, as downloaded."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import time_machine
from django.test import Client
from django.urls import reverse

from creation.appraisal import organizing
from creation.models import Appraisal, AppraisalSeat, Score
from creation.publicity import register
from creation.publicity.register import NewPublicity
from tests.appraisal.test_appraisal import new
from tests.support.job_files import download_result
from tests.support.world import NOW, TODAY, World


def book(client: Client, address: str) -> list[tuple[Any, ...]]:
    content, _ = download_result(client, address, {})
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    return list(sheet.values)


@time_machine.travel(NOW, tick=False)
def test_the_score_sheet_has_every_unit_in_the_offices_order(world_at_work: World, fresh_data_dir: object) -> None:
    world = world_at_work
    made = organizing.create_appraisal(world.campaign, new(world, "assessor"), world.actor("coordinator"))
    address = reverse("appraisal_export", args=[world.campaign.pk, made.pk])
    assert world.client("coordinator").post(address).status_code == 404
    seat, point = AppraisalSeat.objects.get(), made.points.get(indicator__code="4-3-3")
    unit = world.units["城管局"]
    Score.objects.create(seat=seat, point=point, unit=unit, value=Decimal("8.5"), scored_at=NOW)
    organizing.close_appraisal(Appraisal.objects.get(), world.actor("coordinator"))
    rows = book(world.client("chief"), address)
    assert "模拟考核得分表" in str(rows[0][0]) + str(rows[1][0])
    texts = [[str(cell) for cell in row if cell is not None] for row in rows]
    assert any(row[1:2] == ["城管局"] and "8.5 / 10" in row and "85%" in row for row in texts), texts
    assert [row[1] for row in texts if len(row) > 2 and row[1] in world.units] == ["老街街道", "城管局"]


@time_machine.travel(NOW, tick=False)
def test_the_register_of_a_unit_has_only_its_own(world_at_work: World, fresh_data_dir: object) -> None:
    world = world_at_work
    for unit, who in (("城管局", "liaison"), ("老街街道", "rival")):
        text = NewPublicity(f"{unit}的报道", "漯河日报", "news", "city", TODAY, f"https://example.gov.cn/{who}.html")
        register.record_publicity(world.campaign, world.units[unit], text, world.actor(who))
    address = reverse("list_export", args=[world.campaign.pk, "publicity"])
    own = str(book(world.client("liaison"), address))
    assert "城管局的报道" in own
    assert "老街街道的报道" not in own
    whole = str(book(world.client("chief"), address))
    assert "城管局的报道" in whole
    assert "老街街道的报道" in whole

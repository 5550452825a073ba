"""Rows without errors are imported without the others only if the person decides so; the others come back as the marked workbook."""

from typing import Any

import pytest
from django.urls import reverse

from creation.models import AuditEntry, ImportUpload, Indicator
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

ROWS = [
    ("一级指标", "二级指标", "三级指标", "印证资料要求", "牵头单位"),
    ("", "", "4-3-3 每年组织案卷评查", "新的要求", "城管局"),
    ("9 新的部分", "9-1 新的项目", "9-1-1 新的一", "甲", "火星某某"),
    ("9 新的部分", "9-1 新的项目", "9-1-2 新的二", "乙", "司法局"),
]


def receive(world: World, rows: Any = ROWS, kind: str = "indicators") -> tuple[ImportUpload, str]:
    answer = import_steps.post_workbook(world, "coordinator", kind, make.book(rows))
    return ImportUpload.objects.latest("pk"), answer.url


def test_by_default_one_error_keeps_all_of_it_out(world: World) -> None:
    upload, page = receive(world)
    shown = world.client("coordinator").get(page)
    assert "先导入没有错误的行，有误的 1 行以后再导入" in shown.content.decode()
    assert "确认导入" not in shown.content.decode()
    assert import_steps.confirm(world, "coordinator", upload, shown.context["plan"].digest).status_code == 409
    assert not Indicator.objects.filter(code="9-1-2").exists()


def test_the_right_rows_are_taken_and_the_rest_comes_back_marked(world: World) -> None:
    upload, page = receive(world)
    client = world.client("coordinator")
    assert client.post(page, {"errors": "skip"}).status_code == 302
    shown = client.get(page)
    assert "确认导入" in shown.content.decode()
    done = import_steps.confirm(world, "coordinator", upload, shown.context["plan"].digest)
    assert done.url == page
    assert Indicator.objects.get(system=world.campaign.system, code="4-3-3").proof == "新的要求"
    made = Indicator.objects.get(system=world.campaign.system, code="9-1-2")
    assert (made.parent.title, made.parent.parent.title) == ("新的项目", "新的部分")
    assert not Indicator.objects.filter(code="9-1-1").exists()
    assert "有误的 1 行没有导入" in AuditEntry.objects.get(act="import.apply").detail
    result = client.get(page).content.decode()
    assert "已导入：新增 1 个要点、修改 1 个要点，有误的 1 行没有导入" in result
    assert "火星某某" in result
    assert "确认导入" not in result
    sheet = make.read(client.get(import_steps.address(world, upload, "import_marked")).content).active
    assert "火星某某" in sheet["E3"].comment.text
    assert sheet["E4"].comment is None
    mended = [*ROWS[:2], (*ROWS[2][:4], "司法局"), ROWS[3]]
    again = import_steps.plan_of_workbook(world, "coordinator", "indicators", make.book(mended))
    assert [line.title for line in again.pending_lines] == ["9-1-1 新的一"]


def test_the_decision_can_be_taken_back(world: World) -> None:
    _, page = receive(world)
    client = world.client("coordinator")
    client.post(page, {"errors": "skip"})
    client.post(page, {"errors": "stop"})
    assert "确认导入" not in client.get(page).content.decode()


def test_a_new_edition_is_taken_as_a_whole_or_not_at_all(world: World) -> None:
    _, page = receive(
        world, [("一级指标", "二级指标", "三级指标"), ("", "", "4-3-3 甲"), ("", "", "没有编号")], "editions"
    )
    client = world.client("coordinator")
    assert "先导入没有错误的行" not in client.get(page).content.decode()
    client.post(page, {"errors": "skip"})
    assert "确认导入" not in client.get(page).content.decode()


def test_a_whole_table_leads_to_its_result(world: World) -> None:
    upload, page = receive(world, ROWS[:2])
    done = import_steps.confirm(
        world, "coordinator", upload, world.client("coordinator").get(page).context["plan"].digest
    )
    assert done.url == reverse("assignments", args=[world.campaign.pk])

"""``manage.py import_table`` prints what an import would do, and writes only with ``--apply``."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from creation.models import AuditEntry, ImportUpload, Indicator
from tests.support import workbook_files as make
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

ROWS = [
    ("三级指标", "印证资料要求", "牵头单位", "责任单位", "颜色"),
    ("4-3-3 每年组织案卷评查", "新的要求", "城管局", "清空", "红"),
    ("4-3-4 新的要点", "", "司法局", "城管局", ""),
]


def run(world: World, path: Path, *more: str, kind: str = "indicators") -> str:
    out = io.StringIO()
    call_command("import_table", kind, str(path), "--campaign", str(world.campaign.pk), *more, stdout=out)
    return out.getvalue()


def write(path: Path, rows: list[Any]) -> Path:
    path.write_bytes(make.book(rows))
    return path


def test_the_plan_is_data_and_nothing_is_written(world: World, tmp_path: Path) -> None:
    found = json.loads(run(world, write(tmp_path / "表.xlsx", ROWS), "--json"))
    assert [(each["row"], each["title"]) for each in found["created"]] == [(3, "4-3-4 新的要点")]
    assert [(each["sheet"], each["row"]) for each in found["changed"]] == [("Sheet", 2)]
    assert [(each["heading"], each["before"]) for each in found["cleared"]] == [("责任单位", "老街街道")]
    assert [(each["cell"], each["text"]) for each in found["left"]] == [("E2", "红")]
    assert [each["key"] for each in found["questions"]] == ["clear"]
    assert found["errors"] == []
    assert not Indicator.objects.filter(code="4-3-4").exists()
    assert not ImportUpload.objects.exists()


def test_it_writes_only_when_told_and_answered(world: World, tmp_path: Path) -> None:
    path = write(tmp_path / "表.xlsx", ROWS)
    with pytest.raises(CommandError, match="待答的问题"):
        run(world, path, "--apply")
    assert "清空 1、" in run(world, path)
    assert not Indicator.objects.filter(code="4-3-4").exists()
    said = run(world, path, "--apply", "--answer", "clear=1 个责任单位")
    assert "已导入：新增 1 个要点、修改 1 个要点" in said
    assert Indicator.objects.get(code="4-3-3", system=world.campaign.system).proof == "新的要求"
    assert AuditEntry.objects.filter(act="import.apply").count() == 1
    assert "新增 0、修改 0" in run(world, path, "--apply")


def test_errors_name_sheet_and_cell(world: World, tmp_path: Path) -> None:
    path = write(tmp_path / "表.xlsx", [ROWS[0], ("4-3-3", "", "城管局", "火星某某", "")])
    assert [(each["sheet"], each["cell"]) for each in json.loads(run(world, path, "--json"))["errors"]] == [
        ("Sheet", "D2")
    ]
    assert "有误 Sheet!D2 责任单位" in run(world, path)


def test_what_cannot_be_is_said(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="没有文件"):
        run(world, tmp_path / "无.xlsx")
    with pytest.raises(CommandError, match="没有找到"):
        run(world, write(tmp_path / "表.xlsx", [("甲", "乙")]))
    with pytest.raises(CommandError, match="--as"):
        run(world, write(tmp_path / "表.xlsx", ROWS), kind="readings")
    with pytest.raises(CommandError, match="没有登录名"):
        run(world, tmp_path / "表.xlsx", "--as", "nicht-da", kind="readings")
    readings = write(tmp_path / "表.xlsx", [("编号", "测量项", "数量"), ("4-3-3", "行政执法案卷评查", 2)])
    assert "读数：（空） 改为 数量 2" in run(world, readings, "--as", "liaison", kind="readings")

"""The ledger: one row for each task, ready to print, text stays text, a constant number of queries."""

import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from creation.models import Progress, Task, Unit
from creation.tasks import workflow
from reports import page_layout, sheet_styles
from reports.ledger import COLUMNS
from reports.printed_tables import NUMBER_WIDTH
from tests.support import job_files
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
ANSWER = {"mode": "upload", "measures": "组织案卷评查两次", "results": "评查案卷 60 份", "highlights": ""}


def submit_task(world: World, name: str = "lead", **answer: str) -> None:
    world.cite(name)
    task = world.task(name)
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, ANSWER | answer)


def download(world: World, who: str = "coordinator", **chosen: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        content, _ = job_files.download_result(world.client(who), f"/c/{world.campaign.pk}/ledger/export/", chosen)
    return load_workbook(BytesIO(content))


def printed(book: Any) -> list[dict[str, Any]]:
    """Return the rows of 总台账 as heading → value."""
    rows = list(book["总台账"].iter_rows(min_row=4, values_only=True))
    headings = [str(each).replace("\n", "") for each in rows[0]]
    return [dict(zip(headings, row, strict=True)) for row in rows[1:-1]]


def test_the_ledger_has_one_row_a_task_with_what_was_answered(world: World) -> None:
    submit_task(world)
    Progress.objects.create(
        task=world.tasks["lead"],
        day=NOW.date(),
        text="已评查一半",
        problem="人手不足",
        created_by=world.people["liaison"],
        created_at=NOW,
    )
    row = next(row for row in printed(download(world)) if row["责任单位"] == "城管局（牵头）")
    assert row["工作措施"] == "组织案卷评查两次"
    assert row["完成情况"] == "评查案卷 60 份"
    assert row["进展情况"] == "已评查一半"
    assert row["存在问题"] == "人手不足"
    assert row["提供方式"] == "上传"
    assert row["审核结果"] == "待审核"
    assert row["印证资料（编号、名称、份数）"] == "4-3-3-01 评查通报\n共 1 份"
    assert row["完成时限"] == "2026-08-10"
    assert row["目标值"] == "行政执法案卷评查≥ 1次"


def test_leads_come_first_and_every_task_is_there(world: World) -> None:
    rows = printed(download(world))
    assert len(rows) == Task.objects.filter(campaign=world.campaign).count()
    units = [row["责任单位"] for row in rows if row["责任单位"]]
    assert units.index("城管局（牵头）") < units.index("老街街道")


def test_a_unit_gets_its_own_rows_only(world: World) -> None:
    book = download(world, "rival")
    assert {row["责任单位"] for row in printed(book)} <= {"老街街道", "老街街道（牵头）"}
    assert "城管局" not in {
        cell for row in book["数据"].iter_rows(values_only=True, min_col=8, max_col=8) for cell in row
    }


def test_the_filter_of_the_task_list_narrows_the_ledger(world: World) -> None:
    unit = world.units["老街街道"]
    rows = printed(download(world, unit=unit.pk, section="1"))
    assert [row["责任单位"] for row in rows] == ["老街街道（牵头）"]


def test_text_that_looks_like_a_formula_stays_text(world: World) -> None:
    submit_task(world, measures="=HYPERLINK(1)", results="+1\x07 完成")
    sheet = download(world)["总台账"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value in ("=HYPERLINK(1)", "+1 完成")]
    assert len(cells) == 2
    assert all(cell.data_type != "f" and cell.quotePrefix for cell in cells)


def test_the_sheet_is_set_up_for_paper(world: World) -> None:
    sheet = download(world)["总台账"]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (str(sheet_styles.A3), "landscape") or (
        int(sheet.page_setup.paperSize),
        sheet.page_setup.orientation,
    ) == (sheet_styles.A3, "landscape")
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.freeze_panes == "A5"
    assert "第 &P 页 共 &N 页" in str(sheet.oddFooter.center.text)
    assert sheet["A1"].value == "附件2"
    assert str(sheet["A3"].value).startswith("填报单位（盖章）：")
    assert sheet_styles.BODY_SIZE * sheet_styles.SCALE / 100 >= 8
    assert NUMBER_WIDTH + sum(column.pixels for column in COLUMNS) <= sheet_styles.printable_width()


def test_a_long_text_continues_in_the_next_row(world: World) -> None:
    text = "开展专项执法检查，整改问题到位。" * 120
    submit_task(world, results=text)
    rows = printed(download(world))
    assert "".join(row["完成情况"] or "" for row in rows) == text
    heights = [dimension.height for dimension in download(world)["总台账"].row_dimensions.values() if dimension.height]
    assert max(heights) <= page_layout.ROW_LIMIT


def test_sheets_agree_and_the_data_sheet_is_unmerged(world: World) -> None:
    submit_task(world)
    book = download(world)
    assert not book["数据"].merged_cells.ranges
    assert book["数据"].max_row - 1 == len(printed(book))
    assert (book["数据"].page_setup.fitToWidth, book["数据"].print_title_rows) == (1, "$1:$1")
    total = [row for row in book["汇总"].iter_rows(values_only=True) if row[0] == "合计"]
    assert {row[1] for row in total} == {4}
    assert {row[3] for row in total} == {1}


def many_tasks(world: World, count: int) -> None:
    for number in range(count):
        unit = Unit.objects.create(
            district=world.district, name=f"单位{number}", short_name=f"单位{number}", order=100 + number
        )
        Task.objects.create(
            campaign=world.campaign,
            unit=unit,
            indicator=world.indicators["1-1-1"],
            phase=world.phases["evidence"],
            due_on=NOW.date() + timedelta(days=3),
        )


def test_more_rows_cost_no_more_queries(world: World) -> None:
    client = world.client("coordinator")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            job_files.download_result(client, f"/c/{world.campaign.pk}/ledger/export/", {})
        # How often progress is reported depends on time.
        return sum("creation_job" not in each["sql"] for each in captured)

    queries()
    few = queries()
    many_tasks(world, 200)
    assert queries() == few


def test_the_command_writes_the_file_and_says_what_it_cannot(world: World, tmp_path: Path) -> None:
    output = tmp_path / "ledger.xlsx"
    call_command("ledger", campaign=str(world.campaign.pk), output=output, section="4")
    assert zipfile.is_zipfile(output)
    assert len(printed(load_workbook(output))) == 2
    with pytest.raises(CommandError, match="没有名为“无此单位”的单位"):
        call_command("ledger", campaign=str(world.campaign.pk), output=output, unit="无此单位")
    with pytest.raises(CommandError, match="没有唯一的活动"):
        call_command("ledger", campaign="1999", output=output)
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.xlsx"]


def test_another_campaigns_ledger_does_not_exist_and_some_roles_get_none(world: World) -> None:
    assert world.client("coordinator").get(f"/c/{world.elsewhere.pk}/ledger/").status_code == 404
    assert world.client("administrator").get(f"/c/{world.campaign.pk}/ledger/").status_code == 404
    assert world.client("coordinator").get(f"/c/{world.campaign.pk}/ledger/").status_code == 200


def test_pages_end_where_the_paper_ends() -> None:
    rows = [page_layout.LayoutRow(100.0, ("一", f"{n // 5}"), (300.0, 250.0)) for n in range(40)]
    heights: list[float] = []
    for row in page_layout.paginate(rows, 500, 600):
        if row.starts_page:
            assert sum(heights) <= (600 if len(heights) > 0 else 500)
            heights = []
            assert all(row.begins_level)
        heights.append(row.height)
    assert sum(heights) <= 600


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [("", 10, 1), ("一二三四五", 10, 1), ("一二三四五六", 10, 2), ("a" * 25, 10, 3), ("甲\n乙", 10, 2)],
)
def test_lines_are_counted_as_they_wrap(text: str, room: int, expected: int) -> None:
    assert page_layout.count_lines(text, room) == expected

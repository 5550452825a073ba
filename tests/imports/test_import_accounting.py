"""Whatever form a table has, every filled cell is stored, wrong, or listed as left: merged cells, hidden rows, B岗, posts before names,
vertical forms.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan
from creation.imports.worksheet import Sheet
from creation.models import ImportUpload
from tests.support import import_accounts
from tests.support.import_accounts import EMPTY, Cell
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

FORMS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def answered(world: World, kind: str, sheet: Sheet, **answers: str) -> ImportPlan:
    def plan(given: dict[str, str]) -> ImportPlan:
        upload = ImportUpload(campaign=world.campaign, kind=kind, name="表.xlsx", content=b"", created_at=NOW)
        upload.answers = given
        return import_uploads.plan_of_sheets(upload, [sheet], world.actor("coordinator"))

    return import_accounts.answered(plan, answers)


def known(rows: list[list[Cell]], first: int) -> dict[tuple[int, int], Cell]:
    return {(first + at, column): cell for at, row in enumerate(rows) for column, cell in enumerate(row, 1)}


# 附件3 as a table: A岗 and B岗, posts before and behind names, units merged over rows, hidden rows

UNIT = st.sampled_from([Cell("司法局", "司法局"), Cell("政府办", "政府办"), Cell("火星某某", "火星某某")])
NAME = st.sampled_from([
    Cell("孙磊", "孙磊"), Cell("股长 孙磊", ("股长", "孙磊")), Cell("孙磊 股长", ("股长", "孙磊")), Cell("孙磊（股长）", ("股长", "孙磊")),
    Cell("办公室主任：孙磊", ("办公室主任", "孙磊")), Cell("孙磊、周涛", ("孙磊", "周涛")), Cell("A岗：孙磊", "孙磊"),
    Cell("孙 磊\n周 涛", ("孙磊", "周涛")), Cell("孙磊股长", None, False),
])  # fmt: skip
SECOND = st.sampled_from(
    [EMPTY, Cell("秦壬戌", "秦壬戌"), Cell("科员 秦壬戌", ("科员", "秦壬戌")), Cell("秦7", None, False), Cell("—")]
)
POST = st.sampled_from([EMPTY, Cell("科员", "科员"), Cell("科员、主任", ("科员", "主任"))])
PHONE = st.sampled_from(
    [
        EMPTY,
        Cell("13803950002", "13803950002"),
        Cell("13803950002、13803950003", ("13803950002", "13803950003")),
        Cell("0395-5551234", "0395-5551234"),
    ]
)
LEADER = st.sampled_from([EMPTY, Cell("王建国", "王建国"), Cell("副局长 王建国", ("副局长", "王建国"))])
COLOUR = st.sampled_from([EMPTY, Cell("豫L12345")])
LIAISON_HEAD = ["单位", "联络员", "B岗", "职务", "手机", "分管领导", "车牌"]
LIAISON_ROW = st.tuples(UNIT, NAME, SECOND, POST, PHONE, LEADER, COLOUR).map(list)


@FORMS
@given(
    row=LIAISON_ROW,
    merged_name=st.sampled_from([EMPTY, Cell("贾宝", "贾宝")]),
    hidden=st.sampled_from(["", "read", "skip"]),
)
def test_every_cell_of_a_table_of_people(world: World, row: list[Cell], merged_name: Cell, hidden: str) -> None:
    """The unit is merged over a second row, which may be hidden."""
    rows = [row, [EMPTY, merged_name, *[EMPTY] * 5]]
    grid = [LIAISON_HEAD, *([cell.shown for cell in each] for each in rows)]
    sheet = import_accounts.sheet_of(grid, [(2, 1, 3, 1)], [3] if hidden else [])
    found = answered(world, "liaisons", sheet, **({"hidden": hidden} if hidden else {}))
    assert import_accounts.unaccounted(found, sheet, known(rows, 2)) == []


@FORMS
@given(row=LIAISON_ROW, in_pairs=st.booleans(), title=st.booleans(), order=st.permutations(range(7)))
def test_every_cell_of_a_vertical_form(
    world: World, row: list[Cell], in_pairs: bool, title: bool, order: list[int]
) -> None:
    """A heading and its value below each other, or two pairs in a row."""
    pairs = [(LIAISON_HEAD[number], row[number]) for number in order]
    step = 2 if in_pairs else 1
    grid: list[list[Any]] = [["附件3 联络员信息表"]] if title else []
    cells: dict[tuple[int, int], Cell] = {}
    for first in range(0, len(pairs), step):
        line: list[Any] = []
        for heading, cell in pairs[first : first + step]:
            line += [heading, cell.shown]
            cells[len(grid) + 1, len(line)] = cell
        grid.append(line)
    sheet = import_accounts.sheet_of(grid)
    found = answered(world, "liaisons", sheet)
    assert import_accounts.unaccounted(found, sheet, cells) == []


# 附件1: texts and units merged over checkpoints, hidden rows

POINTS = [Cell("4-3-3 每年组织案卷评查", "4-3-3"), Cell("1-1-1 行政审批事项清单公布", "1-1-1")]
PROOF = st.sampled_from([EMPTY, Cell("新的要求", "新的要求"), Cell("#REF!", None, False)])
UNITS = st.sampled_from([
    EMPTY, Cell("司法局", "司法局"), Cell("司法局、政府办", ("司法局", "政府办")), Cell("火星某某", None, False),
])  # fmt: skip
DUE = st.sampled_from([EMPTY, Cell("三季度末", "2026-09-30"), Cell("长期坚持"), Cell("9月底前", "2026-09-30")])
POINT_HEAD = ["三级指标", "印证资料", "责任单位", "完成时限", "颜色"]


@FORMS
@given(
    first=st.tuples(st.just(POINTS[0]), PROOF, UNITS, DUE, COLOUR).map(list),
    second=st.tuples(st.just(POINTS[1]), PROOF, UNITS, DUE, COLOUR).map(list),
    merged=st.sets(st.sampled_from([2, 3, 4])),
    hidden=st.sampled_from(["", "read", "skip"]),
)
def test_every_cell_of_a_table_of_checkpoints(
    world: World, first: list[Cell], second: list[Cell], merged: set[int], hidden: str
) -> None:
    second = [EMPTY if column in merged else cell for column, cell in enumerate(second, 1)]
    rows = [first, second]
    grid = [POINT_HEAD, *([cell.shown for cell in each] for each in rows)]
    sheet = import_accounts.sheet_of(grid, [(2, column, 3, column) for column in merged], [3] if hidden else [])
    found = answered(world, "indicators", sheet, **({"hidden": hidden} if hidden else {}))
    assert import_accounts.unaccounted(found, sheet, known(rows, 2)) == []


@FORMS
@given(left=LIAISON_ROW, right=LIAISON_ROW)
def test_every_cell_of_two_halves_side_by_side(world: World, left: list[Cell], right: list[Cell]) -> None:
    sheet = import_accounts.sheet_of([LIAISON_HEAD * 2, [cell.shown for cell in (*left, *right)]])
    found = answered(world, "liaisons", sheet)
    assert import_accounts.unaccounted(found, sheet, known([[*left, *right]], 2)) == []


@FORMS
@given(row=LIAISON_ROW, below=st.booleans(), stamp=st.sampled_from(["", "（盖章）"]))
def test_every_cell_of_a_table_with_its_unit_beside_it(world: World, row: list[Cell], below: bool, stamp: str) -> None:
    line = [f"填报单位：司法局{stamp}"]
    grid = [LIAISON_HEAD[1:], [cell.shown for cell in row[1:]]]
    sheet = import_accounts.sheet_of([*grid, line] if below else [line, *grid])
    found = answered(world, "liaisons", sheet)
    cells = known([row[1:]], 2 if below else 3) | {(3 if below else 1, 1): Cell(line[0], "司法局", is_key=True)}
    assert import_accounts.unaccounted(found, sheet, cells) == []

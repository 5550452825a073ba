"""Any table in the less usual forms: what would be stored is what an independent reading of its cells gives, and no cell is left unsaid.

Marks under the names of units, several columns of units, people told apart by a word, a column for each quarter, Word files and web pages.
"""

import html
import io
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation.imports import document_reader, import_uploads
from creation.imports.import_plan import ImportPlan
from creation.imports.worksheet import Sheet
from creation.models import ImportUpload, Measure
from tests.support import import_accounts
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

FORMS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
POINTS = ("4-3-3 每年组织案卷评查", "1-1-1 行政审批事项清单公布")
UNITS = ("司法局", "城管局", "老街街道", "政府办")


def planned(world: World, kind: str, sheet: Sheet, **answers: str) -> ImportPlan:
    upload = ImportUpload(campaign=world.campaign, kind=kind, name="表.xlsx", content=b"", created_at=NOW)
    upload.answers = answers
    return import_uploads.plan_of_sheets(upload, [sheet], world.actor("coordinator"))


def parts(world: World, found: ImportPlan) -> dict[str, dict[str, str]]:
    """Return code → unit → part of the lines that say something about parts."""
    short = {unit.pk: unit.short_name for unit in world.units.values()}
    return {
        line.data["code"]: {short[unit]: role for unit, role in line.data["parts"].items()}
        for line in found.lines
        if "parts" in line.data
    }


def unsaid(found: ImportPlan) -> list[tuple[int, int]]:
    """Return the cells that the import did not use without saying why."""
    return [(cell.row, cell.column) for cell in found.left if not cell.reason]


MARKS = st.sampled_from(["★", "○", "", " ", "×", "—"])


@FORMS
@given(
    marks=st.lists(st.tuples(*[MARKS] * 4), min_size=2, max_size=2).filter(
        lambda rows: any({"★", "○"} & {*row} for row in rows)
    ),
    with_group=st.booleans(),
    below=st.booleans(),
    order=st.permutations(UNITS),
)
def test_marks_are_read_as_their_legend_says(
    world: World, marks: list[tuple[str, ...]], with_group: bool, below: bool, order: list[str]
) -> None:
    legend = ["注：★为牵头单位，○为配合单位"]
    head = [["序号", "三级指标", "责任单位", None, None, None]] if with_group else []
    head.append([None if with_group else "序号", None if with_group else "三级指标", *order])
    rows = [[str(number), point, *row] for number, (point, row) in enumerate(zip(POINTS, marks, strict=True), 1)]
    grid = [*([] if below else [legend]), *head, *rows, *([legend] if below else [])]
    first = 1 if below else 2
    merges = [(first, 1, first + 1, 1), (first, 2, first + 1, 2), (first, 3, first, 6)] if with_group else []
    found = planned(world, "indicators", import_accounts.sheet_of(grid, merges))
    given_parts = parts(world, found)
    for point, row in zip(POINTS, marks, strict=True):
        code = point.split(" ")[0]
        leads = [unit for unit, mark in zip(order, row, strict=True) if mark == "★"]
        assists = {unit for unit, mark in zip(order, row, strict=True) if mark == "○"}
        if found.questions or found.errors or not (leads or assists):
            continue
        told = given_parts[code]
        assert not leads or {unit for unit, role in told.items() if role == "lead"} == {leads[0]}
        assert not assists or {unit for unit, role in told.items() if role == "assist"} == assists - {*_leads(told)}
    if any(row.count("★") > 1 for row in marks):
        assert "several_leads" in [question.key for question in found.questions]
    assert unsaid(found) == []


def _leads(told: dict[str, str]) -> list[str]:
    return [unit for unit, role in told.items() if role == "lead"]


@FORMS
@given(
    cells=st.lists(
        st.sampled_from([None, "司法局", "政府办", "老街街道", "火星某某", "#REF!"]), min_size=3, max_size=3
    ),
    heads=st.sampled_from([("责任单位1", "责任单位2", "责任单位3"), ("配合单位", None, None), ("责任单位",) * 3]),
)
def test_units_in_several_columns_are_read_together(
    world: World, cells: list[str | None], heads: tuple[str | None, ...]
) -> None:
    grid = [["三级指标", "牵头单位", *heads], [POINTS[0], "城管局", *cells]]
    merges = [(1, 3, 1, 5)] if heads[1] is None else []
    found = planned(world, "indicators", import_accounts.sheet_of(grid, merges))
    named = {cell for cell in cells if cell}
    if named - {*UNITS}:
        assert found.errors
        assert not found.is_ready
    elif named:
        assert parts(world, found)["4-3-3"] == {"城管局": "lead", **dict.fromkeys(named, "assist")}
    assert unsaid(found) == []


KINDS = {"联络员": "liaison", "分管领导": "leader", "具体联络员": "liaison", "主管领导": "leader"}


@FORMS
@given(
    words=st.lists(st.sampled_from([*KINDS, "经办人"]), min_size=2, max_size=2, unique=True),
    where=st.sampled_from(["备注", "类别", "职务", "brackets"]),
)
def test_people_are_what_a_word_beside_them_says(world: World, words: list[str], where: str) -> None:
    people = ("王建国", "孙晓磊")
    if where == "brackets":
        grid: list[list[Any]] = [
            ["单位", "姓名"],
            *(["司法局", f"{name}（{word}）"] for name, word in zip(people, words, strict=True)),
        ]
    else:
        grid = [["单位", "姓名", where], *(["司法局", name, word] for name, word in zip(people, words, strict=True))]
    found = planned(world, "liaisons", import_accounts.sheet_of(grid))
    leaders = {line.data["leader"] for line in found.lines if "leader" in line.data}
    liaisons = {line.data["name"] for line in found.lines if "name" in line.data}
    said = dict(zip(people, words, strict=True))
    assert leaders == {name for name, word in said.items() if KINDS.get(word) == "leader"} or found.errors
    assert not liaisons & {name for name, word in said.items() if KINDS.get(word) == "leader"}


@FORMS
@given(
    cells=st.lists(st.sampled_from([None, 1, 2, "3次", "—", "多次", "#REF!"]), min_size=4, max_size=4),
    title=st.booleans(),
)
def test_figures_in_columns_of_quarters_are_those_of_the_quarters(world: World, cells: list[Any], title: bool) -> None:
    Measure.objects.update(period="quarter")
    head = ["编号", "单位", "测量项", "一季度", "第二季度", "3季度", "2026年四季度"]
    grid = [*([["法治数据"]] if title else []), head, ["4-3-3", "城管局", "行政执法案卷评查", *cells]]
    found = planned(world, "readings", import_accounts.sheet_of(grid))
    wanted = {f"2026Q{number}": {"3次": 3}.get(cell, cell) for number, cell in enumerate(cells, 1)}
    wrong = [cell for cell in cells if cell in ("多次", "#REF!")]
    read = {line.data["slot"].period: line.data["figures"].count for line in found.lines if line.data}
    assert read == {period: cell for period, cell in wanted.items() if isinstance(cell, int)}
    assert len(found.errors) == len(wrong)
    assert sum(cell.text == "—" for cell in found.left) == cells.count("—")


# Files: the same grid as a Word document and as a web page

TEXTS = st.sampled_from(["", "甲", "甲 乙", "甲\n乙", "司法局", "4-3-3 评查", "①②", "<b>&", "（一）", "95%"])
GRIDS = st.tuples(st.integers(2, 4), st.integers(2, 4)).flatmap(
    lambda size: st.tuples(
        st.lists(st.lists(TEXTS, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]),
        st.tuples(*(st.integers(1, limit) for limit in (*size, *size))),
    )
)


@FORMS
@given(table=GRIDS, beside=st.sampled_from(["", "填报单位：司法局", "2026年7月"]))
def test_a_document_and_a_page_are_read_as_their_grid(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[list[str]], tuple[int, ...]], beside: str
) -> None:
    grid, (top, left, bottom, right) = table
    top, bottom, left, right = min(top, bottom), max(top, bottom), min(left, right), max(left, right)
    covered = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)} - {(top, left)}
    folder = tmp_path_factory.mktemp("grids")
    for name, content in (
        ("表.docx", _document(grid, (top, left, bottom, right), beside)),
        ("表.html", _page(grid, (top, left, bottom, right), covered, beside)),
    ):
        path = Path(folder / name)
        path.write_bytes(content)
        [data] = document_reader.read(str(path), 100, 60)["sheets"]
        sheet = Sheet.of(data)
        for row, texts in enumerate(grid, 1):
            for column, text in enumerate(texts, 1):
                shown = grid[top - 1][left - 1] if (row, column) in covered else text
                assert (sheet.displayed(row, column) or "") == shown.strip(), (name, row, column)
        below = [sheet.at(row, 1) for row in range(len(grid) + 1, sheet.height + 1)]
        assert below == ([beside] if "单位" in beside else [])


def _document(grid: list[list[str]], merge: tuple[int, ...], beside: str) -> bytes:
    made, out = Document(), io.BytesIO()
    made.add_paragraph(beside)
    table = made.add_table(len(grid), len(grid[0]))
    top, left, bottom, right = merge
    for row, texts in enumerate(grid, 1):
        for column, text in enumerate(texts, 1):
            if not (top <= row <= bottom and left <= column <= right) or (row, column) == (top, left):
                table.cell(row - 1, column - 1).text = text
    table.cell(top - 1, left - 1).merge(table.cell(bottom - 1, right - 1))
    made.save(out)
    return out.getvalue()


def _page(grid: list[list[str]], merge: tuple[int, ...], covered: set[tuple[int, int]], beside: str) -> bytes:
    top, left, bottom, right = merge
    rows = []
    for row, texts in enumerate(grid, 1):
        cells = []
        for column, text in enumerate(texts, 1):
            if (row, column) not in covered:
                span = (
                    f' rowspan="{bottom - top + 1}" colspan="{right - left + 1}"'
                    if (row, column) == (top, left)
                    else ""
                )
                cells.append(f"<td{span}>{html.escape(text).replace(chr(10), '<br>')}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<html><meta charset=utf-8><p>{beside}</p><table>{''.join(rows)}</table></html>".encode()

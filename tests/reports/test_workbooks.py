"""Workbooks follow the standard; values are read back unchanged, and text stays text."""

import re
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from creation.lib import strings
from creation.models import Campaign, Progress, Submission, Task, Unit
from creation.tasks import workflow
from reports import annexes, printed_tables, scopes, sheet_styles, sheets
from reports.ledger import write_ledger
from reports.printed_tables import SheetHeader, TableColumn, TableLayout
from tests.support import workbook_validation
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
ODD = [
    '=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "＝1＋1", "＋1", "－1", "＠x", "\x07=1", "a\x0bb\x1fc", "<b>&amp;\"'",
    "_x000D_", "  前后有空格  ", "两行\n三行", "\ufffe", "长" * 33_000, "😀🀄", "]]>", "2026-07-31", "007", "1e5",
]  # fmt: skip


@pytest.fixture
def book(world: World, tmp_path: Path) -> Path:
    """Return a ledger with unusual texts in its fields and a unit whose name looks like a formula."""
    Unit.objects.filter(short_name="老街街道").update(leader="=1+1", name='=cmd|"/c calc"!A1')
    for number, text in enumerate(ODD):
        Progress.objects.create(
            task=world.tasks["lead"],
            day=date(2026, 7, 1 + number),
            text=text,
            problem=text,
            created_by=world.people["liaison"],
            created_at=NOW,
        )
    world.cite("lead", "＝评查通报")
    answer = {"mode": "upload", "measures": "=1+1", "results": "开展专项执法检查，" * 700, "highlights": ""}
    task = world.task("lead")
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer)
    campaign = Campaign.objects.get(pk=world.campaign.pk)
    part = scopes.scope_of(campaign, None, {"since": "2026-07-01"}, timezone.now())
    path = tmp_path / "ledger.xlsx"
    write_ledger(scopes.ledger_request_of(campaign, part, None, NOW), path)
    return path


def test_the_workbooks_follow_the_standard(world: World, book: Path, tmp_path: Path) -> None:
    annexes.assignments(world.campaign, NOW).write(tmp_path / "annex1.xlsx")
    annexes.liaison_list(world.campaign, NOW, in_full=True).write(tmp_path / "annex3.xlsx")
    for path in (book, tmp_path / "annex1.xlsx", tmp_path / "annex3.xlsx"):
        assert workbook_validation.faults(path) == []
    assert load_workbook(book).sheetnames == [
        "汇总", "本期变化", "总台账", "分单位", "印证资料目录", "问题整改", "联络员", "数据",
    ]  # fmt: skip


SHEET = "xl/worksheets/sheet3.xml"
PLANTED = {
    "a formula": (SHEET, "</is></c>", "</is><f>1+1</f></c>"),
    "a control character": (SHEET, "评查", "评\x01查"),
    "a merge over another": (SHEET, "</mergeCells>", '<mergeCell ref="A1:C2"/></mergeCells>'),
    "a style that is not there": (SHEET, ' s="1"', ' s="9999"'),
    "parts in another order": (SHEET, "<printOptions", '<rowBreaks count="0"/><printOptions'),
    "a row too high": (SHEET, '<row r="5" ht="', '<row r="5" ht="5'),
    "a row twice": (SHEET, '<row r="6"', '<row r="5"'),
    "a cell of another row": (SHEET, '<c r="B6"', '<c r="B7"'),
    "a text too long": (SHEET, "评查案卷", "长" * 40_000),
    "text for a number": (SHEET, "<v>1</v>", "<v>一</v>"),
    "an open element": (SHEET, "</sheetData>", "<sheetData>"),
    "a part that is gone": ("[Content_Types].xml", "sheet3.xml", "sheet99.xml"),
    "a target that is gone": ("xl/_rels/workbook.xml.rels", "sheet3.xml", "sheet99.xml"),
    "a sheet's name twice": ("xl/workbook.xml", 'name="总台账"', 'name="汇总"'),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_checker_finds_what_is_planted(plain_book: Path, tmp_path: Path, name: str) -> None:
    part, old, new = PLANTED[name]
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(plain_book) as source, zipfile.ZipFile(broken, "w") as target:
        for each in source.namelist():
            text = source.read(each).decode()
            if each == part:
                assert old in text, f"{old} is not in {part}"
                text = text.replace(old, new, 1)
            target.writestr(each, text)
    assert workbook_validation.faults(broken) != []


@pytest.fixture
def plain_book(tmp_path: Path) -> Path:
    book = sheet_styles.new_workbook()
    for name in ("汇总", "总台账"):
        book.create_sheet(name)
    columns = (
        TableColumn("级", 60, lambda row: row // 4, level=0),
        TableColumn("文", 60, lambda row: "评查案卷"),
        TableColumn("数", 60, lambda row: 1),
    )
    form = TableLayout(columns, levels=lambda row: (row // 4,))
    body = printed_tables.print_table(book["总台账"], form, SheetHeader("台账"), range(12))
    path = tmp_path / "plain.xlsx"
    sheets.save(book, {"总台账": body}, path)
    assert workbook_validation.faults(path) == []
    return path


def test_a_damaged_package_is_reported(plain_book: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(plain_book.read_bytes()[:-200])
    assert workbook_validation.faults(cut)
    shutil.copy(plain_book, cut)
    content = bytearray(cut.read_bytes())
    content[len(content) // 3] ^= 0xFF
    cut.write_bytes(content)
    assert workbook_validation.faults(cut)


def test_odd_texts_are_text_in_every_sheet(book: Path) -> None:
    """There are no formulas, and cells that look like one are marked as text for those who edit them."""
    seen = []
    for sheet in load_workbook(book):
        for cell in (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)):
            assert cell.data_type == "s", (sheet.title, cell.coordinate)
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", cell.value)
            assert len(cell.value) <= 32_767
            if strings.is_formula_like(cell.value):
                assert cell.quotePrefix, (sheet.title, cell.coordinate, cell.value[:20])
                seen.append(sheet.title)
    assert {"总台账", "分单位", "数据", "联络员"} <= set(seen)


@pytest.mark.needs_libreoffice
def test_libreoffice_reads_every_cell_as_it_was_written(book: Path, tmp_path: Path) -> None:
    ours, theirs = load_workbook(book), workbook_validation.as_libreoffice_reads(book, tmp_path)
    assert theirs.sheetnames == ours.sheetnames
    for sheet in ours:
        again = theirs[sheet.title]
        assert set(map(str, again.merged_cells.ranges)) == set(map(str, sheet.merged_cells.ranges))
        different = [
            (sheet.title, cell.coordinate, plain(cell.value), plain(again[cell.coordinate].value))
            for row in sheet.iter_rows()
            for cell in row
            if plain(cell.value) != plain(again[cell.coordinate].value)
        ]
        assert different == []
    assert len(theirs["汇总"]._charts) == 3


def plain(value: Any) -> Any:
    """Normalize values: empty is None; line ends, dates, and underscores that are not escapes as both write them."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("_x005F_", "_") or None
    return value.date() if isinstance(value, datetime) else value


def test_what_no_file_can_hold_is_left_out() -> None:
    assert sheets.clean("a\x00b\ud800c\uffff") == "abc"


def test_a_text_that_no_cell_can_hold_says_how_much_is_left_out() -> None:
    cut = sheets.clean("长" * 40_000)
    assert len(cut) == 32_767
    assert f"后面还有 {40_000 - cut.count('长')} 字没有写入，全文请在平台上看" in cut
    assert sheets.clean("长" * 32_767) == "长" * 32_767


def test_a_line_that_ends_oddly_does_not_join_words() -> None:
    assert sheets.clean("甲\x0b乙\x0c丙\u2028丁") == "甲\n乙\n丙\n丁"


def test_a_header_that_looks_like_a_character_code_keeps_its_letters(tmp_path: Path) -> None:
    book = sheet_styles.new_workbook()
    sheet_styles.write_cell(book.active, 1, 1, "编号_x000D_", sheet_styles.HEAD)
    book.save(tmp_path / "header.xlsx")
    assert load_workbook(tmp_path / "header.xlsx").active["A1"].value == "编号_x005F_x000D_"


def test_a_submission_is_never_changed_by_looking_back(world: World, book: Path) -> None:
    before = list(Submission.objects.values()), list(Task.objects.values())
    part = scopes.scope_of(world.campaign, None, {"as_of": "2026-07-20"}, timezone.now())
    write_ledger(scopes.ledger_request_of(world.campaign, part, None, NOW), book)
    assert (list(Submission.objects.values()), list(Task.objects.values())) == before

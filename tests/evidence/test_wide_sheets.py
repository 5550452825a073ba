"""Wide sheets are fitted to the width of a page, their heading on each; what an author set up stays."""

import io
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference

from creation.evidence.previews import fit_sheets, sandboxed_programs


def book(columns: int, rows: int = 120, *, fits: bool = False, title: str = "台账") -> bytes:
    workbook, out = Workbook(), io.BytesIO()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    sheet.append(["2026年工作台账"])
    sheet.append([f"表头{number}" for number in range(columns)])
    for row in range(rows):
        sheet.append([f"第{row}行{number}列" for number in range(columns)])
    if fits:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    workbook.save(out)
    return out.getvalue()


def fitted(content: bytes, tmp_path: Path) -> dict[str, bytes]:
    (tmp_path / "a.xlsx").write_bytes(content)
    fit_sheets.main(str(tmp_path / "a.xlsx"), str(tmp_path / "b.xlsx"))
    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


SHEET = "xl/worksheets/sheet1.xml"


def test_a_wide_sheet_is_fitted_and_its_heading_repeated(tmp_path: Path) -> None:
    parts = fitted(book(25, title="一 '季度'"), tmp_path)
    assert b'fitToPage="1"' in parts[SHEET]
    assert parts[SHEET].count(b"<pageSetup ") == 1
    assert b'paperSize="66" orientation="landscape" fitToWidth="1" fitToHeight="0"' in parts[SHEET]
    assert parts[SHEET].count(b"<pageMargins ") == 1
    assert ">'一 ''季度'''!$1:$2<".encode() in parts["xl/workbook.xml"]


def test_a_sheet_that_no_paper_holds_is_divided_and_its_first_columns_repeated(tmp_path: Path) -> None:
    parts = fitted(book(100, 5), tmp_path)
    assert b'paperSize="66" orientation="landscape" fitToWidth="3"' in parts[SHEET]
    assert ">'台账'!$A:$B,'台账'!$1:$2<".encode() in parts["xl/workbook.xml"]


@pytest.mark.parametrize(
    ("width", "paper"),
    [(91, (9, 1)), (151, (8, 1)), (221, (66, 1)), (400, (66, 1)), (401, (66, 2)), (9999, (66, 8))],
)
def test_the_wider_the_sheet_the_larger_the_paper(width: int, paper: tuple[int, int]) -> None:
    assert fit_sheets.paper_for(width) == paper


@pytest.mark.parametrize(("place", "is_fitted"), [("A8", False), ("H8", True), ("ZZ8", False)])
def test_a_chart_that_would_be_cut_at_the_edge_of_the_page_makes_its_sheet_wide(
    tmp_path: Path, place: str, is_fitted: bool
) -> None:
    workbook, out = load_workbook(io.BytesIO(book(3, 5))), io.BytesIO()
    sheet = workbook["台账"]
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=6))
    sheet.add_chart(chart, place)
    workbook.save(out)
    assert (b'fitToPage="1"' in fitted(out.getvalue(), tmp_path)[SHEET]) is is_fitted


def test_a_long_narrow_sheet_only_gets_its_heading_repeated(tmp_path: Path) -> None:
    content = book(5)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        before = archive.read(SHEET)
    parts = fitted(content, tmp_path)
    assert parts[SHEET] == before
    assert ">'台账'!$1:$2<".encode() in parts["xl/workbook.xml"]


def test_short_sheets_and_those_set_up_to_fit_stay(tmp_path: Path) -> None:
    for content in (book(5, 20), book(25, fits=True)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            before = archive.read(SHEET)
        parts = fitted(content, tmp_path)
        assert parts[SHEET] == before
        assert b"Print_Titles" not in parts["xl/workbook.xml"]


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("extension", ["xlsx", "xls"])
def test_a_wide_sheet_is_drawn_on_pages_of_its_width(tmp_path: Path, extension: str) -> None:
    source = tmp_path / "source-file"
    source.write_bytes(book(25))
    if extension == "xls":
        folder = tmp_path / "old"
        folder.mkdir()
        (folder / "a.xlsx").write_bytes(source.read_bytes())
        source = sandboxed_programs.converted(folder / "a.xlsx", "xls", folder)
    work = tmp_path / "work"
    work.mkdir()
    pdf = sandboxed_programs.to_pdf(source, extension, work)
    document = pypdfium2.PdfDocument(pdf)
    try:
        texts = []
        for page in document:
            assert page.get_width() > page.get_height()
            texts.append(page.get_textpage().get_text_bounded())
        assert all("表头0" in text and "表头24" in text for text in texts)
        assert len(texts) < 6
    finally:
        document.close()

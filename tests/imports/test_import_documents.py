"""Tables of Word documents and web pages are read as those of workbooks."""

import io
import quopri
from pathlib import Path
from typing import Any

import docx
import pytest

from creation.evidence.previews import sandboxed_programs
from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan
from creation.lib.refusals import Refusal
from creation.models import ImportUpload
from tests.support import import_steps, workbook_files
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("三级指标", "印证资料要求", "牵头单位", "责任单位")
ROWS = (
    ("4-3-3 每年组织案卷评查", "甲\n乙", "城管局", "老街街道"),
    ("1-1-1 行政审批事项清单公布", "丙", "老街街道", ""),
)
PAGE = """<html xmlns:x="urn:excel"><head><meta charset="{charset}"><title>表</title><style>td{{}}</style></head>
<body><p>附件1</p><table border=1><tr><th colspan="4">任务分解表</th></tr>
<tr><th>三级指标<th>印证资料<br>要求<th>牵头单位<th>责任单位</tr>
<tr><td>4-3-3&nbsp;每年组织案卷评查</td><td rowspan="2">甲<br/>乙</td><td> 城管局 </td><td>老街街道</td></tr>
<tr><td>1-1-1 行政审批事项清单公布</td><td>老街街道</td><td></td></tr></table></body></html>"""


def document(rows: Any = (HEAD, *ROWS), merge: tuple[tuple[int, int], tuple[int, int]] | None = None) -> bytes:
    made, out = docx.Document(), io.BytesIO()
    made.add_paragraph("附件1　任务分解表")
    table = made.add_table(len(rows), len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    if merge:
        table.cell(*merge[0]).merge(table.cell(*merge[1]))
    made.add_paragraph("注：以上为全部任务。")  # as Word has it, a table is never the last of a document
    made.save(out)
    return out.getvalue()


def plan(world: World, content: bytes, name: str, kind: str = "indicators", **answers: str) -> ImportPlan:
    upload = import_steps.receive(world, "coordinator", kind, content, name)
    upload.answers = answers
    return import_uploads.plan_of(upload, world.actor("coordinator"))


def stored(found: ImportPlan) -> dict[str, tuple[str, list[int]]]:
    return {
        line.data["code"]: (line.data["texts"].get("proof", ""), sorted(line.data["parts"])) for line in found.lines
    }


def test_a_table_of_a_word_document_is_read(world: World) -> None:
    found = plan(world, document(), "附件1.docx")
    units = {name: unit.pk for name, unit in world.units.items()}
    assert (found.errors, found.questions) == ([], [])
    assert stored(found) == {
        "4-3-3": ("甲\n乙", sorted([units["城管局"], units["老街街道"]])),
        "1-1-1": ("丙", [units["老街街道"]]),
    }


def test_merged_cells_of_a_word_document_are_read_through(world: World) -> None:
    rows = (HEAD, ROWS[0], (ROWS[1][0], "", *ROWS[1][2:]))
    assert {proof for proof, _ in stored(plan(world, document(rows, ((1, 1), (2, 1))), "表.docx")).values()} == {
        "甲\n乙"
    }
    across = plan(world, document((HEAD, (ROWS[0][0], "甲", "", ""), ROWS[1]), ((1, 1), (1, 2))), "表.docx")
    assert [error.cell_name for error in across.errors] == ["C2"]


def test_errors_of_a_document_are_named_by_cell_and_it_is_not_marked(world: World) -> None:
    content = document((HEAD, (ROWS[0][0], "甲", "城管局", "火星某某")))
    answer = import_steps.post_workbook(world, "coordinator", "indicators", content, "表.docx")
    page = world.client("coordinator").get(answer.url).content.decode()
    assert "D2" in page
    assert "下载标出" not in page


def test_several_tables_of_a_document_are_read_and_others_are_named(world: World) -> None:
    made = docx.Document(io.BytesIO(document()))
    made.add_table(2, 2).cell(0, 0).text = "另一张表"
    out = io.BytesIO()
    made.save(out)
    found = plan(world, out.getvalue(), "表.docx")
    assert len(found.lines) == 2
    assert [(cell.sheet, cell.row) for cell in found.left] == [("表2", 0)]


@pytest.mark.parametrize("name", ["表.html", "表.htm", "导出.xls"])
@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "utf-16"])
def test_a_table_of_a_web_page_is_read(world: World, name: str, charset: str) -> None:
    found = plan(world, PAGE.format(charset=charset).encode(charset), name)
    assert (found.errors, found.questions) == ([], [])
    assert [proof for proof, _ in stored(found).values()] == ["甲\n乙", "甲\n乙"]


def test_a_web_archive_is_read(world: World) -> None:
    page = quopri.encodestring(PAGE.format(charset="gb2312").encode("gb2312"))
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
    part = b'Content-Type: text/html; charset="gb2312"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n' + page
    assert len(plan(world, head + part + b"\r\n--x--\r\n", "表.mht").lines) == 2


def test_every_page_of_a_web_archive_is_read(world: World) -> None:
    """Excel writes a page for each sheet, after one with the frames, whose title is no table."""
    frames = "<html><head><title>x</title></head><frameset></frameset></html>"
    sheets = [
        PAGE.format(charset="utf-8"),
        PAGE.format(charset="utf-8").replace("4-3-3", "4-3-4").replace("1-1-1", "1-1-2"),
    ]
    content = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n'
    for page in (frames, *sheets):
        content += b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode() + b"\r\n"
    found = plan(world, content + b"--x--\r\n", "表.mht")
    assert [line.row for line in found.lines] == [3, 4, 3, 4]


def test_a_page_without_the_end_of_its_head_is_read(world: World) -> None:
    content = PAGE.format(charset="utf-8").replace("</head>\n<body>", "")
    assert len(plan(world, content.encode(), "表.html").lines) == 2


def test_hidden_rows_of_a_web_page_are_asked_about(world: World) -> None:
    content = PAGE.format(charset="utf-8").replace("<tr><td>1-1-1", '<tr style="display:none"><td>1-1-1')
    assert [question.key for question in plan(world, content.encode(), "表.html").questions] == ["hidden"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<html>没有</html>", "没有表格"),
        ("<table><tr><td colspan=9999>x</td></tr></table>", "超出"),
        ("<table>" + "<tr><td>x</td></tr>" * 5100 + "</table>", "超出"),
        ("<table><tr><td rowspan=999999999 colspan='-1'>x</td></tr></table>", "没有找到"),
    ],
)
def test_what_a_web_page_cannot_be_is_said(world: World, page: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        plan(world, page.encode(), "表.html")
    assert not ImportUpload.objects.exists()


OLD = [("doc", "docx"), ("rtf", "docx"), ("odt", "docx"), ("ods", "xlsx")]


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize(("extension", "source"), OLD)
def test_older_and_open_formats_are_read_as_they_are(world: World, extension: str, source: str, tmp_path: Path) -> None:
    """What LibreOffice saves from a good table comes in as the table itself does."""
    content = document() if source == "docx" else workbook_files.book((HEAD, *ROWS))
    (tmp_path / f"source.{source}").write_bytes(content)
    made = sandboxed_programs.converted(tmp_path / f"source.{source}", extension, tmp_path).read_bytes()
    upload = import_steps.receive(world, "coordinator", "indicators", made, f"分解表.{extension}")
    again = import_steps.receive(world, "coordinator", "indicators", content, f"分解表.{source}")
    actor = world.actor("coordinator")
    assert upload.name == f"分解表.{source}"
    assert import_uploads.plan_of(upload, actor).digest == import_uploads.plan_of(again, actor).digest


@pytest.mark.needs_libreoffice
def test_a_file_that_is_none_of_its_format_is_refused_with_a_remedy(world: World) -> None:
    for name, content in (("表.doc", b"\xd0\xcf\x11\xe0" + bytes(600)), ("表.ods", b"PK\3\4" + bytes(600))):
        with pytest.raises(Refusal, match=r"另存|没有表格"):
            import_steps.receive(world, "coordinator", "indicators", content, name)

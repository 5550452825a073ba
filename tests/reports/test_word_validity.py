"""Word documents are valid by ECMA-376, with default and own templates; LibreOffice reads their text; invalid ones are detected."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from PIL import Image

from creation.evidence.previews import sandboxed_programs
from creation.models import Campaign, Commendation, Nomination, Paper, PaperKind, SupervisionRound, Task
from creation.tasks import workflow
from reports.forms import read_params
from reports.word import assessment, defaults, layout, paper_files, templates
from reports.word.kinds import KINDS
from tests.papers.test_assessment import approve, save
from tests.support import word_validation
from tests.support.commended import decided_commendation
from tests.support.visited import visited_round
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]
TEXT = "第一段：含<标签>、&符号、{{期号}}和\x0b控制符。\n第二段：“引号”、emoji 🏛 与生僻字 𠮷。"
ASSESSMENT = "assessment"


@pytest.fixture
def lived(world: World) -> World:
    """An answer shown on site, a statement, an approved answer with a reading, and a text of the office."""
    for name, who, answer in (
        ("other", "rival", {"mode": "on_site", "keeper": "王五<保管>", "place": "档案室 & 2 号柜"}),
        ("assist", "rival", {"mode": "statement", "statement": TEXT}),
    ):
        task = world.task(name)
        workflow.perform(workflow.MOVES["submit"], task, world.actor(who), task.version, {"measures": ""} | answer)
    approve(world, measures=TEXT)
    save(world, "introduction", TEXT)
    decided_commendation(world, TEXT)
    visited_round(world, TEXT)
    return world


def asks(world: World, kind: str) -> dict[str, Any]:
    every: dict[str, Any] = {
        "issue": 3,
        "first": "2026-07-27",
        "last": "2026-07-31",
        "due": "2026-08-03",
        "title": "关于进度的通报",
    }
    every |= {"text": TEXT, "unit": world.units["城管局"].pk, "any_unit": None, "task": world.tasks["assist"].pk}
    every |= {"round": SupervisionRound.objects.get().pk, "practice": TEXT}
    every |= {"nomination": Nomination.objects.earliest("pk").pk, "commendation": Commendation.objects.get().pk}
    return {name: every[name] for name in KINDS[kind].inputs}


def make(world: World, kind: str, folder: Path, stamp: bool = False) -> Path:
    campaign = Campaign.objects.select_related("district", "host", "system").get(pk=world.campaign.pk)
    inside, actor = folder / f"{kind}-{stamp}", world.actor("coordinator")
    inside.mkdir()
    if kind == ASSESSMENT:
        return paper_files.make_assessment(campaign, actor, inside, stamp).path
    tasks, nominations = Task.objects.filter(campaign=campaign), Nomination.objects.for_table()
    inputs = read_params(
        asks(world, kind), tasks, nominations, Commendation.objects.all(), SupervisionRound.objects.all()
    )
    return paper_files.make_paper(campaign, KINDS[kind], inputs, actor, inside, stamp).path.rename(
        inside / f"{kind}.docx"
    )


def test_every_kind_of_document_is_valid(lived: World, tmp_path: Path) -> None:
    for kind in (*KINDS, ASSESSMENT):
        for stamp in (False, True):
            path = make(lived, kind, tmp_path, stamp)
            assert word_validation.faults(path) == [], (kind, stamp)
            text = "".join(word_validation.words(path))
            assert ("编号：2026-" in text) == (stamp and (kind == ASSESSMENT or KINDS[kind].may_be_stamped)), kind
            assert ("未编号，不用于盖章" in text) == (not stamp and kind in ("statement", ASSESSMENT)), kind


def test_a_text_of_several_lines_becomes_paragraphs_with_their_indent(lived: World, tmp_path: Path) -> None:
    document = docx.Document(str(make(lived, "circular", tmp_path)))
    first, second = (next(p for p in document.paragraphs if p.text.startswith(f"第{n}段")) for n in "一二")
    assert first.paragraph_format.first_line_indent == second.paragraph_format.first_line_indent == layout.SIZE_3 * 2
    assert "\n" not in first.text


def test_what_ends_a_line_oddly_ends_one_in_headings_texts_and_cells() -> None:
    odd, document = "甲\x0b乙\x00丙\u2028丁\ud800", layout.new_document()
    layout.add_centered(document, odd)
    layout.add_text(document, odd)
    layout.add_table(document, ["项"], [[odd]], [1])
    whole, *lines = [each.text for each in document.paragraphs if each.text]
    assert (whole, lines) == ("甲\n乙丙\n丁", ["甲", "乙丙", "丁"])
    assert document.tables[0].cell(1, 0).text == "甲\n乙丙\n丁"


# The office's own templates


def of_the_office(kind: str) -> bytes:
    """Return a template as Word saves it: numbered paragraphs, bookmarks in a list row, merged cells, a nested table, a picture in the
    header."""
    document, dictionary = defaults.document_of(kind), KINDS[kind].dictionary
    header = document.sections[0].header.paragraphs[0]
    header.add_run().add_picture(_picture(), width=Mm(20))
    header._p.find(f".//{word_validation.DRAWING}docPr").set("id", "99")
    header.add_run("{{行政区}} {{年度}}")
    _bookmark(document.add_paragraph("{{主办单位}}")._p, 1)
    for name, parts in dictionary.lists.items():
        _merged(document, [f"{{{{{name}.{part}}}}}" for part in parts])
    for number, paragraph in enumerate(document.element.body.iter(qn("w:p"))):
        paragraph.set(f"{word_validation.W14}paraId", f"{number + 1:08X}")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(file, "PNG")
    file.seek(0)
    return file


def _bookmark(paragraph: Any, number: int) -> None:
    for name in ("bookmarkStart", "bookmarkEnd"):
        mark = OxmlElement(f"w:{name}")
        mark.set(qn("w:id"), str(number))
        if name == "bookmarkStart":
            mark.set(qn("w:name"), f"mark{number}")
        paragraph.append(mark)


def _merged(document: Document, fields: list[str]) -> None:
    table = document.add_table(rows=3, cols=len(fields), style="Table Grid")
    table.rows[0].cells[0].merge(table.rows[0].cells[-1]).text = "合并的表头 {{年度}}"
    table.columns[0].cells[0].width = Mm(20)
    for cell, text in zip(table.rows[1].cells, fields, strict=True):
        cell.text = text
    _bookmark(table.rows[1].cells[0].paragraphs[0]._p, 2 + len(document.tables))
    table.rows[1].cells[-1].paragraphs[0].add_run().add_picture(_picture(), width=Mm(5))
    inner = table.rows[2].cells[0].add_table(1, 2)
    inner.rows[0].cells[0].text = "{{日期}}"
    table.rows[2].cells[0].add_paragraph()


def test_they_stay_valid_with_templates_of_the_office(lived: World, tmp_path: Path) -> None:
    for kind in KINDS:
        template = tmp_path / f"template-{kind}.docx"
        template.write_bytes(of_the_office(kind))
        assert word_validation.faults(template) == [], "the template itself is good"
        file = SimpleUploadedFile("模板.docx", template.read_bytes())
        templates.replace(lived.campaign, KINDS[kind], file, lived.actor("coordinator"))
        path = make(lived, kind, tmp_path, stamp=True)
        assert word_validation.faults(path) == [], kind
        assert ("编号：2026-" in "".join(word_validation.words(path))) == KINDS[kind].may_be_stamped, kind


# LibreOffice


@pytest.mark.needs_libreoffice
def test_libreoffice_reads_every_table_cell_by_cell_and_every_paragraph(lived: World, tmp_path: Path) -> None:
    paths = [make(lived, kind, tmp_path, stamp=True) for kind in (*KINDS, ASSESSMENT)]
    for path, again in zip(paths, word_validation.as_libreoffice_reads(paths, tmp_path), strict=True):
        assert word_validation.cells(again) == word_validation.cells(path), path.name
        assert word_validation.words(again) == word_validation.words(path), path.name
    assert sum(len(table) for path in paths for table in word_validation.cells(path)) > 10


@pytest.mark.needs_libreoffice
def test_no_line_divides_a_number_of_evidence(tmp_path: Path) -> None:
    numbers = [f"4-{item}-{point}-{serial:02}" for item in (1, 2) for point in (3, 4) for serial in range(1, 20)]
    document = layout.new_document()
    layout.add_text(document, layout.unbroken(assessment.NEXT.join(numbers)) + "。", lead="印证资料：")
    layout.save(document, tmp_path / "x.docx", "x")
    pdf = sandboxed_programs.to_pdf(tmp_path / "x.docx", "docx", tmp_path)
    with pypdfium2.PdfDocument(pdf) as printed:
        lines = printed[0].get_textpage().get_text_range().split("\r\n")
    whole = [number for line in lines for number in re.findall(r"\d+(?:[-\u2010\u2011]\d+){3}", line)]
    assert len(lines) > 8
    assert [re.sub("[\u2010\u2011]", "-", number) for number in whole] == numbers


# Invalid documents

DOCUMENT, RELATIONS, CONTENT = "word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"
Change = Callable[[str], str | None]


def swap(first: str, second: str) -> Change:
    return lambda text: re.sub(rf"({first})(.*?)({second})", r"\3\2\1", text, count=1, flags=re.DOTALL)


def cut(pattern: str, put: str = "") -> Change:
    return lambda text: re.sub(pattern, put, text, count=1, flags=re.DOTALL)


BROKEN: dict[str, tuple[str, Change]] = {
    "p: properties behind the text": (DOCUMENT, cut(r"(<w:pPr>(?:(?!</w:pPr>).)*</w:pPr>)(<w:r>.*?</w:r>)", r"\2\1")),
    "pPr: order": (DOCUMENT, swap(r"<w:spacing [^>]*/>", r"<w:jc [^>]*/>")),
    "rPr: order": (DOCUMENT, swap(r"<w:rFonts [^>]*/>", r"<w:sz [^>]*/>")),
    "tbl: properties behind the grid": (DOCUMENT, swap(r"<w:tblPr>(?:(?!</w:tblPr>).)*</w:tblPr>", r"<w:tblGrid>.*?</w:tblGrid>")),
    "tblPr: order": (DOCUMENT, swap(r"<w:tblStyle [^>]*/>", r"<w:jc [^>]*/>")),
    "tcPr: order": (DOCUMENT, swap(r"<w:tcW [^>]*/>", r"<w:vAlign [^>]*/>")),
    "sectPr: order": (DOCUMENT, swap(r"<w:pgSz [^>]*/>", r"<w:pgMar [^>]*/>")),
    "sectPr: not at the end": (DOCUMENT, cut(r"(<w:sectPr.*?</w:sectPr>)(</w:body>)", r"\1<w:p/>\2")),
    "a table without a grid": (DOCUMENT, cut(r"<w:tblGrid>.*?</w:tblGrid>")),
    "a cell without a paragraph": (DOCUMENT, cut(r"(<w:tc><w:tcPr>(?:(?!</w:tcPr>).)*</w:tcPr>)<w:p>.*?</w:p>(?=</w:tc>)", r"\1")),
    "a row with too few cells": (DOCUMENT, cut(r"<w:tc>.*?</w:tc>")),
    "a span over too many columns": (DOCUMENT, cut(r"(<w:tcW [^>]*/>)", r'\1<w:gridSpan w:val="2"/>')),
    "a merged cell that nothing begins": (DOCUMENT, cut(r"(<w:tcW [^>]*/>)", r"\1<w:vMerge/>")),
    "a table wider than the text": (DOCUMENT, cut(r'<w:gridCol w:w="\d+"/>', '<w:gridCol w:w="9999"/>')),
    "an element that does not exist": (DOCUMENT, cut(r"<w:keepNext/>", "<w:keepFirst/>")),
    "a value that does not exist": (DOCUMENT, cut(r'<w:jc w:val="center"/>', '<w:jc w:val="middle"/>')),
    "an unknown style": (DOCUMENT, cut(r'w:val="Heading1"', 'w:val="Heading9"')),
    "a style twice": ("word/styles.xml", cut(r"(<w:style [^>]*>.*?</w:style>)", r"\1\1")),
    "an element left open": (DOCUMENT, cut(r"</w:p>")),
    "a bookmark twice": (DOCUMENT, cut(r"(<w:p>)", r'\1<w:bookmarkStart w:id="1" w:name="a"/><w:bookmarkStart w:id="1" w:name="b"/>')),
    "a field with an unknown kind": (DOCUMENT, cut(r"(<w:r>)", r'\1<w:fldChar w:fldCharType="middle"/>')),
    "a relation that is missing": (RELATIONS, cut(r'<Relationship [^>]*footer1\.xml"[^>]*/>')),
    "a relation to nothing": (RELATIONS, cut(r"footer1\.xml", "footer9.xml")),
    "a part that is missing": ("word/footer1.xml", lambda text: None),
    "a content type that is missing": (CONTENT, cut(r'<Override [^>]*footer1\.xml"[^>]*/>')),
    "a content type of another kind": (CONTENT, cut(r"wordprocessingml\.styles\+xml", "wordprocessingml.footer+xml")),
}  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.docx"
    layout.save(defaults.document_of(PaperKind.BULLETIN), path, "简报")
    assert word_validation.faults(path) == []
    return path


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_document_is_caught(good: Path, tmp_path: Path, name: str) -> None:
    part, change = BROKEN[name]
    path = tmp_path / "broken.docx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for each in source.namelist():
            text = source.read(each)
            changed = change(text.decode()) if each == part else None
            assert each != part or changed != text.decode(), "nothing was broken"
            if changed is not None or each != part:
                target.writestr(each, changed if changed is not None else text)
    assert word_validation.faults(path) != []


def test_a_part_twice_and_a_file_cut_short_are_caught(good: Path, tmp_path: Path) -> None:
    twice, short = tmp_path / "twice.docx", tmp_path / "short.docx"
    twice.write_bytes(good.read_bytes())
    with zipfile.ZipFile(twice, "a") as package:
        package.writestr("word/Document.xml", "<x/>")
    short.write_bytes(good.read_bytes()[:-400])
    assert "two parts of one name" in word_validation.faults(twice)
    assert word_validation.faults(short) != []


def test_a_picture_number_twice_is_caught(tmp_path: Path) -> None:
    document = layout.new_document()
    for _ in range(2):
        document.add_paragraph().add_run().add_picture(_picture())
    for each in document.element.body.iter(f"{word_validation.DRAWING}docPr"):
        each.set("id", "7")
    layout.save(document, tmp_path / "x.docx", "x")
    assert any("picture twice" in fault for fault in word_validation.faults(tmp_path / "x.docx"))


def test_a_signature_is_never_alone_on_a_page() -> None:
    document = layout.new_document()
    layout.add_table(document, ("甲", "乙"), [("1", "2")] * 5, (1, 1))
    layout.add_signature(document, "区司法局", "2026年7月31日")
    layout.finish_layout(document)
    rows = [[p.paragraph_format.keep_with_next for p in row.cells[0].paragraphs] for row in document.tables[0].rows]
    assert rows == [[None]] * 4 + [[True]] * 2
    assert [p.paragraph_format.keep_with_next for p in document.paragraphs] == [True, True, False]


def test_a_signature_takes_the_end_of_the_text_along_when_annexes_are_listed_between() -> None:
    document = layout.new_document()
    layout.add_text(document, "一段。\n最后一段。")
    layout.add_blank(document)
    layout.add_text(document, "附件：1.走访安排")
    layout.add_signature(document, "区司法局", "2026年7月31日")
    layout.finish_layout(document)
    kept = [p.text for p in document.paragraphs if p.paragraph_format.keep_with_next]
    assert kept == ["最后一段。", "", "附件：1.走访安排", "", "区司法局"]


def test_another_template_makes_another_paper_of_the_same_words(lived: World, tmp_path: Path) -> None:
    make(lived, "bulletin", tmp_path, stamp=True)
    ours = templates.as_file(lived.campaign, KINDS["bulletin"]).read()
    file = SimpleUploadedFile("模板.docx", ours)
    templates.replace(lived.campaign, KINDS["bulletin"], file, lived.actor("coordinator"))
    (again := tmp_path / "again").mkdir()
    make(lived, "bulletin", again, stamp=True)
    assert [paper.serial for paper in Paper.objects.order_by("serial")] == [1, 2]

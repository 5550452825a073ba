"""Bulletins, circulars, supervision orders etc.: figures from the rows, the office's own templates, numbers for the stamp."""

import io
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx.document import Document

from creation.models import Campaign, Paper, PaperTemplate, SupervisionRound, Task
from creation.tasks import workflow
from reports.forms import read_params
from reports.word import paper_files, template_filling, templates
from reports.word.defaults import document_of
from reports.word.kinds import KINDS
from tests.support import evidence_files
from tests.support.world import TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_data_dir", "at_now")]
WEEK = {"issue": 3, "first": "2026-07-27", "last": "2026-07-31", "title": "", "text": "请各单位抓紧报送。"}


def submit_task(world: World, **answer: str) -> None:
    task = world.task("lead")
    given = {"mode": "upload", "measures": "评查", "results": "", "highlights": ""} | answer
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, given)


def make(world: World, kind: str, params: dict[str, Any], folder: Path, stamp: bool = False) -> Document:
    campaign = Campaign.objects.select_related("district", "host", "system").get(pk=world.campaign.pk)
    inputs = read_params(params, Task.objects.filter(campaign=campaign), rounds=SupervisionRound.objects.all())
    made = paper_files.make_paper(campaign, KINDS[kind], inputs, world.actor("coordinator"), folder, stamp)
    return docx.Document(str(made.path))


def text_of(document: Document) -> str:
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("kind", list(KINDS))
def test_our_own_templates_use_known_fields_alone(kind: str) -> None:
    assert template_filling.template_faults(document_of(kind), KINDS[kind].dictionary) == []


def test_a_bulletin_contains_figures_units_and_overdue_tasks(world: World, tmp_path: Path) -> None:
    world.cite("lead")
    submit_task(world)
    document = make(world, "bulletin", WEEK, tmp_path)
    text = text_of(document)
    assert "第3期（2026年7月27日—2026年7月31日）" in text
    assert "共有任务4项，已报送1项，审核通过0项" in text
    assert "本期报送1项，通过0项，退回0项" in text
    assert "请各单位抓紧报送。" in text
    units = [[cell.text for cell in row.cells][:4] for row in document.tables[0].rows]
    assert ["2", "城管局", "2", "1"] in units
    late = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    assert any(row[1:5] == ["D-3", "制定工作方案", "城管局", "2026-07-10"] for row in late), late
    assert "{{" not in text


def test_what_was_handed_in_before_the_period_does_not_count(world: World, tmp_path: Path) -> None:
    world.cite("lead")
    submit_task(world)
    text = text_of(make(world, "bulletin", WEEK | {"first": "2026-07-01", "last": "2026-07-30"}, tmp_path))
    assert "本期报送0项" in text


def test_a_supervision_order_lists_the_units_late_tasks(world: World, tmp_path: Path) -> None:
    unit = world.units["城管局"]
    params = {"unit": unit.pk, "due": (TODAY + timedelta(days=3)).isoformat(), "text": "经多次催办仍未报送。"}
    text = text_of(make(world, "supervision", params, tmp_path))
    assert unit.name in text
    assert "制定工作方案" in text
    assert "2026年8月3日" in text
    assert "经多次催办仍未报送。" in text
    assert "下列任务已经逾期，请一并办结" in text


def test_a_supervision_order_to_a_unit_that_is_not_late_does_not_say_that_it_is(world: World, tmp_path: Path) -> None:
    unit = world.units["城管局"]
    Task.objects.filter(unit=unit).update(due_on=TODAY + timedelta(days=9))
    params = {"unit": unit.pk, "due": (TODAY + timedelta(days=3)).isoformat(), "text": "公布窗口投诉电话。"}
    text = text_of(make(world, "supervision", params, tmp_path))
    assert "请于2026年8月3日前办结并在系统中报送" in text
    assert "截至2026年7月31日，你单位没有逾期未办的任务。" in text
    assert "已经逾期" not in text


def test_a_statement_and_the_list_for_the_site(world: World, tmp_path: Path) -> None:
    submit_task(world, mode="statement", statement="本年度没有此类案件。", measures="")
    text = text_of(make(world, "statement", {"task": world.tasks["lead"].pk}, tmp_path))
    assert "本年度没有此类案件。" in text
    assert text_of(make(world, "on_site", {"any_unit": None}, tmp_path)).count("无") >= 1
    task = world.task("other")
    answer = {"mode": "on_site", "keeper": "王五", "place": "档案室"}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("rival"), task.version, answer)
    assert "王五" in text_of(make(world, "on_site", {"any_unit": None}, tmp_path))


def test_for_the_stamp_it_bears_its_number_and_is_kept(world: World, tmp_path: Path) -> None:
    text = text_of(make(world, "bulletin", WEEK, tmp_path, stamp=True))
    paper = Paper.objects.get()
    assert paper.note in text
    assert paper.unit == world.campaign.host


def own_template(*lines: str) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(file)
    return file.getvalue()


def replace(world: World, content: bytes, name: str = "模板.docx") -> Any:
    address = reverse("document_template", args=[world.campaign.pk, "bulletin"])
    return world.client("coordinator").post(address, {"file": SimpleUploadedFile(name, content)})


def test_the_office_puts_its_own_template_in_place_and_goes_back_to_ours(world: World, tmp_path: Path) -> None:
    assert replace(world, own_template("{{主办单位}}简报 第{{期号}}期")).status_code == 302
    assert text_of(make(world, "bulletin", WEEK, tmp_path)).endswith("简报 第3期")
    address = reverse("document_template", args=[world.campaign.pk, "bulletin"])
    world.client("coordinator").post(address, {"restore": "1"})
    assert templates.current(world.campaign, KINDS["bulletin"]) is None
    assert PaperTemplate.objects.count() == 2
    assert "总体进度" in text_of(make(world, "bulletin", WEEK, tmp_path))


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (own_template("{{期号}}{{没有的}}"), "模板.docx", "没有“没有的”这个字段"),
        (own_template("{{ ''.__class__ }}"), "模板.docx", "这个字段"),
        (own_template("{{单位.名称}}"), "模板.docx", "只能放在表格的一行里"),
        (evidence_files.xlsx(), "模板.docx", "模板.docx"),
        (evidence_files.pdf(), "模板.pdf", "不是 Word 文档"),
        (b"PK\x03\x04broken", "模板.docx", "模板.docx"),
        (evidence_files.docx({"word/vbaProject.bin": b"x"}), "模板.docx", "宏"),
    ],
)
def test_a_bad_template_is_refused_by_name_and_ours_stays(
    world: World, content: bytes, name: str, sentence: str
) -> None:
    answer = replace(world, content, name)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not PaperTemplate.objects.exists()


def test_the_form_names_what_is_missing(world: World) -> None:
    address = reverse("document", args=[world.campaign.pk, "bulletin"])
    answer = world.client("coordinator").post(address, {"first": "2026-07-31", "last": "2026-07-01"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "请填写期号" in text
    assert "最后一天早于第一天" in text
    assert world.client("coordinator").get(reverse("document", args=[world.campaign.pk, "novel"])).status_code == 404


def test_a_template_that_is_too_heavy_is_a_sentence_and_costs_this_process_nothing(
    world: World, fresh_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of 180,000 cells, 48 KB as a file. One second of CPU is too little for it on any machine."""
    monkeypatch.setattr(templates, "CPU_SECONDS", 1)
    cells = "<w:tr>" + "<w:tc><w:p/></w:tc>" * 60 + "</w:tr>"
    body = f"<w:tbl><w:tblPr/><w:tblGrid/>{cells * 3000}</w:tbl><w:sectPr/>"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(own_template("x"))) as usual,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in usual.namelist():
            whole = f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>'
            made.writestr(name, whole if name == "word/document.xml" else usual.read(name))
    before = time.process_time()
    answer = replace(world, content.getvalue())
    assert time.process_time() - before < 5
    assert answer.status_code == 422
    assert "模板没有更换。文件内容过多" in answer.content.decode()
    assert not PaperTemplate.objects.exists()


def test_the_own_template_is_given_back_as_it_was_uploaded(world: World, fresh_data_dir: Path) -> None:
    content = own_template("{{主办单位}}简报")
    replace(world, content)
    address = reverse("document_template_file", args=[world.campaign.pk, "bulletin"])
    assert world.client("coordinator").get(address).getvalue() == content

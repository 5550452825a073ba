"""Secrecy marks are found wherever an office program may put them; where nothing could be read, a person is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from creation import jobs
from creation.evidence import previews
from creation.evidence.library import text_extraction
from creation.evidence.previews import sandboxed_programs
from creation.models import ANSWERED, Evidence, EvidenceVersion, Extract, ExtractState, Notice, SecrecyMark, Task
from creation.rules import secrecy
from creation.tasks import workflow
from reports.package import contents
from tests.support import evidence_files as make
from tests.support import hostile_files, ordinary_files, upload_requests
from tests.support.sampling import Chosen
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

MARK = "机密★1年"


def sent(world: World, name: str, content: bytes) -> Evidence:
    answer = upload_requests.upload(world.client("liaison"), world.task("lead"), name, content)
    assert answer.status_code == 201, answer.content.decode()
    return Evidence.objects.latest("pk")


def submit_task(world: World) -> None:
    task, answer = world.task("lead"), {"mode": "upload", "measures": "已组织评查", "results": "已完成"}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, answer, False)


def read(world: World, name: str, content: bytes) -> str:
    """Upload a file, read it, and return the marks that stop it."""
    piece = sent(world, name, content)
    jobs.read_files()
    return Evidence.objects.get(pk=piece.pk).flagged_marks


def word_part(tag: str, text: str = MARK) -> bytes:
    space = f"{make.RELATIONS}/wordprocessingml/2006/main"
    part = f'<w:{tag} xmlns:w="{space}"><w:p><w:r><w:t>{text[:2]}</w:t></w:r><w:r><w:t>{text[2:]}</w:t></w:r></w:p></w:{tag}>'
    return make.docx({"word/part9.xml": part})


def word_box() -> bytes:
    box = f"<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>{MARK}</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    return hostile_files.word(f"<w:r><w:t>{'正文' * 1000}</w:t></w:r>{box}")


def sheet_part(content: str) -> bytes:
    return hostile_files.sheet_with({"xl/part9.xml": content})


def slide_part(tag: str) -> bytes:
    text = f"<a:p><a:r><a:t>{MARK}</a:t></a:r></a:p>"
    return make.pptx({"ppt/part9.xml": f"<p:{tag} {hostile_files.POWERPOINT}>{text}</p:{tag}>"})


PAGE = '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:TextObject><ofd:TextCode>{}</ofd:TextCode></ofd:TextObject></ofd:Page>'
EXCEL = hostile_files.EXCEL
SHEET_HEADER = f'<firstHeader>&amp;C&amp;"宋体"&amp;12{MARK}</firstHeader>'
COMMENTED = "<</Type/Annot/Subtype/FreeText/Rect[0 0 90 90]/Contents<feff673a5bc626055e74>>>"
PLACES = [
    ("docx", word_part("hdr"), "页眉页脚"),
    ("docx", word_part("ftr"), "页眉页脚"),
    ("docx", word_part("footnotes"), "批注脚注"),
    ("docx", word_part("endnotes"), "批注脚注"),
    ("docx", word_part("comments"), "批注脚注"),
    ("docx", word_box(), "文本框"),
    ("docx", hostile_files.word(f"<w:r><w:t>{'正文' * 1000}</w:t></w:r></w:p><w:p><w:r><w:t>{MARK}</w:t></w:r>"), "正文"),
    ("xlsx", sheet_part(f"<worksheet {EXCEL}><headerFooter>{SHEET_HEADER}</headerFooter></worksheet>"), "页眉页脚"),
    ("xlsx", sheet_part(f"<comments {EXCEL}><comment><text><r><t>{MARK}</t></r></text></comment></comments>"), "批注脚注"),
    ("xlsx", sheet_part(f'<xdr:wsDr xmlns:xdr="x" xmlns:a="a"><a:p><a:r><a:t>{MARK}</a:t></a:r></a:p></xdr:wsDr>'), "文本框"),
    ("pptx", slide_part("sldMaster"), "页眉页脚"),
    ("pptx", slide_part("sldLayout"), "页眉页脚"),
    ("pptx", slide_part("notes"), "批注脚注"),
    ("pptx", slide_part("sld"), "首页"),
    ("ofd", make.ofd({"Doc_0/Tpls/Tpl_0/Content.xml": PAGE.format(MARK)}), "页眉页脚"),
    ("pdf", hostile_files.page_with("/Annots[4 0 R]", COMMENTED), "批注脚注"),
    ("pdf", make.text_pdf("通知", f"附件\n{MARK}"), "正文"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "content", "place"), PLACES, ids=[f"{kind} {number}" for number, (kind, _, _) in enumerate(PLACES)]
)
def test_a_mark_stops_the_piece_wherever_it_is(world: World, kind: str, content: bytes, place: str) -> None:
    assert read(world, f"通知.{kind}", content) == f"{place}：机密"
    assert Notice.objects.filter(person=world.people["liaison"], text__contains="密级标志").count() == 1


@pytest.mark.needs_libreoffice
def test_a_mark_in_an_old_file_stops_the_piece_and_its_preview_is_made_once(
    world: World, monkeypatch: pytest.MonkeyPatch, one_in: Callable[[int], Chosen]
) -> None:
    chosen = one_in(2)
    sources = {
        "doc": ("甲.fodt", ordinary_files.flat_text(header=MARK)),
        "wps": ("乙.fodt", ordinary_files.flat_text(body=MARK)),
        "ppt": ("丙.fodp", ordinary_files.flat_slides(MARK)),
        "dps": ("丁.fodp", ordinary_files.flat_slides(f"培训 {MARK}")),
        "xls": ("戊.xlsx", marked_sheet()),
        "et": ("己.xlsx", marked_sheet("内部资料")),
    }
    saved_as = {"wps": "doc", "et": "xls", "dps": "ppt"}
    for kind, source in sources.items():
        if kind != "doc" and not chosen("an old file", kind):
            continue
        ((_, content),) = ordinary_files.converted([source], saved_as.get(kind, kind))
        found = read(world, f"通知.{kind}", content)
        assert "首页" in found, kind
        assert ("内部" if kind == "et" else "机密") in found
    extract = Extract.objects.select_related("version").get(version__extension="doc")
    assert extract.state == ExtractState.READ
    monkeypatch.setattr(sandboxed_programs, "libreoffice_path", lambda: None)
    assert previews.converted_pdf(extract.version, Path("/nowhere"), Path("/nowhere")) is not None


def marked_sheet(text: str = MARK) -> bytes:
    parts = hostile_files.members(make.xlsx())
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert isinstance(sheet, bytes)
    row = f'<row r="9"><c r="A9" t="inlineStr"><is><t>{text}</t></is></c></row></sheetData>'
    return make.package(parts | {"xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", row.encode())})


def test_words_about_secrets_behind_the_first_page_are_no_marks(world: World) -> None:
    assert secrecy.find_stamped_marks("不得泄露秘密。机密文件应当单独保管\n机密级计算机") == []
    assert secrecy.find_stamped_marks("秘密★10年\n绝 密\n密级：机密") == ["秘密", "绝密", "机密"]
    assert read(world, "教材.pdf", make.text_pdf("保密教材", "涉及机密的文件应当登记")) == ""


def test_a_cleared_mark_stays_cleared_when_the_file_is_read_again(world: World) -> None:
    assert read(world, "通知.docx", word_part("hdr")) == "页眉页脚：机密"
    piece = Evidence.objects.get()
    world.client("liaison").post(reverse("evidence_clear", args=[piece.pk]), {"reason": "引用的法规原文"})
    Extract.objects.update(edition=0)
    jobs.read_files()
    assert Extract.objects.get().edition > 0
    assert Evidence.objects.get().flagged_marks == ""


def test_a_file_that_an_earlier_program_read_is_read_again(world: World) -> None:
    sent(world, "通知.docx", word_part("hdr"))
    Extract.objects.create(version=EvidenceVersion.objects.get(), state="read", first_page="通知")
    assert text_extraction.extract_due(timezone.now) == 1
    assert Evidence.objects.get().flagged_marks == "页眉页脚：机密"
    assert text_extraction.extract_due(timezone.now) == 0


# What could not be read

NOTE = "未能读取正文，请自行核对密级"


@pytest.mark.parametrize(
    ("name", "content"), [("扫描件.pdf", make.pdf()), ("照片.jpg", make.jpg()), ("空.docx", make.docx(text=""))]
)
def test_what_could_not_be_read_is_said_to_unit_and_reviewer(world: World, name: str, content: bytes) -> None:
    piece = sent(world, name, content)
    task = reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
    assert "正在读取正文、检查密级标志" in world.client("liaison").get(task).content.decode()
    jobs.read_files()
    submit_task(world)
    for who, page in (
        ("liaison", task),
        ("liaison", reverse("evidence", args=[piece.pk])),
        ("reviewer", reverse("review", args=[world.campaign.pk, world.tasks["lead"].pk])),
    ):
        assert NOTE in world.client(who).get(page).content.decode(), page


def test_an_old_file_that_could_not_be_converted_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxed_programs, "libreoffice_path", lambda: None)
    piece = sent(world, "通知.doc", make.doc())
    jobs.read_files()
    assert Extract.objects.get().state == ExtractState.FAILED
    assert NOTE in world.client("liaison").get(reverse("evidence", args=[piece.pk])).content.decode()


def test_a_text_that_was_read_and_a_film_need_no_note(world: World) -> None:
    for name, content in (("通知.docx", make.docx()), ("录像.mp4", make.mp4())):
        sent(world, name, content)
    jobs.read_files()
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert NOTE not in page.content.decode()


# Packages


def test_nothing_unread_leaves_in_a_package(world: World) -> None:
    piece = sent(world, "通知.docx", word_part("hdr"))
    submit_task(world)
    tasks = Task.objects.filter(campaign=world.campaign)
    found = contents.read_contents(tasks, None, ANSWERED)
    assert [item.evidence for item in found.items] == []
    assert "密级未检查" in found.withheld[0].why
    text_extraction.read_versions(contents.cited_versions(tasks, ANSWERED), timezone.now, lambda *_: None)
    assert SecrecyMark.objects.waiting().filter(evidence=piece).exists()
    found = contents.read_contents(tasks, None, ANSWERED)
    assert found.items == []
    assert found.withheld[0].title == "（不予显示）"


def test_a_package_reads_first_what_has_not_been_read(world: World) -> None:
    sent(world, "通知.docx", make.docx())
    sent(world, "附件.docx", word_part("hdr"))
    submit_task(world)
    address = reverse("package", args=[world.campaign.pk])
    answer = world.client("coordinator").post(address, {"all": "1", "limit": "0"})
    assert answer.status_code == 302
    jobs.run_jobs()
    assert not Extract.objects.filter(state=ExtractState.READING).exists()
    assert SecrecyMark.objects.waiting().count() == 1

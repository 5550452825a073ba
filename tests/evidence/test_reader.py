"""What the reader takes out of a file for the search and the form: words over lines, margins, pages named elsewhere, usable titles."""

from pathlib import Path
from typing import Any

import pytest

from creation.evidence.library import text_extraction
from creation.lib.bigrams import phrases, tokenize
from tests.support import evidence_files as make
from tests.support import hostile_files


def read(kind: str, content: bytes, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "file").write_bytes(content)
    return text_extraction.run_program(kind, tmp_path / "file")


def finds(text: str, question: str) -> bool:
    """Return whether each phrase of the question is in the tokens of the text."""
    tokens = f" {' '.join(tokenize(text))} "
    return all(f" {' '.join(phrase)}" in tokens for phrase in phrases(question))


OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def line(text: str) -> str:
    return f"<ofd:TextObject><ofd:TextCode>{text}</ofd:TextCode></ofd:TextObject>"


def page(*lines: str) -> str:
    return f"<ofd:Page {OFD}>{''.join(map(line, lines))}</ofd:Page>"


def test_a_word_split_by_the_end_of_a_line_is_found(tmp_path: Path) -> None:
    text = read("pdf", make.text_pdf("组织开展案卷\n评查工作 2026\n年度"), tmp_path)["text"]
    assert finds(text, "案卷评查")
    assert finds(text, "2026年度")
    split = make.ofd({"Doc_0/Pages/Page_0/Content.xml": page("组织开展案卷", "评查工作")})
    assert finds(read("ofd", split, tmp_path)["text"], "案卷评查")


def test_paragraphs_of_a_text_document_stay_apart(tmp_path: Path) -> None:
    content = hostile_files.word("<w:r><w:t>组织案卷</w:t></w:r></w:p><w:p><w:r><w:t>评查工作</w:t></w:r>")
    assert not finds(read("docx", content, tmp_path)["text"], "案卷评查")


WORD = f'xmlns:w="{make.RELATIONS}/wordprocessingml/2006/main"'


@pytest.mark.parametrize("tag", ["hdr", "ftr", "footnotes", "comments"])
def test_headers_and_notes_are_found(tmp_path: Path, tag: str) -> None:
    part = f"<w:{tag} {WORD}><w:p><w:r><w:t>区司法局专用稿纸</w:t></w:r></w:p></w:{tag}>"
    assert finds(read("docx", make.docx({"word/x.xml": part}), tmp_path)["text"], "专用稿纸")


def test_text_boxes_and_notes_of_slides_are_found(tmp_path: Path) -> None:
    box = "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>流程图说明</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    assert finds(read("docx", hostile_files.word(box), tmp_path)["text"], "流程图说明")
    note = f"<p:notes {hostile_files.POWERPOINT}><a:p><a:r><a:t>讲稿备注</a:t></a:r></a:p></p:notes>"
    assert finds(read("pptx", make.pptx({"ppt/n.xml": note}), tmp_path)["text"], "讲稿备注")


def test_pages_of_an_ofd_are_where_its_document_says(tmp_path: Path) -> None:
    pages = '<ofd:Pages><ofd:Page ID="1" BaseLoc="z.xml"/><ofd:Page ID="2" BaseLoc="/Doc_0/a.xml"/></ofd:Pages>'
    common = '<ofd:CommonData><ofd:TemplatePage ID="9" BaseLoc="m/letter.xml"/></ofd:CommonData>'
    document = f"<ofd:Document {OFD}>{common}{pages}</ofd:Document>"
    content = make.ofd(
        {
            "Doc_0/Document.xml": document,
            "Doc_0/z.xml": page("第一页正文"),
            "Doc_0/a.xml": page("第二页正文"),
            "Doc_0/m/letter.xml": page("机密★1年", "区司法局文件"),
        }
    )
    found = read("ofd", content, tmp_path)
    assert found["first"] == "第一页正文"
    assert "机密" in found["margin"]
    assert finds(found["text"], "司法局文件")
    assert found["text"].index("第一页") < found["text"].index("第二页")


def test_texts_that_pages_of_an_ofd_share_are_read(tmp_path: Path) -> None:
    """Some programs put the whole text into composite units among the resources."""
    texts = line("秘密★一年") + line("海关档案室")
    unit = f'<ofd:CompositeGraphicUnit ID="204"><ofd:Content>{texts}</ofd:Content></ofd:CompositeGraphicUnit>'
    content = make.ofd({"Doc_0/DocumentRes.xml": f"<ofd:Res {OFD}>{unit}</ofd:Res>", "Doc_0/Pages/a.xml": page()})
    found = read("ofd", content, tmp_path)
    assert finds(found["text"], "海关档案室")
    assert "秘密★一年" in found["first"]


def test_the_words_of_a_chart_are_found_and_its_numbers_are_not(tmp_path: Path) -> None:
    space = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    names = "<c:strCache><c:pt><c:v>行政复议件数</c:v></c:pt></c:strCache>"
    numbers = "<c:numCache><c:pt><c:v>31415</c:v></c:pt></c:numCache>"
    chart = f"<c:chartSpace {space}>{names}{numbers}</c:chartSpace>"
    text = read("pptx", make.pptx({"ppt/charts/chart1.xml": chart}), tmp_path)["text"]
    assert finds(text, "行政复议件数")
    assert "31415" not in text


def test_a_picture_with_bad_data_behind_its_pixels_has_no_facts(tmp_path: Path) -> None:
    found = read("png", make.png()[:-40], tmp_path)
    assert (found["has_text"], found["facts"]) == (False, {})


def test_a_part_that_cannot_be_read_does_not_end_the_reader(tmp_path: Path) -> None:
    """Tags of invoices are no XML at all; of a part that breaks off, what stands before is kept, and it counts as read in part."""
    content = make.ofd(
        {"Doc_0/Tags/a.xml": '<:eInvoice xmlns:=""/>', "Doc_0/Pages/Page_0/Content.xml": page("发票正文")}
    )
    found = read("ofd", content, tmp_path)
    assert (found["text"], found["is_incomplete"]) == ("发票正文", False)
    found = read("docx", make.docx({"word/h.xml": f"<w:hdr {WORD}><w:p><w:t>页眉"}), tmp_path)
    assert "创建工作推进情况" in found["text"]
    assert found["is_incomplete"]


def test_a_question_may_be_written_as_people_write(tmp_path: Path) -> None:
    text = "源政〔2026〕36号 关于案卷评查的通知"
    for question in ("３６号", "第36号", "第３６号", "〔2026〕第36号", "２０２６　案卷评查"):
        assert finds(text, question), question
    assert finds("依据第36号令", "第36号")
    assert not finds("源政〔2026〕37号", "第36号")


@pytest.mark.parametrize(
    ("title", "offered"),
    [
        ("关于评查的通知\0\0残留", "关于评查的通知"),
        ("Î¢ÈíÓÃ»§Í¨Öª", None),
        ("\ufffd\ufffd\ufffd通知", None),
        ("????????.doc", None),
        ("评查通报", "评查通报"),
        ("Résumé 2026", "Résumé 2026"),
    ],
)
def test_only_titles_that_can_be_read_are_offered(tmp_path: Path, title: str, offered: str | None) -> None:
    marked = f"\ufeff{title}".encode("utf-16-be").hex()
    found = read("pdf", make.text_pdf("正文", info=f"/Title<{marked}>"), tmp_path)
    assert found["facts"].get("title") == offered


def test_an_unknown_code_page_does_not_end_the_reader() -> None:
    from creation.evidence.library import extract_text

    for codepage in (99_999, 936, 0, -535, None):
        assert extract_text.decoded("评查通知\0旧".encode("gb18030"), codepage) == "评查通知"
    assert extract_text.decoded("评查".encode(), 65_001) == "评查"

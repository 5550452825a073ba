"""Word templates: plain names are looked up, nothing is evaluated, unknown names are reported."""

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsmap, qn

from reports.word import titles
from reports.word.template_filling import FieldDictionary, FieldValues, fill_document, template_faults, unfilled

KNOWN = FieldDictionary({"单位": "名称", "日期": "日期"}, {"任务": {"编号": "编号", "名称": "名称"}})
VALUES = FieldValues(
    {"单位": "区城管局", "日期": "2026年7月31日"},
    {"任务": [{"编号": "4-3-3", "名称": "案卷评查"}, {"编号": "1-1-1", "名称": "清单公布"}]},
)


def text_of(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def with_table(*cells: str) -> Document:
    document = docx.Document()
    table = document.add_table(rows=2, cols=len(cells))
    for number, text in enumerate(cells):
        table.cell(0, number).text = f"表头{number}"
        table.cell(1, number).text = text
    return document


def test_a_field_is_replaced_in_place_and_keeps_its_format() -> None:
    document = docx.Document()
    run = document.add_paragraph("致：").add_run("{{ 单位 }}")
    run.bold = True
    document.sections[0].footer.paragraphs[0].text = "{{日期}}"
    fill_document(document, VALUES)
    assert text_of(document) == "致：区城管局"
    assert document.paragraphs[0].runs[-1].bold
    assert document.sections[0].footer.paragraphs[0].text == "2026年7月31日"


def test_a_field_that_word_has_torn_into_runs_is_found() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph()
    for piece in ("收件：{", "{单", "位}", "}（盖章）"):
        paragraph.add_run(piece)
    fill_document(document, VALUES)
    assert text_of(document) == "收件：区城管局（盖章）"


def test_a_row_is_repeated_for_each_of_its_list() -> None:
    document = with_table("{{任务.编号}}", "{{任务.名称}} {{单位}}")
    fill_document(document, VALUES)
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows[1:] == [["4-3-3", "案卷评查 区城管局"], ["1-1-1", "清单公布 区城管局"]]


def test_an_empty_list_leaves_one_row_that_says_so() -> None:
    document = with_table("{{任务.编号}}", "{{任务.名称}}")
    fill_document(document, FieldValues({"单位": "x"}))
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["无", ""]


def test_unknown_fields_and_misplaced_lists_are_named() -> None:
    document = with_table("{{任务.编号}}", "{{单位.编号}}")
    document.add_paragraph("{{单位名}} {{任务.名称}}")
    found = template_faults(document, KNOWN)
    assert "没有“单位名”这个字段，请对照字段表改正。" in found
    assert "“任务.名称”是清单的字段，只能放在表格的一行里。" in found
    assert any("没有“单位.编号”" in sentence for sentence in found)
    assert template_faults(with_table("{{任务.编号}}", "{{任务.名称}}{{日期}}"), KNOWN) == []


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ config.SECRET_KEY }}",
        "{{单位.__class__}}",
        "{{ 7 * 7 }}",
    ],
)
def test_nothing_in_a_template_is_evaluated(hostile: str) -> None:
    document = docx.Document()
    document.add_paragraph(hostile)
    assert template_faults(document, KNOWN)
    fill_document(document, VALUES)
    assert text_of(document) == hostile


@pytest.mark.parametrize("text", ["{% for x in y %}{% endfor %}", "{# 注 #}", "${单位}", "{某人}", "{{{}}}", "{{}}"])
def test_other_braces_stay_as_they_are(text: str) -> None:
    document = docx.Document()
    document.add_paragraph(text)
    fill_document(document, VALUES)
    assert text_of(document) == text


def test_a_value_that_looks_like_a_field_is_no_field() -> None:
    document = docx.Document()
    document.add_paragraph("{{单位}}")
    fill_document(document, FieldValues({"单位": "{{日期}}{{单位}}", "日期": "不应出现"}))
    assert "不应出现" not in text_of(document)
    assert text_of(document).replace("\u2060", "") == "{{日期}}{{单位}}"


BOX = """<w:r xmlns:w="{w}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>
<mc:Choice Requires="wps"><w:drawing><w:txbxContent><w:p><w:r><w:t>致{{{{单位}}}}</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>
<mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>致{{{{单位}}}}</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback>
</mc:AlternateContent></w:r>"""
INSIDE = [
    BOX,
    '<w:hyperlink xmlns:w="{w}"><w:r><w:t>致{{{{单</w:t></w:r><w:r><w:t>位}}}}</w:t></w:r></w:hyperlink>',
    '<w:ins xmlns:w="{w}" w:id="1" w:author="a"><w:r><w:t>致{{{{单位}}}}</w:t></w:r></w:ins>',
    '<w:sdt xmlns:w="{w}"><w:sdtContent><w:r><w:t>致{{{{单位}}}}</w:t></w:r></w:sdtContent></w:sdt>',
]


@pytest.mark.parametrize("inside", INSIDE)
def test_fields_in_boxes_links_controls_and_insertions_are_filled_and_judged(inside: str) -> None:
    for text, fault in (("单位", False), ("谁也不知", True)):
        document = docx.Document()
        document.add_paragraph("开头 ")._p.append(parse_xml(inside.format(w=nsmap["w"]).replace("单位", text)))
        assert bool(template_faults(document, KNOWN)) == fault or "单</w:t>" in inside
        fill_document(document, VALUES)
        xml = document.element.body.xml
        assert ("{{" in xml) == (fault and "单</w:t>" not in inside)
        assert "开头" in xml
        if not fault:
            assert xml.count("区城管局") == inside.count("致")


def test_fields_in_content_controls_around_paragraphs_and_rows_are_filled() -> None:
    document = with_table("{{任务.编号}}", "{{任务.名称}}")
    wrapped = '<w:sdt xmlns:w="{w}"><w:sdtContent><w:p><w:r><w:t>{{{{单位}}}}</w:t></w:r></w:p></w:sdtContent></w:sdt>'
    document.element.body.insert(0, parse_xml(wrapped.format(w=nsmap["w"])))
    row = document.tables[0].rows[1]._tr
    control = parse_xml('<w:sdt xmlns:w="{w}"><w:sdtContent/></w:sdt>'.format(w=nsmap["w"]))
    row.addprevious(control)
    control[0].append(row)
    assert template_faults(document, KNOWN) == []
    fill_document(document, VALUES)
    assert "区城管局" in document.element.body.xml
    assert "清单公布" in document.element.body.xml
    assert unfilled(document, ()) == []


@pytest.mark.parametrize("text", ["｛｛单位｝｝", "{单位}", "｛ 单位 ｝", "{｛单位｝}"])
def test_full_width_and_single_braces_are_braces(text: str) -> None:
    document = docx.Document()
    document.add_paragraph(f"致{text}：")
    assert template_faults(document, KNOWN) == []
    fill_document(document, VALUES)
    assert text_of(document) == "致区城管局："


def test_unknown_fields_are_named_and_what_is_left_is_found() -> None:
    document = docx.Document()
    document.add_paragraph("｛｛单位名｝｝ {{日期}} {随便写的}")
    assert template_faults(document, KNOWN) == ["没有“单位名”这个字段，请对照字段表改正。"]
    fill_document(document, FieldValues({"单位": "x"}))
    assert unfilled(document, {"日期"}) == ["单位名"]


@pytest.mark.parametrize("text", ["{{单位", "{{单位}", "{{任务.{{单位}}}}", "${{单位}}", "｛｛单"])
def test_what_is_no_whole_field_is_named_and_never_goes_out(text: str) -> None:
    document = docx.Document()
    document.add_paragraph(f"致{text}")
    assert "大括号不成对" in "".join(template_faults(document, KNOWN))
    fill_document(document, VALUES)
    assert unfilled(document, {"单位"})


@pytest.mark.parametrize("text", ["{{单 位}}", "{{单\t位}}", "{{\u200b单位}}"])
def test_blanks_in_a_name_do_no_harm(text: str) -> None:
    document = docx.Document()
    document.add_paragraph(text)
    assert template_faults(document, KNOWN) == []
    fill_document(document, VALUES)
    assert text_of(document) == "区城管局"


def test_fields_where_nothing_is_filled_in_are_named() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("正文")
    document.add_comment(paragraph.runs, text="{{单位}}")
    assert "批注" in "".join(template_faults(document, KNOWN))
    assert unfilled(document, ()) == ["单位"]


def test_a_control_with_a_field_is_detached_from_the_property_that_would_replace_it() -> None:
    control = (
        '<w:p xmlns:w="{w}"><w:sdt><w:sdtPr><w:dataBinding w:xpath="/a" w:storeItemID="{{}}"/></w:sdtPr><w:sdtContent><w:r><w:t>%s</w:t>'
        "</w:r></w:sdtContent></w:sdt></w:p>"
    )
    document = docx.Document()
    for text in ("{{{{单位}}}}", "固定标题"):
        document.element.body.insert(0, parse_xml((control % text).format(w=nsmap["w"])))
    fill_document(document, VALUES)
    assert document.element.body.xml.count("<w:dataBinding") == 1
    assert "区城管局" in document.element.body.xml


def test_a_value_in_single_braces_is_no_field() -> None:
    document = docx.Document()
    document.add_paragraph("{{单位}}")
    values = FieldValues({"单位": "见{日期}与{{日期}}", "日期": "不应出现"})
    fill_document(document, values)
    fill_document(document, values)
    assert text_of(document).replace("\u2060", "") == "见{日期}与{{日期}}"
    assert unfilled(document, ()) == []


def test_control_characters_of_a_value_are_left_out_and_lines_are_kept() -> None:
    document = docx.Document()
    document.add_paragraph("{{单位}}")
    fill_document(document, FieldValues({"单位": "第一行\n第二\x0b行"}))
    assert text_of(document) == "第一行\n第二\n行"


def test_lines_as_a_browser_sends_them_are_paragraphs_without_a_break_at_their_end() -> None:
    document = docx.Document()
    document.add_paragraph("{{单位}}")
    document.add_paragraph("说明：{{单位}}")
    fill_document(document, FieldValues({"单位": "第一行\r\n\r\n第二行"}))
    assert text_of(document) == "第一行\n第二行\n说明：第一行\n\n第二行"
    assert len(document.paragraphs[0]._p.findall(f".//{qn('w:br')}")) == 0


# Titles


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("源汇区法治政府建设示范创建工作简报", ["源汇区法治政府建设示范创建工作简报"]),
        ("漯河市源汇区法治政府建设示范创建现场核查清单", ["漯河市源汇区法治政府建设", "示范创建现场核查清单"]),
        (
            "关于“区公共法律服务中心规范运行”（1-5-1）的情况说明",
            ["关于“区公共法律服务中心规范", "运行”（1-5-1）的情况说明"],
        ),
        ("一" * 45, ["一" * 15] * 3),
        ("a" * 90, ["a" * 90]),
        ("", []),
    ],
)
def test_a_long_title_is_broken_by_sense_into_even_lines(title: str, lines: list[str]) -> None:
    assert titles.lines(title, 20) == lines

"""自评报告 as a Word document: introduction, sections and items, readings, the units' briefs, conclusion."""

from datetime import date

from docx.document import Document

from creation.models import Campaign
from creation.papers.self_assessment import PARTS, Assessment, Passage
from reports.word import charts, layout
from reports.word.charts import Pictures

LACKING = "（暂缺）"
NEXT = "、 "  # without the space, LibreOffice takes a list of numbers for one word and divides it anywhere
LABELS = tuple(f"{label}：" for _, label in PARTS)


def document_of(
    assessment: Assessment, campaign: Campaign, today: date, overview: Pictures, by_unit: Pictures
) -> Document:
    """Return the document. ``overview``: charts of the whole district, behind the introduction; those ``by_unit`` are an annex."""
    document = layout.new_document()
    layout.add_title(document, f"{campaign.district}法治政府建设示范创建自评报告", f"（{campaign.year}年度）")
    layout.add_text(document, assessment.introduction.text or LACKING)
    _add_pictures(document, charts.numbered(overview))
    for number, (section, passages) in enumerate(assessment.sections, 1):
        layout.add_heading(document, f"{layout.chinese(number)}、{section.title}", 1)
        for place, passage in enumerate(passages, 1):
            _add_item(document, passage, place)
    layout.add_text(document, assessment.conclusion.text or LACKING)
    host = campaign.host.name if campaign.host else campaign.district.name
    layout.add_signature(document, host, f"{today.year}年{today.month}月{today.day}日")
    _add_readings(document, assessment)
    if by_unit:
        layout.add_annex_heading(document, "附图")
        _add_pictures(document, charts.numbered(by_unit, len(overview) + 1))
    _add_briefs(document, assessment)
    return document


def _add_pictures(document: Document, pictures: Pictures) -> None:
    for picture, words in pictures:
        layout.add_picture(document, picture, words)


def _add_item(document: Document, passage: Passage, place: int) -> None:
    title = passage.item.title if passage.item else passage.title
    layout.add_heading(document, f"（{layout.chinese(place)}）{title}", 2)
    if passage.quoted:
        layout.add_text(document, passage.quoted, lead="指标原文：")
    for line in (passage.text or LACKING).split("\n"):
        label = next((each for each in LABELS if line.startswith(each)), "")
        layout.add_text(document, layout.unbroken(line.removeprefix(label)), lead=label)
    if passage.totals:
        layout.add_text(document, "".join(total.sentence for total in passage.totals), lead="目标值完成情况：")
    if passage.numbers:
        layout.add_text(document, layout.unbroken(NEXT.join(passage.numbers)) + "。", lead="印证资料：")


def _add_readings(document: Document, assessment: Assessment) -> None:
    rows = [
        (source.task.code, row["measure"], row["target"], row["period"], row["verdict"], source.task.unit.short_name)
        for passage in assessment.passages
        for source in passage.sources
        for row in source.answer.readings
    ]
    if rows:
        layout.add_annex_heading(document, "附表")
        layout.add_title(document, "各单位目标值完成情况")
        headings = ("要点", "测量项", "目标值", "期间", "完成情况", "单位")
        layout.add_table(document, headings, rows, (1.2, 3, 1.6, 1.1, 2.4, 2.2), texts=(1, 4, 5))


def _add_briefs(document: Document, assessment: Assessment) -> None:
    written = [(brief, brief.text) for brief in assessment.briefs if brief.text]
    if written:
        layout.add_annex_heading(document, "附件")
        layout.add_title(document, "各单位自评简报")
        for number, (brief, text) in enumerate(written, 1):
            layout.add_heading(
                document, f"（{layout.chinese(number) if number < 100 else number}）{brief.task.unit.name}", 2
            )
            layout.add_text(document, text)

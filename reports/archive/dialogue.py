"""What was asked and answered on the way: questions of units with the replies, opinions of experts with what became of them."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from django.utils import timezone

from creation.models import Opinion, Question
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.archive.writing import minute
from reports.word import layout

Table = tuple[str, Sequence[str], list[tuple[str, ...]], Sequence[float], Sequence[int]]


def questions(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield one document with all questions and replies, if there are any."""
    asked = Question.objects.visible_to(source.reader).in_campaigns([source.campaign])
    joined = asked.for_table().select_related("reply__created_by", "task__finding", "unit", "created_by")
    rows = [_question_row(row) for row in joined.order_by("created_at", "pk")]
    if rows:
        headings = ("提问单位", "对应任务", "提问", "答复")
        table = ("提问和答复", headings, rows, (1.2, 2, 3, 4), (1, 2, 3))
        yield _item(source, ArchiveCategory.PLANS, ArchiveKind.QUESTIONS, table)


def _question_row(row: Question) -> tuple[str, ...]:
    asked = f"{row.text}（{minute(row.created_at)}）"
    if row.reply is None:
        return row.asking_unit.short_name, str(row.task or ""), asked, "没有答复"
    words = f"{row.reply.text}（{row.reply.created_by}，{minute(row.replied_at)}）"
    withdrawn = f"已撤回：{row.reply.withdrawn_reason}" if row.reply.withdrawn_at else ""
    return row.asking_unit.short_name, str(row.task or ""), asked, f"{words}{withdrawn}"


def opinions(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield one document with all opinions, if there are any."""
    given = Opinion.objects.visible_to(source.reader).filter(task__campaign=source.campaign).for_table()
    rows = [_opinion_row(row) for row in given.select_related("task__finding").order_by("created_at", "pk")]
    if rows:
        headings = ("单位", "任务", "专家意见", "处理情况")
        table = ("专家意见和处理情况", headings, rows, (1.2, 2, 3, 4), (1, 2, 3))
        yield _item(source, ArchiveCategory.APPRAISALS, ArchiveKind.OPINIONS, table)


def _opinion_row(row: Opinion) -> tuple[str, ...]:
    said = f"{row.text}（{row.created_by}，{minute(row.created_at)}）"
    settled = f"{row.answer}（{row.settled_by}，{minute(row.settled_at)}）" if row.settled_at else "没有处理"
    return row.task.unit.short_name, str(row.task), said, settled


def _item(source: ArchiveSource, category: ArchiveCategory, kind: ArchiveKind, table: Table) -> ArchiveItem:
    title, _, rows, _, _ = table
    return ArchiveItem(
        category,
        kind,
        title,
        "docx",
        issuer=source.issuer,
        dated_on=timezone.localdate(source.now),
        remark=f"{len(rows)} 条",
        make=partial(_write, table),
    )


def _write(table: Table, path: Path) -> None:
    title, headings, rows, widths, texts = table
    document = layout.new_document()
    layout.add_title(document, title)
    layout.add_table(document, headings, rows, widths, texts)
    layout.save(document, path, title)

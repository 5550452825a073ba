"""The units' answers, a document for each section and unit, and the evidence that they were submitted with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.db.models import prefetch_related_objects
from django.utils import timezone
from docx.document import Document

from creation.models import Evidence, Extract, PaperKind, Submission, Task, TaskStatus
from creation.models.task import TaskQuerySet
from creation.operations.archive_catalogue import LackingItem
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.archive.papers import issued_papers, scan_items
from reports.package import contents
from reports.package.contents import PackageItem
from reports.package.statement_files import StatementFiles
from reports.word import layout

TEXTS = (("measures", "工作措施"), ("results", "完成情况"), ("highlights", "亮点"), ("statement", "情况说明"))


@dataclass(slots=True)
class AnswerBook:
    """What one unit answered within one section: tasks with their latest answers, None where there is none; no book without an answer."""

    section: str
    unit: str
    issuer: str
    answers: list[tuple[Task, Submission | None]] = field(default_factory=list)


def answers(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield for each section and unit the document of its answers, then its evidence; statements with their stamped scans."""
    tasks = source.tasks.of_plan()
    cited = evidence_of(tasks, source, ArchiveCategory.ANSWERS, ArchiveKind.EVIDENCE)
    pieces = _by_place(item for _, item in cited)
    for paper in issued_papers(source, PaperKind.STATEMENT):
        if paper.task:
            section, _ = contents.folders_of(paper.task)
            place = (section, paper.task.unit.short_name)
            pieces.setdefault(place, []).extend(scan_items(paper, ArchiveCategory.ANSWERS, place))
    for book in _books(tasks):
        place = (book.section, book.unit)
        yield ArchiveItem(
            ArchiveCategory.ANSWERS,
            ArchiveKind.ANSWERS,
            f"{book.unit}：{book.section} 答复",
            "docx",
            place,
            issuer=book.issuer,
            dated_on=max((answer.handed_on for _, answer in book.answers if answer), default=None),
            remark=f"{len(book.answers)} 项任务",
            make=partial(_write_book, book),
        )
        yield from pieces.pop(place, [])
    for left in pieces.values():  # cited from units without a task in this section
        yield from left


def _by_place(items: Iterable[ArchiveItem]) -> dict[tuple[str, ...], list[ArchiveItem]]:
    found: dict[tuple[str, ...], list[ArchiveItem]] = {}
    for item in items:
        found.setdefault(item.folders, []).append(item)
    return found


def evidence_of(
    tasks: TaskQuerySet, source: ArchiveSource, category: ArchiveCategory, kind: ArchiveKind
) -> Iterator[tuple[PackageItem, ArchiveItem]]:
    """Yield what the latest answers of these tasks cite, under section and unit, whatever their reviews said; note as lacking what must
    stay out."""
    found = contents.read_contents(tasks, None, TaskStatus.values)
    made = StatementFiles(source.now)
    for row in found.withheld:
        source.lacking.append(LackingItem(f"{row.number} {row.unit} {row.title}", row.why))
    deleted = Evidence.objects.filter(unit__district=source.campaign.district_id, deleted_at__isnull=False)
    gone, counted = set(deleted.values_list("pk", flat=True)), _pages_read(source)
    for item in found.items:
        if item.evidence in gone:
            source.lacking.append(LackingItem(f"{item.number} {item.unit} {contents.WITHHELD}", "资料已删除"))
            continue
        yield item, _evidence_item(item, category, kind, made, counted.get(item.key))


def _pages_read(source: ArchiveSource) -> dict[str, int]:
    """Return file → how many pages were counted when it was read, of the district's evidence."""
    read = Extract.objects.filter(version__evidence__unit__district=source.campaign.district_id)
    rows = read.exclude(version__blob="").values_list("version__blob", "facts")
    return {blob: facts["pages"] for blob, facts in rows.iterator() if facts.get("pages")}


def _evidence_item(
    item: PackageItem, category: ArchiveCategory, kind: ArchiveKind, made: StatementFiles, counted: int | None
) -> ArchiveItem:
    return ArchiveItem(
        category,
        ArchiveKind.STATEMENT if item.is_statement else kind,
        item.title if item.title.startswith(item.number) else f"{item.number} {item.title}",
        item.name.rpartition(".")[2],
        (item.section, item.unit),
        doc_number=item.doc_number,
        issuer=item.issuer or item.unit,
        dated_on=item.dated_on,
        pages=item.page_count or counted,
        remark="；".join(filter(None, [item.kind, item.passage, item.url])),
        key=item.key,
        sha256=item.sha256,
        make=partial(_write_statement, made, item) if item.statement else None,
        text=item.text,
        evidence=frozenset({item.evidence} - {0}),
    )


def _write_statement(made: StatementFiles, item: PackageItem, path: Path) -> None:
    if item.statement:
        path.write_bytes(made.file(*item.statement))


def _books(tasks: TaskQuerySet) -> Iterator[AnswerBook]:
    chosen = list(tasks.for_table().in_ledger_order())
    latest = contents.latest_answers([task.pk for task in chosen])
    prefetch_related_objects(list(latest.values()), "created_by", "review__created_by")
    found: dict[tuple[int, str], AnswerBook] = {}
    sections: dict[str, int] = {}
    for task in chosen:
        section, _ = contents.folders_of(task)
        order = sections.setdefault(section, len(sections))
        book = found.setdefault(
            (order, task.unit.short_name), AnswerBook(section, task.unit.short_name, task.unit.name)
        )
        book.answers.append((task, latest.get(task.pk)))
    for _, book in sorted(found.items(), key=lambda each: each[0][0]):
        if any(answer for _, answer in book.answers):
            yield book


def _write_book(book: AnswerBook, path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, f"{book.issuer}答复", book.section)
    for task, answer in book.answers:
        layout.add_heading(document, f"{task.code} {task.title}", 3)
        state = f"已终止（{task.ended}）" if task.ended else task.get_status_display()
        layout.add_text(document, f"{task.get_role_display()}；{state}", lead="分工与状态：")
        if answer is None:
            layout.add_text(document, "没有报送。")
        else:
            add_answer(document, answer)
    layout.save(document, path, f"{book.issuer}答复")


def add_answer(document: Document, answer: Submission) -> None:
    """Add the texts of an answer, and who submitted it and who reviewed it."""
    for name, label in TEXTS:
        if text := getattr(answer, name):
            layout.add_text(document, text, lead=f"{label}：")
    if answer.keeper:
        layout.add_text(document, f"保管人 {answer.keeper}；存放地点 {answer.place}", lead="现场提供：")
    for row in answer.readings:
        layout.add_text(
            document, f"{row['measure']}（{row['period']}）：{row['verdict']}，目标 {row['target']}", lead="指标数据："
        )
    layout.add_text(document, f"{answer.created_by}，{answer.handed_on}，第 {answer.number} 次", lead="报送：")
    if review := answer.verdict_given:
        day = timezone.localdate(review.created_at)
        words = "，".join(
            filter(None, [str(review.created_by), f"{day}", review.get_verdict_display(), review.comment])
        )
        layout.add_text(document, words, lead="审核：")

"""印证资料目录: the citations of the tasks of a ledger, one row each, by number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from creation.models import EvidenceKind
from creation.models.task import TaskQuerySet
from reports.ledger.citations import cited_evidence, submitted_fields
from reports.ledger.columns import day_text
from reports.ledger.historical_state import HistoricalState
from reports.printed_tables import TableColumn, TableLayout


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    task: int
    number: str
    title: str
    kind: str
    doc_number: str
    dated_on: date | None
    issuer: str
    pages: int | None
    unit: str
    checkpoint: str
    passage: str


LAYOUT = TableLayout(
    (
        TableColumn("三级指标（要点）", 300, lambda row: row.checkpoint, level=0),
        TableColumn("编号", 110, lambda row: row.number, centered=True),
        TableColumn("题名", 420, lambda row: row.title),
        TableColumn("类型", 90, lambda row: row.kind, centered=True),
        TableColumn("文号", 190, lambda row: row.doc_number),
        TableColumn("成文日期", 110, lambda row: day_text(row.dated_on), centered=True),
        TableColumn("责任者", 170, lambda row: row.issuer),
        TableColumn("页数", 60, lambda row: row.pages, centered=True),
        TableColumn("提供单位", 120, lambda row: row.unit, centered=True),
        TableColumn("证明段落", 200, lambda row: row.passage),
    ),
    levels=lambda row: (row.checkpoint,),
)
FIELDS = (
    "task_id", "number__point", "number__serial", "evidence__title", "evidence__kind", "evidence__doc_number", "evidence__dated_on",
    "evidence__issuer", "evidence__pages", "task__unit__short_name", "task__indicator__code", "task__indicator__title",
    "task__action", "task__action__code", "task__action__title", "passage",
)  # fmt: skip


def evidence_rows(tasks: TaskQuerySet, state: HistoricalState | None) -> Iterator[EvidenceRow]:
    chosen = tasks.order_by().values("pk")
    rows, known = cited_evidence(chosen, state), submitted_fields(chosen, state)
    order = ("task__indicator__order", "number__point", "number__serial", "task__unit__order", "pk")
    for task, point, serial, title, kind, doc, day, issuer, pages, unit, *named, action, code, work, passage in (
        rows.order_by(*order).values_list(*FIELDS).iterator(chunk_size=2000)
    ):
        of = state.name(task, action, code) if state else ""
        now = " ".join(filter(None, (*named, code, work)))
        number = f"{point}-{serial:02d}"
        if fields := known.get((task, number)):
            title, kind, doc, day, issuer, pages, passage = fields[:7]
        yield EvidenceRow(
            task, number, title, EvidenceKind(kind).label, doc, day, issuer, pages, unit, of or now, passage
        )

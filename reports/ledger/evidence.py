"""印证资料目录: what the tasks of a ledger cite, one line a citation, by number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from creation.models import EvidenceKind
from creation.models.task import TaskQuerySet
from reports.ledger.citations import cited, handed_in
from reports.ledger.columns import day_text
from reports.ledger.then import Then
from reports.printing import Column, Form


@dataclass(frozen=True, slots=True)
class Piece:
    task: int
    number: str
    title: str
    kind: str
    doc_number: str
    dated_on: date | None
    issuer: str
    pages: int | None
    unit: str
    point: str
    passage: str


FORM = Form(
    (
        Column("三级指标（要点）", 300, lambda row: row.point, level=0),
        Column("编号", 110, lambda row: row.number, centered=True),
        Column("题名", 420, lambda row: row.title),
        Column("类型", 90, lambda row: row.kind, centered=True),
        Column("文号", 190, lambda row: row.doc_number),
        Column("成文日期", 110, lambda row: day_text(row.dated_on), centered=True),
        Column("责任者", 170, lambda row: row.issuer),
        Column("页数", 60, lambda row: row.pages, centered=True),
        Column("提供单位", 120, lambda row: row.unit, centered=True),
        Column("证明段落", 200, lambda row: row.passage),
    ),
    levels=lambda row: (row.point,),
)
FIELDS = (
    "task_id", "number__point", "number__serial", "evidence__title", "evidence__kind", "evidence__doc_number", "evidence__dated_on",
    "evidence__issuer", "evidence__pages", "task__unit__short_name", "task__indicator__code", "task__indicator__title",
    "task__action", "task__action__code", "task__action__title", "passage",
)  # fmt: skip


def pieces(tasks: TaskQuerySet, then: Then | None) -> Iterator[Piece]:
    chosen = tasks.order_by().values("pk")
    rows, known = cited(chosen, then), handed_in(chosen, then)
    order = ("task__indicator__order", "number__point", "number__serial", "task__unit__order", "pk")
    for task, point, serial, title, kind, doc, day, issuer, pages, unit, *named, action, code, work, passage in (
        rows.order_by(*order).values_list(*FIELDS).iterator(chunk_size=2000)
    ):
        of = then.name(task, action, code) if then else ""
        now = " ".join(filter(None, (*named, code, work)))
        number = f"{point}-{serial:02d}"
        if said := known.get((task, number)):
            title, kind, doc, day, issuer, pages, passage = said[:7]
        yield Piece(task, number, title, EvidenceKind(kind).label, doc, day, issuer, pages, unit, of or now, passage)

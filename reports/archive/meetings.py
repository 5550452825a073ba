"""Meetings with decisions and files; what the heads of units did in person; instructions of leaders and how they were handled."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.db.models import Prefetch
from django.utils import timezone

from creation.models import Instruction, Meeting, MeetingDecision, Task
from creation.rules.retention import ArchiveCategory, ArchiveKind
from creation.supervision.meetings import LABELS
from reports import supervision_lists
from reports.archive.items import ArchiveItem, ArchiveSource, attached_item
from reports.archive.writing import add_facts, minute
from reports.word import layout

TITLED = ("title", "kind")  # in the title of the document


def meetings(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield each meeting with agenda, minutes and decisions, then its sign-in sheet and other files."""
    tasks = Task.objects.active().select_related("unit").order_by("unit__order", "pk")
    decisions = MeetingDecision.objects.select_related("action").prefetch_related(Prefetch("action__tasks", tasks))
    shown = Meeting.objects.visible_to(source.reader).filter(campaign=source.campaign).select_related("recorded_by")
    for row in shown.prefetch_related("files", Prefetch("decisions", decisions)).order_by("held_on", "pk"):
        folder = (f"{row.held_on:%Y%m%d} {row.title}",)
        yield ArchiveItem(
            ArchiveCategory.MEETINGS,
            ArchiveKind.MEETING,
            row.title,
            "docx",
            folder,
            issuer=source.issuer,
            dated_on=row.held_on,
            remark=row.get_kind_display(),
            make=partial(_write_meeting, row),
        )
        for file in row.files.all():
            yield attached_item(
                file,
                ArchiveCategory.MEETINGS,
                ArchiveKind.MEETING_FILE,
                source.issuer,
                folders=folder,
                dated_on=row.held_on,
                remark=row.title,
            )


def _write_meeting(row: Meeting, path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, row.title, row.get_kind_display())
    add_facts(document, [(label, str(getattr(row, name))) for name, label in LABELS.items() if name not in TITLED])
    decided = [
        (each.action.title, task.unit.short_name, f"{task.due_on or ''}", task.get_status_display())
        for each in row.decisions.all()
        for task in each.action.tasks.all()
    ]
    if decided:
        layout.add_annex_heading(document, "议定事项及办理")
        layout.add_table(document, ("事项", "单位", "完成时限", "状态"), decided, (4, 1.6, 1.4, 1), (0,))
    add_facts(document, [("登记", f"{row.recorded_by}，{minute(row.recorded_at)}")])
    layout.save(document, path, row.title)


def personal_acts(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield the list of what the heads of units did in person; nothing where no task asks for it."""
    made = supervision_lists.personal_acts(source.campaign, source.reader, {}, source.now)
    if made.count:
        yield source.list_item(ArchiveCategory.MEETINGS, ArchiveKind.PERSONAL_ACTS, made)


def instructions(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield each instruction with the work that was made of it, or the answer."""
    rows = Instruction.objects.visible_to(source.reader).filter(campaign=source.campaign).for_table()
    for row in rows.order_by("created_at", "pk"):
        yield ArchiveItem(
            ArchiveCategory.MEETINGS,
            ArchiveKind.INSTRUCTION,
            str(row),
            "docx",
            ("领导批示",),
            issuer=str(row.created_by),
            dated_on=timezone.localdate(row.created_at),
            remark="已办理" if row.settled_at else "没有办理",
            make=partial(_write_instruction, row),
        )


def _write_instruction(row: Instruction, path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, str(row), minute(row.created_at))
    layout.add_text(document, row.text)
    made = ""
    if row.action:
        made = f"{row.action}，下发 {row.given} 个单位，{row.answered} 个已报送"  # type: ignore[attr-defined]
    facts = (
        ("牵头单位", row.lead.name if row.lead else ""),
        ("配合单位", "、".join(unit.name for unit in row.assists.all())),
        ("完成时限", f"{row.due_on or ''}"),
        ("转为工作事项", made),
        ("办理情况", row.answer),
        ("办理", f"{row.settled_by}，{minute(row.settled_at)}" if row.settled_at else "没有办理"),
    )
    add_facts(document, facts)
    layout.save(document, path, str(row))

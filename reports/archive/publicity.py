"""The register of publicity with its cuttings, and the typical cases that the office selected."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.utils import timezone

from creation.models import CaseState, Publicity, TypicalCase
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports import yearend
from reports.archive.items import ArchiveItem, ArchiveSource, attached_item
from reports.archive.writing import add_facts
from reports.word import booklet, layout


def register(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield the register, then the cuttings. An entry whose link is a stopped piece of evidence stays out of both."""
    listed = Publicity.objects.visible_to(source.reader).filter(campaign=source.campaign).for_table()
    rows = list(listed.order_by("unit__order", "unit", "published_on", "pk"))
    kept = [row for row in rows if row.removed_at is None and row.evidence_id not in source.restricted]
    for row in rows:
        if row.evidence_id in source.restricted:
            source.leave_out(f"{row.unit.short_name} 一条宣传报道", "链接对应的资料已隐藏或停用")
        elif row.removed_at:
            source.leave_out(f"宣传报道 {row}", "登记后已删除", by_rule=True)
    if not kept:
        return
    made = yearend.publicity_table(source.campaign, kept, source.now)
    named = [row.evidence_id for row in kept if row.evidence_id]
    yield source.list_item(ArchiveCategory.PUBLICITY, ArchiveKind.PUBLICITY, made, named)
    for row in kept:
        for file in row.files.all():
            yield attached_item(
                file,
                ArchiveCategory.PUBLICITY,
                ArchiveKind.CUTTING,
                row.unit.name,
                title=f"{row.title} {file.name.rpartition('.')[0] or file.name}",
                folders=("剪报和照片", row.unit.short_name),
                dated_on=row.published_on,
                remark=f"{row.medium}，{row.get_level_display()}",
            )


def cases(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield the selected cases; note the others as left out."""
    rows = TypicalCase.objects.visible_to(source.reader).filter(campaign=source.campaign).for_table()
    for row in rows:
        if row.state == CaseState.SUBMITTED:
            source.leave_out(f"典型经验 {row}", "报送后没有审核")
        elif row.state != CaseState.SELECTED:
            source.leave_out(f"典型经验 {row}", f"没有采用（{row.get_state_display()}）", by_rule=True)
        else:
            yield ArchiveItem(
                ArchiveCategory.PUBLICITY,
                ArchiveKind.CASE,
                row.title,
                "docx",
                ("典型经验",),
                issuer=row.unit.name,
                dated_on=timezone.localdate(row.submitted_at) if row.submitted_at else None,
                make=partial(_write_case, row),
            )


def _write_case(row: TypicalCase, path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, row.title, row.unit.name)
    booklet.add_parts(document, row)
    judged = f"{row.judged_by}，{timezone.localdate(row.judged_at)}，采用" if row.judged_at else ""
    add_facts(document, [("审核", "，".join(filter(None, [judged, row.comment])))])
    layout.save(document, path, row.title)

"""Uploaded workbooks: accepted, shown as a plan any number of times, and carried out completely or not at all."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.imports import headings, sandbox
from creation.imports.headings import SheetLayout
from creation.imports.import_plan import ImportPlan
from creation.imports.kinds import ImportContext, ImportKind
from creation.imports.registry import KINDS
from creation.imports.worksheet import Sheet
from creation.lib import filenames
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, ImportUpload

RETENTION = timedelta(days=3)
NO_TABLE = "没有找到“{title}”的表头。表格前 15 行里应有一行写着：{headings}。请核对是不是选错了文件。"


def receive(kind: ImportKind, campaign: Campaign, name: str, content: bytes, actor: Actor) -> ImportUpload:
    """Store a workbook and return its upload. Raises Refusal when it cannot be read or has no such table; then nothing is stored."""
    if len(content) > sandbox.SIZE:
        raise Refusal(f"文件太大，导入的工作簿不能超过 {sandbox.SIZE >> 20} MB。请删去图片和多余的工作表。")
    upload = ImportUpload(
        campaign=campaign,
        person=actor.human,
        kind=kind.name,
        name=filenames.clean(name),
        content=content,
        created_at=actor.at,
    )
    plan_of(upload, actor)
    upload.save()
    return upload


def layout_of(upload: ImportUpload) -> SheetLayout:
    return _layout(upload, _sheets(upload))


def _sheets(upload: ImportUpload) -> list[Sheet]:
    with tempfile.NamedTemporaryFile(dir=settings.INCOMING_ROOT) as file:
        file.write(upload.content)
        file.flush()
        return sandbox.read_sheets(Path(file.name), upload.name)


def _layout(upload: ImportUpload, sheets: list[Sheet]) -> SheetLayout:
    kind = KINDS[upload.kind]
    found = headings.find_layout(sheets, kind.columns)
    if found is None:
        wanted = "、".join(column.heading for column in kind.columns)
        raise Refusal(NO_TABLE.format(title=kind.title, headings=wanted))
    if len(found.sheet.rows) - found.row > sandbox.ROWS + sandbox.SPARE_ROWS:
        raise Refusal(f"表格超过 {sandbox.ROWS} 行，请分成几个文件导入。")
    return headings.apply_mapping(found, kind.columns, upload.mapping) if upload.mapping else found


def plan_of(upload: ImportUpload, actor: Actor) -> ImportPlan:
    """Return what the import would do now. While columns are uncertain, the plan has no lines."""
    context = _context(upload, _sheets(upload), actor)
    return ImportPlan(context.layout, []) if context.layout.ambiguous else KINDS[upload.kind].plan(context)


def _context(upload: ImportUpload, sheets: list[Sheet], actor: Actor) -> ImportContext:
    texts = tuple(
        value for sheet in sheets for row in sheet.rows for value in row if isinstance(value, str) and len(value) < 200
    )
    return ImportContext(upload.campaign, _layout(upload, sheets), upload.answers, actor, texts, upload.name)


def set_mapping(upload: ImportUpload, mapping: Mapping[str, int]) -> None:
    """Save which column of the sheet is which."""
    ImportUpload.objects.filter(pk=upload.pk, applied_at=None).update(mapping=dict(mapping))


def save_answers(upload: ImportUpload, answers: Mapping[str, str]) -> None:
    """Save the answers to questions about names or conflicts."""
    ImportUpload.objects.filter(pk=upload.pk, applied_at=None).update(answers=upload.answers | dict(answers))


def apply(upload: ImportUpload, seen: str, actor: Actor) -> str:
    """Carry out the plan that was shown (``seen`` is its digest), completely or not at all. Return the result in words."""
    return apply_sheets(upload, read_sheets(upload), seen, actor)


def read_sheets(upload: ImportUpload) -> list[Sheet]:
    """Return the sheets; read before the transaction, so that others can write meanwhile. Empty when the upload was imported already."""
    return [] if upload.applied_at else _sheets(upload)


def apply_sheets(upload: ImportUpload, sheets: list[Sheet], seen: str, actor: Actor) -> str:
    """Do ``apply`` with the sheets. An upload that was imported already returns its earlier result."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().select_related("district", "system").get(pk=upload.campaign_id)
        current = ImportUpload.objects.get(pk=upload.pk)
        if current.applied_at:
            return current.result
        if campaign.closed_message:
            raise Refusal(campaign.closed_message)
        ImportUpload.objects.filter(pk=upload.pk).update(applied_at=actor.at)
        context = replace(_context(current, sheets, actor), campaign=campaign)
        plan = KINDS[upload.kind].plan(context)
        if plan.digest != seen:
            raise Stale("系统中的内容刚刚有变化，导入结果会与您看到的不同，所以没有导入。请核对下面的新结果。")
        if not plan.is_ready:
            raise Refusal("表格里还有错误或待答的问题，没有导入。")
        result = KINDS[upload.kind].apply(context, plan)
        ImportUpload.objects.filter(pk=upload.pk).update(result=result, content=b"")
        audit_log.record(actor, "import.apply", campaign, detail=f"{KINDS[upload.kind].title}：{upload.name}，{result}")
    return result


def delete_expired(now: datetime) -> int:
    """Delete uploads older than the retention period; return their number."""
    return ImportUpload.objects.filter(created_at__lt=now - RETENTION).delete()[0]

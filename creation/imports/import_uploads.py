"""Uploaded workbooks: accepted, shown as a plan any number of times, and carried out completely or not at all."""

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.imports import (
    clearing,
    headings,
    level_lines,
    level_marks,
    old_formats,
    period_columns,
    readings,
    reshaped,
    sandbox,
    told_columns,
    unit_tables,
    unread,
    values,
    vertical_forms,
)
from creation.imports.headings import SheetLayout
from creation.imports.import_plan import ImportPlan
from creation.imports.kinds import ImportContext, ImportKind
from creation.imports.registry import KINDS
from creation.imports.unit_names import UnitNames
from creation.imports.worksheet import Sheet
from creation.lib import filenames
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, ImportUpload, Indicator, IndicatorLevel, Unit, UnitAlias
from creation.units import aliases

RETENTION = timedelta(days=3)
ERRORS, SKIP, STOP = "errors", "skip", "stop"  # the answer whether rows without errors are imported without the others
CODE = re.compile(r"\d{1,2}(?:-\d{1,2}){2}")  # of a checkpoint, such as 4-3-3
NO_TABLE = "没有找到“{title}”的表头。表格前 40 行里应有一行写着：{headings}。请核对是不是选错了文件。"


def receive(kind: ImportKind, campaign: Campaign, name: str, content: bytes, actor: Actor) -> ImportUpload:
    """Store a workbook and return its upload. Raises Refusal when it cannot be read or has no such table; then nothing is stored."""
    upload = prepare(kind, campaign, name, content, actor)
    upload.person = actor.human
    plan_of(upload, actor)
    upload.save()
    return upload


def prepare(kind: ImportKind, campaign: Campaign, name: str, content: bytes, actor: Actor) -> ImportUpload:
    """Return an upload that is not stored. Raises Refusal for a file that is too large."""
    if len(content) > sandbox.SIZE:
        raise Refusal(f"文件太大，导入的工作簿不能超过 {sandbox.SIZE >> 20} MB。请删去图片和多余的工作表。")
    name, content = old_formats.as_readable(name, content)
    return ImportUpload(
        campaign=campaign, kind=kind.name, name=filenames.clean(name), content=content, created_at=actor.at
    )


def _sheets(upload: ImportUpload) -> list[Sheet]:
    """Return the sheets. A stored upload was checked when it came in, and its bytes are still the same."""
    with tempfile.NamedTemporaryFile(dir=settings.INCOMING_ROOT) as file:
        file.write(upload.content)
        file.flush()
        return sandbox.read_sheets(Path(file.name), upload.name, is_checked=upload.pk is not None)


def _layouts(upload: ImportUpload, sheets: list[Sheet]) -> list[SheetLayout]:
    """Return the table on each of its sheets, with the columns that a person has pointed out on the first.

    A sheet without these columns is not read, as a sheet with another heading.
    """
    kind = KINDS[upload.kind]
    ignored = (*kind.ignored_headings, *kind.read_only_headings)
    sheets = [reshaped.halves_below(reshaped.upright(sheet, kind.columns), kind.columns) for sheet in sheets]
    if kind.has_periods:
        sheets = [period_columns.with_row_for_each_period(sheet, readings.is_quarter) for sheet in sheets]
    knows = _unit_names(upload).knows
    if kind.has_unit_tables:
        sheets = [unit_tables.by_checkpoint(sheet, knows, upload.answers) for sheet in sheets]
        sheets = [reshaped.with_joined_columns(sheet, kind.columns) for sheet in sheets]
    found = headings.find_layouts(sheets, kind.columns, ignored)
    if kind.has_forms and (not found or found[0].ambiguous):
        found = vertical_forms.find_forms(sheets, kind.columns, ignored) or found
    found = found or headings.guess_layouts(sheets, kind.columns, ignored)
    found = [reshaped.in_one_order(layout, kind.columns) for layout in found]
    is_point = _point_teller(upload.campaign)
    found = [
        told_columns.with_told_columns(layout, kind.columns, is_point, knows, kind.has_unit_tables) for layout in found
    ]
    found = [reshaped.with_line_beside(layout, kind.columns, knows) for layout in found]
    if kind.has_levels:
        found = [level_lines.with_levels(layout, kind.columns, takes_marks=kind.has_whole_system) for layout in found]
    if not found:
        wanted = "、".join(column.heading for column in kind.exported_columns)
        raise Refusal(NO_TABLE.format(title=kind.title, headings=wanted))
    if sum(layout.sheet.height - layout.row for layout in found) > sandbox.ROWS + sandbox.SPARE_ROWS:
        raise Refusal(f"表格超过 {sandbox.ROWS} 行，请分成几个文件导入。")
    mapping = unread.answered_mapping(found[0], upload.answers) | upload.mapping
    if mapping:
        first, *others = [_mapped(layout, found[0], kind, mapping) for layout in found]
        found = [first, *(layout for layout in others if layout.ambiguous <= first.ambiguous)]
    if upload.mapping:  # on its page a person has seen the guesses, too
        found = [replace(layout, unknown=dict.fromkeys(layout.unknown, "")) for layout in found]
    return _with_continued(found, sheets, upload.answers)


def _with_continued(found: list[SheetLayout], sheets: list[Sheet], answers: Mapping[str, str]) -> list[SheetLayout]:
    """Add the tables without a heading that a person has said to continue the one before them."""
    added = [
        replace(above, sheet=sheet, row=0, top=1)
        for sheet, above in unread.continued_sheets(sheets, found)
        if answers.get(f"{unread.CONTINUED}:{sheet.name}") == unread.CONTINUES
    ]
    order = [sheet.name for sheet in sheets]
    return sorted([*found, *added], key=lambda layout: order.index(layout.sheet.name)) if added else found


def _point_teller(campaign: Campaign) -> Callable[[str], bool]:
    """Return the function that says whether a text is a checkpoint: its code and title, or a title of the campaign's system."""
    titles: set[str] = set()

    def is_point(text: str) -> bool:
        if CODE.fullmatch(values.code_in(text)):
            return True
        if not titles:
            points = Indicator.objects.filter(system=campaign.system_id, level=IndicatorLevel.CHECKPOINT)
            titles.update(map(level_marks.title_key, points.values_list("title", flat=True)))
        return level_marks.title_key(level_marks.without_level_mark(text)) in titles

    return is_point


def _unit_names(upload: ImportUpload) -> UnitNames:
    district = upload.campaign.district
    units = Unit.objects.active(timezone.localdate(upload.created_at)).filter(district=district)
    return UnitNames(units, district.name, {}, UnitAlias.objects.filter(district=district))


def _mapped(layout: SheetLayout, first: SheetLayout, kind: ImportKind, mapping: Mapping[str, int]) -> SheetLayout:
    """Return the layout with the columns chosen on the first sheet; on another sheet those with the same heading."""
    if layout is first:
        return headings.apply_mapping(layout, kind.columns, mapping)
    numbers = {key: headings.numbers_with_label(layout, first.label(number)) for key, number in mapping.items()}
    chosen = {key: found[0] if found else 0 for key, found in numbers.items()}
    return headings.apply_mapping(layout, kind.columns, chosen)


def plan_of(upload: ImportUpload, actor: Actor) -> ImportPlan:
    """Return what the import would do now. While columns are uncertain, the plan has no lines."""
    return plan_of_sheets(upload, _sheets(upload), actor)


def plan_of_sheets(upload: ImportUpload, sheets: list[Sheet], actor: Actor) -> ImportPlan:
    return _plan(KINDS[upload.kind], _context(upload, sheets, actor), sheets)


def _plan(kind: ImportKind, context: ImportContext, sheets: list[Sheet]) -> ImportPlan:
    unread_sheets = list(unread.unread_sheets(sheets, context.layouts))
    names = tuple(layout.sheet.name for layout in context.layouts)
    uncertain = next((layout for layout in context.layouts if layout.ambiguous), None)
    if uncertain:
        questions = unread.missing_column_questions(uncertain, kind)
        return ImportPlan(uncertain, [], questions, left=unread_sheets, sheets=names)
    plan = kind.plan(context)
    columns = unread.column_questions(context.layout, kind, context.answers)
    marks = unit_tables.mark_questions(layout.sheet for layout in context.layouts)
    continued = unread.continued_questions(sheets, context.layouts, context.answers)
    plan.questions[:0] = [*columns, *marks, *unread.hidden_row_questions(context)]
    plan.questions += clearing.questions(plan, context.answers)
    plan.questions = continued or plan.questions  # the others depend on which tables are read
    plan.left = [*unread_sheets, *context.left, *unread.unused_cells(context)]
    vertical_forms.with_real_places(plan, context.layouts)
    plan.left += vertical_forms.unused_cells(context.layouts)
    plan.notes += unread.reading_notes(context)
    plan.sheets = names
    plan.takes_right_rows = _takes_right_rows(kind, context.answers)
    return plan


def _context(upload: ImportUpload, sheets: list[Sheet], actor: Actor) -> ImportContext:
    texts = tuple(
        value for sheet in sheets for row in sheet.rows for value in row if isinstance(value, str) and len(value) < 200
    )
    return ImportContext(upload.campaign, _layouts(upload, sheets), upload.answers, actor, texts, upload.name)


def set_mapping(upload: ImportUpload, mapping: Mapping[str, int]) -> None:
    """Save which column of the sheet is which."""
    ImportUpload.objects.filter(pk=upload.pk, applied_at=None).update(mapping=dict(mapping))


def save_answers(upload: ImportUpload, answers: Mapping[str, str]) -> None:
    """Save the answers to questions about names or conflicts."""
    ImportUpload.objects.filter(pk=upload.pk, applied_at=None).update(answers=upload.answers | dict(answers))


def apply(upload: ImportUpload, seen: str, actor: Actor) -> str:
    """Carry out the plan that was shown (``seen`` is its digest), completely or not at all. Return the result in words."""
    return apply_sheets(upload, read_sheets(upload), seen, actor)


def takes_right_rows(upload: ImportUpload) -> bool:
    """Return whether the person has decided to import the rows without errors."""
    return _takes_right_rows(KINDS[upload.kind], upload.answers)


def _takes_right_rows(kind: ImportKind, answers: Mapping[str, str]) -> bool:
    return kind.is_divisible and answers.get(ERRORS) == SKIP


def read_sheets(upload: ImportUpload) -> list[Sheet]:
    """Return the sheets; read before the transaction, so that others can write meanwhile. Empty when the upload was imported already."""
    return [] if upload.applied_at else _sheets(upload)


def apply_sheets(upload: ImportUpload, sheets: list[Sheet], seen: str, actor: Actor) -> str:
    """Do ``apply`` with the sheets. An upload that was imported already returns its earlier result."""
    with transaction.atomic():
        campaign = _locked_campaign(upload)
        current = ImportUpload.objects.get(pk=upload.pk)
        if current.applied_at:
            return current.result
        campaign.require_not_closed()
        ImportUpload.objects.filter(pk=upload.pk).update(applied_at=actor.at)
        result = _carry_out(current, sheets, campaign, seen, actor)
        kept = {} if takes_right_rows(current) else {"content": b""}  # the rows with errors are shown and marked later
        ImportUpload.objects.filter(pk=upload.pk).update(result=result, **kept)
    return result


def apply_unsaved(upload: ImportUpload, seen: str, actor: Actor) -> str:
    """Do ``apply`` for an upload that is not stored."""
    sheets = _sheets(upload)
    with transaction.atomic():
        campaign = _locked_campaign(upload)
        campaign.require_not_closed()
        return _carry_out(upload, sheets, campaign, seen, actor)


def _locked_campaign(upload: ImportUpload) -> Campaign:
    return Campaign.objects.select_for_update().select_related("district", "system").get(pk=upload.campaign_id)


def _carry_out(upload: ImportUpload, sheets: list[Sheet], campaign: Campaign, seen: str, actor: Actor) -> str:
    kind = KINDS[upload.kind]
    context = replace(_context(upload, sheets, actor), campaign=campaign)
    plan = _plan(kind, context, sheets)
    if plan.digest != seen:
        raise Stale("已有内容刚刚有变化，导入结果会与您看到的不同，所以没有导入。请核对下面的新结果。")
    if not plan.is_ready:
        raise Refusal("表格里还有错误或待答的问题，没有导入。")
    result = kind.apply(context, plan)
    if wrong := plan.counts["wrong"]:
        result += f"，有误的 {wrong} 行没有导入"
    aliases.remember(campaign.district, context.answers, actor)
    audit_log.record(actor, "import.apply", campaign, detail=f"{kind.title}：{upload.name}，{result}")
    return result


def delete_expired(now: datetime) -> int:
    """Delete uploads older than the retention period; return their number."""
    return ImportUpload.objects.filter(created_at__lt=now - RETENTION).delete()[0]

"""A workbook is taken, looked at as often as needed, and carried out as a whole or not at all."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.imports import headings, outside
from creation.imports.grid import Sheet
from creation.imports.headings import Layout
from creation.imports.kinds import Case, Kind
from creation.imports.plans import Plan
from creation.imports.registry import KINDS
from creation.lib import filenames
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, Intake

KEPT = timedelta(days=3)
NO_TABLE = "没有找到“{title}”的表头。表格前 15 行里应有一行写着：{headings}。请核对是不是选错了文件。"


def receive(kind: Kind, campaign: Campaign, name: str, content: bytes, actor: Actor) -> Intake:
    """Take a workbook. Raises Refusal when it cannot be read or holds no such table; then nothing is kept."""
    if len(content) > outside.SIZE:
        raise Refusal(f"文件太大，导入的工作簿不能超过 {outside.SIZE >> 20} MB。请删去图片和多余的工作表。")
    intake = Intake(
        campaign=campaign, person=actor.human, kind=kind.name, name=filenames.clean(name), content=content, at=actor.at
    )
    plan_of(intake, actor)
    intake.save()
    return intake


def layout_of(intake: Intake) -> Layout:
    return _layout(intake, _sheets(intake))


def _sheets(intake: Intake) -> list[Sheet]:
    with tempfile.NamedTemporaryFile(dir=settings.INCOMING_ROOT) as file:
        file.write(intake.content)
        file.flush()
        return outside.sheets_of(Path(file.name), intake.name)


def _layout(intake: Intake, sheets: list[Sheet]) -> Layout:
    kind = KINDS[intake.kind]
    found = headings.find(sheets, kind.columns)
    if found is None:
        wanted = "、".join(column.heading for column in kind.columns)
        raise Refusal(NO_TABLE.format(title=kind.title, headings=wanted))
    if len(found.sheet.rows) - found.row > outside.ROWS + outside.SPARE_ROWS:
        raise Refusal(f"表格超过 {outside.ROWS} 行，请分成几个文件导入。")
    return headings.chosen(found, kind.columns, intake.mapping) if intake.mapping else found


def plan_of(intake: Intake, actor: Actor) -> Plan:
    """What it would do now. A table whose columns are in doubt has no lines yet."""
    case = _case(intake, _sheets(intake), actor)
    return Plan(case.layout, []) if case.layout.doubts else KINDS[intake.kind].plan(case)


def _case(intake: Intake, sheets: list[Sheet], actor: Actor) -> Case:
    texts = tuple(
        value for sheet in sheets for row in sheet.rows for value in row if isinstance(value, str) and len(value) < 200
    )
    return Case(intake.campaign, _layout(intake, sheets), intake.answers, actor, texts, intake.name)


def point_out(intake: Intake, mapping: Mapping[str, int]) -> None:
    """Which column of the sheet is which."""
    Intake.objects.filter(pk=intake.pk, applied_at=None).update(mapping=dict(mapping))


def answer(intake: Intake, answers: Mapping[str, str]) -> None:
    """What was asked about names or conflicts."""
    Intake.objects.filter(pk=intake.pk, applied_at=None).update(answers=intake.answers | dict(answers))


def apply(intake: Intake, seen: str, actor: Actor) -> str:
    """Carry out what was shown (``seen``: the digest of that plan), whole or not at all; gives what came of it in words."""
    return carry_out(intake, read(intake), seen, actor)


def read(intake: Intake) -> list[Sheet]:
    """The sheets, read before the transaction: others can write meanwhile. None are needed of one that was imported already."""
    return [] if intake.applied_at else _sheets(intake)


def carry_out(intake: Intake, sheets: list[Sheet], seen: str, actor: Actor) -> str:
    """``apply`` with the sheets that were read. What was imported already says again what came of it."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().select_related("district", "system").get(pk=intake.campaign_id)
        there = Intake.objects.get(pk=intake.pk)
        if there.applied_at:
            return there.result
        if campaign.ended:
            raise Refusal(campaign.ended)
        Intake.objects.filter(pk=intake.pk).update(applied_at=actor.at)
        case = replace(_case(there, sheets, actor), campaign=campaign)
        plan = KINDS[intake.kind].plan(case)
        if plan.digest != seen:
            raise Stale("系统中的内容刚刚有变化，导入结果会与您看到的不同，所以没有导入。请核对下面的新结果。")
        if not plan.is_ready:
            raise Refusal("表格里还有错误或待答的问题，没有导入。")
        said = KINDS[intake.kind].apply(case, plan)
        Intake.objects.filter(pk=intake.pk).update(result=said, content=b"")
        trail.audit(actor, "import.apply", campaign, detail=f"{KINDS[intake.kind].title}：{intake.name}，{said}")
    return said


def drop_old(now: datetime) -> int:
    """Workbooks that nobody went on with."""
    return Intake.objects.filter(at__lt=now - KEPT).delete()[0]

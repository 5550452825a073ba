"""Inspection and supervision orders: the rounds, the visits with feedback, signature and photos, the orders with their replies."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from creation.models import (
    InspectionTeam,
    PaperKind,
    Submission,
    SupervisionOrder,
    SupervisionRound,
    Task,
    Visit,
    VisitCheck,
    VisitPhoto,
)
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports.archive.answers import add_answer
from reports.archive.items import ArchiveItem, ArchiveSource, attached_item
from reports.archive.papers import papers_with_scans
from reports.archive.writing import add_facts, minute
from reports.package import contents
from reports.word import layout

ORDERS = "督办单"
Reply = tuple[Task, Submission | None]


def rounds(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield each round with its teams and visits, then the record of each visit and its photos."""
    visits = _visits(source)
    shown = SupervisionRound.objects.visible_to(source.reader).filter(campaign=source.campaign)
    teams = InspectionTeam.objects.select_related("leader").prefetch_related("members").order_by("pk")
    for row in shown.prefetch_related("points", Prefetch("teams", teams)).order_by("number"):
        folder = (f"第{row.number}轮 {row.name}",)
        yield ArchiveItem(
            ArchiveCategory.FINDINGS,
            ArchiveKind.ROUND,
            f"{row.name}安排",
            "docx",
            folder,
            issuer=source.issuer,
            dated_on=timezone.localdate(row.created_at),
            remark=f"{row.starts}—{row.ends}",
            make=partial(_write_round, row, visits[row.pk], timezone.localdate(source.now)),
        )
        for visit in visits[row.pk]:
            if visit.recorded_at:
                yield from _visit_items(visit, folder, source)
            elif visit.cancelled_on is None:
                source.leave_out(str(visit), "走访没有记录")


def _visits(source: ArchiveSource) -> dict[int, list[Visit]]:
    checks = VisitCheck.objects.select_related("task__indicator", "task__action", "task__finding", "created_by")
    photos = VisitPhoto.objects.visible_to(source.reader).order_by("pk")
    shown = Visit.objects.visible_to(source.reader).filter(round__campaign=source.campaign).for_table()
    rows = shown.select_related("recorded_by").by_day()
    found: dict[int, list[Visit]] = defaultdict(list)
    for visit in rows.prefetch_related(Prefetch("checks", checks.order_by("pk")), Prefetch("checks__photos", photos)):
        found[visit.round_id].append(visit)
    return found


def _visit_items(visit: Visit, folder: tuple[str, ...], source: ArchiveSource) -> Iterator[ArchiveItem]:
    place = (*folder, visit.unit.short_name)
    yield ArchiveItem(
        ArchiveCategory.FINDINGS,
        ArchiveKind.VISIT,
        f"{visit.unit.short_name}督导走访记录和反馈意见",
        "docx",
        place,
        issuer=source.issuer,
        dated_on=visit.day,
        remark=f"{visit.signed_name} {minute(visit.signed_at)} 签收" if visit.signed_at else "单位没有签收",
        make=partial(_write_visit, visit),
    )
    for check in visit.checks.all():
        for number, photo in zip(count(1), check.photos.all(), strict=False):
            yield attached_item(
                photo,
                ArchiveCategory.FINDINGS,
                ArchiveKind.VISIT_PHOTO,
                source.issuer,
                title=f"{check.title} 照片{number}",
                folders=place,
                dated_on=timezone.localdate(photo.created_at),
                remark=check.get_verdict_display(),
            )


def _write_round(row: SupervisionRound, visits: list[Visit], today: date, path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, row.name, f"第 {row.number} 轮，{row.starts} 至 {row.ends}")
    facts = [
        ("重点指标", "、".join(str(point) for point in row.points.all())),
        ("督导重点", row.focus),
        ("请单位准备", row.preparation),
    ]
    facts += [
        (team.name, "、".join([f"{team.leader}（组长）", *(str(each) for each in team.members.all())]))
        for team in row.teams.all()
    ]
    add_facts(document, facts)
    lines = [
        (each.unit.short_name, each.team.name, f"{each.day or ''}", each.state_on(today), each.cancel_reason)
        for each in visits
    ]
    if lines:
        layout.add_annex_heading(document, "走访安排")
        layout.add_table(document, ("单位", "督导组", "日期", "状态", "取消原因"), lines, (2, 1.4, 1.4, 1, 2), (4,))
    layout.save(document, path, row.name)


def _write_visit(visit: Visit, path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, "督导反馈意见", str(visit.round))
    layout.add_addressee(document, f"{visit.unit.name}：")
    for line in visit.feedback.splitlines():
        layout.add_text(document, line)
    signed = f"{visit.signed_name}，{minute(visit.signed_at)}" if visit.signed_at else "没有签收"
    facts = (
        ("督导组", f"{visit.team}，组长 {visit.team.leader}"),
        ("走访日期", visit.when),
        ("记录", f"{visit.recorded_by}，{minute(visit.recorded_at)}"),
        ("单位签收", signed),
    )
    add_facts(document, facts)
    noted = [
        (each.title, each.get_verdict_display(), each.remark, str(each.created_by), minute(each.created_at))
        for each in visit.checks.all()
    ]
    if noted:
        layout.add_annex_heading(document, "现场查看记录")
        layout.add_table(document, ("查看内容", "结果", "说明", "记录人", "时间"), noted, (3, 1, 3, 1.2, 1.8), (0, 2))
    layout.save(document, path, f"{visit.unit}督导反馈意见")


def orders(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield each order with the replies to it, then the numbered ones that were printed for the stamp."""
    replies = _replies(source)
    shown = SupervisionOrder.objects.visible_to(source.reader).filter(campaign=source.campaign).for_table()
    rows = shown.select_related("task__indicator", "task__action", "task__finding", "task__unit")
    for row in rows.prefetch_related("action__units").order_by("serial"):
        yield ArchiveItem(
            ArchiveCategory.FINDINGS,
            ArchiveKind.SUPERVISION,
            row.action.title,
            "docx",
            (ORDERS,),
            doc_number=row.number,
            issuer=source.issuer,
            dated_on=timezone.localdate(row.issued_at),
            remark=f"{row.closed_on} 办结" if row.closed_on else "没有办结",
            make=partial(_write_order, row, replies[row.action_id]),
        )
    yield from papers_with_scans(source, ArchiveCategory.FINDINGS, PaperKind.SUPERVISION, folders=(ORDERS,))


def _replies(source: ArchiveSource) -> dict[int, list[Reply]]:
    asked = source.tasks.filter(action__order__isnull=False).for_table()
    tasks = list(asked.order_by("period", "unit__order", "pk"))
    latest = contents.latest_answers([task.pk for task in tasks])
    prefetch_related_objects(list(latest.values()), "created_by", "review__created_by")
    found: dict[int, list[Reply]] = defaultdict(list)
    for task in tasks:
        found[task.action_id or 0].append((task, latest.get(task.pk)))
    return found


def _write_order(row: SupervisionOrder, replies: list[Reply], path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, row.action.title, row.number)
    assists = [unit.name for unit in row.action.units.all() if unit.pk != row.lead_id]
    closed = f"{row.closed_on}，{row.closed_by}：{row.close_note}" if row.closed_on else "没有办结"
    facts = (
        ("牵头单位", row.lead.name),
        ("配合单位", "、".join(assists)),
        ("督办要求", row.action.text),
        ("领导批示", row.instruction),
        ("督导问题", str(row.finding or "")),
        ("所督任务", f"{row.task.unit.short_name} {row.task}" if row.task else ""),
        ("报送周期", row.get_cycle_display()),
        ("办结时限", f"{row.action.due_on or ''}"),
        ("下发", f"{row.issued_by}，{minute(row.issued_at)}"),
        ("办结", closed),
    )
    add_facts(document, facts)
    for task, answer in replies:
        layout.add_heading(document, " ".join(filter(None, [task.unit.name, task.period])), 2)
        layout.add_text(document, f"{task.get_status_display()}；时限 {task.due_on or '未定'}", lead="状态：")
        if answer is None:
            layout.add_text(document, "没有报送。")
        else:
            add_answer(document, answer)
    layout.save(document, path, row.action.title)

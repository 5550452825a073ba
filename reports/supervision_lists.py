"""The lists of supervision and of readings as workbooks: what this person may see, narrowed as the list on screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from creation.models import (
    Campaign,
    FindingSource,
    Holiday,
    Indicator,
    Measure,
    Meeting,
    PersonalAct,
    Reading,
    SupervisionOrder,
    User,
    Visit,
)
from creation.notices.reminders.condition_tasks import MAX_RECORDING_DAYS
from creation.rules.policy import Permission
from creation.supervision.filters import (
    MeetingFilter,
    OrderFilter,
    PersonalActFilter,
    RoundFilter,
    VisitFilter,
    acting_tasks,
    rounds_of,
    visits_of,
)
from creation.tasks import measure_summary
from reports import sheet_styles
from reports.annexes import Annex, list_annex
from reports.ledger.columns import day_text
from reports.printed_tables import TableColumn, TableLayout

Conditions = Mapping[str, Any]
VISITS = TableLayout(
    (
        TableColumn("轮次", 130, lambda row: row.round.name),
        TableColumn("日期", 90, lambda row: day_text(row.day), centered=True),
        TableColumn("时段", 60, lambda row: row.get_half_display(), centered=True),
        TableColumn("单位", 120, lambda row: row.unit.short_name),
        TableColumn("督导组", 90, lambda row: row.team.name, centered=True),
        TableColumn("组长", 80, lambda row: row.team.leader.name, centered=True),
        TableColumn("状态", 80, lambda row: row.state, centered=True),
        TableColumn("问题", 50, lambda row: str(row.finding_count or ""), centered=True),
        TableColumn("反馈意见", 640, lambda row: row.feedback),
        TableColumn("签收", 150, lambda row: _signed(row)),
        TableColumn("取消原因", 160, lambda row: row.cancel_reason),
    ),
    page_size=sheet_styles.A3_LANDSCAPE,
)
MEETINGS = TableLayout(
    (
        TableColumn("日期", 90, lambda row: day_text(row.held_on), centered=True),
        TableColumn("类型", 80, lambda row: row.get_kind_display(), centered=True),
        TableColumn("会议", 230, lambda row: row.title),
        TableColumn("地点", 120, lambda row: row.place),
        TableColumn("主持人", 90, lambda row: row.chair, centered=True),
        TableColumn("参会", 220, lambda row: row.present),
        TableColumn("议程", 290, lambda row: row.agenda),
        TableColumn("会议纪要", 460, lambda row: row.minutes),
        TableColumn("议定事项", 70, lambda row: str(row.decided or ""), centered=True),
    ),
    page_size=sheet_styles.A3_LANDSCAPE,
)

PERSONAL_ACTS = TableLayout(
    (
        TableColumn("单位", 180, lambda row: row[0].unit.name, level=0),
        TableColumn("事项", 110, lambda row: row[0].action.get_personal_act_display(), centered=True, level=1),
        TableColumn("日期", 110, lambda row: day_text(row[1].done_on) if row[1] else "", centered=True),
        TableColumn("内容", 620, lambda row: row[1].what if row[1] else "没有登记"),
        TableColumn("证明", 250, lambda row: row[1].proof if row[1] else ""),
        TableColumn("登记", 210, lambda row: _recorded_by(row[1]), centered=True),
        TableColumn("任务", 170, lambda row: row[0].get_status_display(), centered=True),
    ),
    levels=lambda row: (row[0].unit_id, row[0].pk),
    page_size=sheet_styles.A3_LANDSCAPE,
)

SOURCES = TableLayout(
    (
        TableColumn("问题来源", 370, lambda row: row.name),
        TableColumn("在用", 130, lambda row: "在用" if row.active else "不再用", centered=True),
        TableColumn("已登记的问题", 150, lambda row: str(row.used or ""), centered=True),
    ),
    page_size=sheet_styles.A4_PORTRAIT,
    header_height=24,
)


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """What a unit reported of a measure in a period; or the sum of all, without ``of``."""

    measure: Measure
    unit: str
    period: str
    text: str
    standing: str
    of: Reading | None = None


READINGS = TableLayout(
    (
        TableColumn("测量项", 330, lambda row: f"{row.measure.indicator.code} {row.measure.name}", level=0),
        TableColumn("目标", 110, lambda row: row.measure.target_text or "不设", centered=True),
        TableColumn("单位", 160, lambda row: row.unit),
        TableColumn("期间", 110, lambda row: row.period, centered=True),
        TableColumn("数据", 270, lambda row: row.text),
        TableColumn("是否达标", 110, lambda row: row.standing, centered=True),
        TableColumn("说明", 350, lambda row: row.of.note if row.of else ""),
        TableColumn("填报", 210, lambda row: _reported_by(row.of), centered=True),
    ),
    levels=lambda row: (row.measure.pk,),
    page_size=sheet_styles.A3_LANDSCAPE,
)


def _reported_by(reading: Reading | None) -> str:
    return f"{reading.updated_by} {timezone.localdate(reading.updated_at):%Y-%m-%d}" if reading else ""


def _recorded_by(act: PersonalAct | None) -> str:
    return f"{act.recorded_by} {timezone.localdate(act.recorded_at):%Y-%m-%d}" if act else ""


def _signed(row: Any) -> str:
    return f"{row.signed_name} {timezone.localtime(row.signed_at):%Y-%m-%d %H:%M}" if row.signed_at else ""


def rounds(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """A unit reads of its own visits, and neither what the teams look at nor how far they are with the others."""
    whole = reader.has_permission_beyond_unit(Permission.VISIT_READ)
    shown = Visit.objects.visible_to(reader).active().for_table().by_day()
    rows: Any = rounds_of(campaign, reader).prefetch_related(
        Prefetch("visits", shown, to_attr="shown"),
        Prefetch("points", Indicator.objects.order_by("order")),
        "teams__leader",
        "teams__members",
    )
    found = RoundFilter(conditions, rows, campaign=campaign, user=reader, today=timezone.localdate(now))
    columns = (
        TableColumn("轮次", 50, lambda row: str(row.number), centered=True),
        TableColumn("名称", 150, lambda row: row.name),
        TableColumn("开始", 90, lambda row: day_text(row.starts), centered=True),
        TableColumn("结束", 90, lambda row: day_text(row.ends), centered=True),
        TableColumn("督导组", 250 if whole else 300, lambda row: _teams(row)),
        TableColumn("走访单位", 336, lambda row: _visited(row)),
        TableColumn("重点指标", 200 if whole else 270, lambda row: _points(row)),
        *((TableColumn("督导重点", 170, lambda row: row.focus),) if whole else ()),
        TableColumn("请单位准备", 190 if whole else 364, lambda row: row.preparation),
        *((TableColumn("已记录 / 走访", 124, _recorded, centered=True),) if whole else ()),
    )
    layout = TableLayout(columns, page_size=sheet_styles.A3_LANDSCAPE)
    return list_annex("督导轮次", "督导轮次一览表", layout, found.qs, campaign, now)


def _teams(row: Any) -> str:
    """Return the teams that make the visits shown, each with its people."""
    going, said = {visit.team_id for visit in row.shown}, []
    for team in row.teams.all():
        if team.pk in going:
            members = "、".join(person.name for person in team.members.all() if person.pk != team.leader_id)
            said.append(f"{team.name}：组长 {team.leader.name}" + (f"，成员 {members}" if members else ""))
    return "\n".join(said)


def _visited(row: Any) -> str:
    return "、".join(
        f"{visit.unit.short_name}（{f'{visit.day:%m-%d}' if visit.day else '待定'}）" for visit in row.shown
    )


def _points(row: Any) -> str:
    return "、".join(f"{point.code} {point.title}" for point in row.points.all())


def _recorded(row: Any) -> str:
    return f"{row.recorded_count} / {row.visit_count}"


def visits(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    today = timezone.localdate(now)
    missed_on = Holiday.objects.calendar().shift(today, -MAX_RECORDING_DAYS)
    rows = visits_of(campaign, reader)
    found = VisitFilter(conditions, rows, campaign=campaign, user=reader, today=today, missed_on=missed_on)
    return list_annex("督导走访", "督导走访一览表", VISITS, found.qs, campaign, now)


def orders(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """Return the supervision orders that the reader sees under these conditions of the list."""
    today = timezone.localdate(now)
    rows: Any = SupervisionOrder.objects.visible_to(reader).filter(campaign=campaign).for_table().with_counts(today)
    found = OrderFilter(conditions, rows.prefetch_related("action__units"), campaign=campaign)
    layout = TableLayout(
        (
            TableColumn("编号", 130, lambda row: row.number, centered=True),
            TableColumn("督办事项", 220, lambda row: row.action.title),
            TableColumn("办理要求", 270, lambda row: row.action.text),
            TableColumn("领导批示", 180, lambda row: row.instruction),
            TableColumn("牵头单位", 100, lambda row: row.lead.short_name, centered=True),
            TableColumn("配合单位", 150, _assists),
            TableColumn("报送", 60, lambda row: row.cycle_in_short, centered=True),
            TableColumn("办结时限", 90, lambda row: day_text(row.action.due_on), centered=True),
            TableColumn("下发", 90, lambda row: day_text(timezone.localdate(row.issued_at)), centered=True),
            TableColumn("已报 / 应报", 60, lambda row: f"{row.answered} / {row.replies}", centered=True),
            TableColumn("未回复", 60, lambda row: str(row.missed or ""), centered=True),
            TableColumn("已办天数", 60, lambda row: str(row.days_open(today)), centered=True),
            TableColumn("办结", 180, _closed),
        ),
        page_size=sheet_styles.A3_LANDSCAPE,
    )
    return list_annex("督办单", "督办单台账", layout, found.qs, campaign, now)


def _assists(row: SupervisionOrder) -> str:
    units = sorted(row.action.units.all(), key=lambda unit: (unit.order, unit.pk))
    return "、".join(unit.short_name for unit in units if unit.pk != row.lead_id)


def _closed(row: SupervisionOrder) -> str:
    return f"{row.closed_on:%Y-%m-%d} {row.close_note}" if row.closed_on else "办理中"


def meetings(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    rows = Meeting.objects.visible_to(reader).filter(campaign=campaign).for_table()
    return list_annex("会议", "会议登记表", MEETINGS, MeetingFilter(conditions, rows).qs, campaign, now)


def personal_acts(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """A row for each act, and one for each unit and act of which nothing is recorded."""
    tasks = PersonalActFilter(conditions, acting_tasks(campaign, reader)).qs
    rows = [(task, act) for task in tasks for act in task.acts or (None,)]
    return list_annex("四个亲自", "主要负责人“四个亲自”登记表", PERSONAL_ACTS, rows, campaign, now)


def readings(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """Each measure with the sum of its current period, and a row for each unit and period of the year."""
    table, rows = measure_summary.visible_table(campaign, reader, timezone.localdate(now)), []
    for summary in table.summaries():
        if not summary.rows:
            continue
        standing = summary.standing(table.today).label
        rows.append(ReadingRow(summary.measure, "合计", summary.label, summary.total_text, standing))
        for _, found in table.rows_of(summary.measure):
            rows += [
                ReadingRow(
                    summary.measure, each.unit.short_name, each.label, each.text, each.standing.label, each.reading
                )
                for each in found
            ]
    return list_annex("指标数据", "指标数据一览表", READINGS, rows, campaign, now)


def sources(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """Return the sources that the office of the district keeps. How far their findings are is a page of its own."""
    rows = FindingSource.objects.filter(district=campaign.district_id).with_use()
    return list_annex("问题来源", "问题来源一览表", SOURCES, rows, campaign, now)

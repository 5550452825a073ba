"""The lists of the last phases as workbooks, from publicity to what was entered on the national site."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Prefetch
from django.utils import timezone

from creation.appraisal.tables import appraisals as appraisal_tables
from creation.commendation.tables.commendations import CommendationFilter
from creation.models import Appraisal, Campaign, Commendation, Publicity, Survey, TypicalCase, Unit, User
from creation.papers import application_entries
from creation.publicity.forms.publicity import CaseFilter, PublicityFilter
from creation.survey.tables import surveys as survey_tables
from reports import sheet_styles
from reports.annexes import Annex, list_annex
from reports.ledger.columns import day_text
from reports.printed_tables import TableColumn, TableLayout
from reports.supervision_lists import Conditions

PUBLICITY = TableLayout(
    (
        TableColumn("单位", 150, lambda row: row.unit.short_name, level=0),
        TableColumn("标题", 500, lambda row: row.title),
        TableColumn("媒体或平台", 200, lambda row: row.medium),
        TableColumn("级别", 70, lambda row: row.get_level_display(), centered=True),
        TableColumn("形式", 110, lambda row: row.get_kind_display(), centered=True),
        TableColumn("发布日期", 100, lambda row: f"{row.published_on:%Y-%m-%d}", centered=True),
        TableColumn("链接或附件", 500, lambda row: row.url or "、".join(file.name for file in row.files.all())),
    ),
    levels=lambda row: (row.unit_id,),
    page_size=sheet_styles.A3_LANDSCAPE,
)

CASES = TableLayout(
    (
        TableColumn("单位", 130, lambda row: row.unit.short_name, centered=True),
        TableColumn("题目", 400, lambda row: row.title),
        TableColumn("状态", 90, lambda row: row.get_state_display(), centered=True),
        TableColumn("报送日期", 100, lambda row: day_text(_day_of(row.submitted_at)), centered=True),
        TableColumn("审核人", 90, lambda row: row.judged_by.name if row.judged_by else "", centered=True),
        TableColumn("审核意见", 260, lambda row: row.comment),
    ),
    page_size=sheet_styles.A4_LANDSCAPE,
    header_height=24,
)

COMMENDATIONS = TableLayout(
    (
        TableColumn("名称", 250, lambda row: row.name),
        TableColumn("集体名额", 80, lambda row: str(row.collectives or ""), centered=True),
        TableColumn("个人名额", 80, lambda row: str(row.people or ""), centered=True),
        TableColumn("评选条件", 430, lambda row: row.conditions),
        TableColumn("提名截止", 100, lambda row: day_text(row.nominate_until), centered=True),
        TableColumn("公示", 190, lambda row: _days(row.public_from, row.public_until), centered=True),
        TableColumn("决定日期", 100, lambda row: day_text(row.decided_on), centered=True),
        TableColumn("决定文号", 160, lambda row: row.decision_number, centered=True),
        TableColumn("进展", 120, lambda row: row.stage.label, centered=True),
        TableColumn("终止原因", 140, lambda row: row.end_reason),
    ),
    page_size=sheet_styles.A3_LANDSCAPE,
    header_height=24,
)

APPLICATION = TableLayout(
    (
        TableColumn("一级指标", 150, lambda row: str(row.indicator.parent.parent), level=0),
        TableColumn("要点", 320, lambda row: str(row.indicator)),
        TableColumn("牵头单位", 110, lambda row: row.task.unit.short_name if row.task else "", centered=True),
        TableColumn("答复", 110, lambda row: row.task.get_status_display() if row.task else "没有下发", centered=True),
        TableColumn("申报平台", 100, lambda row: row.standing, centered=True),
        TableColumn("登记人", 90, lambda row: row.entry.created_by.name if row.entry else "", centered=True),
        TableColumn("登记日期", 100, lambda row: day_text(_day_of(row.entry and row.entry.created_at)), centered=True),
        TableColumn("备注", 220, lambda row: row.entry.note if row.entry else ""),
        TableColumn("平台回执", 220, lambda row: "、".join(each.name for each in row.receipts)),
        TableColumn("登记后的变化", 230, lambda row: row.change),
    ),
    levels=lambda row: (row.indicator.parent.parent_id,),
    page_size=sheet_styles.A3_LANDSCAPE,
)


def _day_of(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _days(first: date | None, last: date | None) -> str:
    return f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}" if first and last else ""


def publicity_register(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """Return what this person may see of the register, by unit, with the keys of its links in the library."""
    found = PublicityFilter(conditions, Publicity.objects.visible_to(reader).active().filter(campaign=campaign))
    rows = list(found.qs.for_table().order_by("unit__order", "unit", "published_on", "pk"))
    links = [row.evidence.pk for row in rows if row.evidence and row.evidence.deleted_at is None]
    return replace(publicity_table(campaign, rows, now), evidence=frozenset(links))


def publicity_table(campaign: Campaign, rows: Sequence[Publicity], now: datetime) -> Annex:
    """Return these entries, which are in the order of units, as the register."""
    return list_annex("宣传报道", "宣传报道登记表", PUBLICITY, rows, campaign, now)


def case_list(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    found = CaseFilter(conditions, TypicalCase.objects.visible_to(reader).filter(campaign=campaign))
    return list_annex("典型经验", "典型经验一览表", CASES, found.qs.for_table(), campaign, now)


def commendations(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """Return the calls and what became of them, without those nominated: they are in 提名汇总表 and 名册."""
    found = CommendationFilter(conditions, Commendation.objects.visible_to(reader).filter(campaign=campaign))
    return list_annex("评选表彰", "评选表彰一览表", COMMENDATIONS, found.qs.for_table(), campaign, now)


def appraisals(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """Return the mock assessments without any score: those of a closed one are in its 得分表."""
    today = timezone.localdate(now)
    found = appraisal_tables.AppraisalFilter(conditions, Appraisal.objects.visible_to(reader).filter(campaign=campaign))
    units = Prefetch("units", Unit.objects.order_by("order", "pk"))
    layout = TableLayout(
        (
            TableColumn("名称", 250, lambda row: row.name),
            TableColumn("方式", 100, lambda row: row.get_kind_display(), centered=True),
            TableColumn("时间", 200, lambda row: _days(row.starts, row.ends), centered=True),
            TableColumn("评分人", 230, lambda row: "、".join(seat.person.name for seat in row.seats.all())),
            TableColumn("受评单位", 390, lambda row: "、".join(unit.short_name for unit in row.units.all())),
            TableColumn("说明", 230, lambda row: row.note),
            TableColumn("组织人", 110, lambda row: row.created_by.name, centered=True),
            TableColumn("状态", 140, lambda row: appraisal_tables.state_of(row, today), centered=True),
        ),
        page_size=sheet_styles.A3_LANDSCAPE,
        header_height=24,
    )
    rows = found.qs.for_table().prefetch_related("seats__person", units)
    return list_annex("模拟考核", "模拟考核一览表", layout, rows, campaign, now)


def surveys(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """Return the surveys without any answer: those are in the report of each, as far as they may be told."""
    today = timezone.localdate(now)
    seen = Survey.objects.visible_to(reader).filter(campaign=campaign)
    found = survey_tables.SurveyFilter(conditions, seen, today=today)
    layout = TableLayout(
        (
            TableColumn("名称", 260, lambda row: row.title),
            TableColumn("时间", 200, lambda row: _days(row.starts, row.ends), centered=True),
            TableColumn("题目", 420, lambda row: "\n".join(row.questions)),
            TableColumn("单位", 310, _asked_units),
            TableColumn("打印的测评码", 120, lambda row: _quota(row, by_link=False), centered=True),
            TableColumn("短链接名额", 90, lambda row: _quota(row, by_link=True), centered=True),
            TableColumn("组织人", 110, lambda row: row.created_by.name, centered=True),
            TableColumn("状态", 140, lambda row: survey_tables.state_of(row, today), centered=True),
        ),
        page_size=sheet_styles.A3_LANDSCAPE,
    )
    rows = found.qs.select_related("created_by").prefetch_related("batches__unit")
    return list_annex("满意度测评", "满意度测评一览表", layout, rows, campaign, now)


def _asked_units(survey: Survey) -> str:
    return "、".join(dict.fromkeys(batch.unit.short_name for batch in survey.batches.all()))


def _quota(survey: Survey, *, by_link: bool) -> str:
    return str(sum(batch.quota for batch in survey.batches.all() if batch.is_link == by_link) or "")


def application(campaign: Campaign, reader: User, conditions: Conditions, now: datetime) -> Annex:
    """Return every checkpoint with what was entered of it on the national site, by whom and when."""
    rows = application_entries.narrowed(application_entries.application_items(campaign, reader), conditions)
    return list_annex("申报登记", "申报登记表", APPLICATION, rows, campaign, now)

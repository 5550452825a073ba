"""The lists of a campaign that leave as workbooks, each narrowed as on screen: who may read one, its title, and what makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from creation.models import Campaign, User
from creation.rules.policy import Permission
from reports import supervision_lists, yearend
from reports.annexes import Annex
from reports.supervision_lists import Conditions


@dataclass(frozen=True, slots=True)
class ListWorkbook:
    title: str
    permission: Permission
    read: Callable[[Campaign, User, Conditions, datetime], Annex]


LISTS = {
    "rounds": ListWorkbook("督导轮次一览表", Permission.VISIT_READ, supervision_lists.rounds),
    "visits": ListWorkbook("督导走访一览表", Permission.VISIT_READ, supervision_lists.visits),
    "orders": ListWorkbook("督办单台账", Permission.ORDER_READ, supervision_lists.orders),
    "meetings": ListWorkbook("会议登记表", Permission.MEETING_READ, supervision_lists.meetings),
    "personal_acts": ListWorkbook("四个亲自登记表", Permission.TASK_READ, supervision_lists.personal_acts),
    "readings": ListWorkbook("指标数据一览表", Permission.TASK_READ, supervision_lists.readings),
    "sources": ListWorkbook("问题来源一览表", Permission.FINDING_RECORD, supervision_lists.sources),
    "publicity": ListWorkbook("宣传报道登记表", Permission.PUBLICITY_READ, yearend.publicity_register),
    "cases": ListWorkbook("典型经验一览表", Permission.PUBLICITY_READ, yearend.case_list),
    "appraisals": ListWorkbook("模拟考核一览表", Permission.APPRAISAL_READ, yearend.appraisals),
    "surveys": ListWorkbook("满意度测评一览表", Permission.SURVEY_READ, yearend.surveys),
    "commendations": ListWorkbook("评选表彰一览表", Permission.COMMENDATION_READ, yearend.commendations),
    "application": ListWorkbook("申报登记表", Permission.APPLICATION_ENTER, yearend.application),
}

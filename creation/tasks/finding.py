"""The box that finds: tasks, evidence, units, papers and pages by a word, each only as far as the person may see it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from creation.access import may, may_somewhere
from creation.evidence.library import listing
from creation.lib.pinyin import in_pinyin, initials
from creation.models import (
    Appraisal,
    Campaign,
    Commendation,
    Paper,
    Publicity,
    Survey,
    Task,
    TypicalCase,
    Unit,
    User,
)
from creation.rules.policy import Permission
from creation.tasks.filters import names_with

MOST = 8  # results of a kind
LONGEST = 100  # characters of a question
NUMBER = re.compile(r"(?:[0-9]{4}-)?([0-9]{1,6})")  # of a paper, with or without its year

# Pages that are not in the menu: name, route with the campaign, right.
PAGES: tuple[tuple[str, str, Permission], ...] = (
    ("阶段时间", "phases", Permission.CAMPAIGN_MANAGE),
    ("任务分工", "assignments", Permission.CAMPAIGN_MANAGE),
    ("工作事项", "actions", Permission.CAMPAIGN_MANAGE),
    ("提醒规则", "rules", Permission.CAMPAIGN_MANAGE),
    ("历次指标体系版本", "editions", Permission.CAMPAIGN_MANAGE),
    ("需电话催办的单位", "calls", Permission.TASK_URGE),
    ("延期和异议", "requests", Permission.TASK_DECIDE),
    ("领导批示", "instructions", Permission.INSTRUCTION_READ),
    ("专家意见", "opinions", Permission.OPINION_READ),
    ("现场核查清单", "on_site", Permission.TASK_READ),
    ("台账", "ledger", Permission.LEDGER_EXPORT),
    ("领导看板", "board", Permission.PROGRESS_READ),
    ("指标数据", "measures", Permission.PROGRESS_READ),
    ("典型经验", "cases", Permission.PUBLICITY_READ),
    ("报道墙", "publicity_wall", Permission.PUBLICITY_READ),
    ("申报登记", "application", Permission.APPLICATION_ENTER),
    ("自评报告", "assessment", Permission.ASSESSMENT_READ),
    ("自评报告定稿", "final_assessment", Permission.ASSESSMENT_READ),
    ("材料包", "package", Permission.PACKAGE_EXPORT),
    ("办结归档", "campaign_closing", Permission.CAMPAIGN_MANAGE),
)

# What the last phases leave behind: kind, rows that a person may see, field with the name.
LAST_PHASES: tuple[tuple[str, Callable[[User], Any], str], ...] = (
    ("模拟考核", lambda user: Appraisal.objects.visible_to(user), "name"),
    ("满意度测评", lambda user: Survey.objects.visible_to(user), "title"),
    ("评选表彰", lambda user: Commendation.objects.visible_to(user), "name"),
    ("宣传报道", lambda user: Publicity.objects.visible_to(user).active(), "title"),
    ("典型经验", lambda user: TypicalCase.objects.visible_to(user), "title"),
)


@dataclass(frozen=True, slots=True)
class Result:
    title: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """Results of one kind; ``more_url`` leads to all of them where there are more than MOST."""

    name: str
    results: list[Result]
    more_url: str = ""


def find(user: User, campaign: Campaign | None, question: str, entries: Iterable[dict[str, Any]]) -> list[ResultGroup]:
    """Return what matches every word of the question, by kind, without empty kinds. ``entries``: the person's menu."""
    question = question[:LONGEST].strip()
    if not question:
        return []
    groups = [_pages(user, campaign, question, entries)]
    if campaign:
        groups += [
            _tasks(user, campaign, question),
            _evidence(user, campaign, question),
            _units(user, campaign, question),
            _papers(user, campaign, question),
            _last_phases(user, campaign, question),
        ]
    return [group for group in groups if group.results]


def _pages(user: User, campaign: Campaign | None, question: str, entries: Iterable[dict[str, Any]]) -> ResultGroup:
    known = [(entry["label"], entry["url"]) for entry in entries]
    if campaign:
        known += [
            (name, reverse(route, args=[campaign.pk])) for name, route, right in PAGES if may(user, right, campaign)
        ]
    return ResultGroup("页面", [Result(name, url) for name, url in known if _sounds_like(question, name)][:MOST])


def _sounds_like(question: str, *names: str) -> bool:
    asked = question.lower()
    return any(asked in word for name in names for word in (name.lower(), in_pinyin(name), initials(name)))


def _tasks(user: User, campaign: Campaign, question: str) -> ResultGroup:
    rows = Task.objects.visible_to(user).filter(campaign=campaign)
    for word in question.split():
        rows = rows.filter(names_with(word))
    found = list(rows.for_list().in_ledger_order()[: MOST + 1])
    results = [
        Result(str(task), task.get_absolute_url(), f"{task.unit} · {task.get_status_display()}") for task in found
    ]
    return _group("任务", results, f"{reverse('task_list', args=[campaign.pk])}?{urlencode({'q': question})}")


def _evidence(user: User, campaign: Campaign, question: str) -> ResultGroup:
    if not may_somewhere(user, Permission.EVIDENCE_READ):
        return ResultGroup("资料", [])
    rows = listing.visible_in_campaign(user, campaign).matching_text(question).select_related("unit")
    results = [
        Result(each.title, each.get_absolute_url(), f"{each.unit} · {each.get_kind_display()}")
        for each in rows.order_by("-created_at", "-pk")[: MOST + 1]
    ]
    return _group("资料", results, f"{reverse('library', args=[campaign.pk])}?{urlencode({'q': question})}")


def _units(user: User, campaign: Campaign, question: str) -> ResultGroup:
    if not may(user, Permission.PROGRESS_READ, campaign):
        return ResultGroup("单位", [])
    units = Unit.objects.visible_to(user).filter(district=campaign.district_id).order_by("order", "pk")
    found = [unit for unit in units if _sounds_like(question, unit.name, unit.short_name)]
    results = [
        Result(unit.name, reverse("unit_progress", args=[campaign.pk, unit.pk]), unit.short_name) for unit in found
    ]
    return ResultGroup("单位", results[:MOST])


def _papers(user: User, campaign: Campaign, question: str) -> ResultGroup:
    if not may_somewhere(user, Permission.PAPER_READ):
        return ResultGroup("文件", [])
    number = NUMBER.fullmatch(question)
    serial = int(number[1]) if number else None
    asked = Q(title__icontains=question) | Q(serial=serial)
    rows = Paper.objects.visible_to(user).filter(asked, campaign=campaign).select_related("campaign").order_by("-pk")
    return ResultGroup("文件", [Result(paper.title, paper.get_absolute_url(), paper.number) for paper in rows[:MOST]])


def _last_phases(user: User, campaign: Campaign, question: str) -> ResultGroup:
    """Return assessments, surveys, commendations, publicity and typical cases, from one query for each kind."""
    results = []
    for kind, rows, field in LAST_PHASES:
        found = rows(user).filter(campaign=campaign, **{f"{field}__icontains": question}).order_by("-pk")[:MOST]
        results += [Result(getattr(row, field), row.get_absolute_url(), kind) for row in found]
    return ResultGroup("考核、测评、宣传和表彰", results[:MOST])


def _group(name: str, results: list[Result], more_url: str) -> ResultGroup:
    return ResultGroup(name, results[:MOST], more_url if len(results) > MOST else "")

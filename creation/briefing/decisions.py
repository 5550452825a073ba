"""The things that need a decision, the weightiest first, each with the buttons that this person may press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from creation import access
from creation.models import RequestKind, Task, User
from creation.rules.policy import Permission
from creation.tasks.measure_summary import MeasureSummary
from creation.tasks.progress import Overview
from creation.tasks.rectification_figures import RectificationCounts

DECISIONS = 5
NAMED_UNITS = 3
NAMED_RECTIFICATIONS = 3


@dataclass(frozen=True, slots=True)
class Button:
    """A link, or with ``fields`` a form that is posted."""

    label: str
    url: str
    fields: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    weight: int
    text: str
    buttons: Sequence[Button] = ()


class _Buttons:
    """The buttons of one person in one campaign. In a campaign that has ended, nothing is decided."""

    def __init__(self, campaign: Any, user: User) -> None:
        self.campaign, self.user = campaign, user

    def link(
        self, label: str, name: str, permission: Permission, *args: int, query: str = "", at: str = ""
    ) -> list[Button]:
        if not access.may(self.user, permission, self.campaign):
            return []
        url = reverse(name, args=[self.campaign.pk, *args])
        return [Button(label, f"{url}{'?' if query else ''}{query}{'#' if at else ''}{at}")]

    def act(
        self, label: str, name: str, permission: Permission, *args: int, query: str = "", at: str = ""
    ) -> list[Button]:
        return self.link(label, name, permission, *args, query=query, at=at) if self.campaign.is_open else []

    def post(self, label: str, name: str, permission: Permission, **fields: str | int) -> list[Button]:
        found = self.act(label, name, permission)
        return [Button(each.label, each.url, fields) for each in found]

    def instruct(self, about: str) -> list[Button]:
        return self.act(
            "作批示", "instructions", Permission.INSTRUCTION_WRITE, query=urlencode({"about": about}), at="instruct"
        )


def decisions_of(
    campaign: Any, user: User, found: Overview, late: Sequence[Task], missed: Sequence[MeasureSummary]
) -> list[Decision]:
    """``campaign`` is annotated by ``board.facts``; ``late``: the rectifications that are overdue longest; ``missed``: the measures that
    miss their target."""
    buttons = _Buttons(campaign, user)
    rows = [
        *_requests(campaign, buttons),
        *_late_units(found, buttons),
        *_rectified(found.rectifications, late, buttons),
        *_measures(missed, buttons),
        *_undated(campaign, buttons),
        *_questions(campaign, buttons),
    ]
    return sorted(rows, key=lambda each: -each.weight)[:DECISIONS]


def _requests(campaign: Any, buttons: _Buttons) -> list[Decision]:
    counts = {RequestKind.EXTENSION: campaign.extensions_waiting, RequestKind.OBJECTION: campaign.objections_waiting}
    first = campaign.asked_first
    if first is None:
        return []
    words = "、".join(f"{kind.label} {count} 件" for kind, count in counts.items() if count)
    point = f"{first['code'] or ''} {first['title'] or ''}".strip()
    wish, agree = "提出分工异议", []
    if first["kind"] == RequestKind.EXTENSION:
        until = date.fromisoformat(first["until"])
        wish = f"申请延至 {until.month}月{until.day}日"
        label = "同意延期" if sum(counts.values()) == 1 else f"同意{first['unit']}延期"
        agree = buttons.post(label, "requests_decide", Permission.TASK_DECIDE, pick=first["pk"], decision="grant")
    text = f"{words}等待答复，最早的是{first['unit']}“{point}”{wish}"
    listed = buttons.act("逐件答复", "requests", Permission.TASK_DECIDE)
    return [Decision(30 + sum(counts.values()), text, [*agree, *listed, *buttons.instruct(text)])]


def _late_units(found: Overview, buttons: _Buttons) -> list[Decision]:
    figures = found.plan.units
    late = sorted(
        (unit for unit in found.units if figures[unit.pk].overdue), key=lambda unit: -figures[unit.pk].overdue
    )
    if not late:
        return []
    named = "、".join(f"{unit.short_name} {figures[unit.pk].overdue} 项" for unit in late[:NAMED_UNITS])
    more = f"等 {len(late)} 个单位" if len(late) > NAMED_UNITS else ""
    first, text = late[0], f"逾期未报：{named}{more}"
    said = {"lead": first.pk, "title": f"{first.short_name}逾期未报 {figures[first.pk].overdue} 项"}
    return [
        Decision(
            40 + found.plan.whole.overdue // 10,
            text,
            [
                *buttons.act("督办", "order_new", Permission.ORDER_ISSUE, query=urlencode(said)),
                *buttons.act("打电话", "calls", Permission.TASK_URGE, query=f"unit={first.pk}", at=f"unit-{first.pk}"),
                *buttons.link(f"看{first.short_name}", "unit_progress", Permission.PROGRESS_READ, first.pk),
                *buttons.instruct(text),
            ],
        )
    ]


def _rectified(counts: RectificationCounts, late: Sequence[Task], buttons: _Buttons) -> list[Decision]:
    rows = []
    listed, reads = "rectifications", Permission.FINDING_READ
    if late:
        named = "、".join(f"{task.unit.short_name}“{task}”" for task in late)
        more = "等" if counts.overdue > len(late) else ""
        text, first = f"整改逾期 {counts.overdue} 项：{named}{more}", late[0]
        said = {"lead": first.unit_id, "title": f"{first.unit.short_name}“{first}”整改逾期"}
        order = buttons.act("督办", "order_new", Permission.ORDER_ISSUE, query=urlencode(said))
        seen = buttons.link("看是哪些", listed, reads, query="light=red")
        rows.append(Decision(50 + counts.overdue, text, [*order, *seen, *buttons.instruct(text)]))
    if counts.waiting:
        text, query = f"整改已报待核查 {counts.waiting} 项", "status=submitted"
        check = buttons.act("去核查", listed, Permission.RECTIFICATION_VERIFY, query=query)
        rows.append(Decision(20 + counts.waiting, text, check or buttons.link("看是哪些", listed, reads, query=query)))
    return rows


def _measures(missed: Sequence[MeasureSummary], buttons: _Buttons) -> list[Decision]:
    if not missed:
        return []
    text = f"{len(missed)} 项指标数据没有达标，如“{missed[0].measure}”"
    seen = buttons.link("看数据", "measures", Permission.PROGRESS_READ)
    return [Decision(35 + len(missed), text, [*seen, *buttons.instruct(text)])]


def _undated(campaign: Any, buttons: _Buttons) -> list[Decision]:
    if not campaign.undated_phases:
        return []
    text = f"{campaign.undated_phases} 个阶段还没有定时间"
    return [Decision(10, text, buttons.act("去定时间", "phases", Permission.CAMPAIGN_MANAGE))]


def _questions(campaign: Any, buttons: _Buttons) -> list[Decision]:
    count = campaign.questions_waiting
    if not count:
        return []
    answer = buttons.act("去答复", "questions", Permission.QUESTION_ANSWER)
    return [Decision(15 + count, f"单位提问 {count} 个没有答复", answer)]

"""未办事项: what would be left open if a campaign were closed now, row by row."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from creation.lib.strings import shorten
from creation.models import (
    CHANGEABLE,
    Announcement,
    Appraisal,
    Campaign,
    CaseState,
    Commendation,
    Instruction,
    Paper,
    Question,
    SupervisionOrder,
    Survey,
    Task,
    TaskRequest,
    TaskStatus,
    TypicalCase,
    Visit,
)

SHOWN = 8  # rows named of each kind
SHOWN_TEXT = 30  # characters of a text without a title
TASK_WORDS = ("unit", "indicator", "action", "finding", "campaign")  # what the words and the address of a task need


@dataclass(frozen=True, slots=True)
class OpenRow:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class OpenKind:
    """One kind of open point. ``words`` follow the number in a sentence; ``url`` is the list where they are dealt with."""

    name: str
    words: str
    count: int
    rows: list[OpenRow]
    url: str

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What would be left open if the campaign were closed now."""

    kinds: list[OpenKind]

    def __str__(self) -> str:
        return "，".join(f"{kind.count} {kind.words}" for kind in self.kinds if kind.count) or "没有未办事项"

    @property
    def is_empty(self) -> bool:
        return not any(kind.count for kind in self.kinds)


def open_work(campaign: Campaign, today: date) -> OpenWork:
    """Return the open points, of each kind the number and the first rows. ``today``: surveys end by themselves."""
    return OpenWork(
        [
            *_answers(campaign),
            *_asked(campaign),
            *_open_supervision(campaign),
            *_open_year_end(campaign, today),
            *_papers(campaign),
        ]
    )


def _answers(campaign: Campaign) -> Iterator[OpenKind]:
    """Yield what is open of tasks: answers, signatures, reviews, rectifications."""
    active = Task.objects.active().filter(campaign=campaign)
    active = active.select_related(*TASK_WORDS).order_by("due_on", "unit__order", "pk")
    planned, url = active.of_plan(), reverse("task_list", args=[campaign.pk])
    for name, words, statuses, shown in (
        ("没有报送的任务", "项任务没有报送", CHANGEABLE, "unanswered"),
        ("等待审签的答复", "项答复等待审签", (TaskStatus.SIGNING,), TaskStatus.SIGNING),
        ("没有审核的答复", "项答复没有审核", (TaskStatus.SUBMITTED,), TaskStatus.SUBMITTED),
    ):
        yield _kind(name, words, planned.filter(status__in=statuses), _task_row, f"{url}?status={shown}")
    left = active.rectifications().exclude(status=TaskStatus.APPROVED)
    yield _kind("没有销号的整改", "件整改没有销号", left, _task_row, reverse("rectifications", args=[campaign.pk]))


def _asked(campaign: Campaign) -> Iterator[OpenKind]:
    """Yield what somebody waits for: replies to requests and questions."""
    joined = [f"task__{name}" for name in TASK_WORDS]
    requests = TaskRequest.objects.filter(task__campaign=campaign, granted=None).select_related(*joined)
    yield _kind(
        "没有答复的延期和异议",
        "件延期或异议没有答复",
        requests.order_by("pk"),
        lambda row: OpenRow(f"{row.get_kind_display()}：{_task_text(row.task)}", row.task.get_absolute_url()),
        reverse("requests", args=[campaign.pk]),
    )
    questions = Question.objects.waiting().in_campaigns([campaign]).select_related("unit", *joined)
    yield _kind(
        "没有答复的提问",
        "个提问没有答复",
        questions.order_by("pk"),
        lambda row: OpenRow(
            _task_text(row.task) if row.task else f"{row.unit.short_name}：{row.text[:SHOWN_TEXT]}",
            reverse("question", args=[campaign.pk, row.pk]),
        ),
        reverse("questions", args=[campaign.pk]),
    )


def _papers(campaign: Campaign) -> Iterator[OpenKind]:
    """Yield what was begun and not brought to its end: announcements, mock assessments, papers for the stamp."""
    announcements = Announcement.objects.unsigned().filter(campaign=campaign).select_related("campaign")
    yield _kind(
        "没有签收齐的公告",
        "份公告还有单位没有签收",
        announcements.order_by("number"),
        _row,
        reverse("announcements", args=[campaign.pk]),
    )
    yield _kind(
        "没有结束的模拟考核",
        "次模拟考核没有结束评分",
        Appraisal.objects.filter(campaign=campaign, closed_at=None).order_by("starts", "pk"),
        _row,
        reverse("appraisals", args=[campaign.pk]),
    )
    papers = Paper.objects.unstamped().exclude(blob="").filter(campaign=campaign).select_related("campaign")
    yield _kind(
        "没有盖章扫描件的用印文件",
        "份用印文件没有盖章扫描件",
        papers.order_by("serial"),
        _row,
        f"{reverse('papers', args=[campaign.pk])}?show=unstamped",
    )


def _open_supervision(campaign: Campaign) -> list[OpenKind]:
    """Return what inspection and the leading group began and nobody ended."""
    visits, visit_list = Visit.objects.filter(round__campaign=campaign), reverse("visits", args=[campaign.pk])
    announced = visits.unrecorded().filter(announced_for__isnull=False)
    return [
        _kind(
            "没有办结的督办单",
            "份督办单没有办结",
            SupervisionOrder.objects.open()
            .filter(campaign=campaign)
            .select_related("campaign", "action")
            .order_by("serial"),
            _row,
            f"{reverse('orders', args=[campaign.pk])}?state=open",
        ),
        _kind(
            "已通知没有记录的走访",
            "次走访已通知没有记录",
            announced.for_table().by_day(),
            _row,
            visit_list,
        ),
        _kind(
            "没有签收的反馈意见",
            "份反馈意见没有签收",
            visits.to_sign().for_table().by_day(),
            _row,
            f"{visit_list}?state=to_sign",
        ),
        _kind(
            "没有办理的领导批示",
            "件领导批示没有办理",
            Instruction.objects.waiting().filter(campaign=campaign).select_related("created_by").order_by("pk"),
            lambda row: OpenRow(f"{row}：{shorten(row.text, SHOWN_TEXT)}", row.get_absolute_url()),
            reverse("instructions", args=[campaign.pk]),
        ),
    ]


def _open_year_end(campaign: Campaign, today: date) -> list[OpenKind]:
    """Return what the last phases began: cases, surveys, commendations."""
    return [
        _kind(
            "没有审核的典型经验",
            "篇典型经验没有审核",
            TypicalCase.objects.filter(campaign=campaign, state=CaseState.SUBMITTED)
            .select_related("unit")
            .order_by("submitted_at", "pk"),
            lambda row: OpenRow(f"{row.unit.short_name} {row}", row.get_absolute_url()),
            reverse("cases", args=[campaign.pk]),
        ),
        _kind(
            "没有结束的满意度测评",
            "次满意度测评没有结束",
            Survey.objects.filter(campaign=campaign, ends__gte=today).order_by("ends", "pk"),
            lambda row: OpenRow(f"{row}（到 {row.ends}）", row.get_absolute_url()),
            reverse("surveys", args=[campaign.pk]),
        ),
        _kind(
            "没有作出决定的评选表彰",
            "次评选表彰没有作出决定",
            Commendation.objects.running().filter(campaign=campaign).order_by("pk"),
            lambda row: OpenRow(f"{row}（{row.stage.label}）", row.get_absolute_url()),
            reverse("commendations", args=[campaign.pk]),
        ),
    ]


def _kind(name: str, words: str, rows: QuerySet[Any], row: Callable[[Any], OpenRow], url: str) -> OpenKind:
    first: Iterable[Any] = rows[:SHOWN]
    return OpenKind(name, words, rows.count(), [row(each) for each in first], url)


def _row(found: Announcement | Appraisal | Paper | SupervisionOrder | Visit) -> OpenRow:
    return OpenRow(str(found), found.get_absolute_url())


def _task_row(task: Task) -> OpenRow:
    return OpenRow(_task_text(task), task.get_absolute_url())


def _task_text(task: Task) -> str:
    return f"{task.unit.short_name} {task}"

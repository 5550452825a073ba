"""办结归档: what is still open in a campaign, row by row, and the archive packages that were made of it after it was closed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import (
    CHANGEABLE,
    Announcement,
    Appraisal,
    Campaign,
    CampaignArchive,
    CampaignState,
    Paper,
    Question,
    Task,
    TaskRequest,
    TaskStatus,
)

SHOWN = 8  # rows named of each kind


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


def open_work(campaign: Campaign) -> OpenWork:
    """Return the open points, of each kind the number and the first rows."""
    active = Task.objects.active().filter(campaign=campaign)
    planned, rectifications = active.of_plan(), active.rectifications().exclude(status=TaskStatus.APPROVED)
    tasks = reverse("task_list", args=[campaign.pk])

    def task_kind(name: str, words: str, rows: QuerySet[Task], url: str) -> OpenKind:
        shown = rows.select_related("unit", "indicator", "action", "finding", "campaign")
        return _kind(name, words, shown.order_by("due_on", "unit__order", "pk"), _task_row, url)

    return OpenWork(
        [
            task_kind(
                "没有报送的任务", "项任务没有报送", planned.filter(status__in=CHANGEABLE), f"{tasks}?status=unanswered"
            ),
            task_kind(
                "等待审签的答复", "项答复等待审签", planned.filter(status=TaskStatus.SIGNING), f"{tasks}?status=signing"
            ),
            task_kind(
                "没有审核的答复",
                "项答复没有审核",
                planned.filter(status=TaskStatus.SUBMITTED),
                f"{tasks}?status=submitted",
            ),
            task_kind(
                "没有销号的整改", "件整改没有销号", rectifications, reverse("rectifications", args=[campaign.pk])
            ),
            _kind(
                "没有答复的延期和异议",
                "件延期或异议没有答复",
                TaskRequest.objects.filter(task__campaign=campaign, granted=None)
                .select_related("task__unit", "task__indicator", "task__action", "task__finding", "task__campaign")
                .order_by("pk"),
                lambda row: OpenRow(f"{row.get_kind_display()}：{_task_text(row.task)}", row.task.get_absolute_url()),
                tasks,
            ),
            _kind(
                "没有答复的提问",
                "个提问没有答复",
                Question.objects.waiting()
                .in_campaigns([campaign])
                .select_related("task__unit", "task__indicator", "task__action", "task__finding", "task__campaign")
                .order_by("pk"),
                lambda row: OpenRow(
                    _task_text(row.task) if row.task else f"{row.unit.short_name}：{row.text[:30]}",
                    reverse("question", args=[campaign.pk, row.pk]),
                ),
                reverse("questions", args=[campaign.pk]),
            ),
            _kind(
                "没有签收齐的公告",
                "份公告还有单位没有签收",
                Announcement.objects.unsigned().filter(campaign=campaign).select_related("campaign").order_by("number"),
                lambda row: OpenRow(str(row), row.get_absolute_url()),
                reverse("announcements", args=[campaign.pk]),
            ),
            _kind(
                "没有结束的模拟考核",
                "次模拟考核没有结束评分",
                Appraisal.objects.filter(campaign=campaign, closed_at=None).order_by("starts", "pk"),
                lambda row: OpenRow(row.name, row.get_absolute_url()),
                reverse("appraisals", args=[campaign.pk]),
            ),
            _kind(
                "没有盖章扫描件的用印文件",
                "份用印文件没有盖章扫描件",
                Paper.objects.unstamped()
                .exclude(blob="")
                .filter(campaign=campaign)
                .select_related("campaign")
                .order_by("serial"),
                lambda row: OpenRow(str(row), row.get_absolute_url()),
                f"{reverse('papers', args=[campaign.pk])}?show=unstamped",
            ),
        ]
    )


def _kind(name: str, words: str, rows: QuerySet[Any], row: Callable[[Any], OpenRow], url: str) -> OpenKind:
    first: Iterable[Any] = rows[:SHOWN]
    return OpenKind(name, words, rows.count(), [row(each) for each in first], url)


def _task_row(task: Task) -> OpenRow:
    return OpenRow(_task_text(task), task.get_absolute_url())


def _task_text(task: Task) -> str:
    return f"{task.unit.short_name} {task}"


def archives(campaign: Campaign) -> QuerySet[CampaignArchive]:
    return CampaignArchive.objects.filter(campaign=campaign).select_related("created_by")


def require_closed(campaign: Campaign) -> None:
    """Raise Refusal unless the campaign is closed: an archive of a campaign that goes on would be out of date at once."""
    if campaign.state != CampaignState.CLOSED:
        raise Refusal(f"“{campaign}”{campaign.get_state_display()}，结束活动以后才能生成归档包。")


def register_archive(
    campaign: Campaign, items: int, lacking: int, size: int, digest: str, actor: Actor
) -> CampaignArchive:
    """Register a package that was made, so that it can be told later which one it is. Raises Refusal when the campaign was reopened."""
    with transaction.atomic():
        require_closed(Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk))
        row = CampaignArchive.objects.create(
            campaign=campaign,
            items=items,
            lacking=lacking,
            size=size,
            digest=digest,
            created_by=actor.human,
            created_at=actor.at,
        )
        audit_log.record(actor, "campaign.archive", campaign, detail=f"{items} 件，未收录 {lacking}，目录摘要 {digest}")
    return row

"""Questions (提问) that a unit asks the office, on a task or in general, and the replies: to that unit, or to all units of the point."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from creation.models.campaign import Action, Campaign
from creation.models.district import Unit
from creation.models.finding import Finding
from creation.models.indicator import Indicator
from creation.models.task import Task
from creation.models.user import User
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope


class ReplyQuerySet(VersionedQuerySet["Reply"]):
    def visible_to(self, user: User) -> Self:
        """Return the replies that this person may read.

        The office sees all of them. A unit sees the replies to its own questions and those published on points on which it has
        tasks.
        """
        office = user.permission_filter(
            Permission.QUESTION_READ, district="campaign__district", campaign="campaign", unit=None, beyond_unit=True
        )
        mine = Task.objects.active().filter(
            user.permission_filter(
                Permission.QUESTION_READ, district="campaign__district", campaign="campaign", unit="unit"
            )
        )
        own = user.permission_filter(
            Permission.QUESTION_READ, district="campaign__district", campaign="campaign", unit="unit"
        )
        asked = Exists(Question.objects.filter(Q(task__in=mine) | own, reply=OuterRef("pk")))
        points = mine.filter(campaign=OuterRef("campaign"))
        here: Any = Q(indicator=None, action=None, finding=None) & Exists(points)
        for kind in ("indicator", "action", "finding"):
            here |= Exists(points.filter(**{kind: OuterRef(kind)}))
        return self.filter(office | asked | (Q(published_at__isnull=False) & here))

    def of_point(self, item: "Task | Question") -> Self:
        """Return replies on the point of the task or question, in its campaign; the general ones for a general question."""
        task = item.task if isinstance(item, Question) else item
        here = {name: getattr(task, f"{name}_id") if task else None for name in ("indicator", "action", "finding")}
        return self.filter(campaign=task.campaign_id if task else item.campaign_id, **here)

    def published(self) -> Self:
        """Return published replies, including withdrawn ones, so that their readers learn of the withdrawal."""
        return self.filter(published_at__isnull=False)

    def active(self) -> Self:
        return self.filter(withdrawn_at=None)

    def for_table(self) -> Self:
        return self.select_related("campaign", "indicator", "action", "finding", "created_by").order_by(
            "-published_at", "-pk"
        )


class GeneralPoint:
    """What a question is on that is on no task, where others have a checkpoint or an action."""

    code = "综合"

    def __str__(self) -> str:
        return "不针对某项任务的问题"


class Reply(Versioned):
    """The office's reply (答复) to a question; without checkpoint and action, to a general one.

    ``asked`` is the question in words that may be published: it names no unit.
    One reply may answer several questions. It is corrected by a new version or withdrawn, never deleted.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="replies", verbose_name="创建活动")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="replies", verbose_name="指标"
    )
    action = models.ForeignKey(
        Action, models.PROTECT, null=True, blank=True, related_name="replies", verbose_name="事项"
    )
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, blank=True, related_name="replies", verbose_name="督导问题"
    )
    asked = models.TextField("公开的问题")
    text = models.TextField("答复")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="答复人")
    created_at = models.DateTimeField("答复时间")
    published_at = models.DateTimeField("公开时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = "答复"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["campaign", "indicator"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(indicator=None, action=None)
                | Q(indicator=None, finding=None)
                | Q(action=None, finding=None),
                name="reply_is_on_one_point_at_most",
                violation_error_message="答复只能对应一个指标、一个事项或一个督导问题。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.point.code} 第 {self.pk} 号答复"

    def get_absolute_url(self) -> str:
        return reverse("reply", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    @property
    def point(self) -> Indicator | Action | Finding | GeneralPoint:
        return self.indicator or self.action or self.finding or GeneralPoint()


class ReplyVersion(models.Model):
    """The text of a reply before a correction, with the reason for that correction."""

    reply = models.ForeignKey(Reply, models.CASCADE, related_name="former", verbose_name="答复")
    number = models.PositiveIntegerField("版次")
    asked = models.TextField("公开的问题")
    text = models.TextField("答复")
    reason = models.CharField("更正原因", max_length=200)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="更正人")
    created_at = models.DateTimeField("更正时间")

    class Meta:
        verbose_name = "答复原文"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["reply", "number"], name="reply_version_once")]

    def __str__(self) -> str:
        return f"{self.reply} 第 {self.number} 版"


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible_to(self, user: User) -> Self:
        """Return the questions of the person's own units, or all of the campaign for the office."""
        on_tasks = user.permission_filter(
            Permission.QUESTION_READ, district="task__campaign__district", campaign="task__campaign", unit="task__unit"
        )
        general = user.permission_filter(
            Permission.QUESTION_READ, district="campaign__district", campaign="campaign", unit="unit"
        )
        return self.filter(on_tasks | general, task__dropped_on=None)

    def in_campaigns(self, campaigns: "Iterable[Campaign]") -> Self:
        chosen = list(campaigns)
        return self.filter(Q(task__campaign__in=chosen) | Q(campaign__in=chosen))

    def in_campaign(self, campaign: Campaign | OuterRef) -> Self:
        return self.filter(Q(task__campaign=campaign) | Q(campaign=campaign))

    def waiting(self) -> Self:
        """Return questions without a reply, or whose reply was withdrawn."""
        return self.filter(Q(reply=None) | Q(reply__withdrawn_at__isnull=False), task__dropped_on=None)

    def answered(self) -> Self:
        return self.filter(reply__isnull=False, reply__withdrawn_at=None)

    def of_point(self, item: "Task | Question") -> Self:
        task = item.task if isinstance(item, Question) else item
        if task is None:
            return self.filter(campaign=item.campaign_id)
        return self.filter(
            task__campaign=task.campaign_id,
            task__indicator=task.indicator_id,
            task__action=task.action_id,
            task__finding=task.finding_id,
        )

    def for_table(self) -> Self:
        on_task = ("task__campaign", "task__unit", "task__indicator", "task__action", "task__finding")
        return self.select_related(*on_task, "campaign", "unit", "created_by", "reply__created_by")


class Question(models.Model):
    """A question that a person of a unit asks the office: on one task, or in general; then ``campaign`` and ``unit`` say where and who."""

    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True, related_name="questions", verbose_name="任务")
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, null=True, blank=True, related_name="general_questions", verbose_name="创建活动"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="general_questions", verbose_name="单位"
    )
    text = models.TextField("问题")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提问人")
    created_at = models.DateTimeField("提问时间")
    reply = models.ForeignKey(
        Reply, models.PROTECT, null=True, blank=True, related_name="questions", verbose_name="答复"
    )
    replied_at = models.DateTimeField("得到答复的时间", null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "提问"
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reply=None, replied_at=None) | Q(reply__isnull=False, replied_at__isnull=False),
                name="a_replied_question_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(task__isnull=False, campaign=None, unit=None)
                | Q(task=None, campaign__isnull=False, unit__isnull=False),
                name="a_question_is_on_a_task_or_of_a_unit",
                violation_error_message="提问须针对一项任务，或者写明活动和单位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task or GeneralPoint()} 的提问"

    def get_absolute_url(self) -> str:
        return reverse("question", args=[self.asked_in.pk, self.pk])

    def scope(self) -> Scope:
        return Scope(self.asked_in.district_id, campaign=self.asked_in.pk, unit=self.asking_unit.pk)

    @property
    def asked_in(self) -> Campaign:
        found = self.task.campaign if self.task else self.campaign
        assert found is not None  # noqa: S101 - a constraint says so
        return found

    @property
    def asking_unit(self) -> Unit:
        found = self.task.unit if self.task else self.unit
        assert found is not None  # noqa: S101 - a constraint says so
        return found

    @property
    def waits(self) -> bool:
        return self.reply is None or self.reply.withdrawn_at is not None

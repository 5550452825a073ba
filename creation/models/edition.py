from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from creation.models.campaign import Campaign
from creation.models.indicator import Indicator, IndicatorSystem
from creation.models.task import Task
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Scope


class EditionChangeQuerySet(VersionedQuerySet["EditionChange"]):
    def under_way(self) -> Self:
        """Return the changes that were compared but neither confirmed nor dropped."""
        return self.filter(confirmed_at=None, dropped_at=None)

    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)


class EditionChange(Versioned):
    """A change of edition (换版): a campaign moves from one edition of its indicator system to the next.

    ``points`` are the checkpoints of the new edition as they were read. ``choices`` are the office's decisions on doubtful
    checkpoints: ``new`` maps new codes to "on:<old>", "split:<old>" or "new"; ``old`` maps old checkpoints to "end" or
    "into:<code>".
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="edition_changes", verbose_name="创建活动")
    before = models.ForeignKey(IndicatorSystem, models.PROTECT, related_name="+", verbose_name="原版本")
    after = models.ForeignKey(
        IndicatorSystem, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新版本"
    )
    edition = models.CharField("版本", max_length=40, blank=True)
    dated_on = models.DateField("发布日期", null=True, blank=True)
    source = models.CharField("依据文件", max_length=200, blank=True)
    file_name = models.CharField("文件名", max_length=120)
    points: Any = models.JSONField("要点", default=list)
    choices: Any = models.JSONField("确认的对应", default=dict, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="导入人")
    created_at = models.DateTimeField("导入时间")
    confirmed_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    dropped_at = models.DateTimeField("放弃时间", null=True, blank=True)

    objects = EditionChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "指标体系换版"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(confirmed_at=None, dropped_at=None),
                name="one_edition_under_way",
                violation_error_message="已有一个新版正在对照。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, after=None) | Q(confirmed_at__isnull=False, after__isnull=False),
                name="a_confirmed_change_has_its_edition",
            ),
        ]

    def __str__(self) -> str:
        return self.edition or self.file_name

    def get_absolute_url(self) -> str:
        return reverse("edition", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return self.campaign.scope()


class SuccessionKind(models.TextChoices):
    ON = "on", "延续"
    SPLIT = "split", "拆出"
    MERGED = "merged", "并入"
    ADDED = "added", "新增"
    REMOVED = "removed", "删除"


class Succession(models.Model):
    """What a change of edition did with one checkpoint, item or section: its old and its new node."""

    change = models.ForeignKey(EditionChange, models.CASCADE, related_name="successions", verbose_name="换版")
    kind = models.CharField("去向", max_length=8, choices=SuccessionKind.choices)
    before = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原指标"
    )
    after = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新指标")
    basis = models.CharField("依据", max_length=20, blank=True)

    class Meta:
        verbose_name = "指标去向"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=SuccessionKind.ADDED, before=None, after__isnull=False)
                | Q(kind=SuccessionKind.REMOVED, before__isnull=False, after=None)
                | Q(
                    kind__in=[SuccessionKind.ON, SuccessionKind.SPLIT, SuccessionKind.MERGED],
                    before__isnull=False,
                    after__isnull=False,
                ),
                name="a_succession_has_the_ends_of_its_kind",
            ),
            models.UniqueConstraint(
                fields=["change", "before"],
                condition=Q(kind__in=[SuccessionKind.ON, SuccessionKind.MERGED, SuccessionKind.REMOVED]),
                name="an_old_checkpoint_goes_one_way",
            ),
            models.UniqueConstraint(
                fields=["change", "after"],
                condition=Q(kind__in=[SuccessionKind.ON, SuccessionKind.SPLIT, SuccessionKind.ADDED]),
                name="a_new_checkpoint_comes_from_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before or ''} → {self.after or ''}"


class TaskCarry(models.Model):
    """A task that a change of edition carried over or ended (``after`` is None). The ledger of a past day finds the old checkpoint here."""

    change = models.ForeignKey(EditionChange, models.CASCADE, related_name="carries", verbose_name="换版")
    task = models.ForeignKey(Task, models.CASCADE, related_name="carries", verbose_name="任务")
    before = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name="原指标")
    after = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新指标")

    class Meta:
        verbose_name = "任务去向"
        constraints = [models.UniqueConstraint(fields=["change", "task"], name="a_task_is_carried_once_a_change")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.before_id} → {self.after_id}"

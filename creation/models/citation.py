from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from creation.models.campaign import Campaign
from creation.models.evidence import Evidence
from creation.models.task import Task

if TYPE_CHECKING:
    from creation.models.user import User


class NumberCounterQuerySet(models.QuerySet["NumberCounter"]):
    def lock(self, campaign: Campaign, point: str) -> "NumberCounter":
        """Return the counter of a point, which nobody else can use until the end of the transaction."""
        counters = self.select_for_update().filter(campaign=campaign, point=point)
        if counter := counters.first():
            return counter
        self.get_or_create(campaign=campaign, point=point)
        return counters.get()


class NumberCounter(models.Model):
    """The last running number used at a point of a campaign: the code of a checkpoint or action, W for findings, DB for orders.

    Its row serves as the lock, and a number is never used again.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    point = models.CharField(max_length=20)
    last = models.PositiveIntegerField(default=0)

    objects = NumberCounterQuerySet.as_manager()

    class Meta:
        verbose_name = "编号计数"
        constraints = [models.UniqueConstraint(fields=["campaign", "point"], name="one_counter_a_point")]

    def __str__(self) -> str:
        return f"{self.point} {self.last}"

    def take_next(self) -> int:
        """Return the next number. Call it on a locked counter (``NumberCounter.objects.lock``)."""
        self.last += 1
        self.save(update_fields=["last"])
        return self.last


class EvidenceNumber(models.Model):
    """The number of a piece of evidence at a point of a campaign, such as 4-3-3-02. Unique across units, never reused."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="numbers", verbose_name="创建活动")
    point = models.CharField("要点", max_length=20)
    serial = models.PositiveIntegerField("序号")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="numbers", verbose_name="印证资料")

    class Meta:
        verbose_name = "资料编号"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "point", "serial"], name="evidence_number_once"),
            models.UniqueConstraint(fields=["campaign", "point", "evidence"], name="one_number_a_piece_and_point"),
        ]

    def __str__(self) -> str:
        return f"{self.point}-{self.serial:02d}"


class CitationQuerySet(models.QuerySet["Citation"]):
    def in_readable_tasks(self) -> Self:
        """Return citations in active tasks and in tasks that a new edition of the indicator system ended."""
        return self.filter(Q(task__dropped_on=None) | ~Q(task__ended=""))

    def active(self) -> Self:
        return self.filter(removed_at=None, evidence__deleted_at=None)

    def counting(self) -> Self:
        """Return active citations whose evidence is not hidden."""
        return self.active().filter(evidence__hidden_at=None)

    def readable_by(self, user: "User") -> Self:
        """Return the citations of pieces whose words this person may read.

        Exists, not ``in``: a database would first gather all that the person may read.
        """
        return self.filter(Exists(Evidence.objects.words_visible_to(user).filter(pk=OuterRef("evidence"))))


class Citation(models.Model):
    """A task's citation of a piece of evidence, with the passage or page that proves the point."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="citations", verbose_name="任务")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="citations", verbose_name="印证资料")
    number = models.ForeignKey(EvidenceNumber, models.PROTECT, related_name="citations", verbose_name="编号")
    passage = models.CharField("证明段落", max_length=100, blank=True)
    outside_reason = models.CharField("时间范围外的理由", max_length=200, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="引用人")
    created_at = models.DateTimeField("引用时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = "引用"
        ordering = ["number__serial"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "evidence"], name="citation_once", violation_error_message="此任务已引用该资料。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.evidence}"

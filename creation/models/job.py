from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from creation.models.user import User


class JobState(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


UNFINISHED_STATES = (JobState.QUEUED, JobState.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        """Return the person's own jobs."""
        return self.filter(owner=user)

    def of_kinds(self, kinds: list[str]) -> Self:
        return self.filter(kind__in=kinds)


class Job(models.Model):
    """A background job with a progress bar.

    ``running_key`` makes a second click return the running job; ``token`` is the worker's claim. ``result`` is the storage key
    of the file that was created (``file_name`` is its name then) or a message. ``granted`` are the memberships that permitted
    the job when it started. ``evidence``: keys of the pieces that the file contains or names.
    """

    kind = models.CharField("类型", max_length=30)
    params = models.JSONField("参数", default=dict)
    owner = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="jobs", verbose_name="发起人")
    state = models.CharField("状态", max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("说明", max_length=200, blank=True)
    running_key = models.CharField(max_length=120)
    token = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    result = models.CharField("结果文件", max_length=200, blank=True)
    file_name = models.CharField("文件名", max_length=200, blank=True)
    media_type = models.CharField("文件类型", max_length=100, blank=True)
    size = models.PositiveBigIntegerField("文件大小", default=0)
    granted = models.JSONField("依据的任职", default=list, blank=True)
    evidence = models.JSONField("所含资料", default=list, blank=True)
    address = models.CharField("地址", max_length=45, blank=True)
    queued_at = models.DateTimeField("提交时间")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    expires_at = models.DateTimeField("过期时间", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        ordering = ["queued_at", "id"]
        indexes = [models.Index(fields=["owner", "-queued_at"], name="jobs_of_a_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["running_key"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="one_running_job_a_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return reverse("job", args=[self.pk])

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED_STATES

    @property
    def is_file(self) -> bool:
        return bool(self.state == JobState.DONE and self.file_name and self.result)

    @property
    def is_expired(self) -> bool:
        """Whether the job created a file that was deleted since."""
        return bool(self.state == JobState.DONE and self.file_name and not self.result)

    @property
    def percent_done(self) -> int | None:
        """Progress in per cent, rounded down; None while the total is unknown."""
        return self.done * 100 // self.total if self.total else None

    def age(self, now: datetime) -> timedelta:
        return (self.finished_at or now) - self.queued_at

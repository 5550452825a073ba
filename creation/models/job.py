from django.db import models
from django.db.models import Q

from creation.models.user import User


class JobState(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


class Job(models.Model):
    """Long work with a progress bar. ``running_key`` joins a second click to the first; ``token`` is the claim of one worker."""

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
    queued_at = models.DateTimeField("提交时间")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    expires_at = models.DateTimeField("过期时间", null=True, blank=True)

    class Meta:
        verbose_name = "后台任务"
        ordering = ["queued_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["running_key"],
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="one_running_job_a_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_state_display()}"

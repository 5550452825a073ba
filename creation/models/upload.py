from django.db import models
from django.db.models import Q

from creation.models.evidence import Evidence
from creation.models.task import Task


class Upload(models.Model):
    """An upload in progress. Its bytes are in the incoming folder under ``token`` until the last one has arrived."""

    token = models.UUIDField(unique=True)
    person = models.ForeignKey("creation.User", models.CASCADE, related_name="uploads", verbose_name="上传人")
    task = models.ForeignKey(Task, models.CASCADE, related_name="uploads", verbose_name="任务")
    name = models.CharField("文件名", max_length=120)
    size = models.PositiveBigIntegerField("字节数")
    folder = models.CharField("文件夹", max_length=200, blank=True)
    # Milliseconds since the epoch, as the browser reports it.
    changed = models.BigIntegerField("文件修改时刻", null=True, blank=True)
    # Recognises the same file when it is chosen again, see `pending_uploads`.
    mark = models.CharField("文件特征", max_length=64, blank=True)
    modified_on = models.DateField("文件日期", null=True, blank=True)
    started_at = models.DateTimeField("开始时间")
    evidence = models.ForeignKey(
        Evidence, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="印证资料"
    )
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    stamped = models.BooleanField("情况说明盖章扫描件", default=False)

    class Meta:
        verbose_name = "上传"
        indexes = [models.Index(fields=["person", "mark"])]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "mark"],
                condition=Q(finished_at=None) & ~Q(mark=""),
                name="one_upload_a_file_under_way",
            )
        ]

    def __str__(self) -> str:
        return self.name

from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse

from creation.models.campaign import Campaign
from creation.rules.policy import Scope

if TYPE_CHECKING:
    from creation.models.user import User


class ImportUploadQuerySet(models.QuerySet["ImportUpload"]):
    def visible_to(self, user: "User") -> Self:
        """Return the person's own workbooks; nobody else may continue an import."""
        return self.filter(person=user)


class ImportUpload(models.Model):
    """A workbook to be imported. Kept until it is imported or for three days; read again at every request."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="import_uploads", verbose_name="创建活动")
    person = models.ForeignKey("creation.User", models.CASCADE, related_name="import_uploads", verbose_name="导入人")
    kind = models.CharField("内容", max_length=20)
    name = models.CharField("文件名", max_length=120)
    content = models.BinaryField("工作簿", editable=False)
    mapping = models.JSONField("列的对应", default=dict, blank=True)
    answers = models.JSONField("对疑问的答复", default=dict, blank=True)
    created_at = models.DateTimeField("提交时间")
    applied_at = models.DateTimeField("导入时间", null=True, blank=True)
    result = models.CharField("结果", max_length=200, blank=True)

    objects = ImportUploadQuerySet.as_manager()

    class Meta:
        verbose_name = "导入"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("import", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return self.campaign.scope()

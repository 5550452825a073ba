from django.db import models

from creation.models.campaign import Campaign
from creation.models.paper import PaperKind


class PaperTemplate(models.Model):
    """A Word template that the office uploaded in place of the default.

    The newest of a kind is used; one without ``blob`` restores the default.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="templates", verbose_name="创建活动")
    kind = models.CharField("种类", max_length=12, choices=PaperKind.choices)
    number = models.PositiveIntegerField("版本")
    blob = models.CharField(max_length=80, blank=True)
    name = models.CharField("文件名", max_length=120, blank=True)
    sha256 = models.CharField("摘要", max_length=64, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="更换人")
    created_at = models.DateTimeField("更换时间")

    class Meta:
        verbose_name = "文书模板"
        ordering = ["kind", "-number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "kind", "number"], name="a_template_version_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} 第 {self.number} 版"

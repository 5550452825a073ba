from django.db import models

from creation.models.campaign import Campaign


class CampaignArchive(models.Model):
    """An archive package (归档包) that was made of a closed campaign. The package itself is kept by whoever took it.

    ``digest`` is the SHA-256 of its catalogue, which contains that of every file: by it one tells that a package is the one made then.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="archives", verbose_name="创建活动")
    items = models.PositiveIntegerField("件数")
    lacking = models.PositiveIntegerField("未收录", default=0)
    size = models.PositiveBigIntegerField("字节数")
    digest = models.CharField("目录摘要", max_length=64)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="生成人")
    created_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "归档包"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.campaign} {self.created_at:%Y-%m-%d}"

from django.db import models

from creation.models.campaign import Campaign
from creation.models.paper import Paper
from creation.models.versioned import Versioned, VersionedQuerySet


class AssessmentText(Versioned):
    """A passage of the self-assessment report (自评报告) that the office wrote: an introduction, a conclusion or the text of an item.

    ``slot`` is "introduction", "conclusion" or the code of an item. ``sources`` is the digest of the answers that the text is
    based on. If the text is empty, the report uses the text generated from the answers.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="assessment_texts", verbose_name="创建活动")
    slot = models.CharField("位置", max_length=20)
    text = models.TextField("内容", blank=True)
    sources = models.CharField("来源摘要", max_length=64, blank=True)
    updated_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="撰写人")
    updated_at = models.DateTimeField("撰写时间")

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = "自评报告内容"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "slot"], name="one_text_a_place_of_the_assessment"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.slot}"


class AssessmentTextVersion(models.Model):
    """A saved version of a passage. Append-only."""

    of = models.ForeignKey(AssessmentText, models.CASCADE, related_name="versions", verbose_name="内容")
    number = models.PositiveIntegerField("版本")
    text = models.TextField("内容", blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="撰写人")
    created_at = models.DateTimeField("撰写时间")

    class Meta:
        verbose_name = "自评报告内容版本"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="assessment_text_version_once")]

    def __str__(self) -> str:
        return f"{self.of} v{self.number}"


class FinalAssessment(models.Model):
    """The self-assessment report as it was made final (定稿): the numbered paper, and its texts to compare later ones with. Immutable.

    ``content`` has for each passage its slot, title, text, numbers of evidence and readings, and each unit's brief; ``digest`` is the
    SHA-256 over it. The newest row counts; earlier ones stay on record.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="final_assessments", verbose_name="创建活动")
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="final_assessments", verbose_name="用印文件")
    content = models.JSONField("内容")
    digest = models.CharField("摘要", max_length=64)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="定稿人")
    created_at = models.DateTimeField("定稿时间")

    class Meta:
        verbose_name = "自评报告定稿"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.campaign} {self.paper.number}"

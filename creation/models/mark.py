from typing import Self

from django.db import models
from django.db.models import F, Q

from creation.models.citation import Citation
from creation.models.evidence import EvidenceVersion

BOX = ("left", "top", "width", "height")


class PageMarkQuerySet(models.QuerySet["PageMark"]):
    def active(self) -> Self:
        return self.filter(removed_at=None)


class PageMark(models.Model):
    """The office's pointer to a page of a cited file. It belongs to the version that was read; a new version does not change it.

    The optional box is a part of the page's image, in fractions of its width and height.
    """

    citation = models.ForeignKey(Citation, models.CASCADE, related_name="marks", verbose_name="引用")
    version = models.ForeignKey(EvidenceVersion, models.PROTECT, related_name="marks", verbose_name="资料版本")
    page = models.PositiveIntegerField("页码")
    note = models.CharField("说明", max_length=100, blank=True)
    left = models.FloatField("左", null=True, blank=True)
    top = models.FloatField("上", null=True, blank=True)
    width = models.FloatField("宽", null=True, blank=True)
    height = models.FloatField("高", null=True, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="标记人")
    created_at = models.DateTimeField("标记时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)
    removed_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="移除人"
    )

    objects = PageMarkQuerySet.as_manager()

    class Meta:
        verbose_name = "页标记"
        ordering = ["page", "top", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(page__gte=1), name="pages_begin_with_one", violation_error_message="页码从 1 开始。"
            ),
            models.CheckConstraint(
                condition=Q(left=None, top=None, width=None, height=None)
                | Q(left__gte=0, top__gte=0, width__gt=0, height__gt=0)
                & Q(width__lte=1.001 - F("left"), height__lte=1.001 - F("top")),
                name="a_box_lies_on_its_page",
                violation_error_message="框选的范围须在页面之内。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.citation.number} {self.place}"

    @property
    def place(self) -> str:
        return "图片" if self.is_picture else f"第{self.page}页"

    @property
    def is_picture(self) -> bool:
        """Whether the file is a single image, so that there is no page to name."""
        return self.version.media_type.startswith("image/")

    @property
    def has_box(self) -> bool:
        return self.left is not None

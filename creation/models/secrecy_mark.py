from collections.abc import Iterable
from itertools import groupby
from typing import Self

from django.db import models
from django.db.models import Q

from creation.models.evidence import Evidence, EvidenceVersion
from creation.models.secrecy_declaration import SecrecyDeclaration


class MarkPlace(models.TextChoices):
    """Where a mark of secrecy was found."""

    TITLE = "title", "题名"
    DESCRIPTION = "described", "文号、责任者等"
    FILE_NAME = "file_name", "文件名"
    TEXT = "text", "正文"
    FIRST_PAGE = "first_page", "首页"
    MARGIN = "margin", "页眉页脚"
    BOX = "box", "文本框"
    NOTES = "notes", "批注脚注"
    PROPERTIES = "properties", "文件属性和名称"
    HIDDEN = "hidden", "不直接显示的内容"


class SecrecyMarkQuerySet(models.QuerySet["SecrecyMark"]):
    def waiting(self) -> Self:
        """Return the marks that nobody has cleared. They block their piece of evidence."""
        return self.filter(declaration=None)


class SecrecyMark(models.Model):
    """A secrecy mark (机密, 内部 …) found in a version of evidence. Cleared marks remain, with the declaration that cleared them.

    The text around the mark is not stored, as it may be secret.
    """

    evidence = models.ForeignKey(Evidence, models.CASCADE, related_name="secrecy_marks", verbose_name="印证资料")
    version = models.ForeignKey(EvidenceVersion, models.CASCADE, related_name="secrecy_marks", verbose_name="资料版本")
    place = models.CharField("位置", max_length=10, choices=MarkPlace.choices)
    word = models.CharField("标志", max_length=20)
    declaration = models.ForeignKey(
        SecrecyDeclaration, models.CASCADE, null=True, blank=True, related_name="marks", verbose_name="不涉密确认"
    )

    objects = SecrecyMarkQuerySet.as_manager()

    class Meta:
        verbose_name = "密级标志"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(place__in=MarkPlace.values),
                name="mark_place_is_known",
                violation_error_message="密级标志的位置不在可选范围。",
            ),
            models.UniqueConstraint(
                fields=["version", "place", "word"],
                condition=Q(declaration=None),
                name="a_mark_waits_once",
                violation_error_message="该标志已在等待确认。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_place_display()}：{self.word}"


def marks_in_words(marks: Iterable[tuple[str, str]]) -> str:
    """Return the marks as ``首页：机密、内部；文件名：内部``, or "" for none. Marks of one place must be adjacent."""
    places = groupby(marks, key=lambda mark: mark[0])
    return "；".join(f"{MarkPlace(place).label}：{'、'.join(word for _, word in found)}" for place, found in places)

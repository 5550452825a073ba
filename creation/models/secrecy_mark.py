from collections.abc import Iterable
from itertools import groupby
from typing import Self

from django.db import models
from django.db.models import Q

from creation.models.clearance import Clearance
from creation.models.evidence import Evidence, EvidenceVersion


class MarkPlace(models.TextChoices):
    """Where a mark of secrecy was found."""

    TITLE = "title", "题名"
    FILE_NAME = "file_name", "文件名"
    TEXT = "text", "正文"
    FIRST_PAGE = "first_page", "首页"


class SecrecyMarkQuerySet(models.QuerySet["SecrecyMark"]):
    def waiting(self) -> Self:
        """Nobody has answered for them yet: they stop their piece."""
        return self.filter(clearance=None)


class SecrecyMark(models.Model):
    """A mark of secrecy (机密, 内部 …) that a version of a piece bears. Cleared ones stay with the declaration that cleared them.

    The words around the mark are not kept: they may be what must not be here.
    """

    evidence = models.ForeignKey(Evidence, models.CASCADE, related_name="secrecy_marks", verbose_name="印证资料")
    version = models.ForeignKey(EvidenceVersion, models.CASCADE, related_name="secrecy_marks", verbose_name="资料版本")
    place = models.CharField("位置", max_length=10, choices=MarkPlace.choices)
    word = models.CharField("标志", max_length=20)
    clearance = models.ForeignKey(
        Clearance, models.CASCADE, null=True, blank=True, related_name="marks", verbose_name="不涉密确认"
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
                condition=Q(clearance=None),
                name="a_mark_waits_once",
                violation_error_message="该标志已在等待确认。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_place_display()}：{self.word}"


def marks_in_words(marks: Iterable[tuple[str, str]]) -> str:
    """``首页：机密、内部；文件名：内部`` from places and words, those of one place next to each other; "" for none."""
    places = groupby(marks, key=lambda mark: mark[0])
    return "；".join(f"{MarkPlace(place).label}：{'、'.join(word for _, word in found)}" for place, found in places)

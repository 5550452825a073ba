from typing import Self

from django.db import models
from django.db.models import Q

from creation.models.evidence import EvidenceVersion


class ScanState(models.TextChoices):
    WAITING = "waiting", "待查毒"
    CLEAN = "clean", "未发现病毒"
    INFECTED = "infected", "发现病毒"


class ScanQuerySet(models.QuerySet["Scan"]):
    def waiting(self) -> Self:
        return self.filter(state=ScanState.WAITING)


class Scan(models.Model):
    """A file that arrived while the virus scanner did not respond. It waits in quarantine until it has been scanned."""

    version = models.OneToOneField(EvidenceVersion, models.CASCADE, related_name="scan", verbose_name="资料版本")
    state = models.CharField("结果", max_length=8, choices=ScanState.choices, default=ScanState.WAITING)
    found = models.CharField("病毒名称", max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField("未成次数", default=0)
    held_at = models.DateTimeField("隔离时间")
    scanned_at = models.DateTimeField("查毒时间", null=True, blank=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        verbose_name = "查毒"
        ordering = ["tries", "held_at", "id"]  # so that a file on which the scanner fails does not delay the others
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ScanState.values),
                name="scan_state_is_known",
                violation_error_message="查毒结果不在可选范围。",
            ),
            models.CheckConstraint(
                condition=~Q(state=ScanState.INFECTED) | ~Q(found=""),
                name="an_infection_has_a_name",
                violation_error_message="发现病毒时须写明名称。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.get_state_display()}"

from django.db import models

from creation.rules.deadlines import Workdays


class DayKind(models.TextChoices):
    OFF = "off", "休息"
    WORK = "work", "上班"


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def calendar(self) -> Workdays:
        """Return the table as ``Workdays``. A year without rows falls back to plain weekends."""
        rows = list(self.values_list("day", "kind"))
        return Workdays(
            off=[d for d, kind in rows if kind == DayKind.OFF], work=[d for d, kind in rows if kind == DayKind.WORK]
        )


class Holiday(models.Model):
    """A day that differs from its weekday: a public holiday, or a weekend day that is a workday (调休)."""

    day = models.DateField("日期", unique=True)
    kind = models.CharField("安排", max_length=4, choices=DayKind.choices)
    name = models.CharField("节日", max_length=40, blank=True)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = "节假日"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"

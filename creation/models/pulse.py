from datetime import datetime
from typing import Self

from django.db import models


class PulseQuerySet(models.QuerySet["Pulse"]):
    def record(self, name: str, at: datetime, fault: str = "", *, done: bool = True) -> None:
        """Note that this part did its work, or what kept it from it."""
        values = {"tried_at": at, "fault": fault[:400]} | ({"done_at": at} if done else {})
        self.update_or_create(name=name, defaults=values)

    def named(self, name: str) -> Self:
        return self.filter(name=name)


class Pulse(models.Model):
    """A part of the clock, when it last did its work, and what it said when it could not ("" = it could)."""

    name = models.CharField("名称", max_length=20, unique=True)
    tried_at = models.DateTimeField("上次尝试")
    done_at = models.DateTimeField("上次完成", null=True, blank=True)
    fault = models.CharField("原因", max_length=400, blank=True)

    objects = PulseQuerySet.as_manager()

    class Meta:
        verbose_name = "运行情况"

    def __str__(self) -> str:
        return self.name

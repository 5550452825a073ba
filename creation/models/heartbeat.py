from datetime import datetime
from typing import Self

from django.db import models


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    def record(self, name: str, at: datetime, fault: str = "", *, done: bool = True) -> None:
        """Record that this part ran at ``at``. ``done`` is whether it did its work; ``fault`` says why it did not."""
        values = {"tried_at": at, "fault": fault[:400]} | ({"done_at": at} if done else {})
        self.update_or_create(name=name, defaults=values)

    def named(self, name: str) -> Self:
        return self.filter(name=name)


class Heartbeat(models.Model):
    """The heartbeat of a part of the scheduler: when it last did its work, and its last error ("" if there was none)."""

    name = models.CharField("名称", max_length=20, unique=True)
    tried_at = models.DateTimeField("上次尝试")
    done_at = models.DateTimeField("上次完成", null=True, blank=True)
    fault = models.CharField("原因", max_length=400, blank=True)

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        verbose_name = "运行情况"

    def __str__(self) -> str:
        return self.name

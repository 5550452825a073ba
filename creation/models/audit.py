from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from creation.models.user import User


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: "User") -> Self:
        """Entries of the auditor's districts, and those that belong to none (a stranger's failed login)."""
        districts = {grant.district for grant, _ in user.grants_for("audit.read")}
        if not districts:
            return self.none()
        return self.filter(models.Q(district_id__in=districts) | models.Q(district_id=None))


class AuditEntry(models.Model):
    """One act: who, what, on which object, with which result, from where. Append-only; ``mac`` covers every other field.

    People and objects are named in text, not by key, so that an entry can be read when they are gone.
    """

    at = models.DateTimeField("时间", db_index=True)
    person_id = models.BigIntegerField("人员编号", null=True, blank=True, db_index=True)
    person = models.CharField("人员", max_length=80, blank=True)
    district_id = models.BigIntegerField("行政区编号", null=True, blank=True)
    act = models.CharField("行为", max_length=40, db_index=True)
    object = models.CharField("对象", max_length=200, blank=True)
    result = models.CharField(
        "结果", max_length=10, choices=[("done", "成功"), ("refused", "拒绝"), ("failed", "失败")]
    )
    detail = models.TextField("详情", blank=True)
    address = models.CharField("地址", max_length=45, blank=True)
    mac = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.person} {self.act}"


class AuditSeal(models.Model):
    """A link of the chain: the mac of an entry together with that of the seal before it. Written by the clock."""

    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal")
    seq = models.PositiveBigIntegerField(unique=True)
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = "审计封印"
        ordering = ["seq"]

    def __str__(self) -> str:
        return str(self.seq)

from typing import TYPE_CHECKING, Self

from django.db import models

from creation.rules.policy import Permission

if TYPE_CHECKING:
    from creation.models.user import User


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: "User") -> Self:
        """Return the entries of the auditor's districts and the entries without a district, such as a failed login with an unknown name."""
        districts = {grant.district for grant, _ in user.grants_for(Permission.AUDIT_READ)}
        if not districts:
            return self.none()
        return self.filter(models.Q(district_id__in=districts) | models.Q(district_id=None))

    def unsealed(self, after: int = 0) -> Self:
        """Return the entries with a key above ``after`` that are not in the chain yet, lowest key first."""
        return self.filter(pk__gt=after, seal=None).order_by("pk")


class AuditEntry(models.Model):
    """One audited action: who, what, on which object, with which result, from where. Append-only; ``mac`` covers every other field.

    People and objects are stored as text, not as foreign keys, so that an entry can be read after they are deleted. ``nonce``
    makes each ``mac`` unique, so that a copied row is refused or detected.
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
    nonce = models.CharField(max_length=32)
    mac = models.CharField(max_length=64, unique=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.person} {self.act}"


class AuditSeal(models.Model):
    """A link of the audit chain, written by the scheduler.

    ``mac`` covers the entry, the time of sealing and the ``mac`` of the previous seal.
    """

    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal")
    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField("封存时间")
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = "审计封印"
        ordering = ["seq"]

    def __str__(self) -> str:
        return str(self.seq)


class AuditArchive(models.Model):
    """A part of the chain that was moved from the database to a file. The chain continues from ``head``, the ``mac`` of its last seal."""

    first_seq = models.PositiveBigIntegerField("起始序号", unique=True)
    last_seq = models.PositiveBigIntegerField("终止序号", unique=True)
    head = models.CharField(max_length=64)
    name = models.CharField("归档文件", max_length=80)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField("归档时间")
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = "审计归档"
        ordering = ["first_seq"]

    def __str__(self) -> str:
        return self.name

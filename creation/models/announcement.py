from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from creation.models.attached import AttachedFile
from creation.models.campaign import Campaign, CampaignState
from creation.models.district import Unit
from creation.models.user import User
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope


class AnnouncementQuerySet(VersionedQuerySet["Announcement"]):
    def visible_to(self, user: User) -> Self:
        """Return the announcements addressed to the person's units, or all of them for a person whose role reaches beyond one unit."""
        reach = user.permission_filter(
            Permission.ANNOUNCEMENT_READ, district="campaign__district", campaign="campaign", unit="units"
        )
        return self.filter(pk__in=Announcement.objects.filter(reach).values("pk"))

    def awaiting(self, user: User) -> Self:
        """Return the announcements that the person's units have not signed yet, and the unopened ones that need no signature."""
        from creation.models.notice import Notice

        held = (Q(unit=grant.unit) for grant, _ in user.grants_for(Permission.ANNOUNCEMENT_SIGN) if grant.unit)
        subject = Concat(
            Value("announcement/"), Cast(OuterRef("pk"), models.CharField()), output_field=models.CharField()
        )
        unread = Exists(Notice.objects.visible_to(user).unread().filter(subject=subject))
        unsigned = _unsigned_copies().filter(reduce(or_, held, Q(pk__in=())))
        owed = Q(needs_receipt=True, pk__in=unsigned.values("announcement")) | Q(unread, needs_receipt=False)
        seen = self.visible_to(user).filter(owed, withdrawn_at=None, campaign__state=CampaignState.OPEN)
        return seen.select_related("campaign").order_by("issued_at")

    def unsigned(self) -> Self:
        """Return the announcements of which at least one unit still owes the receipt."""
        return self.filter(needs_receipt=True, withdrawn_at=None, pk__in=_unsigned_copies().values("announcement"))

    def for_table(self) -> Self:
        """Join what a row needs; annotate ``addressed`` (units) and ``signed`` (units that signed the current version)."""
        here = Q(receipts__version=models.F("version"))
        counts = {
            "addressed": models.Count("units", distinct=True),
            "signed": models.Count("receipts", filter=here, distinct=True),
        }
        return self.select_related("campaign", "issued_by").annotate(**counts).order_by("-number")


def _unsigned_copies() -> models.QuerySet[Any]:
    """Return announcement × unit without a receipt of the current version."""
    done = Receipt.objects.filter(
        announcement=models.OuterRef("announcement"),
        version=models.OuterRef("announcement__version"),
        unit=models.OuterRef("unit"),
    )
    return Announcement.units.through.objects.filter(~models.Exists(done))


class Announcement(Versioned):
    """An announcement (通知公告) from the office to chosen units of a campaign.

    It is corrected by a new version or withdrawn, never deleted.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="announcements", verbose_name="创建活动")
    number = models.PositiveIntegerField("编号")
    title = models.CharField("标题", max_length=100)
    body = models.TextField("正文")
    units = models.ManyToManyField(Unit, related_name="announcements", verbose_name="发送单位")
    needs_receipt = models.BooleanField("需要签收", default=True)
    sign_by = models.DateField("签收期限", null=True, blank=True)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发布人")
    issued_at = models.DateTimeField("发布时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = "通知公告"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"], name="announcement_number_once", violation_error_message="编号已使用。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}《{self.title}》"

    def get_absolute_url(self) -> str:
        return reverse("announcement", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    @property
    def code(self) -> str:
        return f"〔{self.campaign.year}〕{self.number}号"


class AnnouncementVersion(models.Model):
    """The text of an announcement before a correction, with the reason for that correction."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="former", verbose_name="通知公告")
    number = models.PositiveIntegerField("版次")
    title = models.CharField("标题", max_length=100)
    body = models.TextField("正文")
    reason = models.CharField("更正原因", max_length=200)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="更正人")
    created_at = models.DateTimeField("更正时间")

    class Meta:
        verbose_name = "公告原文"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["announcement", "number"], name="announcement_version_once")]

    def __str__(self) -> str:
        return f"{self.announcement} 第 {self.number} 版"


class AnnouncementFile(AttachedFile):
    """A file attached to an announcement."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="files", verbose_name="通知公告")

    class Meta:
        verbose_name = "公告附件"


class Receipt(models.Model):
    """A receipt (签收): a unit has received one version of an announcement. One per unit and version, no matter which person signs."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="receipts", verbose_name="通知公告")
    version = models.PositiveIntegerField("版次")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="receipts", verbose_name="单位")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签收人")
    created_at = models.DateTimeField("签收时间")

    class Meta:
        verbose_name = "签收"
        constraints = [
            models.UniqueConstraint(fields=["announcement", "version", "unit"], name="a_unit_signs_a_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.created_at:%Y-%m-%d %H:%M}"

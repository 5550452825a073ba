from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse

from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class DistrictQuerySet(models.QuerySet["District"]):
    def visible_to(self, user: "User") -> Self:
        """Return the districts whose districts this person may compare: see ``Permission.DISTRICTS_READ``."""
        return self.filter(user.permission_filter(Permission.DISTRICTS_READ, district="pk", campaign=None, unit=None))

    def with_children(self) -> Self:
        return self.filter(models.Exists(District.objects.filter(parent=models.OuterRef("pk"))))

    def with_campaigns(self) -> Self:
        """Return the districts that have campaigns, not the city above them."""
        return self.exclude(campaigns=None).distinct().order_by("pk")


class District(models.Model):
    """An administrative district; ``parent`` is the city it belongs to."""

    name = models.CharField("名称", max_length=60, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )

    objects = DistrictQuerySet.as_manager()

    class Meta:
        verbose_name = "行政区"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")),
                name="district_is_not_its_own_parent",
                violation_error_message="行政区的上级不能是它自己。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def scope(self) -> Scope:
        return Scope(self.pk)

    @property
    def own_name(self) -> str:
        """The name without that of the city: ``源汇区`` of ``漯河市源汇区``."""
        return self.name.removeprefix(self.parent.name if self.parent else "")


class UnitKind(models.TextChoices):
    TOWNSHIP = "township", "乡镇（街道）"
    DEPARTMENT = "department", "区直部门"
    PARTY = "party", "党委部门"
    OTHER = "other", "其他单位"


class UnitQuerySet(VersionedQuerySet["Unit"]):
    def visible_to(self, user: "User") -> Self:
        """Return the person's own unit, or the units of the district for a person whose role reaches beyond one unit."""
        permissions = (Permission.CAMPAIGN_READ, Permission.UNITS_MANAGE)
        allowed = [
            user.permission_filter(permission, district="district", campaign=None, unit="pk")
            for permission in permissions
        ]
        return self.filter(allowed[0] | allowed[1])

    def active(self, on: date) -> Self:
        """Return the units that exist on the day ``on``. ``active_to`` is the first day without the unit."""
        return self.filter(
            models.Q(active_from=None) | models.Q(active_from__lte=on),
            models.Q(active_to=None) | models.Q(active_to__gt=on),
        )

    def for_table(self) -> Self:
        """Join what a row of the list needs; annotate ``person_count`` (active accounts)."""
        counted = models.Count("people", filter=models.Q(people__is_active=True))
        return self.select_related("merged_into").annotate(person_count=counted).order_by("order", "pk")


class Unit(Versioned):
    """A township, sub-district or department. A merged unit keeps its history and points at its successor."""

    district = models.ForeignKey(District, models.PROTECT, related_name="units", verbose_name="行政区")
    kind = models.CharField("类别", max_length=12, choices=UnitKind.choices, default=UnitKind.DEPARTMENT)
    name = models.CharField("单位全称", max_length=80)
    short_name = models.CharField("简称", max_length=20)
    order = models.PositiveIntegerField("排序", default=0)
    leader = models.CharField("分管领导", max_length=30, blank=True)
    active_from = models.DateField("启用日期", null=True, blank=True)
    active_to = models.DateField("停用日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name="并入单位"
    )
    quota_gb = models.PositiveIntegerField("存储配额（GB）", null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name"],
                name="unit_name_once_a_district",
                violation_error_message="本区已有同名单位。",
            ),
            models.UniqueConstraint(
                fields=["district", "short_name"],
                name="unit_short_name_once_a_district",
                violation_error_message="本区已有相同简称的单位。",
            ),
            models.CheckConstraint(
                condition=models.Q(active_from=None)
                | models.Q(active_to=None)
                | models.Q(active_to__gte=models.F("active_from")),
                name="unit_ends_after_it_begins",
                violation_error_message="单位的停用日期不能早于启用日期。",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=UnitKind.values),
                name="unit_kind_is_known",
                violation_error_message="单位类别不在可选范围。",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    def get_absolute_url(self) -> str:
        return reverse("unit", args=[self.pk])

    def scope(self) -> Scope:
        return Scope(self.district_id, unit=self.pk)

    def is_active(self, on: date) -> bool:
        return (self.active_from is None or self.active_from <= on) and (self.active_to is None or on < self.active_to)

from typing import TYPE_CHECKING, Self

from django.db import models

from creation.models.district import District, Unit
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class UnitGroup(models.TextChoices):
    """Many units that one name may mean."""

    DEPARTMENTS = "departments", "区直部门"
    ORGANS = "organs", "区直部门和党委部门"
    TOWNSHIPS = "townships", "乡镇（街道）"
    OUTSIDE = "outside", "乡镇（街道）以外的单位"
    ALL = "all", "全部单位"


class UnitAliasQuerySet(models.QuerySet["UnitAlias"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(
            user.permission_filter(Permission.UNITS_MANAGE, district="district", campaign=None, unit=None)
        )

    def for_table(self) -> Self:
        return self.select_related("unit", "created_by").order_by("name")


class UnitAlias(models.Model):
    """Another name of a unit, or a name for many units, by which tables are read that are imported.

    Former names and the second name of a unit with two names are aliases too.
    """

    district = models.ForeignKey(District, models.PROTECT, related_name="unit_aliases", verbose_name="行政区")
    name = models.CharField("别称", max_length=80)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="aliases", verbose_name="指哪个单位"
    )
    group = models.CharField("指哪些单位", max_length=12, choices=UnitGroup.choices, blank=True)
    created_by = models.ForeignKey("User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")

    objects = UnitAliasQuerySet.as_manager()

    class Meta:
        verbose_name = "单位别称"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name"],
                name="unit_alias_once_a_district",
                violation_error_message="已有这个别称。",
            ),
            models.CheckConstraint(
                condition=models.Q(unit=None, group__in=UnitGroup.values) | models.Q(unit__isnull=False, group=""),
                name="unit_alias_means_a_unit_or_a_group",
                violation_error_message="别称指一个单位，或一类单位。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def meaning(self) -> str:
        return str(self.unit) if self.unit else self.get_group_display()

    def scope(self) -> Scope:
        return Scope(self.district_id)

from collections.abc import Hashable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.urls import reverse
from django.utils import timezone

from creation.lib.prepared import prepared
from creation.models.district import Unit
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import PERMISSION_MATRIX, ROLE_NAMES, Grant, Permission, Reach, Role, Scope

if TYPE_CHECKING:
    from creation.models.membership import Membership


class UserQuerySet(VersionedQuerySet["User"]):
    def visible_to(self, user: "User") -> Self:
        """Return the person's own account and the colleagues' of the unit; for roles that reach further, the accounts of the district."""
        known = models.Q(pk=user.pk)
        for permission in (Permission.PHONE_REVEAL, Permission.LIAISONS_READ, Permission.ACCOUNTS_MANAGE):
            known |= user.permission_filter(permission, district="unit__district", campaign=None, unit="unit")
        return self.filter(known)

    def for_table(self, today: date) -> Self:
        """Join what a row of the list needs; ``active_memberships`` are the memberships in force."""
        from creation.models.membership import Membership

        held = models.Prefetch(
            "memberships", Membership.objects.active(today).order_by("pk"), to_attr="active_memberships"
        )
        return self.select_related("unit").prefetch_related(held).order_by("unit__order", "name", "pk")

    def managed_by(self, user: "User") -> Self:
        """Return the accounts that this administrator manages."""
        return self.filter(
            user.permission_filter(Permission.ACCOUNTS_MANAGE, district="unit__district", campaign=None, unit=None)
        )


@prepared
def _memberships(user: int, today: date) -> "models.QuerySet[Membership, Membership]":
    from creation.models.membership import Membership

    return Membership.objects.active(today).filter(user=user).select_related("user__unit")


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: "User") -> UserQuerySet:
        return self.get_queryset().visible_to(user)

    def managed_by(self, user: "User") -> UserQuerySet:
        return self.get_queryset().managed_by(user)

    def change(self, pk: int, seen: int, **values: Any) -> bool:
        return self.get_queryset().change(pk, seen, **values)

    def acting(self, pk: int) -> "User | None":
        """Return the person with unit and memberships in force today, from one query, as every request needs them."""
        held = _memberships(pk, timezone.localdate())
        person = held[0].user if held else self.get_queryset().select_related("unit").filter(pk=pk).first()
        if person is not None:
            person.grants = tuple(each.grant() for each in held) if person.is_active else ()
        return person

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, Versioned):
    """A person's account. Its memberships determine what the person may do."""

    username = models.CharField("登录名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=30)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="people", verbose_name="单位")
    post = models.CharField("职务", max_length=40, blank=True)
    office_phone = models.CharField("办公电话", max_length=30, blank=True)
    mobile = models.CharField("手机", max_length=20, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    created_at = models.DateTimeField("创建时间", null=True, blank=True)
    toured_at = models.DateTimeField("看过导览的时间", null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = "人员"
        ordering = ["unit__order", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("account", args=[self.pk])

    def scope(self) -> Scope:
        """The scope of the account. Without a unit its district is 0, so that only its holder reaches it."""
        return Scope(self.unit.district_id if self.unit else 0, unit=self.unit_id)

    @property
    def masked_mobile(self) -> str:
        return f"{self.mobile[:3]}****{self.mobile[-4:]}" if len(self.mobile) >= 8 else "*" * len(self.mobile)

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """The memberships in force today, read once a request. Only here and in ``acting`` the permission check reads the current date."""
        if not self.is_active:
            return ()
        return tuple(m.grant() for m in self.memberships.active(timezone.localdate()))

    def has_role(self, *roles: Role) -> bool:
        return any(grant.role in roles for grant in self.grants)

    def grants_for(self, permission: Permission) -> list[tuple[Grant, Reach]]:
        """Return the memberships that allow ``permission``, each with its reach."""
        return [
            (grant, PERMISSION_MATRIX[permission][grant.role])
            for grant in self.grants
            if grant.role in PERMISSION_MATRIX[permission]
        ]

    @property
    def unit_of_all_grants(self) -> int | None:
        """The unit to which everything that this person holds is bound; None for the office, readers, and people of two units."""
        units = {grant.unit for grant in self.grants}
        return units.pop() if len(units) == 1 else None

    def has_permission_beyond_unit(self, permission: Permission) -> bool:
        return any(reach is not Reach.UNIT for _, reach in self.grants_for(permission))

    @property
    def role_names(self) -> str:
        return "、".join(dict.fromkeys(ROLE_NAMES[grant.role] for grant in self.grants))

    @cached_property
    def _grants_as_places(self) -> tuple[tuple[tuple[Role, str, str | None, str | None], ...], dict[str, int]]:
        """The roles with a name in place of each district, unit and campaign, the same for the same, and the keys behind the names."""
        places: dict[tuple[str, int | None], str] = {}

        def place(kind: str, key: int | None) -> str:
            return places.setdefault((kind, key), f"{kind} {len(places)}")

        form = tuple(
            (
                each.role,
                place("district", each.district),
                place("unit", each.unit) if each.unit else None,
                place("campaign", each.campaign) if each.campaign else None,
            )
            for each in self.grants
        )
        return form, {"pk": self.pk} | {name: key for (_, key), name in places.items() if key}

    def prepared_values(self) -> tuple[Hashable, Mapping[str, int]]:
        """Return the form of this person's rights, and the keys that they are about (``creation.lib.prepared``)."""
        return self._grants_as_places

    def stand_in(self, slots: Mapping[str, Any]) -> "User":
        """Return a person with the same rights about whatever fills the slots."""
        form, _ = self._grants_as_places
        person = User(pk=slots["pk"])
        person.resolve_expression = slots["pk"].resolve_expression  # type: ignore[attr-defined]  # so that lookups take it
        person.grants = tuple(
            Grant(role, slots[district], slots.get(unit or ""), slots.get(campaign or ""))
            for role, district, unit, campaign in form
        )
        return person

    def permission_filter(
        self,
        permission: Permission,
        *,
        district: str,
        campaign: str | None,
        unit: str | None,
        beyond_unit: bool = False,
        within_unit: bool = False,
    ) -> models.Q:
        """Return a Q for the rows on which this person may do ``permission``.

        ``district``, ``campaign`` and ``unit`` are the lookups that lead to a row's district, campaign and unit; None if rows
        of this kind have none. The Q of a person without the permission matches nothing. ``beyond_unit`` leaves out what the
        person reaches for a unit only; ``within_unit`` takes nothing else.
        """
        allowed = models.Q(pk__in=())
        for grant, reach in self.grants_for(permission):
            if (beyond_unit and reach is Reach.UNIT) or (within_unit and reach is not Reach.UNIT):
                continue
            where = {district: grant.district}
            if campaign and grant.campaign:
                where[campaign] = grant.campaign
            if reach is Reach.UNIT and unit:
                where[unit] = grant.unit or 0
            allowed |= models.Q(**where)
        return allowed

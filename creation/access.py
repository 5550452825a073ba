"""Permission checks: whether a person may do something to an object. Buttons, views and tests all use these functions."""

from typing import Protocol

from django.core.exceptions import PermissionDenied

from creation.models import User
from creation.rules.policy import PERMISSION_MATRIX, ROLE_NAMES, Permission, Reach, Scope, grant_allows


class HasScope(Protocol):
    def scope(self) -> Scope: ...


class AccessRefused(PermissionDenied):
    """Raised when a person's roles do not allow an action. Carries the texts for the audit entry and the page."""

    def __init__(self, permission: Permission, obj: HasScope | None, sentence: str) -> None:
        super().__init__(sentence)
        self.permission, self.obj = permission, obj


def may(user: User, permission: Permission, obj: HasScope) -> bool:
    """Return whether the person has the permission on the object. Raises KeyError for an unknown permission."""
    scope = obj.scope()
    return any(grant_allows(grant, permission, scope) for grant in user.grants)


def may_somewhere(user: User, permission: Permission) -> bool:
    """Return whether any of the person's roles has the permission. For menu entries and pages without an object."""
    return bool(user.grants_for(permission))


def require(user: User, permission: Permission, obj: HasScope, at: HasScope | None = None) -> None:
    """Raise AccessRefused (a PermissionDenied: 403), which names the roles that may, unless the person may. If ``at`` is given, it is
    checked instead of ``obj``.
    """
    if not may(user, permission, at or obj):
        raise AccessRefused(
            permission,
            obj,
            f"您的角色不能进行此操作；可以操作的角色：{permitted_role_names(permission)}。如有需要，请与创建办联系。",
        )


def require_somewhere(user: User, permission: Permission) -> None:
    if not may_somewhere(user, permission):
        raise AccessRefused(
            permission,
            None,
            f"您的角色不能查看此页；可以查看的角色：{permitted_role_names(permission)}。如有需要，请与创建办联系。",
        )


def permitted_role_names(permission: Permission) -> str:
    """Return the names of the roles that have the permission, always in the order of ``ROLE_NAMES``."""
    return "、".join(name for role, name in ROLE_NAMES.items() if role in PERMISSION_MATRIX[permission])


def acts_on_behalf_of_unit(user: User, permission: Permission, obj: HasScope) -> bool:
    """Return whether the person may do a unit's action on the object only through an office role. What they enter is marked 代填."""
    scope = obj.scope()
    reached = [
        PERMISSION_MATRIX[permission][grant.role] for grant in user.grants if grant_allows(grant, permission, scope)
    ]
    return Reach.UNIT in PERMISSION_MATRIX[permission].values() and bool(reached) and Reach.UNIT not in reached

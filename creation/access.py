"""The one door: may this person do this to that? Buttons, checks and tests all ask here."""

from typing import Protocol

from django.core.exceptions import PermissionDenied

from creation.models import User
from creation.rules.policy import PERMISSION_MATRIX, ROLE_NAMES, Permission, Reach, Scope, grant_allows


class HasScope(Protocol):
    def scope(self) -> Scope: ...


class Refused(PermissionDenied):
    """A person asked for what their roles do not allow; carries what the audit row and the page say."""

    def __init__(self, permission: Permission, obj: HasScope | None, sentence: str) -> None:
        super().__init__(sentence)
        self.permission, self.obj = permission, obj


def may(user: User, permission: Permission, obj: HasScope) -> bool:
    """Raises KeyError for a permission that is not in the matrix."""
    scope = obj.scope()
    return any(grant_allows(grant, permission, scope) for grant in user.grants)


def may_somewhere(user: User, permission: Permission) -> bool:
    """Does any of the person's roles do this at all? For menu entries and pages without an object."""
    return bool(user.grants_for(permission))


def require(user: User, permission: Permission, obj: HasScope, at: HasScope | None = None) -> None:
    """Raises Refused (a PermissionDenied: 403) with a sentence that names who may. ``at``: where it is asked, if not of ``obj``."""
    if not may(user, permission, at or obj):
        raise Refused(
            permission,
            obj,
            f"您的角色不能进行此操作；可以操作的角色：{permitted_role_names(permission)}。如有需要，请与创建办联系。",
        )


def require_somewhere(user: User, permission: Permission) -> None:
    if not may_somewhere(user, permission):
        raise Refused(
            permission,
            None,
            f"您的角色不能查看此页；可以查看的角色：{permitted_role_names(permission)}。如有需要，请与创建办联系。",
        )


def permitted_role_names(permission: Permission) -> str:
    return "、".join(ROLE_NAMES[role] for role in PERMISSION_MATRIX[permission])


def acts_on_behalf_of_unit(user: User, permission: Permission, obj: HasScope) -> bool:
    """True when a unit's act is done by a person who reaches the object only through the office: what they enter is marked 代填."""
    scope = obj.scope()
    reached = [
        PERMISSION_MATRIX[permission][grant.role] for grant in user.grants if grant_allows(grant, permission, scope)
    ]
    return Reach.UNIT in PERMISSION_MATRIX[permission].values() and bool(reached) and Reach.UNIT not in reached

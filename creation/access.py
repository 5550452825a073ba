"""The one door: may this person do this to that? Buttons, checks and tests all ask here."""

from typing import Protocol

from django.core.exceptions import PermissionDenied

from creation.models import User
from creation.rules.policy import MATRIX, ROLE_NAMES, Reach, Scope, reaches


class Placed(Protocol):
    def scope(self) -> Scope: ...


class Refused(PermissionDenied):
    """A person asked for what their roles do not allow; carries what the audit row and the page say."""

    def __init__(self, act: str, obj: Placed | None, sentence: str) -> None:
        super().__init__(sentence)
        self.act, self.obj = act, obj


def may(user: User, act: str, obj: Placed) -> bool:
    """Raises KeyError for an act that is not in the matrix."""
    scope = obj.scope()
    return any(reaches(grant, act, scope) for grant in user.grants)


def may_somewhere(user: User, act: str) -> bool:
    """Does any of the person's roles do this at all? For menu entries and pages without an object."""
    return bool(user.grants_for(act))


def require(user: User, act: str, obj: Placed, at: Placed | None = None) -> None:
    """Raises Refused (a PermissionDenied: 403) with a sentence that names who may. ``at``: where it is asked, if not of ``obj``."""
    if not may(user, act, at or obj):
        raise Refused(act, obj, f"您的角色不能进行此操作；可以操作的角色：{who_may(act)}。如有需要，请与创建办联系。")


def require_somewhere(user: User, act: str) -> None:
    if not may_somewhere(user, act):
        raise Refused(act, None, f"您的角色不能查看此页；可以查看的角色：{who_may(act)}。如有需要，请与创建办联系。")


def who_may(act: str) -> str:
    return "、".join(ROLE_NAMES[role] for role in MATRIX[act])


def acts_for_unit(user: User, act: str, obj: Placed) -> bool:
    """True when a unit's act is done by a person who reaches the object only through the office: what they enter is marked 代填."""
    scope = obj.scope()
    reached = [MATRIX[act][grant.role] for grant in user.grants if reaches(grant, act, scope)]
    return Reach.UNIT in MATRIX[act].values() and bool(reached) and Reach.UNIT not in reached

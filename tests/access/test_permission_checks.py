"""What a membership allows, at the edges of its district, campaign and unit; whose entries are marked 代填."""

import pytest

from creation import access
from creation.access import AccessRefused
from creation.rules.policy import PERMISSION_MATRIX, Grant, Permission, Reach, Role, Scope, grant_allows
from tests.support.world import World

pytestmark = pytest.mark.django_db
DISTRICT, CAMPAIGN, UNIT = 1, 2, 3
HERE = Scope(DISTRICT, CAMPAIGN, UNIT)


@pytest.mark.parametrize(
    ("grant", "permission", "scope", "allowed"),
    [
        (Grant(Role.LIAISON, DISTRICT, UNIT), Permission.TASK_SUBMIT, HERE, True),
        (Grant(Role.LIAISON, DISTRICT, UNIT, CAMPAIGN), Permission.TASK_SUBMIT, HERE, True),
        (Grant(Role.LIAISON, DISTRICT, UNIT, CAMPAIGN + 1), Permission.TASK_SUBMIT, HERE, False),
        (Grant(Role.LIAISON, DISTRICT, UNIT + 1), Permission.TASK_SUBMIT, HERE, False),
        (Grant(Role.LIAISON, DISTRICT, None), Permission.TASK_SUBMIT, HERE, False),
        (Grant(Role.LIAISON, DISTRICT, None), Permission.TASK_SUBMIT, Scope(DISTRICT), False),
        (Grant(Role.LIAISON, DISTRICT, UNIT), Permission.TASK_SUBMIT, Scope(DISTRICT, CAMPAIGN), True),
        (Grant(Role.LIAISON, DISTRICT + 1, UNIT), Permission.TASK_SUBMIT, HERE, False),
        (Grant(Role.LIAISON, DISTRICT, UNIT), Permission.TASK_REVIEW, HERE, False),
        (Grant(Role.REVIEWER, DISTRICT), Permission.TASK_REVIEW, HERE, True),
        (Grant(Role.REVIEWER, DISTRICT, UNIT + 1), Permission.TASK_REVIEW, HERE, True),
        (Grant(Role.REVIEWER, DISTRICT, None, CAMPAIGN), Permission.TASK_REVIEW, HERE, True),
        (Grant(Role.REVIEWER, DISTRICT, None, CAMPAIGN), Permission.TASK_REVIEW, Scope(DISTRICT), True),
        (Grant(Role.REVIEWER, DISTRICT, None, CAMPAIGN + 1), Permission.TASK_REVIEW, HERE, False),
        (Grant(Role.REVIEWER, DISTRICT + 1), Permission.TASK_REVIEW, HERE, False),
        (Grant(Role.ADMINISTRATOR, DISTRICT), Permission.ACCOUNTS_MANAGE, Scope(DISTRICT), True),
    ],
)
def test_a_membership_reaches_as_far_as_its_role(
    grant: Grant, permission: Permission, scope: Scope, allowed: bool
) -> None:
    assert grant_allows(grant, permission, scope) is allowed


def test_units_never_decide_and_the_office_never_signs() -> None:
    office = {Permission.TASK_REVIEW, Permission.TASK_DECIDE, Permission.TASK_REOPEN, Permission.EVIDENCE_HIDE}
    assert all(Reach.UNIT not in PERMISSION_MATRIX[permission].values() for permission in office)
    assert PERMISSION_MATRIX[Permission.TASK_SIGN] == {Role.UNIT_LEADER: Reach.UNIT}
    assert PERMISSION_MATRIX[Permission.AUDIT_READ] == {Role.AUDITOR: Reach.DISTRICT}


def test_one_of_several_roles_is_enough(world: World) -> None:
    person, task = world.people["coordinator"], world.task("lead")
    assert access.may(person, Permission.TASK_DRAFT, task)
    assert not access.may(person, Permission.TASK_SIGN, task)
    assert not access.may(world.people["rival"], Permission.TASK_DRAFT, task)
    assert access.may_somewhere(world.people["rival"], Permission.TASK_DRAFT)
    assert not access.may_somewhere(world.people["rival"], Permission.TASK_REVIEW)


def test_a_refusal_names_the_roles_that_may(world: World) -> None:
    person, task = world.people["rival"], world.task("lead")
    with pytest.raises(AccessRefused, match="可以操作的角色：联络员、承办人"):
        access.require(person, Permission.TASK_DRAFT, task)
    access.require(world.people["liaison"], Permission.TASK_DRAFT, task)
    with pytest.raises(AccessRefused, match="可以查看的角色"):
        access.require_somewhere(person, Permission.REVIEW_QUEUE)
    access.require_somewhere(world.people["reviewer"], Permission.REVIEW_QUEUE)


def test_where_a_place_is_named_it_is_asked_instead_of_the_object(world: World) -> None:
    own, other = world.task("other"), world.task("lead")
    access.require(world.people["rival"], Permission.TASK_DRAFT, other, at=own)
    with pytest.raises(AccessRefused) as refused:
        access.require(world.people["rival"], Permission.TASK_DRAFT, own, at=other)
    assert refused.value.obj == own


@pytest.mark.parametrize(
    ("who", "permission", "marked"),
    [
        ("coordinator", Permission.TASK_DRAFT, True),
        ("liaison", Permission.TASK_DRAFT, False),
        ("reviewer", Permission.TASK_DRAFT, False),
        ("rival", Permission.TASK_DRAFT, False),
        ("coordinator", Permission.TASK_REVIEW, False),
    ],
)
def test_only_what_the_office_enters_for_a_unit_is_marked(
    world: World, who: str, permission: Permission, marked: bool
) -> None:
    assert access.acts_on_behalf_of_unit(world.people[who], permission, world.task("lead")) is marked

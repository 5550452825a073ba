"""Whether a person may do something to an object, who may instead, and whose entries are marked 代填."""

import pytest

from creation import access
from creation.access import AccessRefused
from creation.models import Membership, User
from creation.rules.policy import Permission, Role
from tests.support.world import World

pytestmark = pytest.mark.django_db


def test_one_of_several_roles_is_enough(world: World) -> None:
    person, task = world.people["coordinator"], world.task("lead")
    assert access.may(person, Permission.TASK_DRAFT, task)
    assert not access.may(person, Permission.TASK_SIGN, task)
    assert not access.may(world.people["rival"], Permission.TASK_DRAFT, task)
    assert access.may_somewhere(world.people["rival"], Permission.TASK_DRAFT)
    assert not access.may_somewhere(world.people["rival"], Permission.TASK_REVIEW)


def test_a_second_role_takes_nothing_from_the_first(world: World) -> None:
    both, task = world.people["reviewer"], world.task("lead")
    Membership.objects.create(user=both, role=Role.LIAISON, district=world.district, unit=world.units["司法局"])
    both = User.objects.get(pk=both.pk)
    assert access.may(both, Permission.TASK_REVIEW, task)
    assert not access.may(both, Permission.TASK_DRAFT, task)


def test_a_refusal_names_the_roles_that_may(world: World) -> None:
    person, task = world.people["rival"], world.task("lead")
    with pytest.raises(AccessRefused, match="可以操作的角色：联络员、承办人"):
        access.require(person, Permission.TASK_DRAFT, task)
    names = "联络员、承办人、分管领导、综合协调组、材料指导组、督导检查组、领导小组、第三方专家"
    assert access.permitted_role_names(Permission.TASK_READ) == names
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
    assert str(refused.value).startswith("您的角色不能进行此操作；")


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

"""All notices choose recipients in the same way: roles in force, active accounts, the campaign concerned."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest

from creation.models import Membership, User
from creation.rules.policy import Role
from tests.support.world import TODAY, World

CREATION = Path(__file__).resolve().parents[2] / "creation"
ASKS_ITSELF = {  # keeps or shows the roles instead of notifying anybody
    "models/membership.py", "models/user.py", "units/merging.py", "people/accounts.py", "people/unit_staff.py",
    "people/views/accounts.py", "people/views/profile.py", "campaigns/rollover/outlines.py",
    "management/commands/district_reader.py",
}  # fmt: skip


def recipients(world: World) -> set[str]:
    held = Membership.objects.recipients(TODAY, Role.LIAISON).for_campaign(world.campaign)
    return {person.username for person in held.filter(unit=world.units["城管局"]).people()}


@pytest.fixture
def held(world: World) -> Membership:
    return Membership.objects.get(user=world.people["liaison"], role=Role.LIAISON)


def test_a_role_in_force_is_a_recipient(world: World, held: Membership) -> None:
    assert recipients(world) == {"liaison"}


@pytest.mark.parametrize("field", ["expires", "ended_on"])
def test_an_ended_role_is_not_a_recipient(world: World, held: Membership, field: str) -> None:
    Membership.objects.filter(pk=held.pk).update(**{field: TODAY - timedelta(days=1)})
    assert recipients(world) == set()


def test_a_disabled_account_is_not_a_recipient(world: World, held: Membership) -> None:
    User.objects.filter(pk=held.user_id).update(is_active=False)
    assert recipients(world) == set()


def test_a_role_in_another_campaign_is_not_a_recipient(world: World, held: Membership) -> None:
    Membership.objects.filter(pk=held.pk).update(campaign=world.elsewhere)
    assert recipients(world) == set()


def test_recipients_are_always_chosen_by_one_function() -> None:
    """Roles in force alone do not exclude disabled accounts or other campaigns."""
    asking = {
        path.relative_to(CREATION).as_posix()
        for path in CREATION.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "active"
        if not path.is_relative_to(CREATION / "demo")
        if ast.unparse(node.value).endswith(("Membership.objects", "memberships"))
    }
    assert asking <= ASKS_ITSELF

"""The office appoints a unit's people, also new ones, and issues links, but never to people with other roles."""

import re
from typing import Any

import pytest

from creation.models import AuditEntry, Membership, Notice, OneTimeLink, User
from creation.rules.policy import Role
from tests.support.world import NOW, World, add_person

pytestmark = pytest.mark.usefixtures("at_now")

TYPED = {
    "name": "吕小明",
    "role": "liaison",
    "post": "法制科科长",
    "mobile": "13900001111",
    "username": "lvxiaoming-cgj",
}


def url(world: World, rest: str = "") -> str:
    return f"/c/{world.campaign.pk}/liaisons/{rest}"


def enlist(world: World, by: str = "coordinator", **typed: str) -> Any:
    return world.client(by).post(url(world, f"{world.units['城管局'].pk}/new/"), TYPED | typed)


def post(world: World, name: str, what: str) -> Any:
    held = Membership.objects.get(user=world.people[name], ended_on=None)
    return world.client("coordinator").post(url(world, f"posts/{held.pk}/{what}/"))


def links_in(page: Any) -> list[str]:
    return sorted(set(re.findall(r"/link/[\w-]+/", page.content.decode())))


def test_a_new_liaison_gets_account_role_tasks_and_a_link_that_sets_the_password(world: World) -> None:
    page = enlist(world)
    person = User.objects.get(username="lvxiaoming-cgj")
    assert (person.name, person.unit, person.has_usable_password()) == ("吕小明", world.units["城管局"], False)
    assert world.task("lead").owner == person
    (link,) = links_in(page)
    assert "no-store" in page["Cache-Control"]
    secret = {"new_password1": "Guanhe-8841-liushu", "new_password2": "Guanhe-8841-liushu"}
    assert world.client("nobody").post(link, secret).status_code == 302
    assert User.objects.get(pk=person.pk).check_password("Guanhe-8841-liushu")
    acts = AuditEntry.objects.filter(person_id=world.people["coordinator"].pk).values_list("act", flat=True)
    assert {"account.create", "membership.grant", "membership.end", "link.issue"} <= set(acts)


def test_a_username_in_use_is_an_error_and_nothing_is_created(world: World) -> None:
    before = User.objects.count()
    assert "该登录名已被使用" in enlist(world, username="rival").content.decode()
    assert User.objects.count() == before
    assert world.task("lead").owner == world.people["liaison"]


@pytest.mark.parametrize("role", ["coordinator", "reviewer", "administrator", "auditor", "leading_group"])
def test_only_unit_roles_can_be_given(world: World, role: str) -> None:
    before = User.objects.count()
    assert enlist(world, role=role).status_code == 422
    assert User.objects.count() == before


def test_a_clerk_and_a_leader_are_added_to_the_liaison(world: World) -> None:
    enlist(world, role="clerk")
    enlist(world, role="unit_leader", username="ls-cgj", name="李四")
    assert world.task("lead").owner == world.people["liaison"]
    told = Notice.objects.filter(person__username="ls-cgj").values_list("text", flat=True)
    assert "您已被指定为城管局的分管领导" in told[0]
    assert Membership.objects.active(NOW.date()).filter(unit=world.units["城管局"]).count() == 5


def test_a_clerk_is_dismissed_and_a_liaison_is_replaced_instead(world: World) -> None:
    assert post(world, "clerk", "end").status_code == 302
    assert not Membership.objects.active(NOW.date()).filter(user=world.people["clerk"]).exists()
    post(world, "liaison", "end")
    assert Membership.objects.active(NOW.date()).filter(user=world.people["liaison"]).exists()


def test_a_lost_link_is_issued_again_and_the_old_one_stops_working(world: World) -> None:
    (old,) = links_in(enlist(world))
    world.people["new"] = User.objects.get(username="lvxiaoming-cgj")
    (fresh,) = links_in(post(world, "new", "link"))
    assert world.client("nobody").get(old).status_code == 404
    assert world.client("nobody").get(fresh).status_code == 200


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.COORDINATOR, Role.LEADING_GROUP, Role.ASSESSOR])
def test_no_link_for_people_with_more_than_unit_roles(world: World, role: Role) -> None:
    held = Membership.objects.get(user=world.people["clerk"])
    more = {"expires": NOW.date()} if role is Role.ASSESSOR else {}
    Membership.objects.create(user=world.people["clerk"], role=role, district=world.district, **more)
    answer = world.client("coordinator").post(url(world, f"posts/{held.pk}/link/"), follow=True)
    assert "登录链接请系统管理员签发" in answer.content.decode()
    assert not OneTimeLink.objects.exists()


def test_slips_for_several_units_are_made_together(world: World) -> None:
    enlist(world)
    rival = world.people["rival"]
    rival.set_unusable_password()
    rival.save()
    waiting = world.client("coordinator").get(url(world, "links/")).context["waiting"]
    assert [each.user.name for each in waiting] == ["马联络", "吕小明"]
    page = world.client("coordinator").post(url(world, "links/"), {"pick": [each.pk for each in waiting]})
    assert len(links_in(page)) == 2
    again = world.client("coordinator").post(url(world, "links/"))
    assert "没有勾选任何人" in again.content.decode()


def test_the_login_name_is_offered_from_name_and_unit_and_stays_unique(world: World) -> None:
    ask = url(world, f"{world.units['城管局'].pk}/login/?name=吕小明")
    assert 'value="lvxiaoming-cgj"' in world.client("coordinator").get(ask).content.decode()
    add_person("lvxiaoming-cgj", "吕小明", Role.CLERK, world.units["城管局"])
    assert 'value="lvxiaoming-cgj2"' in world.client("coordinator").get(ask).content.decode()

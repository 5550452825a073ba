"""Administrators manage accounts and roles; duties that 等保 separates cannot be combined."""

import re
from datetime import date
from typing import Any

import pytest

from creation.models import AuditEntry, Membership, User
from creation.people import accounts
from creation.rules.policy import Role
from tests.support.query_counts import count_queries
from tests.support.world import TODAY, World, add_person

pytestmark = pytest.mark.usefixtures("at_now")

PERSON = {
    "name": "新来人",
    "username": "xinlr",
    "post": "科员",
    "office_phone": "",
    "mobile": "13911112222",
    "email": "",
}


def create(world: World, **more: Any) -> Any:
    data = PERSON | {"unit": world.units["城管局"].pk, "seen": 1} | more
    return world.client("administrator").post("/accounts/new/", data)


def roles(username: str) -> set[tuple[str, str | None]]:
    held = Membership.objects.active(TODAY).filter(user__username=username)
    return {(each.role, str(each.unit) if each.unit else None) for each in held}


def test_a_person_is_made_with_unit_and_several_roles_and_no_password(world: World) -> None:
    response = create(world, roles=["liaison", "reviewer"])
    person = User.objects.get(username="xinlr")
    assert response["Location"] == f"/accounts/{person.pk}/"
    assert roles("xinlr") == {("liaison", "城管局"), ("reviewer", None)}
    assert not person.has_usable_password()
    assert set(AuditEntry.objects.values_list("act", flat=True)) >= {"account.create", "membership.grant"}


@pytest.mark.parametrize(("chosen", "is_told"), [([], True), (["liaison"], False)])
def test_who_makes_an_account_without_a_role_is_told_that_it_shows_nothing(
    world: World, chosen: list[str], is_told: bool
) -> None:
    data = PERSON | {"unit": world.units["城管局"].pk, "seen": 1, "roles": chosen}
    page = world.client("administrator").post("/accounts/new/", data, follow=True)
    assert ("登录后看不到任何内容：请先点“增加角色”" in page.content.decode()) is is_told


def test_the_way_to_the_first_coordinator_has_the_role_ticked(world: World) -> None:
    page = world.client("administrator").get("/accounts/new/", {"role": "coordinator"}).content.decode()
    ticked = re.findall(r'<input type="checkbox" name="roles" value="(\w+)"[^>]* checked', page)
    assert ticked == ["coordinator"]


def test_an_assessor_has_an_end(world: World) -> None:
    assert "须填写有效期" in create(world, roles=["assessor"]).content.decode()
    assert create(world, roles=["assessor"], expires="2026-08-31").status_code == 302
    assert Membership.objects.get(user__username="xinlr").expires == date(2026, 8, 31)


@pytest.mark.parametrize(
    "chosen", [["administrator", "liaison"], ["auditor", "coordinator"], ["administrator", "auditor"]]
)
def test_duties_that_must_be_separate_are_refused_and_nothing_is_created(world: World, chosen: list[str]) -> None:
    page = create(world, roles=chosen)
    assert "须由不同的人担任" in page.content.decode()
    assert not User.objects.filter(username="xinlr").exists()


def test_an_auditor_gets_no_business_role_later(world: World) -> None:
    person = world.people["auditor"]
    page = world.client("administrator").post(f"/accounts/{person.pk}/grant/", {"role": "reviewer"})
    assert "须由不同的人担任" in page.content.decode()
    assert roles("auditor") == {("auditor", None)}


def test_nobody_changes_their_own_roles_or_account(world: World) -> None:
    person, client = world.people["administrator"], world.client("administrator")
    page = client.post(f"/accounts/{person.pk}/grant/", {"role": "coordinator"})
    assert "不能调整本人的角色" in page.content.decode()
    held = person.memberships.get()
    for url in (f"/accounts/{person.pk}/disable/", f"/accounts/{person.pk}/roles/{held.pk}/end/"):
        assert "不能调整本人" in client.post(url, follow=True).content.decode()
    assert roles("administrator") == {("administrator", None)}
    assert User.objects.get(pk=person.pk).is_active


def test_a_role_is_held_once(world: World) -> None:
    data = {"role": "liaison", "unit": world.units["城管局"].pk}
    page = world.client("administrator").post(f"/accounts/{world.people['liaison'].pk}/grant/", data)
    assert "无需重复指定" in page.content.decode()


def test_an_expired_role_can_be_given_again(world: World) -> None:
    person, actor = world.people["nobody"], world.actor("administrator")
    held = accounts.grant_role(person, Role.ASSESSOR, actor, expires=TODAY)
    Membership.objects.filter(pk=held.pk).update(expires=date(2026, 7, 1))
    accounts.grant_role(person, Role.ASSESSOR, actor, expires=date(2026, 9, 1))
    assert person.memberships.active(TODAY).count() == 1
    assert person.memberships.count() == 2


def test_a_role_ends_and_stays_as_history(world: World) -> None:
    person, client = world.people["reviewer"], world.client("administrator")
    held = person.memberships.get()
    client.post(f"/accounts/{person.pk}/roles/{held.pk}/end/")
    assert roles("reviewer") == set()
    assert "以往任职" in client.get(f"/accounts/{person.pk}/").content.decode()
    assert world.client("reviewer").get(f"/c/{world.campaign.pk}/tasks/").status_code == 404


def test_disabling_ends_roles_and_hands_the_tasks_over(world: World) -> None:
    second = add_person("second", "孙联络", Role.LIAISON, world.units["城管局"])
    world.client("administrator").post(f"/accounts/{world.people['liaison'].pk}/disable/")
    assert roles("liaison") == set()
    assert world.task("lead").owner == second


def test_enabling_restores_no_role(world: World) -> None:
    url, client = f"/accounts/{world.people['liaison'].pk}", world.client("administrator")
    client.post(f"{url}/disable/")
    page = client.post(f"{url}/enable/", follow=True)
    assert "原任职不会自动恢复" in page.content.decode()
    assert User.objects.get(username="liaison").is_active
    assert roles("liaison") == set()


def edit(world: World, name: str, **more: Any) -> Any:
    person = User.objects.get(username=name)
    data = {"name": person.name, "unit": person.unit_id, "post": "", "office_phone": "", "mobile": "", "email": ""}
    return world.client("administrator").post(f"/accounts/{person.pk}/", data | {"seen": person.version} | more)


def test_the_mobile_is_never_shown_and_an_empty_field_keeps_it(world: World) -> None:
    page = world.client("administrator").get(f"/accounts/{world.people['liaison'].pk}/").content.decode()
    assert "13800001234" not in page
    assert "138****1234" in page
    edit(world, "liaison", post="主任")
    assert User.objects.get(username="liaison").mobile == "13800001234"
    edit(world, "liaison", mobile="13912345678")
    assert User.objects.get(username="liaison").mobile == "13912345678"
    assert "13912345678" not in AuditEntry.objects.latest("pk").detail


def test_moving_to_another_unit_ends_the_roles_of_the_old_one_only(world: World) -> None:
    accounts.grant_role(world.people["liaison"], Role.INSPECTOR, world.actor("administrator"))
    edit(world, "liaison", unit=world.units["司法局"].pk)
    assert roles("liaison") == {("inspector", None)}
    assert world.task("lead").owner is None


def test_the_second_of_two_edits_shows_both_texts(world: World) -> None:
    edit(world, "liaison", post="主任")
    lost = edit(world, "liaison", post="副主任", seen=1)
    assert lost.status_code == 409
    assert "副主任" in lost.content.decode()
    assert User.objects.get(username="liaison").post == "主任"


def test_the_one_time_link_is_shown_once(world: World) -> None:
    client, url = world.client("administrator"), f"/accounts/{world.people['liaison'].pk}/"
    page = client.post(f"{url}link/")
    assert "/link/" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "/link/" not in client.get(url).content.decode().replace(f"{url}link/", "")


def test_the_list_finds_and_never_shows_a_number(world: World) -> None:
    client = world.client("administrator")
    found = client.get("/accounts/?q=刘联").content.decode()
    assert "刘联络" in found
    assert "马联络" not in found
    assert "13800001234" not in found
    only = client.get("/accounts/?role=reviewer").content.decode()
    assert "申审核" in only
    assert "刘联络" not in only


def test_accounts_of_another_district_are_not_listed(world: World) -> None:
    assert "魏外人" not in world.client("administrator").get("/accounts/").content.decode()
    assert "魏外人" not in world.client("administrator").get("/accounts/?q=魏").content.decode()


def test_the_list_needs_as_many_queries_for_200_as_for_10(world: World) -> None:
    client = world.client("administrator")

    def queries() -> int:
        return count_queries(client.get, "/accounts/")

    client.get("/accounts/")
    few = queries()
    for number in range(60):
        add_person(f"p{number}", f"人{number}", Role.CLERK, world.units["城管局"])
    assert queries() == few


def test_administrators_see_no_tasks_and_no_evidence(world: World) -> None:
    client, evidence = world.client("administrator"), world.cite("lead").evidence
    task = world.tasks["lead"]
    for url in (
        f"/c/{task.campaign_id}/tasks/",
        f"/c/{task.campaign_id}/tasks/{task.pk}/",
        f"/evidence/{evidence.pk}/",
    ):
        assert client.get(url).status_code == 404

"""The liaisons of the units: missing ones first, masked numbers, and the handover of tasks."""

from typing import Any

import pytest

from creation.models import AuditEntry, Membership, Notice, User
from creation.rules.policy import Role
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World, add_person, make_units

pytestmark = pytest.mark.usefixtures("at_now")


def listed(world: World, name: str) -> str:
    return str(world.client(name).get(f"/c/{world.campaign.pk}/liaisons/").content.decode())


def test_units_without_a_liaison_come_first(world: World) -> None:
    page = world.client("coordinator").get(f"/c/{world.campaign.pk}/liaisons/")
    names = [str(post.unit) for post in page.context["roster"]]
    assert names == ["司法局", "政府办", "老街街道", "城管局"]
    assert page.context["missing"] == 2
    assert "未指定" in page.content.decode()


def test_numbers_are_masked_and_the_leading_group_sees_none(world: World) -> None:
    office, leaders = listed(world, "reviewer"), listed(world, "chief")
    assert "138****1234" in office
    assert "13800001234" not in office
    assert "刘联络" in leaders
    assert "138" not in leaders


def test_showing_a_number_is_recorded(world: World) -> None:
    person = world.people["liaison"]
    shown = world.client("inspector").post(f"/people/{person.pk}/phone/", headers={"HX-Request": "true"})
    assert "13800001234" in shown.content.decode()
    entry = AuditEntry.objects.get(act="phone.reveal")
    assert (entry.person_id, entry.result) == (world.people["inspector"].pk, "done")
    assert "刘联络" in entry.object
    assert "13800001234" not in f"{entry.object}{entry.detail}"


def test_people_without_the_permission_see_no_number(world: World) -> None:
    url = f"/people/{world.people['liaison'].pk}/phone/"
    assert world.client("chief").post(url).status_code == 403
    assert world.client("rival").post(url).status_code == 404
    assert world.client("clerk").post(url).status_code == 200, "the own unit"


def appoint(world: World, person: User, by: str = "coordinator") -> Any:
    url = f"/c/{world.campaign.pk}/liaisons/{world.units['城管局'].pk}/"
    return world.client(by).post(url, {"person": person.pk, "role": "liaison"})


def test_a_new_liaison_takes_over_and_both_are_notified(world: World) -> None:
    clerk, former = world.people["clerk"], world.people["liaison"]
    assert appoint(world, clerk).status_code == 302
    assert world.task("lead").owner == clerk
    held = Membership.objects.of_role(Role.LIAISON).filter(unit=world.units["城管局"])
    assert [(m.user, m.ended_on) for m in held.order_by("pk")] == [(former, TODAY), (clerk, None)]
    told = dict(Notice.objects.values_list("person__username", "text"))
    assert "您已被指定" in told["clerk"]
    assert "已改为程承办" in told["liaison"]


def test_approved_tasks_keep_the_former_owner(world: World) -> None:
    task = world.task("lead")
    task.status, task.first_submitted_at = "approved", NOW
    task.save()
    appoint(world, world.people["clerk"])
    assert world.task("lead").owner == world.people["liaison"]
    assert world.task("action").owner == world.people["clerk"]


def test_only_a_person_of_the_unit_can_be_appointed(world: World) -> None:
    page = appoint(world, world.people["rival"])
    assert page.status_code == 422
    assert world.task("lead").owner == world.people["liaison"]


def test_an_administrator_cannot_be_made_liaison(world: World) -> None:
    person = add_person("second-admin", "管理二", Role.ADMINISTRATOR, world.units["城管局"])
    assert "须由不同的人担任" in appoint(world, person).content.decode()
    assert world.task("lead").owner == world.people["liaison"], "the former one has not been ended either"


def test_the_same_person_again_is_a_sentence(world: World) -> None:
    assert "已经是城管局的联络员" in appoint(world, world.people["liaison"]).content.decode()


def test_the_page_explains_the_effect_and_what_to_do_without_accounts(world: World) -> None:
    url = f"/c/{world.campaign.pk}/liaisons"
    before = world.client("coordinator").get(f"{url}/{world.units['城管局'].pk}/").content.decode()
    assert "<strong>2</strong> 项未办结任务" in before
    empty = make_units(world.district, ["新单位"])["新单位"]
    page = world.client("coordinator").get(f"{url}/{empty.pk}/").content.decode()
    assert "还没有人" in page
    assert "建立账号并签发链接" in page
    assert "从已有账号中选" not in page


def test_the_list_needs_as_many_queries_for_many_units_as_for_few(world: World) -> None:
    client, url = world.client("coordinator"), f"/c/{world.campaign.pk}/liaisons/"

    def queries() -> int:
        return count_queries(client.get, url)

    client.get(url)
    few = queries()
    for number, unit in enumerate(make_units(world.district, [f"单位{n}" for n in range(30)]).values()):
        add_person(f"l{number}", f"联{number}", Role.LIAISON, unit)
    assert queries() == few

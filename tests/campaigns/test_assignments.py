"""Assigning lead and assists: one lead for each checkpoint, 示例 until confirmed, published only when the office says so."""

import pytest

from creation.campaigns import task_assignment
from creation.lib.refusals import Refusal
from creation.models import Assignment, Campaign, Task
from tests.support.world import World

pytestmark = pytest.mark.django_db


def roles(world: World, code: str = "4-3-3") -> dict[str, str]:
    rows = Assignment.objects.filter(campaign=world.campaign, indicator__code=code)
    return dict(rows.values_list("unit__short_name", "role"))


def seen(world: World, code: str = "4-3-3") -> str:
    """Return the fingerprint on a page of this checkpoint."""
    return task_assignment.roles_fingerprint(task_assignment.roles_of(world.campaign, world.indicators[code]))


def assign(world: World, lead: str | None, *assists: str, code: str = "4-3-3") -> bool:
    units = world.units
    return task_assignment.assign(
        world.campaign,
        world.indicators[code],
        units[lead] if lead else None,
        [units[name] for name in assists],
        world.actor("coordinator"),
    )


def test_lead_and_assists_change_places(world: World) -> None:
    assert assign(world, "老街街道", "城管局", "政府办")
    assert roles(world) == {"老街街道": "lead", "城管局": "assist", "政府办": "assist"}
    assert not assign(world, "老街街道", "城管局", "政府办")


def test_a_checkpoint_without_a_lead_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="没有牵头单位"):
        assign(world, None, "老街街道")
    assert roles(world) == {"城管局": "lead", "老街街道": "assist"}


def test_a_unit_of_another_district_is_refused(world: World) -> None:
    stranger = world.people["outsider"].unit
    assert stranger is not None
    with pytest.raises(Refusal, match="不是本区单位"):
        task_assignment.assign(world.campaign, world.indicators["4-3-3"], stranger, [], world.actor("coordinator"))


def test_bulk_adds_and_keeps_what_is_there(world: World) -> None:
    units = [world.units["政府办"], world.units["城管局"]]
    assert (
        task_assignment.add_assists_to_item(world.campaign, world.indicators["4-3"], units, world.actor("coordinator"))
        == 1
    )
    assert roles(world) == {"城管局": "lead", "老街街道": "assist", "政府办": "assist"}


def test_one_checkpoint_can_be_set_like_another(world: World) -> None:
    task_assignment.copy_assignment(
        world.campaign, world.indicators["4-3-3"], world.indicators["1-1-1"], world.actor("coordinator")
    )
    assert roles(world, "1-1-1") == roles(world)


def test_the_example_mark_goes_with_a_change_or_the_confirmation(world: World) -> None:
    Assignment.objects.filter(campaign=world.campaign).update(example=True)
    assign(world, "城管局", "政府办")
    marks = dict(
        Assignment.objects.filter(indicator__code="4-3-3", campaign=world.campaign).values_list(
            "unit__short_name", "example"
        )
    )
    assert marks == {"城管局": True, "政府办": False}
    sections = world.campaign.system.indicators.sections()
    for section in sections:
        assert not Campaign.objects.get(pk=world.campaign.pk).assignments_confirmed
        task_assignment.confirm_section(world.campaign, section, world.actor("coordinator"))
    assert not Assignment.objects.filter(campaign=world.campaign, example=True).exists()
    assert Campaign.objects.get(pk=world.campaign.pk).assignments_confirmed


def test_a_change_waits_until_it_is_published(world: World) -> None:
    client, point = world.client("coordinator"), world.indicators["1-1-1"]
    address = f"/c/{world.campaign.pk}/assignments/{point.pk}/"
    typed = {"lead": world.units["政府办"].pk, "assists": [world.units["老街街道"].pk], "seen": seen(world, "1-1-1")}
    assert client.post(address, typed).status_code == 302
    assert not Task.objects.filter(unit=world.units["政府办"], indicator=point).exists()
    assert "预览并下发" in client.get(f"/c/{world.campaign.pk}/setup/").content.decode()
    assert client.post(f"/c/{world.campaign.pk}/setup/distribute/").status_code == 302
    assert Task.objects.get(unit=world.units["政府办"], indicator=point).role == "lead"


def test_a_row_of_the_matrix_is_saved_or_answers_with_a_sentence(world: World) -> None:
    client = world.client("coordinator")
    address = f"/c/{world.campaign.pk}/assignments/{world.indicators['4-3-3'].pk}/cells/"
    two = client.post(address, {f"u{world.units['城管局'].pk}": "lead", f"u{world.units['政府办'].pk}": "lead"})
    assert (two.status_code, "只能有一个" in two.content.decode()) == (422, True)
    assert "牵头</span>" not in two.content.decode()
    assert f'data-seen="{seen(world)}"' in two.content.decode()  # the row as it still is
    saved = client.post(address, {f"u{world.units['政府办'].pk}": "lead", "seen": seen(world)})
    assert (saved.status_code, f'data-seen="{seen(world)}"' in saved.content.decode()) == (200, True)
    assert roles(world) == {"政府办": "lead"}


def test_of_two_concurrent_changes_of_a_row_the_later_is_refused(world: World) -> None:
    address = f"/c/{world.campaign.pk}/assignments/{world.indicators['4-3-3'].pk}/"
    page = world.client("coordinator").get(f"/c/{world.campaign.pk}/assignments/?section=4").content.decode()
    both = seen(world)
    assert f'data-seen="{both}"' in page
    assert assign(world, "政府办")
    row = {f"u{world.units['城管局'].pk}": "lead", "seen": both}
    cells = world.client("coordinator").post(f"{address}cells/", row)
    form = world.client("coordinator").post(address, {"lead": world.units["城管局"].pk, "seen": both})
    copied = world.client("coordinator").post(f"{address}copy/", {"source": "1-1-1", "seen": both}, follow=True)
    assert (cells.status_code, form.status_code) == (409, 409)
    for told in (cells, form, copied):
        assert "牵头 政府办" in told.content.decode()
    assert roles(world) == {"政府办": "lead"}


def test_pages_of_the_matrix_open_and_are_the_coordinators(world: World) -> None:
    pages = [
        f"/c/{world.campaign.pk}/assignments/?section=4",
        f"/c/{world.campaign.pk}/assignments/{world.indicators['4-3-3'].pk}/",
        f"/c/{world.campaign.pk}/assignments/items/{world.indicators['4-3'].pk}/",
    ]
    for page in pages:
        codes = [world.client(who).get(page).status_code for who in ("coordinator", "reviewer", "liaison", "outsider")]
        assert codes == [200, 403, 403, 404], page


def test_one_section_is_confirmed_at_a_time_and_only_with_its_leads(world: World) -> None:
    Assignment.objects.filter(campaign=world.campaign).update(example=True)
    client, address = world.client("coordinator"), f"/c/{world.campaign.pk}/assignments/"
    page = client.get(f"{address}?section=4").content.decode()
    assert "本指标核对完毕，确认 2 条" in page
    assert client.post(f"{address}confirm/").status_code == 404
    answer = client.post(f"{address}confirm/", {"section": "4"}, follow=True)
    assert "2 条分工已确认" in answer.content.decode()
    left = Assignment.objects.filter(campaign=world.campaign, example=True)
    assert set(left.values_list("indicator__code", flat=True)) == {"1-1-1"}
    left.delete()
    Assignment.objects.filter(campaign=world.campaign, indicator__code="4-3-3", role="lead").update(example=True)
    refused = client.post(f"{address}confirm/", {"section": "1"}, follow=True)
    assert "没有牵头单位" in refused.content.decode()


def test_the_grid_shows_every_unit_and_changes_nothing(world: World) -> None:
    page = world.client("coordinator").get(f"/c/{world.campaign.pk}/assignments/?section=4&view=grid").content.decode()
    for unit in world.units.values():
        assert f"<span>{unit.short_name}</span>" in page
    assert page.count('class="role-lead">牵') == 1
    assert page.count('class="role-assist">配') == 1
    assert "data-save" not in page

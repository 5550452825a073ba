"""People with several roles, roles in one campaign, ended roles: each role reaches as far as it does alone."""

from datetime import date, timedelta

import pytest

from creation.models import Assignment, Campaign, Evidence, IndicatorSystem, Membership, Phase, Task, User
from creation.rules.policy import Role
from tests.support.world import TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]


@pytest.fixture
def other_year(world: World) -> Campaign:
    """A second campaign of the same district, still a draft, in which the same unit leads the same checkpoint."""
    system = IndicatorSystem.objects.get(pk=world.campaign.system_id)
    campaign = Campaign.objects.create(
        district=world.district, system=system, host=world.units["司法局"], name="2027年示范创建", year=2027
    )
    phase = Phase.objects.create(campaign=campaign, kind="evidence", name="收集印证资料", order=1)
    point = world.indicators["4-3-3"]
    for unit, role in (("城管局", "lead"), ("老街街道", "assist")):
        Assignment.objects.create(campaign=campaign, indicator=point, unit=world.units[unit], role=role)
        world.tasks[f"next {role}"] = Task.objects.create(
            campaign=campaign, unit=world.units[unit], indicator=point, role=role, phase=phase
        )
    return campaign


def also(world: World, name: str, role: Role, **more: object) -> None:
    Membership.objects.create(user=world.people[name], role=role, district=world.district, **more)


def user(world: World, name: str) -> User:
    return User.objects.get(pk=world.people[name].pk)


def test_a_role_in_one_campaign_opens_no_draft_of_another(world: World, other_year: Campaign) -> None:
    also(world, "liaison", Role.ASSESSOR, campaign=world.campaign, expires=date(2030, 1, 1))
    liaison = user(world, "liaison")
    assert list(Campaign.objects.visible_to(liaison)) == [world.campaign]
    assert not Task.objects.visible_to(liaison).filter(campaign=other_year).exists()
    assert Task.objects.visible_to(liaison).filter(pk=world.tasks["other"].pk).exists()
    own = world.tasks["next lead"]
    client = world.client("liaison")
    assert client.get(f"/c/{other_year.pk}/tasks/").status_code == 404
    assert client.get(f"/c/{other_year.pk}/tasks/{own.pk}/").status_code == 404
    assert "2027年示范创建" not in client.get("/").content.decode()


def test_the_office_sees_its_draft(world: World, other_year: Campaign) -> None:
    assert other_year in Campaign.objects.visible_to(user(world, "coordinator"))
    assert Task.objects.visible_to(user(world, "coordinator")).filter(campaign=other_year).count() == 2


def test_a_liaison_of_one_campaign_reads_no_assists_of_another(world: World, other_year: Campaign) -> None:
    Campaign.objects.filter(pk=other_year.pk).update(state="open")
    here, there = world.cite("assist", by="rival").evidence, world.cite("next assist", by="rival").evidence
    assert {here, there} <= set(Evidence.objects.visible_to(user(world, "liaison")))
    Membership.objects.filter(user=world.people["liaison"]).update(campaign=world.campaign)
    seen = set(Evidence.objects.visible_to(user(world, "liaison")))
    assert here in seen
    assert there not in seen


@pytest.mark.parametrize("end", [{"expires": TODAY - timedelta(1)}, {"ended_on": TODAY}])
def test_a_person_whose_roles_ended_finds_nothing_by_any_way(world: World, end: dict[str, date]) -> None:
    evidence = world.cite("lead").evidence_id
    Membership.objects.filter(user=world.people["reviewer"]).update(**end)
    client, campaign = world.client("reviewer"), f"/c/{world.campaign.pk}"
    for address in (
        *(f"{campaign}/{page}/" for page in ("tasks", "reviews", "progress", "ledger", "liaisons")),
        f"{campaign}/tasks/?q=案卷&page=2",
        f"{campaign}/tasks/{world.tasks['lead'].pk}/",
        *(f"/evidence/{evidence}/{part}" for part in ("", "v/1/file", "v/1/preview", "v/1/thumb", "v/1/pages/1")),
    ):
        assert client.get(address).status_code == 404, address
    assert client.post(f"{campaign}/ledger/export/").status_code == 404
    assert "案卷" not in client.get("/").content.decode()


def test_the_last_day_of_a_role_still_counts(world: World) -> None:
    Membership.objects.filter(user=world.people["reviewer"]).update(expires=TODAY)
    assert world.client("reviewer").get(f"/c/{world.campaign.pk}/reviews/").status_code == 200


def test_a_disabled_account_is_logged_out_at_once(world: World) -> None:
    client = world.client("liaison")
    assert client.get("/").status_code == 200
    User.objects.filter(pk=world.people["liaison"].pk).update(is_active=False)
    assert client.get(f"/c/{world.campaign.pk}/tasks/").status_code == 302
    assert client.get("/")["Location"].startswith("/login/")


@pytest.mark.parametrize("name", ["administrator", "auditor", "nobody"])
def test_administrators_and_auditors_see_no_evidence_by_any_way(world: World, name: str) -> None:
    evidence = world.cite("lead").evidence_id
    client = world.client(name)
    for part in ("", "v/1/file", "v/1/file?download", "v/1/preview", "v/1/thumb", "v/1/pages/1"):
        assert client.get(f"/evidence/{evidence}/{part}").status_code == 404, part
    assert client.get(f"/c/{world.campaign.pk}/tasks/{world.tasks['lead'].pk}/").status_code == 404
    assert "评查通报" not in client.get("/").content.decode()

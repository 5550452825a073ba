"""A one-time link takes over no account unseen: person and auditor hear of it, and its issuer judges nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Campaign, Evidence, Membership, Notice, OneTimeLink, RequestKind, User
from creation.people import credentials, liaisons, unit_staff
from creation.rules.policy import Role
from creation.tasks import unit_requests, workflow
from tests.support.world import NOW, TODAY, World, add_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
NEW = "river stone cloud 7"
ANSWER = {"mode": "statement", "statement": "无此类案件"}


def liaison_membership(world: World) -> Membership:
    return Membership.objects.get(user=world.people["liaison"], role=Role.LIAISON)


def issue(world: World, who: str = "coordinator") -> str:
    (slip,) = unit_staff.issue_slips([liaison_membership(world)], world.actor(who))
    return slip.address.rstrip("/").rpartition("/")[2]


def redeem(token: str) -> None:
    answer = Client().post(f"/link/{token}/", {"new_password1": NEW, "new_password2": NEW}, REMOTE_ADDR="10.9.8.7")
    assert answer.status_code == 302


def told(world: World, who: str) -> list[str]:
    return list(
        Notice.objects.filter(person=world.people[who], subject__startswith="account/").values_list("text", flat=True)
    )


def test_the_person_and_the_auditor_hear_of_a_link_that_resets_a_password(world: World) -> None:
    issue(world)
    (to_person,), (to_auditor,) = told(world, "liaison"), told(world, "auditor")
    assert "宗协调" in to_person
    assert "如非您本人要求" in to_person
    assert "宗协调" in to_auditor
    assert "城管局 刘联络" in to_auditor
    for who, page in (("liaison", "/profile/"), ("auditor", "/audit/")):
        notice = Notice.objects.get(person=world.people[who], subject__startswith="account/")
        assert world.client(who).get(f"/notices/{notice.pk}/")["Location"] == page


def test_the_auditor_hears_of_the_link_of_an_expert_who_belongs_to_no_unit(world: World) -> None:
    User.objects.filter(pk=world.people["assessor"].pk).update(unit=None)
    person = User.objects.get(pk=world.people["assessor"].pk)
    credentials.issue_link(person, world.actor("administrator"))
    assert [f"为{person.name}的账号签发" in text for text in told(world, "auditor")] == [True]


def test_the_person_hears_when_the_link_is_used_and_from_where(world: World) -> None:
    redeem(issue(world))
    assert any("重设，地址 10.9.8.7" in text and "宗协调" in text for text in told(world, "liaison"))


def test_issuer_and_redeeming_address_are_in_the_trail(world: World) -> None:
    redeem(issue(world))
    issued, used = AuditEntry.objects.get(act="link.issue"), AuditEntry.objects.get(act="link.redeem")
    assert issued.person == "宗协调(coordinator)"
    assert (used.address, used.detail) == ("10.9.8.7", "签发人 宗协调(coordinator)")


def test_a_first_link_of_a_new_account_disturbs_nobody(world: World) -> None:
    User.objects.filter(pk=world.people["liaison"].pk).update(password="!")
    issue(world)
    assert told(world, "auditor") == []


def test_the_first_link_is_valid_as_long_as_its_issuer_says(world: World) -> None:
    person, membership = world.people["liaison"], liaison_membership(world)
    User.objects.filter(pk=person.pk).update(password="!")
    for who, address, days in (
        ("coordinator", reverse("liaison_link", args=[world.campaign.pk, membership.pk]), 7),
        ("administrator", reverse("link_issue", args=[person.pk]), 3),
        ("administrator", reverse("link_issue", args=[person.pk]), 1),
    ):
        page = world.client(who).post(address, {"days": str(days)}).content.decode()
        until = OneTimeLink.objects.latest("pk").expires_at
        assert until == NOW + timedelta(days=days)
        assert f"{timezone.localtime(until):%-m月%-d日 %H:%M}" in page.replace("\xa0", " ")


def submit(world: World) -> None:
    task = world.task("lead")
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, ANSWER)


def judge(world: World, who: str, move: str, **data: Any) -> None:
    task = world.task("lead")
    workflow.perform(workflow.MOVES[move], task, world.actor(who), task.version, data)


@pytest.mark.parametrize(("move", "data"), [("approve", {}), ("return", {"reason": "weak"})])
def test_who_issued_the_link_does_not_review(world: World, move: str, data: dict[str, str]) -> None:
    redeem(issue(world))
    submit(world)
    with pytest.raises(Refusal, match="您签发的一次性链接"):
        judge(world, "coordinator", move, **data)
    assert world.task("lead").status == "submitted"
    judge(world, "reviewer", move, **data)


def test_the_pages_of_review_say_so_before_and_offer_nothing_that_is_refused(world: World) -> None:
    redeem(issue(world))
    submit(world)
    queue, page = (
        world.client("coordinator").get(f"/c/{world.campaign.pk}/reviews/{rest}").content.decode()
        for rest in ("", f"{world.task('lead').pk}/")
    )
    assert "登录链接由您签发，须由他人审核" in queue
    assert "开始审核" not in queue
    assert "您签发的一次性链接设置的，不能由您审核" in page
    assert 'data-key="a"' not in page
    others = world.client("reviewer").get(f"/c/{world.campaign.pk}/reviews/").content.decode()
    assert "开始审核" in others
    assert "登录链接由您签发" not in others


def test_who_issued_a_link_that_nobody_used_reviews(world: World) -> None:
    issue(world)
    submit(world)
    judge(world, "coordinator", "approve")


def test_after_a_link_of_somebody_else_the_first_issuer_reviews_again(world: World) -> None:
    redeem(issue(world))
    redeem(credentials.issue_link(world.people["liaison"], world.actor("administrator")))
    assert OneTimeLink.objects.filter(used_at__isnull=False).count() == 2
    submit(world)
    judge(world, "coordinator", "approve")


# Requests


def ask(world: World, who: str = "liaison") -> Any:
    wanted = TODAY.replace(month=8, day=20)
    return unit_requests.submit_request(world.task("lead"), world.actor(who), RequestKind.EXTENSION, "人手不足", wanted)


def test_nobody_grants_an_own_extension(world: World) -> None:
    unit = world.units["城管局"]
    Membership.objects.create(user=world.people["coordinator"], role=Role.LIAISON, district=unit.district, unit=unit)
    asked = ask(world, "coordinator")
    for decide in (
        lambda: unit_requests.grant_extension(asked, world.actor("coordinator"), asked.wanted_on, "同意"),
        lambda: unit_requests.refuse_request(asked, world.actor("coordinator"), "不同意"),
    ):
        with pytest.raises(Refusal, match="本人提出的申请"):
            decide()
    assert world.task("lead").due_on.isoformat() == "2026-08-10"


def test_who_issued_the_link_grants_no_extension(world: World) -> None:
    redeem(issue(world))
    asked = ask(world)
    with pytest.raises(Refusal, match="您签发的一次性链接"):
        unit_requests.grant_extension(asked, world.actor("coordinator"), asked.wanted_on, "同意")


# One campaign


@pytest.fixture
def limited(world: World) -> World:
    """Return the world in which ``second`` coordinates only the campaign of 2027."""
    later = Campaign.objects.create(
        district=world.district,
        system=world.campaign.system,
        host=world.campaign.host,
        name="2027",
        year=2027,
        state="open",
    )
    world.people["second"] = add_person("second", "次协调", None, world.units["司法局"])
    Membership.objects.create(
        user=world.people["second"], role=Role.COORDINATOR, district=world.district, campaign=later
    )
    world.campaign = later
    return world


def test_a_link_reaches_no_account_that_serves_another_campaign(limited: World) -> None:
    with pytest.raises(Refusal, match="其他活动"):
        issue(limited, "second")
    assert not OneTimeLink.objects.exists()
    answer = limited.client("second").post(
        reverse("liaison_link", args=[limited.campaign.pk, liaison_membership(limited).pk]), follow=True
    )
    assert "其他活动" in answer.content.decode()


def test_a_liaison_of_every_campaign_is_not_replaced_or_ended_from_one(limited: World) -> None:
    unit, actor = limited.units["城管局"], limited.actor("second")
    with pytest.raises(Refusal, match="其他活动"):
        liaisons.appoint_liaison(unit, limited.people["clerk"], limited.campaign, actor)
    clerk = Membership.objects.get(user=limited.people["clerk"])
    with pytest.raises(Refusal, match="其他活动"):
        unit_staff.end_unit_role(clerk, actor)
    assert not Membership.objects.exclude(ended_on=None).exists()


def test_a_new_account_serves_only_the_own_campaign_and_gets_its_link(limited: World) -> None:
    data = {"username": "xin", "name": "辛联络", "post": "", "office_phone": "", "mobile": "", "email": ""}
    unit, actor = limited.units["司法局"], limited.actor("second")
    person = unit_staff.create_staff(unit, Role.LIAISON, data, limited.campaign, actor)
    (held,) = person.memberships.all()
    assert held.campaign == limited.campaign
    assert len(unit_staff.issue_slips([held], actor)) == 1


def test_the_recycle_bin_of_another_campaign_stays_closed(limited: World) -> None:
    piece = limited.cite("lead", "误传的资料").evidence
    Evidence.objects.filter(pk=piece.pk).update(
        deleted_at=NOW, deleted_by=limited.people["liaison"], delete_reason="误传"
    )
    restorable = {
        who: Evidence.objects.restorable_by(limited.people[who]).filter(pk=piece.pk).exists()
        for who in ("second", "coordinator", "liaison")
    }
    assert restorable == {"second": False, "coordinator": True, "liaison": True}

"""One-time links: for the first administrator, new people and forgotten passwords."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import Campaign, FormerPassword, Membership, OneTimeLink, User, UserSession
from creation.people import accounts, credentials
from creation.rules.policy import Role
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")

NEW = "river stone cloud 7"


def token_for(world: World, name: str = "liaison") -> str:
    return credentials.issue_link(world.people[name], world.actor("administrator"))


def use(token: str, password: str = NEW, again: str | None = None) -> Any:
    return Client().post(f"/link/{token}/", {"new_password1": password, "new_password2": again or password})


def login(password: str) -> int:
    return int(Client().post("/login/", {"username": "liaison", "password": password}).status_code)


def test_it_sets_the_password_once_and_only_its_digest_is_kept(world: World) -> None:
    token = token_for(world)
    assert token not in str(list(OneTimeLink.objects.values_list()))
    assert "刘联络" in Client().get(f"/link/{token}/").content.decode()
    client = Client()
    answer = client.post(f"/link/{token}/", {"new_password1": NEW, "new_password2": NEW}, follow=True)
    assert "您已登录" in answer.content.decode()
    assert client.get("/profile/").status_code == 200
    assert login(NEW) == 302
    assert use(token, "another good one 9").status_code == 404
    assert login(NEW) == 302


def test_opening_the_link_does_not_use_it_up(world: World) -> None:
    token = token_for(world)
    assert [Client().get(f"/link/{token}/").status_code for _ in range(2)] == [200, 200]


def test_it_ends_after_24_hours(world: World, time_machine: Any) -> None:
    token = token_for(world)
    time_machine.move_to(NOW + timedelta(hours=24), tick=False)
    page = use(token)
    assert page.status_code == 404
    assert "重新签发" in page.content.decode()
    assert login(NEW) == 200


def test_a_newer_link_ends_the_older_one(world: World) -> None:
    older, newer = token_for(world), token_for(world)
    assert use(older).status_code == 404
    assert use(newer).status_code == 302


def test_it_stops_working_with_the_account(world: World) -> None:
    token = token_for(world)
    accounts.disable_account(world.people["liaison"], world.actor("administrator"))
    assert use(token).status_code == 404
    world.people["liaison"].refresh_from_db()
    with pytest.raises(Refusal, match="已停用"):
        token_for(world)


def test_one_of_two_concurrent_requests_succeeds(world: World) -> None:
    token = token_for(world)
    link = credentials.find_link(token, NOW)
    assert link is not None
    holder = Actor(link.user, NOW)
    credentials.redeem_link(link, NEW, holder)
    with pytest.raises(Refusal):
        credentials.redeem_link(link, "another good one 9", holder)
    assert login(NEW) == 302


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "至少 12 个字符"),
        ("password1234", "太常见"),
        ("liaison-1234", "登录名太相似"),
        ("13800001234x", "手机太相似"),
    ],
)
def test_a_weak_password_is_a_chinese_sentence(world: World, password: str, said: str) -> None:
    page = use(token_for(world), password)
    assert said in page.content.decode()
    assert not re.search(r"[A-Z][a-z]+ [a-z]+ [a-z]+", re.sub(r"<[^>]*>", "", page.content.decode()))


def test_setting_a_password_ends_the_other_logins(world: World) -> None:
    client = world.client("liaison")
    assert client.get("/profile/").status_code == 200
    use(token_for(world))
    assert client.get("/profile/").status_code == 302
    assert (
        UserSession.objects.active().filter(user=world.people["liaison"]).count() == 1
    )  # of the browser with the link


def test_a_reset_ends_a_lockout(world: World) -> None:
    for i in range(5):
        login(f"wrong {i}")
    assert login("correct horse battery") == 429
    use(token_for(world))
    assert login(NEW) == 302


def test_changing_the_password_keeps_this_login_and_ends_the_others(world: World) -> None:
    here, there = world.client("liaison"), world.client("liaison")
    assert [client.get("/profile/").status_code for client in (here, there)] == [200, 200]
    data = {"old_password": "correct horse battery", "new_password1": NEW, "new_password2": NEW}
    assert here.post("/password/", data)["Location"] == "/profile/"
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302
    live = UserSession.objects.active().filter(user=world.people["liaison"])
    assert [row.session_key for row in live] == [here.session.session_key]


def test_dengbao_refuses_the_last_five_and_one_kind_of_characters(world: World, settings: Any) -> None:
    settings.AUTH_PASSWORD_VALIDATORS = [
        {"NAME": "creation.people.passwords.CharacterKindsValidator"},
        {"NAME": "creation.people.passwords.PasswordHistoryValidator"},
    ]
    person, actor = world.people["liaison"], world.actor("liaison")
    for number in range(6):
        credentials.set_password(person, f"Good-one-{number}", actor)
    assert "三种" in use(token_for(world), "onlysmallletters").content.decode()
    assert "最近 5 次" in use(token_for(world), "Good-one-1").content.decode()
    assert use(token_for(world), "Good-one-0").status_code == 302
    assert FormerPassword.objects.filter(password__contains="Good").count() == 0


def test_dengbao_passwords_expire_after_90_days(world: World, settings: Any, time_machine: Any) -> None:
    settings.PASSWORD_PROFILE = "dengbao"
    credentials.set_password(world.people["liaison"], NEW, world.actor("liaison"))
    world.people["liaison"].refresh_from_db()
    client = world.client("liaison")
    assert client.get("/profile/").status_code == 200
    time_machine.move_to(NOW + timedelta(days=90), tick=False)
    client = world.client("liaison")
    assert client.get("/profile/")["Location"] == "/password/"
    assert "更换期限" in client.get("/password/").content.decode()
    client.post("/password/", {"old_password": NEW, "new_password1": NEW + "x", "new_password2": NEW + "x"})
    assert client.get("/profile/").status_code == 200


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_first_run_prints_the_link_until_it_is_used(db: None, settings: Any) -> None:
    settings.SITE_URL = "http://10.1.2.3:8000"
    first, second = run("first_run"), run("first_run")
    tokens = [re.search(r"http://10.1.2.3:8000/link/([\w-]+)/", text)[1] for text in (first, second)]  # type: ignore[index]
    assert (User.objects.count(), Campaign.objects.count()) == (1, 1)
    assert Membership.objects.get().role == Role.ADMINISTRATOR
    assert use(tokens[0]).status_code == 404, "the later link replaces the earlier"
    assert use(tokens[1]).status_code == 302
    assert run("first_run") == ""


def test_each_district_gets_an_administrator_of_its_own(world: World) -> None:
    """``world.elsewhere`` is a campaign of a district without one."""
    text = run("first_run")
    assert text.count("/link/") == 1
    assert "临安区的系统管理员" in text
    assert "（admin）" in text
    made = User.objects.get(username="admin")
    assert made.unit == world.elsewhere.host
    assert made.memberships.get().district == world.elsewhere.district


def test_the_operator_issues_a_link_by_name(world: World) -> None:
    assert "/link/" in run("one_time_link", "liaison")
    with pytest.raises(CommandError, match="没有登录名"):
        run("one_time_link", "nobody-at-all")


def test_an_invitation_is_valid_as_long_as_the_office_says_and_a_reset_never_longer(world: World) -> None:
    person, actor = world.people["liaison"], world.actor("coordinator")
    credentials.issue_link(person, actor, 7)
    assert OneTimeLink.objects.get(used_at=None, expires_at__gt=NOW).expires_at == NOW + timedelta(hours=24)
    OneTimeLink.objects.all().delete()
    person.set_unusable_password()
    person.save()
    credentials.issue_link(person, actor, 7)
    assert OneTimeLink.objects.get().expires_at == NOW + timedelta(days=7)
    with pytest.raises(Refusal, match="1、3、7 天"):
        credentials.issue_link(person, actor, 30)


def test_the_slips_say_the_chosen_day_and_bear_a_code_to_scan(world: World) -> None:
    User.objects.filter(pk=world.people["liaison"].pk).update(password="!")
    client, address = world.client("coordinator"), f"/c/{world.campaign.pk}/liaisons/links/"
    waiting = client.get(address).context["waiting"]
    page = client.post(address, {"pick": [each.pk for each in waiting], "days": "3"}).content.decode()
    day = NOW + timedelta(days=3)
    assert f"{day.month}月{day.day}日" in page
    assert page.count('class="qr"') == len(waiting)
    refused = client.post(address, {"pick": [each.pk for each in waiting], "days": "99"}, follow=True)
    assert "有效期只能是" in refused.content.decode()

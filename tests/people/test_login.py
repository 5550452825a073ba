"""Login and logout: the page, the redirect back, the lockout, the audit entries."""

import io
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from creation.models import AuditEntry, User, UserSession
from tests.support.world import World

PASSWORD = "correct horse battery"


def enter(
    client: Client, username: str = "liaison", password: str = PASSWORD, address: str = "10.0.0.1", **more: str
) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more}, REMOTE_ADDR=address)


def entries(act: str) -> list[tuple[str, str]]:
    return list(AuditEntry.objects.filter(act=act).order_by("pk").values_list("person", "result"))


def test_login_leads_back_to_the_requested_page(world: World) -> None:
    client = Client()
    asked = client.get(f"/c/{world.campaign.pk}/tasks/?status=open")
    assert asked["Location"] == f"/login/?next=/c/{world.campaign.pk}/tasks/%3Fstatus%3Dopen"
    assert client.get(asked["Location"]).context["next"] == f"/c/{world.campaign.pk}/tasks/?status=open"
    response = enter(client, next=f"/c/{world.campaign.pk}/tasks/?status=open")
    assert response["Location"] == f"/c/{world.campaign.pk}/tasks/?status=open"
    assert entries("login") == [("刘联络(liaison)", "done")]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)", "/\\evil.example"]
)
def test_login_never_redirects_to_another_site(world: World, target: str) -> None:
    assert enter(Client(), next=target)["Location"] == "/"


def token_of(client: Client, url: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(url).content.decode())
    assert found
    return found[1]


def test_a_login_form_in_a_second_tab_leads_on_after_the_login_in_the_first(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    url = f"/login/?next=/c/{world.campaign.pk}/tasks/"
    first, second = token_of(client, url), token_of(client, url)
    assert enter(client, csrfmiddlewaretoken=first, next="/")["Location"] == "/"
    later = enter(client, csrfmiddlewaretoken=second, next=f"/c/{world.campaign.pk}/tasks/")
    assert (later.status_code, later["Location"]) == (302, f"/c/{world.campaign.pk}/tasks/")
    assert enter(client, csrfmiddlewaretoken=second, next="https://evil.example/")["Location"] == "/"
    assert entries("login") == [("刘联络(liaison)", "done")]
    assert client.post("/profile/", {"csrfmiddlewaretoken": second}).status_code == 403, (
        "other forms are refused as before"
    )
    stranger = Client(enforce_csrf_checks=True)
    assert enter(stranger, csrfmiddlewaretoken=second).status_code == 403


def test_after_a_submitted_form_login_leads_back_to_the_page_of_the_form(world: World) -> None:
    response = Client().post("/profile/sessions/1/end/", headers={"Referer": "http://testserver/profile/?a=1"})
    assert response["Location"] == "/login/?next=/profile/%3Fa%3D1"
    foreign = Client().post("/profile/sessions/1/end/", headers={"Referer": "http://evil.example/profile/"})
    assert foreign["Location"] == "/login/?next=/"


def test_the_session_key_changes_and_the_login_becomes_a_row(world: World) -> None:
    client = Client()
    client.session["x"] = 1
    client.session.save()
    before = client.session.session_key
    enter(client)
    session = UserSession.objects.get(user=world.people["liaison"])
    assert session.session_key == client.session.session_key != before
    assert session.address == "10.0.0.1"


def test_scripts_and_other_sites_cannot_use_the_cookie(world: World, settings: Any) -> None:
    client = Client()
    enter(client)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == ""  # the browser's cookie


def test_a_wrong_password_is_a_sentence_and_a_row_without_it(world: World) -> None:
    page = enter(Client(), password="Geheim-123456")
    assert "登录名或密码不正确" in page.content.decode()
    assert entries("login") == [("未登录", "failed")]
    entry = AuditEntry.objects.latest("pk")
    assert entry.object == "登录名 liaison"
    assert "Geheim" not in f"{entry.object}{entry.detail}"


def test_unknown_and_disabled_accounts_get_the_same_sentence(world: World) -> None:
    person = world.people["clerk"]
    person.is_active = False
    person.save()
    said = [
        enter(Client(), username=name, password=PASSWORD).context["form"].non_field_errors()
        for name in ("clerk", "nobody-at-all")
    ]
    assert said[0] == said[1]


def test_five_failures_lock_only_this_account_and_address_for_a_quarter_of_an_hour(
    world: World, time_machine: Any
) -> None:
    client = Client()
    time_machine.move_to("2026-07-31T02:00:00Z", tick=False)
    codes = [enter(client, password=f"wrong {i}").status_code for i in range(5)]
    assert codes == [200, 200, 200, 200, 429]
    locked = enter(client)  # even with the right password
    assert locked.status_code == 429
    assert "暂停登录 15 分钟" in locked.content.decode()
    assert entries("login")[-1] == ("未登录", "refused")
    assert enter(Client(), address="10.0.0.2").status_code == 302, "a rival elsewhere locks nobody out"
    assert enter(Client(), username="rival").status_code == 302, "a colleague at the same address comes in"
    time_machine.move_to("2026-07-31T02:15:01Z", tick=False)
    assert enter(client).status_code == 302


def test_many_accounts_cannot_be_tried_from_one_address_as_fast_as_one_likes(world: World, time_machine: Any) -> None:
    time_machine.move_to("2026-07-31T02:00:00Z", tick=False)
    codes = [enter(Client(), username=f"name{number}", password="wrong").status_code for number in range(25)]
    assert codes == [200] * 21 + [429] * 4
    slowed = enter(Client())  # also with the right password
    assert (slowed.status_code, slowed["Retry-After"]) == (429, "1")
    assert "请等 1 秒再登录" in slowed.content.decode()
    assert enter(Client(), address="10.0.0.2").status_code == 302, "elsewhere nobody waits"
    time_machine.move_to("2026-07-31T02:00:02Z", tick=False)
    assert enter(Client()).status_code == 302, "nobody is locked out"
    for number in range(25, 45):
        time_machine.shift(61)
        assert enter(Client(), username=f"name{number}", password="wrong").status_code == 200
    assert enter(Client(), username="name", password="wrong").status_code == 200, (
        "fifteen in a quarter of an hour are free"
    )


def test_the_password_in_use_cannot_be_guessed_where_it_is_changed(world: World, time_machine: Any) -> None:
    time_machine.move_to("2026-07-31T02:00:00Z", tick=False)
    client, new = (
        world.client("liaison"),
        {"new_password1": "Kavomi-7294-tunase", "new_password2": "Kavomi-7294-tunase"},
    )
    assert [client.post("/password/", new).status_code for _ in range(6)] == [422] * 6, "a field left empty is no guess"
    codes = [client.post("/password/", {"old_password": f"wrong {i}", **new}).status_code for i in range(5)]
    assert codes == [422, 422, 422, 422, 429]
    locked = client.post("/password/", {"old_password": PASSWORD, **new})
    assert locked.status_code == 429
    assert "暂停登录 15 分钟" in locked.content.decode()
    assert [result for _, result in entries("login")[-6:]] == ["failed"] * 4 + ["refused"] * 2
    assert client.get("/").status_code == 200, "the login goes on"
    time_machine.move_to("2026-07-31T02:15:01Z", tick=False)
    assert client.post("/password/", {"old_password": PASSWORD, **new}).status_code == 302


def test_logout_is_a_post_and_ends_the_login(world: World) -> None:
    client = Client()
    enter(client)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/?ended=logout"
    assert client.get("/profile/").status_code == 302
    assert UserSession.objects.get().ended_at is not None
    assert entries("logout") == [("刘联络(liaison)", "done")]


def test_a_request_without_the_csrf_token_is_a_page_with_a_way_back(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        "/login/", {"username": "liaison", "password": PASSWORD}, headers={"Referer": "http://testserver/login/"}
    )
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


def test_no_account_is_created_with_a_password(db: None) -> None:
    """The first administrator of an installation logs in with a link."""
    call_command("first_run", stdout=io.StringIO())
    assert [person.has_usable_password() for person in User.objects.all()] == [False]

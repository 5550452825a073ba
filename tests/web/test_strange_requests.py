"""Requests that no page of ours sends: impossible numbers, bytes that are not text, ten thousand characters, URLs of other people.

Each gets a page or a sentence (400, 404, 422 …), never a 500. A normal run tries a twelfth of them on each URL:
``tests/support/sampling.py``.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from creation.models import (
    AuditEntry,
    Consultation,
    InspectionTeam,
    Measure,
    SupervisionRound,
    TaskRequest,
    Upload,
    Visit,
    VisitCheck,
)
from tests.support import route_objects
from tests.support.commended import commendation_in_nomination
from tests.support.route_objects import MISSING
from tests.support.sampling import Chosen
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")

PARTS = 12
HUGE = "9" * 25
ENDLESS = "9" * 5000  # more digits than Python reads
ODD = ["abc", "-1", "0", HUGE, ENDLESS, "²", "1\x00", "a" * 10_000, "<b>\r\nX: y", "0001-01-01", "9999-12-31"]
ASKED = [
    "page", "sort", "per_page", "section", "item", "unit", "phase", "light", "status", "role", "owner", "late", "q", "kind",
    "show", "answered", "since", "until", "act", "object", "person", "result", "state", "next", "ended", "into", "offset",
    "download", "filter", "behalf", "close", "source", "preset", "year", "visit", "check", "task", "round",
]  # fmt: skip
NUMBERS = [
    "version",
    "seen",
    "draft_seen",
    "evidence",
    "newest",
    "unit",
    "campaign",
    "person",
    "lead",
    "into",
    "owner",
    "year",
]
DAYS = [
    "new_due_on",
    "due_on",
    "wanted_on",
    "starts",
    "ends",
    "window_from",
    "window_to",
    "expires",
    "day",
    "dated_on",
    "active_from",
]
WORDS = [
    "comment", "reason", "answer", "text", "title", "name", "short_name", "username", "post", "mobile", "office_phone", "email",
    "leader", "source", "problem", "help_wanted", "next_step", "note", "measures", "results", "highlights", "keeper", "place",
    "statement", "doc_number", "issuer", "passage", "numerator", "denominator", "count", "order", "password", "filter",
    "old_password", "new_password1", "new_password2", "url", "delete_reason",
]  # fmt: skip
CHOICES = {
    "mode": "statement", "kind": "department", "role": "clerk", "reason": "missing", "audience": "every_unit", "decision": "refuse",
    "granted": "no", "confidentiality": "public", "declared": "on", "confirmed": "1", "change": "due", "roles": "clerk",
    "preset": "yuanhui",
}  # fmt: skip


def patterns(within: URLResolver) -> Iterator[URLPattern]:
    for each in within.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


def routes() -> dict[str, URLPattern]:
    return {str(pattern.name): pattern for pattern in patterns(get_resolver())}


def visit_line(world: World) -> VisitCheck:
    """Return what was noted on a visit to 城管局 today."""
    person = {"created_by": world.people["inspector"], "created_at": NOW}
    row = SupervisionRound.objects.create(
        campaign=world.campaign, number=1, name="第一轮", starts=TODAY, ends=TODAY, **person
    )
    team = InspectionTeam.objects.create(round=row, name="第一组", leader=world.people["inspector"])
    visit = Visit.objects.create(round=row, team=team, unit=world.units["城管局"], day=TODAY, announced_for=TODAY)
    return VisitCheck.objects.create(visit=visit, key=uuid4(), about="台账", **person)


def arguments(world: World) -> dict[str, dict[str, Any]]:
    """Return, for each URL, an existing object that the person below may reach."""
    cited = world.cite("lead")
    measure, lead = Measure.objects.get(indicator=world.indicators["4-3-3"]), world.tasks["lead"]
    asked = TaskRequest.objects.create(
        task=lead, kind="objection", reason="x", created_by=world.people["liaison"], created_at=NOW
    )
    upload = Upload.objects.create(
        token=uuid4(), person=world.people["coordinator"], task=lead, name="a.pdf", size=9, started_at=NOW
    )
    campaign, clerk, line = world.campaign.pk, world.people["clerk"], visit_line(world)
    sheets = route_objects.survey_batch(world)[0].args
    known = {
        "measure_id": measure.pk, "period": "2026", "request_id": asked.pk, "file_id": 1, "move": "submit", "kind": "link",
        "citation_id": cited.pk, "unit_id": world.units["城管局"].pk, "token": upload.token, "number": 1, "page": 1,
        "year": 2027, "month": 2, "day": 6, "slot": "introduction", "scan_id": 1,
        "mark_id": 1, "sighting_id": 1, "point_id": 1, "phase_kind": "evidence", "condition": "review_waiting",
        "folder": "pictures", "name": "progress.png",
        "line": line.key, "key": uuid4(), "photo_id": 1, "act_id": 1, "team_id": line.visit.team_id,
        "membership": clerk.memberships.get().pk, "receipt_id": 1, "code": "x" * 300, "batch_id": sheets["batch_id"], "form": "xlsx",
    }  # fmt: skip
    keys = {
        "evidence": cited.evidence_id, "phase": world.phases["evidence"].pk, "account": clerk.pk, "membership": clerk.pk,
        "link": clerk.pk, "phone": clerk.pk, "unit": world.units["老街街道"].pk, "action": world.tasks["action"].action_id,
        "assignment": world.indicators["4-3-3"].pk, "assignment_item": world.indicators["4-3"].pk,
        "round": line.visit.round_id, "team": line.visit.round_id, "visit": line.visit_id,
    }  # fmt: skip
    call = commendation_in_nomination(world)
    keys |= dict.fromkeys(("commendation", "consultations", "ballot", "vote", "commendees"), call.pk)
    keys |= {
        "survey": sheets["pk"], "appraisal": route_objects.appraisal(world)[0].args["pk"], "case": route_objects.case(world)[0].args["pk"],
    }  # fmt: skip
    keys |= {"nomination": call.nominations.earliest("pk").pk, "consultation": Consultation.objects.earliest("pk").pk}
    made = {}
    for name, pattern in routes().items():
        args = {"campaign_id": campaign, "pk": keys.get(name, keys.get(name.split("_")[0], lead.pk))} | known
        wanted = pattern.pattern.converters
        made[name] = {key: value for key, value in args.items() if key in wanted} | (
            {"kind": "extension"} if name == "task_requests" else {}
        )
        if name == "one_time_link":
            made[name] = {"token": "x" * 300}
        if name == "guide":
            made[name] = {"name": "office"}
    return made


def holder(name: str) -> str:
    if name.startswith(("account", "membership", "link")):
        return "administrator"
    if name == "audit":
        return "auditor"
    return "liaison" if name == "task_requests" else "coordinator"


def bad(client: Client, method: str, url: str, data: Any = None, **more: Any) -> str | None:
    """Return what went wrong with a request, in one line."""
    try:
        response = (
            getattr(client, method)(url, data, **more) if data is not None else getattr(client, method)(url, **more)
        )
        if response.streaming:
            response.getvalue()
    except Exception as error:
        return f"{method} {url[:90]} {str(data)[:60]}: {type(error).__name__} {str(error)[:120]}"
    return f"{method} {url[:90]} {str(data)[:60]}: {response.status_code}" if response.status_code >= 500 else None


def clients(world: World) -> dict[str, Client]:
    return {name: world.client(name) for name in ("coordinator", "administrator", "auditor", "liaison")}


def test_impossible_numbers_in_a_url(world: World, one_in: Callable[[int], Chosen]) -> None:
    at, people, chosen, wrong = arguments(world), clients(world), one_in(PARTS), []
    for name, pattern in routes().items():
        for key, kind in pattern.pattern.converters.items():
            for odd in (0, MISSING, 2**31, 2**63, int(HUGE)) if type(kind).__name__ == "IntConverter" else ():
                url = reverse(name, kwargs=at[name] | {key: odd})
                asked = [method for method in ("get", "post") if chosen(method, name, key, odd)]
                wrong += [bad(people[holder(name)], method, url) for method in asked]
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_invalid_query_strings(world: World, odd: str, one_in: Callable[[int], Chosen]) -> None:
    at, people, chosen = arguments(world), clients(world), one_in(PARTS)
    data = dict.fromkeys(ASKED, odd) | {"pick[]": odd}
    asked = [name for name in routes() if chosen("get", name, odd)]
    wrong = [bad(people[holder(name)], "get", reverse(name, kwargs=at[name]), data) for name in asked]
    assert not any(wrong), "\n".join(filter(None, wrong))


LISTS = ["pick", "units", "assists", "roles", "modes", "points", "members", "team", "task", "dropped", "nominations"]
NONSENSE = [
    *[(NUMBERS, odd) for odd in ("abc", "-1", HUGE, ENDLESS, str(2**31), "²")],
    *[(DAYS, odd) for odd in ("2026-02-30", "0001-01-01", "9999-12-31", HUGE)],
    *[(WORDS, odd) for odd in ("", "1\x00", "长" * 10_000, "<b>\r\nX: y")],
    *[(LISTS, odd) for odd in ("abc", HUGE, ENDLESS, f"{HUGE}:{HUGE}")],
]


@pytest.mark.parametrize(("group", "odd"), NONSENSE, ids=range(len(NONSENSE)))
def test_forms_filled_with_nonsense(world: World, group: list[str], odd: str, one_in: Callable[[int], Chosen]) -> None:
    at, people, chosen, wrong = arguments(world), clients(world), one_in(PARTS), []
    lead = world.task("lead")
    plain = dict.fromkeys(NUMBERS, "1") | dict.fromkeys(DAYS, "2026-08-20") | dict.fromkeys(WORDS, "说明") | CHOICES
    plain |= {"pick": f"{lead.pk}:{lead.version}", "url": "https://example.com/a", "source": "answer", "filter": ""}
    data = plain | dict.fromkeys(group, odd) | {f"u{world.units['城管局'].pk}": "lead"}
    for name in routes():
        if name not in {"logout", "campaign_close", "campaign_reopen", "account_disable"} and chosen(
            "post", name, group, odd
        ):
            wrong.append(bad(people[holder(name)], "post", reverse(name, kwargs=at[name]), data))
    assert not any(wrong), "\n".join(filter(None, wrong))


def test_a_form_with_a_mistake_is_answered_422(world: World, one_in: Callable[[int], Chosen]) -> None:
    """The page with the mistakes is no answer that a script or a person takes for saved."""
    at, people, chosen, wrong = arguments(world), clients(world), one_in(8), []
    for name in routes():
        if name in {"login", "logout"} or not chosen("empty", name):
            continue
        for sent in ({"seen": "x"}, {"seen": "1", "name": "长" * 5000, "title": "长" * 5000}):
            answer = people[holder(name)].post(reverse(name, kwargs=at[name]), sent)
            if answer.status_code == 200 and not answer.streaming and "errorlist" in answer.content.decode():
                wrong.append(name)
    assert not wrong


def test_nul_characters_are_removed(world: World) -> None:
    """SQLite would store it and PostgreSQL fails, so neither gets it."""
    office, campaign = world.client("coordinator"), f"/c/{world.campaign.pk}"
    for address in (f"{campaign}/reviews/?section=4\0", f"{campaign}/progress/?kind=\0", f"{campaign}/tasks/?q=\0案卷"):
        assert office.get(address).status_code == 200, address
    action = world.tasks["action"].action_id
    assert office.post(f"{campaign}/actions/{action}/cancel/", {"reason": "重\0复"}).status_code == 302
    assert "重复" in AuditEntry.objects.get(act="action.cancel").detail
    assert Client().post("/login/", {"username": "lia\0ison", "password": "x\0"}).status_code == 200


@pytest.mark.parametrize("odd", ["q=" + "%E9%95%BF" * 20_000, "&".join(f"a{number}=1" for number in range(4_000))])
def test_an_address_of_thousands_of_words_is_refused_with_a_sentence(world: World, odd: str) -> None:
    """SQLite compares no pattern of more than 50,000 bytes, and a list would repeat all of it in each of its links."""
    office = world.client("coordinator")
    for name in ("task_list", "findings", "library"):
        address = reverse(name, args=[world.campaign.pk])
        answer = office.get(f"{address}?{odd}")
        assert answer.status_code == 414
        assert "网址里的查询条件太长" in answer.content.decode()
        assert len(answer.content) < 100_000
        assert office.get(f"{address}?q={'%E9%95%BF' * 200}").status_code == 200
    bulk = {
        "pick": "all",
        "filter": "q=" + "长" * 20_000,
        "change": "due",
        "new_due_on": "2026-08-20",
        "reason": "统一调整",
    }
    assert office.post(reverse("task_bulk", args=[world.campaign.pk]), bulk).status_code < 500


def test_the_time_when_a_page_was_opened_is_a_time_of_this_century(world: World) -> None:
    world.cite("lead")
    address = reverse("task_move", args=[world.campaign.pk, world.tasks["lead"].pk, "submit"])
    sent = {"mode": "upload", "version": 1, "draft_seen": 0}
    for odd in ("0001-01-01", "9999-12-31 23:59", "1899-12-31"):
        assert world.client("liaison").post(address, sent | {"opened": odd}).status_code == 422, odd
    assert world.client("liaison").post(address, sent | {"opened": NOW.isoformat()}).status_code == 302

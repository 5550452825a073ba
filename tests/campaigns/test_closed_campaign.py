"""Closed campaigns and drafts can be read but not changed: every view that would write refuses with a sentence and changes nothing."""

from datetime import timedelta
from typing import Any

import pytest

from creation.evidence import citing, items
from creation.lib.refusals import Refusal
from creation.models import Action, Campaign, Measure, RequestKind, TaskRequest
from creation.tasks import bulk_changes, unit_requests, workflow
from creation.tasks.workflow import MOVES
from tests.audit.test_audit_failing import everything
from tests.support.world import TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
LOG = {"auditentry", "user"}  # rows that a login and a refusal may write


def shut(world: World, state: str = "closed") -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state=state)
    world.campaign.refresh_from_db()


def unchanged(before: dict[str, list[Any]]) -> bool:
    now = everything()
    return all(now[table] == rows for table, rows in before.items() if table not in LOG)


def posts(world: World, lead: Any, cited: Any, asked: TaskRequest) -> list[tuple[str, str, dict[str, Any]]]:
    """Return person, URL and data of every request that would change something in an open campaign."""
    campaign = f"/c/{world.campaign.pk}"
    task = f"{campaign}/tasks/{lead.pk}"
    answer = {"mode": "statement", "statement": "无", "version": lead.version, "draft_seen": 0}
    measure, action = Measure.objects.get(indicator=lead.indicator), Action.objects.get(code="D-3")
    point, phase = world.indicators["4-3-3"], world.phases["evidence"]
    piece = f"/evidence/{cited.evidence_id}"
    row = f"{task}/citations/{cited.pk}/"
    named = {"title": "x", "version": 1, "confidentiality": "public", "passage": "y"}
    return [
        ("liaison", f"{task}/moves/submit/", answer),
        ("coordinator", f"{task}/moves/submit/", answer),
        ("liaison", f"{task}/draft/", answer),
        ("liaison", f"{task}/notes/", {"day": TODAY.isoformat(), "text": "x"}),
        ("liaison", f"{task}/readings/{measure.pk}/2026/", {"count": "2", "seen": 0}),
        ("liaison", f"{task}/requests/extension/", {"reason": "x", "wanted_on": "2026-08-20"}),
        ("liaison", f"{task}/citations/", {"evidence": cited.evidence_id}),
        ("liaison", row, named),
        ("liaison", f"{row}remove/", {}),
        ("liaison", f"{task}/citations/new/link/", named | {"url": "https://example.com", "declared": "on"}),
        ("liaison", f"{piece}/delete/", {"reason": "x", "version": 1}),
        ("coordinator", f"{task}/requests/{asked.pk}/decide/", {"decision": "refuse", "answer": "x"}),
        (
            "coordinator",
            f"{campaign}/tasks/bulk/",
            {"pick": f"{lead.pk}:1", "change": "due", "confirmed": "1", "due_on": "2026-08-20", "reason": "x"},
        ),
        ("coordinator", f"{campaign}/setup/edit/", {"name": "x", "seen": 1}),
        ("coordinator", f"{campaign}/setup/distribute/", {}),
        ("coordinator", f"{campaign}/phases/{phase.pk}/", {"starts": "2026-07-12", "ends": "2026-08-20", "seen": 1, "confirmed": 1}),
        ("coordinator", f"{campaign}/assignments/{point.pk}/cells/", {f"u{world.units['政府办'].pk}": "lead"}),
        ("coordinator", f"{campaign}/assignments/items/{world.indicators['4-3'].pk}/", {"units": world.units["政府办"].pk}),
        ("coordinator", f"{campaign}/assignments/confirm/", {}),
        ("coordinator", f"{campaign}/actions/{action.pk}/", {"title": "x", "seen": action.state}),
        ("coordinator", f"{campaign}/actions/{action.pk}/cancel/", {"reason": "x"}),
        (
            "coordinator",
            f"{campaign}/actions/new/",
            {"phase": phase.pk, "title": "x", "audience": "every_unit", "modes": "upload"},
        ),
    ]  # fmt: skip


def test_nothing_is_written_into_a_closed_campaign(world: World) -> None:
    lead, cited = world.task("lead"), world.cite("lead")
    asked = unit_requests.submit_request(
        world.task("lead"), world.actor("liaison"), RequestKind.OBJECTION, "非本单位职责"
    )
    shut(world)
    clients = {who: world.client(who) for who in ("liaison", "coordinator")}
    before, wrong = everything(), []
    for who, address, data in posts(world, lead, cited, asked):
        response = clients[who].post(address, data, follow=True)
        text = response.content.decode()
        if not unchanged(before):
            wrong.append(f"{who} changed something at {address}")
            before = everything()
        if not ("已结束" in text and ("不能" in text or "不可" in text)) and response.status_code not in {403, 404}:
            wrong.append(f"{who} at {address} is not told why: {response.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_verbs_refuse_whatever_door_is_used(state: str, world: World) -> None:
    task, cited, liaison = world.task("lead"), world.cite("lead"), world.actor("liaison")
    shut(world, state)
    before = everything()
    with pytest.raises(Refusal):
        workflow.perform(MOVES["submit"], task, liaison, task.version, {"mode": "statement", "statement": "无"})
    with pytest.raises(Refusal):
        citing.uncite(cited, liaison)
    with pytest.raises(Refusal):
        items.replace(task, cited.evidence, {"text": "新"}, liaison)
    with pytest.raises(Refusal):
        bulk_changes.change_due_day(world.campaign, {task.pk: 1}, TODAY + timedelta(9), "x", world.actor("coordinator"))
    assert unchanged(before)


def test_a_closed_campaign_is_still_read(world: World) -> None:
    shut(world)
    campaign = f"/c/{world.campaign.pk}"
    for who, pages in {
        "liaison": ["tasks/", f"tasks/{world.tasks['lead'].pk}/", "ledger/"],
        "coordinator": ["progress/", "reviews/", "setup/", "phases/", "actions/", "assignments/"],
    }.items():
        for page in pages:
            assert world.client(who).get(f"{campaign}/{page}").status_code == 200, page
            assert "已结束" in world.client(who).get(f"{campaign}/{page}").content.decode(), page

"""No action without its audit entry: if the entry cannot be written, the action is rolled back. The database refuses the row here."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from creation.audit import audit_log
from creation.campaigns import campaign_actions, campaign_lifecycle, campaign_settings, phase_dates, task_assignment
from creation.evidence import citing, items
from creation.models import Action, AuditEntry, RequestKind
from creation.people import accounts
from creation.rules.policy import Role
from creation.tasks import bulk_changes, progress_notes, unit_requests, workflow
from creation.units.lifecycle import deactivate
from tests.support.world import TODAY, World

TABLES = (
    "task", "taskevent", "submission", "review", "notice", "membership", "user", "campaign", "phase", "action", "assignment",
    "citation", "evidence", "evidenceversion", "progress", "taskrequest", "unit", "auditentry",
)  # fmt: skip


@pytest.fixture
def no_room(db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$"
            )
            cursor.execute("CREATE TRIGGER no_room BEFORE INSERT ON creation_auditentry EXECUTE FUNCTION no_room()")
        else:
            cursor.execute(
                "CREATE TRIGGER no_room BEFORE INSERT ON creation_auditentry BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER no_room" + (" ON creation_auditentry" if connection.vendor == "postgresql" else "")
        )


def everything() -> dict[str, list[Any]]:
    with connection.cursor() as cursor:
        rows = {}
        for table in TABLES:
            cursor.execute(f"SELECT * FROM creation_{table} ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows


def _submit(world: World) -> None:
    data = {"mode": "statement", "statement": "无"}
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, data)


def _instruct(world: World) -> None:
    wanted = campaign_actions.NewAction(world.phases["evidence"], "x", "", "", "every_unit", (), ["upload"], None)
    campaign_actions.create_action(world.campaign, wanted, world.actor("coordinator"))


def _postpone(world: World) -> None:
    task = world.task("lead")
    bulk_changes.change_due_day(
        world.campaign, {task.pk: task.version}, TODAY + timedelta(9), "x", world.actor("coordinator")
    )


def _edit(world: World) -> None:
    cited = world.cite("lead")
    items.edit(cited.evidence, 1, {"title": "改"}, world.actor("liaison"))


ACTS: dict[str, Callable[[World], Any]] = {
    "hand in": _submit,
    "note": lambda world: progress_notes.add_note(
        world.task("lead"), world.actor("liaison"), TODAY, "x", help_wanted="y"
    ),
    "ask": lambda world: unit_requests.submit_request(
        world.task("lead"), world.actor("liaison"), RequestKind.OBJECTION, "x"
    ),
    "uncite": lambda world: citing.uncite(world.cite("lead"), world.actor("liaison")),
    "edit evidence": _edit,
    "delete evidence": lambda world: items.delete(world.cite("lead").evidence, 1, "x", world.actor("liaison")),
    "instruct": _instruct,
    "cancel": lambda world: campaign_actions.cancel_action(
        Action.objects.get(code="D-3"), "x", world.actor("coordinator")
    ),
    "postpone": _postpone,
    "phase": lambda world: phase_dates.set_dates(
        world.phases["evidence"], date(2026, 7, 11), date(2026, 8, 20), 1, world.actor("coordinator")
    ),
    "settings": lambda world: campaign_settings.update_settings(
        world.campaign, {"sign_off": True}, 1, world.actor("coordinator")
    ),
    "assign": lambda world: task_assignment.assign(
        world.campaign, world.indicators["4-3-3"], world.units["司法局"], [], world.actor("coordinator")
    ),
    "close": lambda world: campaign_lifecycle.close_campaign(
        world.campaign, world.campaign.name, world.actor("coordinator")
    ),
    "grant": lambda world: accounts.grant_role(world.people["nobody"], Role.REVIEWER, world.actor("administrator")),
    "disable": lambda world: accounts.disable_account(world.people["clerk"], world.actor("administrator")),
    "stop a unit": lambda world: deactivate(world.units["政府办"], 1, world.actor("coordinator")),
}


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.django_db(transaction=True)
def test_an_act_that_cannot_be_recorded_does_not_happen(name: str, world: World, no_room: None) -> None:
    cite = world.cite
    made = {task: cite(task) for task in ("lead",)}
    world.cite = lambda task, *more, **named: made[task]  # type: ignore[method-assign]  # made before anything is counted
    before = everything()
    with pytest.raises(DatabaseError, match="no room"):
        ACTS[name](world)
    assert everything() == before


def test_a_changed_row_no_longer_fits_its_seal(world: World) -> None:
    _submit(world)
    entry = AuditEntry.objects.latest("pk")
    assert audit_log.entry_mac(entry) == entry.mac
    for field, value in (
        ("detail", "别的"),
        ("person_id", 1),
        ("result", "refused"),
        ("at", entry.at + timedelta(seconds=1)),
    ):
        changed = AuditEntry.objects.get(pk=entry.pk)
        setattr(changed, field, value)
        assert audit_log.entry_mac(changed) != entry.mac, field

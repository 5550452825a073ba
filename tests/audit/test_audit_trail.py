"""The audit trail: the auditor reads it, nobody changes it, and every action in it has a name."""

import ast
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.audit.audit_actions import AUDIT_ACTIONS
from creation.lib import audit_triggers
from creation.models import AuditEntry
from creation.tasks.workflow import MOVES
from tests.support.audit_numbering import numbering  # noqa: F401 - a fixture
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def triggers(db: None) -> Any:
    audit_triggers.install(connection)
    yield
    audit_triggers.remove(connection)


def listed(world: World, query: str = "") -> list[str]:
    page = world.client("auditor").get(f"/audit/{query}")
    return [row.record.act for row in page.context["table"].page.object_list]


def test_the_auditor_filters_by_person_act_result_and_day(world: World) -> None:
    AuditEntry.objects.all().delete()
    audit_log.record(world.actor("liaison"), "task.submit", "甲")
    audit_log.record(world.actor("reviewer"), "task.approve", "乙", result="refused")
    audit_log.record(world.actor("reviewer", NOW.replace(day=30)), "task.return", "丙")
    assert listed(world, "?person=刘联络") == ["task.submit"]
    assert listed(world, "?act=task.approve") == ["task.approve"]
    assert listed(world, "?result=refused") == ["task.approve"]
    assert listed(world, "?object=丙") == ["task.return"]
    assert listed(world, "?until=2026-07-30") == ["task.return"]
    assert set(listed(world, "?since=2026-07-31")) == {"task.submit", "task.approve"}


def test_the_auditor_sees_the_own_district_and_what_belongs_to_none(world: World) -> None:
    AuditEntry.objects.all().delete()
    audit_log.record(world.actor("outsider"), "task.submit", "外区")
    audit_log.record(Actor(None, NOW, "10.0.0.9"), "login", "登录名 x", result="failed")
    audit_log.record(world.actor("liaison"), "task.note", "本区")
    assert set(listed(world)) == {"login", "task.note"}


def test_the_list_needs_as_many_queries_for_200_as_for_1(world: World) -> None:
    audit_log.record(world.actor("liaison"), "task.note", "x")
    client = world.client("auditor")

    def queries() -> int:
        return count_queries(client.get, "/audit/")

    client.get("/audit/")
    few = queries()
    for _ in range(200):
        audit_log.record(world.actor("liaison"), "task.note", "x")
    assert queries() == few


@pytest.mark.parametrize("statement", ["UPDATE creation_auditentry SET act = 'x'", "DELETE FROM creation_auditentry"])
def test_the_database_refuses_to_change_it(world: World, triggers: None, statement: str) -> None:
    audit_log.record(world.actor("liaison"), "task.note", "x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.filter(act="task.note").exists()


def test_a_missing_trigger_is_found_at_the_start(triggers: None, settings: Any) -> None:
    settings.AUDIT_TRIGGERS = True

    def errors() -> list[str]:
        return [
            found.msg for found in run_checks(tags=["database"], databases=["default"]) if found.id == "creation.E004"
        ]

    assert errors() == []
    with connection.cursor() as cursor:
        cursor.execute(
            audit_triggers.drop_statement(connection.vendor, "creation_auditentry_no_delete", "creation_auditentry")
        )
    assert "creation_auditentry_no_delete" in errors()[0]


@pytest.mark.django_db(transaction=True)
def test_every_migrate_installs_them_again(settings: Any) -> None:
    settings.AUDIT_TRIGGERS = True
    try:
        audit_triggers.remove(connection)
        assert len(audit_triggers.missing(connection)) >= 4
        call_command("migrate", verbosity=0)
        assert audit_triggers.missing(connection) == []
    finally:
        audit_triggers.remove(connection)


def verify() -> str:
    out = io.StringIO()
    call_command("verify", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    "field", ["at", "person_id", "person", "district_id", "act", "object", "result", "detail", "address"]
)
def test_a_changed_row_is_found(world: World, field: str) -> None:
    entry = audit_log.record(world.actor("liaison"), "task.note", "x")
    assert "全部完好" in verify()
    changed = {"at": NOW.replace(minute=1), "person_id": 77, "district_id": 77}.get(
        field, "refused" if field == "result" else "y"
    )
    AuditEntry.objects.filter(pk=entry.pk).update(**{field: changed})
    with pytest.raises(CommandError, match=str(entry.pk)):
        verify()


def literals() -> set[str]:
    """Return the actions recorded in the source code."""
    found: set[str] = set()
    for path in [*Path(ROOT, "creation").rglob("*.py"), *Path(ROOT, "reports").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if name.lstrip("_") in {"audit", "record", "record_many"}:
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant) and "." in str(arg.value)}
    return found


def test_every_act_that_is_recorded_has_a_chinese_name() -> None:
    asked = {act for act in literals() if act.replace(".", "").replace("_", "").isascii()}
    moves = {f"task.{name}" for name in MOVES}
    assert len(asked) > 20
    assert not (asked | moves) - set(AUDIT_ACTIONS), "give each a name in creation/audit/audit_actions.py"

"""Rows cut off the end of the audit trail, or all of them, are found without anybody who noted a head."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from creation.audit import audit_chain, audit_log
from creation.audit.actor import Actor
from creation.audit.audit_chain import head_file
from creation.lib import audit_triggers
from creation.models import User
from creation.operations.backup import create, databases, post_restore
from creation.operations.backup.create import BackupOptions
from creation.operations.health import Level, data_safety
from tests.audit.test_sealing import sql, verify, write
from tests.support.audit_numbering import continue_after_last_row
from tests.support.backups import needs_sqlite
from tests.support.world import NOW

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)


@pytest.fixture(autouse=True)
def trail(time_machine: Any, fresh_data_dir: Path, settings: Any, migrated: None) -> Path:
    """Ten sealed entries, as in an installation without recorded heads and backups."""
    time_machine.move_to(NOW, tick=False)
    settings.BACKUP_DIR = fresh_data_dir / "backups"
    for number in range(10):
        write(number)
    audit_chain.seal(NOW)
    return fresh_data_dir


def cut(seq: int = 7) -> None:
    sql("DELETE FROM creation_auditseal WHERE seq > %s", seq)
    sql("DELETE FROM creation_auditentry WHERE id > %s", seq)


def faults(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    with pytest.raises(CommandError) as found:
        verify(capsys, "--only", "audit", *options)
    return str(found.value)


def sound(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    return verify(capsys, "--only", "audit", *options)


def back_up(root: Path, hours: int = 0) -> Path:
    return create.create_backup(root, NOW + timedelta(hours=hours), BackupOptions(files=False)).folder


@needs_sqlite
def test_entries_cut_within_the_hour_are_missed_by_their_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert "10 条，全部完好" in sound(capsys)
    cut()
    assert "数据库编过号而不存在的审计记录，编号：8、9、10。" in faults(capsys)
    write()
    audit_chain.seal(NOW)
    said = faults(capsys)
    assert "数据库编过号而不存在的审计记录，编号：8、9、10。" in said, "also when new ones were written after them"
    assert "数据库编过号而不存在的封印，编号：8、9、10。" in said


def test_the_head_is_recorded_each_hour_and_found_missing(
    capsys: pytest.CaptureFixture[str], time_machine: Any
) -> None:
    from creation import jobs

    jobs.seal_audit()
    assert len(head_file.path().read_text().splitlines()) == 1
    time_machine.move_to(NOW + timedelta(minutes=59), tick=False)
    write(11)
    jobs.seal_audit()
    assert len(head_file.path().read_text().splitlines()) == 1, "once an hour"
    time_machine.move_to(NOW + timedelta(minutes=61), tick=False)
    jobs.seal_audit()
    assert [line.split()[1] for line in head_file.path().read_text().splitlines()] == ["10", "11"]
    time_machine.move_to(NOW + timedelta(hours=3), tick=False)
    jobs.seal_audit()
    assert len(head_file.path().read_text().splitlines()) == 2, "nothing new to record"
    assert "链头 2 处" in sound(capsys)
    assert data_safety.sealed(timezone.now()).level == Level.FINE
    cut(10)
    continue_after_last_row()
    assert "链尾被截断：记下的链头在库中不存在，序号：11。\n不符的链头记在：链头文件 heads.txt。" in faults(capsys)
    assert data_safety.sealed(timezone.now()).level == Level.ALARM


@pytest.mark.parametrize("ending", ["\n", "\n \n\n", "2026-07-31T09:00:00+08:00 9 ab"])
def test_the_head_is_recorded_after_a_line_that_is_blank_or_was_cut_off(
    capsys: pytest.CaptureFixture[str], time_machine: Any, ending: str
) -> None:
    """An editor leaves blank lines behind, and a power failure half a line."""
    from creation import jobs

    jobs.seal_audit()
    with head_file.path().open("a") as file:
        file.write(ending)
    write(11)
    time_machine.move_to(NOW + timedelta(minutes=59), tick=False)
    jobs.seal_audit()
    assert [each.seq for each in head_file.exported_heads()] == [10], "once an hour"
    time_machine.move_to(NOW + timedelta(minutes=61), tick=False)
    jobs.seal_audit()
    assert [each.seq for each in head_file.exported_heads()] == [10, 11]
    sound(capsys)


def test_what_is_sealed_while_the_trail_is_verified_is_no_fault(
    capsys: pytest.CaptureFixture[str], trail: Path
) -> None:
    """Another process seals after the first query of a verification, after the second query of the next one …"""
    counts = set()
    for number in range(1, 16):
        write(number)
        back_up(trail / "backups", number)
        with connection.execute_wrapper(SealingAfter(number)):
            counts.add(int(sound(capsys).split()[1]) - number)
    assert counts == {10}


class SealingAfter:
    """Seals on another connection once so many queries were made."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, execute: Any, *query: Any) -> Any:
        found = execute(*query)
        self.left -= 1
        if not self.left:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(self.seal).result()
        return found

    def seal(self) -> None:
        try:
            audit_chain.seal(timezone.now())
        finally:
            connection.close()


@pytest.mark.parametrize("where", ["backup_dir", "elsewhere", "named"])
def test_backups_know_the_head_and_the_number_of_entries(
    capsys: pytest.CaptureFixture[str], trail: Path, tmp_path: Path, where: str
) -> None:
    write()  # not sealed yet
    root = trail / "backups" if where == "backup_dir" else tmp_path / "other"
    made = back_up(root)
    options: list[str] = []
    if where == "named":
        (head_file.folder() / head_file.BACKUP_FOLDERS).unlink()
        options = ["--backups", str(root)]
    assert "备份 1 份" in sound(capsys, *options)
    cut()
    continue_after_last_row()
    said = faults(capsys, *options)
    assert f"序号：10。\n审计记录比备份时少，备份中的条数：11。\n不符的链头记在：备份 {made.name}。" in said


def test_a_head_file_that_lost_lines_is_found_by_the_backup(capsys: pytest.CaptureFixture[str], trail: Path) -> None:
    head_file.export_head(NOW)
    made = back_up(trail / "backups")
    assert (made / "audit" / "heads.txt").read_text() == head_file.path().read_text()
    sound(capsys)
    head_file.path().unlink()
    assert f"缺少备份 {made} 中的 1 行" in faults(capsys)


def test_a_manifest_that_was_changed_is_said(capsys: pytest.CaptureFixture[str], trail: Path) -> None:
    path = back_up(trail / "backups") / "manifest.json"
    path.write_text(path.read_text().replace('"head_seq": 10', '"head_seq": 7'))
    assert "的清单被改动，没有与它比较" in faults(capsys)


def test_backups_of_the_time_that_a_restore_gave_up_are_left_out(
    capsys: pytest.CaptureFixture[str], trail: Path, time_machine: Any
) -> None:
    """The trail goes on from an older backup; what was written after it is in younger backups only."""
    cut(5)
    continue_after_last_row()
    back_up(trail / "backups", hours=-9)
    for number in range(5):
        write(number)
    audit_chain.seal(NOW)
    back_up(trail / "backups", hours=-1)
    cut(5)
    continue_after_last_row()
    assert "被截断" in faults(capsys)
    post_restore.settle_restored_data(NOW - timedelta(hours=9), NOW, NOW)
    assert "全部完好" in sound(capsys)
    back_up(trail / "backups", hours=1)
    time_machine.move_to(NOW + timedelta(hours=2), tick=False)
    cut(5)
    continue_after_last_row()
    assert "审计记录比备份时少" in faults(capsys)


def test_an_empty_trail_beside_accounts_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    cut(0)
    continue_after_last_row()
    assert "0 条，全部完好" in sound(capsys), "an installation that nobody has used"
    User.objects.create_user("somebody", name="某人")
    assert "审计记录为空，而库中已有账号，账号数：1。" in faults(capsys)


@pytest.fixture
def triggers(settings: Any) -> Iterator[None]:
    settings.AUDIT_TRIGGERS = True
    audit_triggers.install(connection)
    yield
    audit_triggers.remove(connection)


def test_missing_and_altered_triggers_are_named(capsys: pytest.CaptureFixture[str], triggers: None) -> None:
    table, name = "creation_auditentry", "creation_auditentry_no_delete"
    assert "全部完好" in sound(capsys)
    sql(audit_triggers.drop_statement(connection.vendor, name, table))
    assert f"触发器）{name}：缺失。" in faults(capsys)
    if connection.vendor == "sqlite":
        sql(f"CREATE TRIGGER {name} BEFORE delete ON {table} WHEN 0 BEGIN SELECT RAISE(ABORT, 'x'); END")
    else:
        sql(
            f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW WHEN (false) EXECUTE FUNCTION creation_refuse_change()"
        )
    assert f"触发器）{name}：被改动。" in faults(capsys)
    call_command("migrate", verbosity=0, skip_checks=True)
    assert "全部完好" in sound(capsys)


def test_a_trigger_that_swallows_new_entries_is_named(capsys: pytest.CaptureFixture[str], triggers: None) -> None:
    table = "creation_auditentry"
    if connection.vendor == "sqlite":
        sql(f"CREATE TRIGGER tidy BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END")
    else:
        sql("CREATE OR REPLACE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
        sql(f"CREATE TRIGGER tidy BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION swallow()")
    try:
        assert "触发器）tidy：不是平台的。" in faults(capsys)
    finally:
        sql(audit_triggers.drop_statement(connection.vendor, "tidy", table))


@needs_sqlite  # there the copy is made by another connection than the one that records meanwhile
def test_heads_recorded_after_the_copy_of_the_database_are_not_in_the_backup(
    trail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head_file.export_head(NOW - timedelta(hours=1))
    copied = databases.DatabaseCopy.migrations

    def meanwhile(copy: Any) -> list[str]:
        audit_log.record(Actor(None, NOW), "task.note", "x")
        audit_chain.seal(NOW)
        head_file.export_head(NOW)
        return copied(copy)

    monkeypatch.setattr(databases.DatabaseCopy, "migrations", meanwhile)
    made = back_up(trail / "backups")
    assert [line.split()[1] for line in head_file.path().read_text().splitlines()] == ["10", "11"]
    assert [line.split()[1] for line in (made / "audit" / "heads.txt").read_text().splitlines()] == ["10"]

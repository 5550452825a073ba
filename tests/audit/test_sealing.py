"""The audit chain detects entries that were changed, deleted, added, reordered or cut off. Only archiving may remove entries."""

import gzip
import os
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from creation.audit import audit_chain, audit_log
from creation.audit.actor import Actor
from creation.audit.audit_chain import archiving, head_file
from creation.lib import audit_triggers
from creation.models import AuditArchive, AuditEntry, AuditSeal
from tests.support.audit_numbering import numbering  # noqa: F401 - a fixture
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

LATER = NOW + timedelta(minutes=6)


@pytest.fixture
def chain(db: None) -> list[AuditEntry]:
    """Ten sealed entries."""
    entries = [write(number) for number in range(10)]
    assert audit_chain.seal(NOW) == 10
    return entries


def write(number: int = 0, days_ago: int = 0, **more: Any) -> AuditEntry:
    return audit_log.record(Actor(None, NOW - timedelta(days=days_ago)), "task.note", f"第 {number} 条", **more)


def write_at(pk: int, model: AuditEntry) -> None:
    entry = copy_of(model, pk)
    entry.pk = pk
    entry.save(force_insert=True)


def verify(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    capsys.readouterr()
    call_command("verify", *options)
    return capsys.readouterr().out


def sql(statement: str, *values: Any) -> None:
    """Change rows as somebody who has the database but not the key. Constraints that would refuse it as well are disabled."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_each_entry_becomes_one_link_and_a_second_run_finds_nothing(chain: list[AuditEntry]) -> None:
    assert list(AuditSeal.objects.values_list("seq", "entry")) == [(n, e.pk) for n, e in enumerate(chain, 1)]
    assert audit_chain.seal(NOW) == 0
    assert audit_chain.current_head().seq == 10


@pytest.mark.parametrize(("far", "everywhere"), [(1, False), (audit_chain.RECENT_KEYS, True)])
def test_entries_committed_late_with_a_lower_key_are_sealed_too(
    chain: list[AuditEntry], far: int, everywhere: bool
) -> None:
    base = chain[-1].pk
    write_at(base + 1 + far, chain[0])
    audit_chain.seal(NOW)
    write_at(base + 1, chain[0])
    assert audit_chain.seal(NOW, full_scan=everywhere) == 1
    assert AuditSeal.objects.get(entry=base + 1).seq == 12
    assert not AuditEntry.objects.unsealed().exists()


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_make_one_chain(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(300):
        write(number)

    def clock() -> int:
        try:
            return audit_chain.seal(NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = [each.result() for each in [pool.submit(clock) for _ in range(4)]]
    assert sum(counts) + audit_chain.seal(NOW) == 300
    assert list(AuditSeal.objects.values_list("seq", flat=True)) == list(range(1, 301))
    assert "300 条，全部完好" in verify(capsys)


def test_many_are_sealed_a_batch_at_a_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "SEALS_PER_TRANSACTION", 40)
    write_many(100)
    with CaptureQueriesContext(connection) as queries:
        assert audit_chain.seal(NOW) == 100
    inserts = [query["sql"] for query in queries if query["sql"].startswith("INSERT")]
    assert len(inserts) == 3
    assert audit_chain.current_head().seq == 100


@pytest.mark.long
def test_a_hundred_thousand_are_sealed_archived_and_verified(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    write_many(100_000, days_ago=400)
    tracemalloc.start()
    try:
        assert audit_chain.seal(NOW) == 100_000
        call_command("archive_audit")
        assert "全部完好" in verify(capsys)
        assert tracemalloc.get_traced_memory()[1] < 60 * 2**20
    finally:
        tracemalloc.stop()


def write_many(count: int, days_ago: int = 0) -> None:
    first = write(days_ago=days_ago)
    for start in range(1, count, 2000):
        entries = [copy_of(first, start + number) for number in range(min(2000, count - start))]
        AuditEntry.objects.bulk_create(entries)


def copy_of(entry: AuditEntry, number: int) -> AuditEntry:
    made = AuditEntry(
        at=entry.at, person=entry.person, act=entry.act, object=f"第 {number} 条", result="done", nonce=str(number)
    )
    made.mac = audit_log.entry_mac(made)
    return made


# Verifying


def change(chain: list[AuditEntry]) -> int:
    sql("UPDATE creation_auditentry SET detail = 'x' WHERE id = %s", chain[3].pk)
    return chain[3].pk


def drop(chain: list[AuditEntry]) -> int:
    sql("DELETE FROM creation_auditentry WHERE id = %s", chain[4].pk)
    return chain[4].pk


def drop_with_seal(chain: list[AuditEntry]) -> int:
    sql("DELETE FROM creation_auditseal WHERE seq = 5")
    sql("DELETE FROM creation_auditentry WHERE id = %s", chain[4].pk)
    return 5


def drop_the_first(chain: list[AuditEntry]) -> int:
    sql("DELETE FROM creation_auditseal WHERE seq <= 3")
    sql("DELETE FROM creation_auditentry WHERE id <= %s", chain[2].pk)
    return 1


def swap(chain: list[AuditEntry]) -> int:
    """Swap their keys, so that each appears in the other's place."""
    one, two = chain[2].pk, chain[3].pk
    for old, new in ((one, 0), (two, one), (0, two)):
        sql("UPDATE creation_auditentry SET id = %s WHERE id = %s", new, old)
    return 3


def swap_seals(chain: list[AuditEntry]) -> int:
    for old, new in ((6, 1000), (7, 6), (1000, 7)):
        sql("UPDATE creation_auditseal SET seq = %s WHERE seq = %s", new, old)
    return 6


def renumber(chain: list[AuditEntry]) -> int:
    """Swap two entries in the list that people read, with their seals."""
    swap(chain)
    one, two = chain[2].pk, chain[3].pk
    for old, new in ((one, 0), (two, one), (0, two)):
        sql("UPDATE creation_auditseal SET entry_id = %s WHERE entry_id = %s", new, old)
    return 3


def splice(chain: list[AuditEntry]) -> int:
    """Replace the tail by other entries with new seals, then restore one true link."""
    seal = AuditSeal.objects.select_related("entry").get(seq=9)
    sql("DELETE FROM creation_auditseal WHERE seq > 7")
    sql("DELETE FROM creation_auditentry WHERE id > %s", chain[6].pk)
    for number in range(3):
        write(number)
    audit_chain.seal(LATER)
    forged = AuditSeal.objects.get(seq=9).entry_id
    sql("DELETE FROM creation_auditseal WHERE seq = 9")
    sql("DELETE FROM creation_auditentry WHERE id = %s", forged)
    AuditEntry.objects.filter(pk=seal.entry_id).delete()
    seal.entry.save(force_insert=True)
    AuditSeal.objects.create(entry=seal.entry, seq=9, at=seal.at, mac=seal.mac)
    return 9


def change_seal(chain: list[AuditEntry]) -> int:
    sql("UPDATE creation_auditseal SET mac = %s WHERE seq = 8", "0" * 64)
    return 8


def add(chain: list[AuditEntry]) -> int:
    """Add an invented entry, which the scheduler then seals."""
    entry = copy_of(chain[0], 77)
    entry.mac = "1" * 64
    entry.save()
    audit_chain.seal(NOW)
    return entry.pk


def add_old(chain: list[AuditEntry]) -> int:
    entry = copy_of(chain[0], 77)
    entry.at = NOW - timedelta(days=3)
    entry.mac = audit_log.entry_mac(entry)
    entry.save()
    return entry.pk


DEFECTS: list[Callable[[list[AuditEntry]], int]] = [
    change, drop, drop_with_seal, drop_the_first, swap, renumber, swap_seals, splice, change_seal, add, add_old,
]  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: each.__name__)
def test_every_manipulation_of_the_trail_is_found_and_named(
    defect: Callable[[list[AuditEntry]], int], chain: list[AuditEntry], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "10 条，全部完好" in verify(capsys)
    with without_keys():
        number = defect(chain)
        with pytest.raises(CommandError, match=rf"：(\d+、)*{number}(、|。)") as found:
            verify(capsys)
    assert found.value.returncode == 1


@contextmanager
def without_keys() -> Iterator[None]:
    """Disable foreign keys, as somebody who edits the database's file would. Rolled back at the end."""
    if connection.vendor == "postgresql":
        sql("SET session_replication_role = replica")
    yield
    if connection.vendor == "postgresql":
        sql("SET session_replication_role = origin")
    transaction.set_rollback(True)


def test_a_copied_row_is_refused_by_the_database(chain: list[AuditEntry]) -> None:
    copied = AuditEntry.objects.get(pk=chain[0].pk)
    copied.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        copied.save(force_insert=True)


@pytest.mark.parametrize("known_by", ["paper", "file"])
def test_a_truncated_tail_is_found_by_the_noted_head(
    chain: list[AuditEntry], capsys: pytest.CaptureFixture[str], known_by: str
) -> None:
    note = audit_chain.current_head().note
    if known_by == "file":
        assert head_file.export_head(NOW)
        assert not head_file.export_head(NOW), "once a day"
    options = ["--head", note.upper()] if known_by == "paper" else []
    assert "全部完好" in verify(capsys, *options)
    sql("DELETE FROM creation_auditseal WHERE seq > 7")
    sql("DELETE FROM creation_auditentry WHERE id > %s", chain[6].pk)
    with pytest.raises(CommandError, match=r"链尾被截断.*：10。"):
        verify(capsys, *options)
    for number in range(3):
        write(number)
    audit_chain.seal(LATER)
    with pytest.raises(CommandError, match=r"与记下的链头不符，序号：10。"):
        verify(capsys, *options)


def test_an_invalid_head_is_a_sentence(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="不是链头"):
        verify(capsys, "--head", "十二")


# Alarm


def test_unsealed_for_five_minutes_is_an_alarm_for_those_who_can_act(world: World, time_machine: Any) -> None:
    write()

    def said(name: str) -> bool:
        return "超过五分钟没有封存" in world.client(name).get("/profile/").content.decode()

    def checked() -> list[str]:
        return [
            found.msg for found in run_checks(tags=["database"], databases=["default"]) if found.id == "creation.W005"
        ]

    assert not said("administrator")
    assert not checked()
    time_machine.move_to(LATER, tick=False)
    assert said("administrator")
    assert said("auditor")
    assert not said("coordinator")
    assert checked() == ["有 1 条审计记录超过五分钟没有封存。"]
    audit_chain.seal(LATER)
    assert not said("administrator")
    assert not checked()


def test_the_auditor_reads_the_head_off_the_page(world: World) -> None:
    client = world.client("auditor")
    assert "链头" not in client.get("/audit/").content.decode()
    write()
    audit_chain.seal(NOW)
    assert audit_chain.current_head().note in client.get("/audit/").content.decode()


# Archiving


@pytest.fixture
def aged(db: None) -> Iterator[None]:
    """Eight old entries and two new ones, with triggers."""
    for number in range(8):
        write(number, days_ago=400)
    write(8)
    write(9)
    audit_chain.seal(NOW)
    audit_triggers.install(connection)
    yield
    audit_triggers.remove(connection)


def archive() -> AuditArchive | None:
    return archiving.archive_entries(NOW - timedelta(days=365), Actor(None, NOW))


def test_old_entries_move_to_a_file_and_the_chain_continues(aged: None, capsys: pytest.CaptureFixture[str]) -> None:
    note = audit_chain.current_head().note
    call_command("archive_audit")
    made = AuditArchive.objects.get()
    assert (made.first_seq, made.last_seq) == (1, 8)
    assert (AuditEntry.objects.filter(object__startswith="第").count(), AuditSeal.objects.count()) == (2, 2)
    entry = AuditEntry.objects.get(act="audit.archive")
    assert made.sha256 in entry.detail
    assert audit_triggers.missing(connection) == []
    assert archive() is None, "the rest is young"
    audit_chain.seal(NOW)
    assert "11 条，全部完好" in verify(capsys, "--head", note)


def test_volumes_follow_each_other(aged: None, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(archiving, "ENTRIES_PER_ARCHIVE", 3)
    call_command("archive_audit")
    assert list(AuditArchive.objects.values_list("first_seq", "last_seq")) == [(1, 3), (4, 6), (7, 8)]
    assert "全部完好" in verify(capsys)


@pytest.mark.parametrize("fault", ["gone", "changed", "unrecorded"])
def test_an_archive_that_is_gone_or_changed_is_found(
    aged: None, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    made = archive()
    assert made
    assert "全部完好" in verify(capsys)
    path = head_file.folder() / made.name
    if fault == "gone":
        path.unlink()
    elif fault == "changed":
        path.write_bytes(
            gzip.compress(gzip.decompress(path.read_bytes()).replace("第 3 条".encode(), "第 4 条".encode()))
        )
    else:
        audit_triggers.remove(connection)
        AuditArchive.objects.all().delete()
    with pytest.raises(
        CommandError, match="归档文件，起始序号：1" if fault != "unrecorded" else "缺失的封印，序号：1、2"
    ):
        verify(capsys)


def test_nothing_is_removed_when_the_file_cannot_be_read_back(aged: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = AuditEntry.objects.count()

    def spoil(handle: int) -> None:
        for part in head_file.folder().glob("*.part"):
            os.truncate(part, 40)

    monkeypatch.setattr(os, "fsync", spoil)
    with pytest.raises(CommandError, match="读回不一致"):
        call_command("archive_audit")
    assert AuditEntry.objects.count() == before
    assert not AuditArchive.objects.exists()
    assert not list(head_file.folder().glob("audit-*"))


def test_an_archive_younger_than_half_a_year_is_refused(aged: None) -> None:
    with pytest.raises(CommandError, match="至少保存 180 天"):
        call_command("archive_audit", days=179)
    assert timezone.now() == NOW

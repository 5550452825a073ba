"""Backup during use, and restore: completely or not at all, verified before anything is changed, without sending messages twice."""

import fcntl
import hashlib
import os
import random
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from creation.audit import audit_chain, audit_log
from creation.audit.actor import Actor
from creation.lib import disks, storage
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, EvidenceVersion, Heartbeat
from creation.operations.backup import create, integrity, schedule
from creation.operations.backup.create import BackupOptions
from tests.support import blob_stores
from tests.support.backups import (  # noqa: F401 - a fixture
    add_evidence,
    assert_same_files,
    data_folder_fixture,
    manage,
    needs_sqlite,
    query_database,
)
from tests.support.world import NOW, World, make_world

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)


@pytest.fixture
def lived_in(data_folder: Path) -> World:
    world = make_world("源汇区")
    for number in range(12):
        add_evidence(world, random.Random(number).randbytes(5000))
    audit_chain.seal(timezone.now())
    return world


class Writers:
    """Threads that write. ``done`` holds the keys of acknowledged rows."""

    def __init__(self, world: World, count: int = 3) -> None:
        self.world, self.stop, self.done = world, threading.Event(), list[str]()
        self.threads = [threading.Thread(target=self.work, args=(number,)) for number in range(count)]

    def __enter__(self) -> "Writers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *failed: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def work(self, number: int) -> None:
        dice = random.Random(number)
        while not self.stop.wait(0.02):  # a hundred uploads a second; more would make each round slower than the last
            self.done.append(add_evidence(self.world, dice.randbytes(2000)).blob)
        connection.close()


# Backup and restore during use


@needs_sqlite
@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.long)])
def test_a_backup_under_load_comes_back_whole(lived_in: World, data_folder: Path, tmp_path: Path, times: int) -> None:
    backups = tmp_path / "backups"
    with Writers(lived_in) as writers:
        for number in range(times):
            before = set(writers.done)
            call_command("backup", str(backups / str(number)))
            assert writers.done, "the writers were not kept out"
            target = tmp_path / f"new-{number}"
            done = manage(target, "restore", backups / str(number))
            assert done.returncode == 0, done.stderr
            assert before <= assert_same_files(target)
            assert query_database(target, "PRAGMA integrity_check") == [("ok",)]
            assert query_database(target, "PRAGMA foreign_key_check") == []
            verified = manage(target, "verify")
            assert verified.returncode == 0, verified.stderr
            assert (target / "audit_key").read_text() == (data_folder / "audit_key").read_text()
            assert (target / "secret_key").read_text() != (data_folder / "secret_key").read_text()
    assert "丢失的时段" in done.stdout
    assert "全体人员需重新登录" in done.stdout


def test_files_are_taken_from_either_shelf(blob_store: str, lived_in: World, tmp_path: Path) -> None:
    made = create.create_backup(tmp_path / "b", NOW, BackupOptions())
    assert (made.manifest.files, made.manifest.missing) == (12, [])
    assert integrity.check_backup(made.folder, print) == made.manifest


@needs_sqlite
@needs_sqlite
def test_a_backup_of_yesterday_raises_no_alarm_about_entries_that_had_no_seal_yet(
    lived_in: World, tmp_path: Path
) -> None:
    audit_log.record(Actor(lived_in.people["liaison"], timezone.now() - timedelta(days=1)), "task.note", "x")
    call_command("backup", str(tmp_path / "b"))
    target = tmp_path / "new"
    done = manage(target, "restore", tmp_path / "b")
    assert done.returncode == 0, done.stderr
    verified = manage(target, "verify")
    assert verified.returncode == 0, verified.stderr
    unsealed = "SELECT count(*) FROM creation_auditentry WHERE id NOT IN (SELECT entry_id FROM creation_auditseal)"
    assert query_database(target, unsealed) == [(0,)]


@pytest.mark.long
@pytest.mark.parametrize("blob_store", ["s3"], indirect=True)
def test_files_in_a_bucket_are_restored_into_an_empty_one(
    blob_store: str, lived_in: World, s3_port: int, tmp_path: Path, settings: Any
) -> None:
    call_command("backup", str(tmp_path / "b"))
    blob_stores.empty_bucket(s3_port, "restored")
    target, given = tmp_path / "new", blob_stores.s3_environment(s3_port, "restored")
    done = manage(target, "restore", tmp_path / "b", **given)
    assert done.returncode == 0, done.stderr
    assert "放回 12 个文件" in done.stdout
    verified = manage(target, "verify", **given)
    assert verified.returncode == 0, verified.stderr
    assert not list((target / "files").glob("*/*")), "they lie in the bucket"
    rows = query_database(target, "SELECT blob, sha256 FROM creation_evidenceversion")
    assert len(rows) == 12
    settings.S3 = blob_stores.s3_settings(s3_port, "restored")
    assert all(storage.blob_sha256(blob) == sha256 for blob, sha256 in rows)


def test_a_second_backup_copies_only_what_is_new(lived_in: World, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "b"))
    there = {path: path.stat().st_mtime_ns for path in (tmp_path / "b" / "files").glob("*/*")}
    assert len(there) == 12
    new = add_evidence(lived_in, b"new")
    made = create.create_backup(tmp_path / "b", timezone.now() + timedelta(seconds=2), BackupOptions())
    now = {path: path.stat().st_mtime_ns for path in (tmp_path / "b" / "files").glob("*/*")}
    assert {path.name for path in now.keys() - there.keys()} == {new.sha256}
    assert all(now[path] == then for path, then in there.items())
    assert made.manifest.files == 13
    assert integrity.check_backup(made.folder, print) == made.manifest


def test_only_as_many_as_are_wanted_are_kept_and_the_files_they_name(lived_in: World, tmp_path: Path) -> None:
    made = [create.create_backup(tmp_path / "b", NOW + timedelta(days=day), BackupOptions()).folder for day in range(3)]
    EvidenceVersion.objects.all()[0].delete()
    call_command("backup", str(tmp_path / "b"), keep=1)
    left = create.complete_backups(tmp_path / "b")
    assert len(left) == 1
    assert left[0] not in made
    assert len(list((tmp_path / "b" / "files").glob("*/*"))) == 11


def test_missing_and_altered_files_are_named_and_the_rest_is_backed_up(lived_in: World, tmp_path: Path) -> None:
    gone, altered = EvidenceVersion.objects.order_by("pk")[:2]
    storage.blob_path(gone.blob).unlink()
    storage.blob_path(altered.blob).write_bytes(b"other")
    with pytest.raises(CommandError, match="2 个文件缺失") as told:
        call_command("backup", str(tmp_path / "b"))
    assert gone.blob in str(told.value)
    assert altered.blob in str(told.value)
    manifest = integrity.check_backup(integrity.find_backup(tmp_path / "b"), print)
    assert (manifest.files, len(manifest.missing)) == (10, 2)


# Interrupted, damaged, in the wrong place


@pytest.mark.parametrize("at", range(0, 24, 4))
def test_an_interrupted_backup_is_never_taken_for_a_whole_one(
    lived_in: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    fsync, calls = os.fsync, iter(range(1000))

    def full(handle: int) -> None:
        if next(calls) == at:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CommandError, match="备份没有完成"):
        call_command("backup", str(tmp_path / "b"))
    monkeypatch.undo()
    with pytest.raises(Refusal, match="没有完整的备份"):
        integrity.find_backup(tmp_path / "b")
    (tmp_path / "b" / ".making-20260101-000000").mkdir()
    call_command("backup", str(tmp_path / "b"))
    assert integrity.check_backup(integrity.find_backup(tmp_path / "b"), print).files == 12
    assert not list((tmp_path / "b").glob(".making-*"))


def spoil_database(folder: Path) -> str:
    path = next(folder.glob("database.*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path.name


def drop_file(folder: Path) -> str:
    next((folder.parent / "files").glob("*/*")).unlink()
    return "缺少文件 files/"


def change_file(folder: Path) -> str:
    path = next((folder.parent / "files").glob("*/*"))
    path.write_bytes(path.read_bytes()[::-1])
    return "与清单不符"


def cut_list(folder: Path) -> str:
    path = folder / "files.tsv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    return "files.tsv 与清单不符"


def drop_key(folder: Path) -> str:
    (folder / "keys" / "audit_key").unlink()
    return "缺少 keys/audit_key"


def cut_manifest(folder: Path) -> str:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:-9])
    return "不是完整的备份"


def claim_newer_code(folder: Path) -> str:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("creation.0001_initial", "creation.0099_future"))
    return "由更新的程序生成"


SPOILT: list[Callable[[Path], str]] = [
    spoil_database, drop_file, change_file, cut_list, drop_key, cut_manifest, claim_newer_code,
]  # fmt: skip


def test_what_is_spoilt_is_refused_and_said(lived_in: World, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "b"))
    for spoil in SPOILT:
        shutil.copytree(tmp_path / "b", tmp_path / spoil.__name__)
        folder = integrity.find_backup(tmp_path / spoil.__name__)
        assert integrity.check_backup(folder, print)
        said = spoil(folder)
        with pytest.raises(Refusal, match=said):
            integrity.check_backup(folder, print)


@needs_sqlite
def test_restore_refuses_what_would_do_harm_and_then_changes_nothing(lived_in: World, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "b"))
    target = tmp_path / "new"
    shutil.copytree(tmp_path / "b", tmp_path / "spoilt")
    change_file(integrity.find_backup(tmp_path / "spoilt"))
    refused(target, "没有恢复任何内容", tmp_path / "spoilt")
    assert not list((target / "db").iterdir())
    assert manage(target, "restore", tmp_path / "b").returncode == 0
    refused(target, "请加 --replace", tmp_path / "b")
    with (target / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(target, "平台正在运行", tmp_path / "b", "--replace")
    with closing(sqlite3.connect(target / "db" / "creation.sqlite3")) as other:
        other.execute("UPDATE creation_user SET name = '改过'")
        other.commit()
        refused(target, "还有程序在使用数据库", tmp_path / "b", "--replace")
    assert manage(target, "restore", tmp_path / "b", "--replace").returncode == 0
    assert query_database(target, "SELECT count(*) FROM creation_user WHERE name = '改过'") == [(0,)]
    (aside,) = target.glob("before-restore-*")
    shutil.copyfile(aside / "creation.sqlite3", target / "db" / "creation.sqlite3")
    assert query_database(target, "SELECT count(*) FROM creation_user WHERE name <> '改过'") == [(0,)]


def refused(data: Path, said: str, *arguments: Any, **given: str) -> None:
    done = manage(data, "restore", *arguments, **given)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (data / "restore.unfinished").exists()


@needs_sqlite
def test_without_the_key_of_the_trail_nothing_comes_back(lived_in: World, data_folder: Path, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "b"), without_keys=True)
    assert not list(integrity.find_backup(tmp_path / "b").glob("keys/*"))
    target = tmp_path / "new"
    refused(target, "audit_key 与备份时的不同", tmp_path / "b")
    for name in ("audit_key", "channel_key"):
        shutil.copyfile(data_folder / name, target / name)
    assert manage(target, "restore", tmp_path / "b").returncode == 0
    assert manage(target, "verify").returncode == 0


def test_the_server_does_not_start_after_an_unfinished_restore(data_folder: Path) -> None:
    (data_folder / "restore.unfinished").touch()
    from django.core.checks import run_checks

    assert "creation.E005" in {found.id for found in run_checks(tags=["files"])}


def test_backups_do_not_lie_among_the_files(data_folder: Path) -> None:
    for folder in (data_folder, data_folder / "files" / "b"):
        with pytest.raises(CommandError, match="请另选目录"):
            call_command("backup", str(folder))


# Automatic backups


def quarters(count: int) -> Iterator[datetime]:
    for number in range(count):
        yield NOW + timedelta(minutes=15) * number


def test_of_older_ones_fewer_and_fewer_are_kept() -> None:
    made = list(quarters(4 * 24 * 30))
    kept = sorted(schedule.backups_to_keep(made))
    assert set(made[-8:]) <= set(kept)
    ages = [made[-1] - each for each in kept]
    assert sum(age <= timedelta(hours=24) for age in ages) in range(28, 33)
    assert len(kept) <= 8 + 24 + 14
    assert max(ages) > timedelta(days=12)


@needs_sqlite
def test_the_clock_backs_up_once_a_quarter_and_says_when_it_cannot(lived_in: World, data_folder: Path) -> None:
    for minute in (0, 1, 14):
        schedule.run_if_due(NOW + timedelta(minutes=minute))
    (made,) = schedule.automatic()
    assert integrity.check_backup(made, print).files is None, "the files lie on the same disk"
    assert Heartbeat.objects.get(name="backup").done_at == NOW
    shutil.rmtree(data_folder / "backups")
    (data_folder / "backups").write_text("in the way")
    schedule.run_if_due(NOW + timedelta(minutes=15))
    heartbeat = Heartbeat.objects.get(name="backup")
    assert heartbeat.done_at == NOW
    assert "备份没有完成" in heartbeat.fault
    (data_folder / "backups").unlink()
    schedule.run_if_due(NOW + timedelta(minutes=16))
    assert not Heartbeat.objects.get(name="backup").fault
    assert AuditEntry.objects.filter(act="backup.make").count() == 0


@needs_sqlite
def test_a_database_alone_comes_back_beside_its_files(lived_in: World, data_folder: Path, tmp_path: Path) -> None:
    schedule.back_up_if_due(NOW)
    target = tmp_path / "new"
    shutil.copytree(data_folder / "files", target / "files")
    done = manage(target, "restore", data_folder / "backups")
    assert done.returncode == 0, done.stderr
    assert "只有数据库" in done.stdout
    assert len(assert_same_files(target)) == 12
    assert disks.is_writable(target)


needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="run by tests/config/test_postgresql.py"
)


@needs_postgresql
def test_on_postgresql_a_dump_comes_back_under_load(lived_in: World, tmp_path: Path) -> None:
    target, url = tmp_path / "new", another_database()
    with Writers(lived_in) as writers:
        before = set(writers.done)
        call_command("backup", str(tmp_path / "b"))
    done = manage(target, "restore", tmp_path / "b", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(url) as database:
        rows = database.execute("SELECT blob, sha256 FROM creation_evidenceversion").fetchall()
        refused(target, "还有程序在使用数据库", tmp_path / "b", "--replace", DATABASE_URL=url)
    assert before <= {blob for blob, _ in rows}
    for blob, sha256 in rows:
        assert hashlib.sha256((target / "files" / blob).read_bytes()).hexdigest() == sha256
    refused(target, "请加 --replace", tmp_path / "b", DATABASE_URL=url)
    assert manage(target, "restore", tmp_path / "b", "--replace", DATABASE_URL=url).returncode == 0
    assert manage(target, "verify", DATABASE_URL=url).returncode == 0
    assert list(target.glob("before-restore-*/database.dump"))


def another_database() -> str:
    """Return an empty database beside that of the tests."""
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS restored")
        cursor.execute("CREATE DATABASE restored TEMPLATE template0")
    given = connection.settings_dict
    return f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/restored"

"""A restore takes what the signed manifest lists, checks everything before the first write, and undoes what it cannot finish."""

import hashlib
import hmac
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection

from creation.audit import audit_chain
from creation.audit.audit_chain import head_file
from creation.lib.refusals import Refusal
from creation.operations.backup import create, integrity, keys, restore
from creation.operations.backup.create import BackupOptions
from creation.operations.backup.file_pool import FilePool
from creation.operations.backup.integrity import Trust
from creation.operations.backup.manifest import Manifest, ManifestFile
from tests.support.backups import (  # noqa: F401 - a fixture
    add_evidence,
    data_folder_fixture,
    manage,
    needs_sqlite,
)
from tests.support.world import NOW, make_world

LATER = NOW + timedelta(hours=1)
pytestmark = [needs_sqlite, pytest.mark.django_db(transaction=True, reset_sequences=True)]


@pytest.fixture
def backup(data_folder: Path, tmp_path: Path) -> Path:
    """Return a backup of three files."""
    world = make_world("源汇区")
    for number in range(3):
        add_evidence(world, bytes([number]) * 100)
    audit_chain.seal(NOW)
    head_file.export_head(NOW)
    return create.create_backup(tmp_path / "b", NOW, BackupOptions()).folder


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    values = json.loads(path.read_text())
    edit(values)
    path.write_text(json.dumps(values, ensure_ascii=False))


def signed(folder: Path) -> None:
    """Sign the manifest again, as somebody could who has the key."""
    manifest = Manifest.read(folder)
    change(folder, lambda values: values.update(mac=manifest.expected_mac(settings.AUDIT_KEY)))


def listed(folder: Path, name: str) -> None:
    path = folder / name
    part = ManifestFile.of(path)
    change(folder, lambda values: values["parts"].update({name: {"size": part.size, "sha256": part.sha256}}))


def add_secret_key(folder: Path) -> None:
    (folder / "keys" / "secret_key").write_text("x" * 64)
    listed(folder, "keys/secret_key")


def add_path_outside(folder: Path) -> None:
    (folder.parent.parent / "outside").write_text("x")
    listed(folder, "../../outside")


def more_counts(values: dict[str, Any]) -> None:
    values["counts"]["creation_user"] += 1


def to_list(folder: Path, line: str) -> None:
    path = folder / "files.tsv"
    path.write_text(path.read_text() + line)
    listed(folder, "files.tsv")
    change(folder, lambda values: values.update(files=4))


def line_outside(folder: Path) -> None:
    to_list(folder, f"{'0' * 64}\t1\tfiles/../../secret_key\n")


def line_of_another_list(folder: Path) -> None:
    to_list(folder, "four\tfields\tin\tit\n")


def no_database(folder: Path) -> None:
    path = folder / "database.sqlite3"
    path.write_bytes(b"SQLite format 3\0" + bytes(4080))
    listed(folder, path.name)


def other_rows(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "database.sqlite3")) as database:
        database.execute("DELETE FROM django_session")
        database.execute("CREATE TABLE creation_more (id)")
        database.commit()
    listed(folder, "database.sqlite3")
    change(folder, lambda values: values["counts"].update(creation_more=7))


def other_key(folder: Path) -> None:
    (folder / "keys" / "audit_key").write_text("y" * 64)
    listed(folder, "keys/audit_key")


def nested(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"format": 2, "parts": ' + "[" * 100_000)


def numbers_in_words(folder: Path) -> None:
    change(folder, lambda values: values.update(bytes="many"))


def huge(folder: Path) -> None:
    text = (folder / "manifest.json").read_text().replace('"bytes": ', f'"bytes": {"9" * 5000}')
    (folder / "manifest.json").write_text(text)


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (add_secret_key, "不属于备份的文件（keys/secret_key）"), (add_path_outside, "不属于备份的文件"),
    (line_outside, "的第 4 行不能读"), (line_of_another_list, "的第 4 行不能读"),
    (no_database, "不是可用的数据库"), (other_rows, "creation_more 的行数与清单不符"),
    (other_key, "不是清单所说的密钥"), (nested, "不是完整的备份"), (numbers_in_words, "不是完整的备份"),
    (huge, "不是完整的备份"), (lambda folder: change(folder, lambda v: v.update(made_at="2026-13-01")), "不是完整的备份"),
    (lambda folder: change(folder, lambda v: v.update(counts=[1])), "不是完整的备份"),
    (lambda folder: change(folder, more_counts), "creation_user 的行数与清单不符"),
    (lambda folder: change(folder, lambda v: v["parts"].pop("database.sqlite3")), "清单中没有 database.sqlite3"),
    (lambda folder: change(folder, lambda v: v["parts"].pop("keys/audit_key")), "清单中没有 keys/audit_key"),
]  # fmt: skip


@pytest.mark.parametrize("with_key", [False, True])
def test_a_manifest_that_was_changed_is_refused_and_one_by_who_has_the_key_still_takes_nothing_strange(
    backup: Path, tmp_path: Path, with_key: bool
) -> None:
    for number, (fault, said) in enumerate(FAULTS):
        folder = shutil.copytree(backup.parent, tmp_path / f"{with_key}{number}") / backup.name
        fault(folder)
        with suppress(Refusal):  # where there is nothing that could be signed
            signed(folder) if with_key else None
        with pytest.raises(Refusal) as refused:
            integrity.check_backup(folder, print)
        sentence = refused.value.sentence
        assert said in sentence or (not with_key and "清单与密钥不符" in sentence), (number, sentence)


def test_what_the_manifest_does_not_name_is_said_and_not_taken(backup: Path, tmp_path: Path) -> None:
    (backup / "keys" / "secret_key").write_text("x" * 64)
    (backup / "keys" / "more").mkdir()
    (backup / "keys" / "more" / "key").write_text("x")
    target = tmp_path / "new"
    done = manage(target, "restore", backup)
    assert done.returncode == 0, done.stderr
    assert "清单之外的文件，不会使用：keys/more/key、keys/secret_key。" in done.stdout
    assert (target / "secret_key").read_text() != "x" * 64
    assert (target / "audit_key").read_text() == settings.AUDIT_KEY
    assert not (target / "more").exists()
    verified = manage(target, "verify")
    assert verified.returncode == 0, verified.stderr


def test_every_kind_of_trust(backup: Path, tmp_path: Path, settings: Any) -> None:
    said: list[str] = []
    integrity.check_backup(backup, said.append)
    assert said[0] == "清单的校验码与密钥相符。"
    key = tmp_path / "kept_elsewhere"
    key.write_text(f"{settings.AUDIT_KEY}\n")
    settings.AUDIT_KEY = "another key of this machine, made just now, not that of the backup"
    integrity.check_backup(backup, said.append)
    assert any("是否被人整体替换看不出来" in line for line in said), "a new machine"
    with pytest.raises(Refusal, match="请用 --audit-key 指出"):
        integrity.check_backup(backup, print, Trust(keys_from_backup=False))
    said.clear()
    integrity.check_backup(backup, said.append, Trust(key=keys.read_key(key), keys_from_backup=False))
    assert said[0] == "清单的校验码与密钥相符。"
    key.write_text("a key of somebody else, who has made the backup")
    with pytest.raises(Refusal, match="与密钥不符"):
        integrity.check_backup(backup, print, Trust(key=keys.read_key(key)))
    key.write_bytes(b"\xff" * 20)
    with pytest.raises(Refusal, match="不是密钥文件"):
        keys.read_key(key)


def test_a_forged_backup_with_keys_of_its_own_does_not_replace_an_installation(
    backup: Path, data_folder: Path, tmp_path: Path
) -> None:
    """Somebody signs everything anew with an own key. The machine has its own, and data."""
    target = tmp_path / "new"
    assert manage(target, "restore", backup).returncode == 0
    forged = "forged-forged-forged-0123456789-0123456789-0123456789"
    (backup / "keys" / "audit_key").write_text(forged)
    listed(backup, "keys/audit_key")
    change(backup, lambda v: v["prints"].update(audit_key=hashlib.sha256(forged.encode()).hexdigest()[:16]))
    mac = Manifest.read(backup).expected_mac(forged)
    change(backup, lambda values: values.update(mac=mac))
    assert hmac.compare_digest(Manifest.read(backup).mac, mac)
    before = state(target)
    done = manage(target, "restore", backup, "--replace")
    assert done.returncode == 1
    assert "请用 --audit-key 指出备份时的密钥文件" in done.stderr
    assert state(target) == before


def state(data: Path) -> dict[str, str]:
    """Return the digest of each file in the data folder, without what every command writes."""
    found = (path for path in data.rglob("*") if path.is_file() and path.parent.name not in {"logs", "incoming"})
    return {
        path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.name not in {"run.lock", "creation.sqlite3-shm", "creation.sqlite3-wal"}
    }


def test_a_backup_of_the_last_release_comes_back_with_a_word(backup: Path, tmp_path: Path) -> None:
    def as_before(values: dict[str, Any]) -> None:
        values["format"] = 1
        for name in ("mac", "head_seq", "head_mac"):
            del values[name]

    change(backup, as_before)
    target = tmp_path / "new"
    done = manage(target, "restore", backup)
    assert done.returncode == 1
    assert "请加 --without-mac" in done.stderr
    assert "Traceback" not in done.stderr
    done = manage(target, "restore", backup, "--without-mac")
    assert done.returncode == 0, done.stderr
    verified = manage(target, "verify")
    assert verified.returncode == 0, verified.stderr


def without_third_file(backup: Path) -> None:
    """The pool's list is read in the order of the manifest; two of three files are in place when this one is missed."""
    third = (backup / "files.tsv").read_text().splitlines()[2].split("\t")[0]
    FilePool(backup.parent).path(third).unlink()


def without(name: str) -> Callable[[Path], None]:
    return lambda backup: (backup / name).unlink()


def disk_full() -> None:
    Path("/dev/full").write_bytes(b"x")


# The disk with the backup goes away while it is restored, or the last step finds no room.
LOSSES: dict[str, Callable[[Path], None]] = {
    "files": without_third_file,
    "keys": without("keys/channel_key"),
    "heads": without("audit/heads.txt"),
    "database": without("database.sqlite3"),
    "settle": lambda backup: None,
}


@pytest.fixture
def target(
    backup: Path, data_folder: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Return another installation in use, whose database is that of the settings until the end of the test."""
    target = tmp_path / "target"
    for name in ("incoming", "files", "db"):
        (target / name).mkdir(parents=True)
    settings.DATA_DIR, settings.FILES_ROOT, settings.INCOMING_ROOT = target, target / "files", target / "incoming"
    database = target / "db" / "creation.sqlite3"
    shutil.copyfile(backup / "database.sqlite3", database)
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")  # as the application does, which changes the file
    for name in ("audit_key", "channel_key"):
        shutil.copyfile(data_folder / name, target / name)
    head_file.path().write_text("of before\n")
    altered = next(iter((data_folder / "files").glob("*/*")))
    (target / "files" / altered.parent.name).mkdir()
    (target / "files" / altered.parent.name / altered.name).write_bytes(b"altered")
    with monkeypatch.context() as patched:
        patched.setitem(connection.settings_dict, "NAME", str(database))
        yield target
        connection.close()


@pytest.mark.parametrize("lost", LOSSES)
def test_what_cannot_be_finished_is_undone(backup: Path, target: Path, lost: str) -> None:
    before = state(target)
    manifest = integrity.check_backup(backup, print)
    LOSSES[lost](backup)
    with pytest.raises(Refusal, match="恢复没有完成，已退回原状"):
        restore.restore_backup(backup, manifest, NOW, replace=True, progress=print, settle=disk_full)
    connection.close()
    assert state(target) == before
    assert not list((target / "incoming").iterdir())
    assert not list(target.glob("before-restore-*"))
    assert not restore.unfinished_marker().exists()


def test_what_cannot_be_put_back_stays_and_the_sentence_says_where(backup: Path, target: Path) -> None:
    """The last step finds the disk full, and something stands where the old database and an old file belong."""
    before, database = state(target), target / "db" / "creation.sqlite3"
    altered = next(name for name in before if name.startswith("files/"))
    manifest = integrity.check_backup(backup, print)

    def obstruct() -> None:
        for path in (database, target / altered):
            path.unlink()
            (path / "in the way").mkdir(parents=True)
        disk_full()

    with pytest.raises(Refusal, match="退回原状也没有全部成功") as refused:
        restore.restore_backup(backup, manifest, NOW, replace=True, progress=print, settle=obstruct)
    (aside,) = target.glob("before-restore-*")
    assert f"原有的数据仍在 {aside}，没有删除" in refused.value.sentence
    assert "已退回原状" not in refused.value.sentence
    kept = state(aside)
    assert kept["creation.sqlite3"] == before["db/creation.sqlite3"]
    assert kept[altered] == before[altered]
    assert kept["audit_key"] == before["audit_key"] == state(target)["audit_key"], "what could be put back is"
    assert kept["heads.txt"] == before["audit/heads.txt"]
    assert "creation.E005" in {each.id for each in run_checks()}, "nobody starts on half of the data"
    for path in (database, target / altered):
        shutil.rmtree(path)
    done = restore.restore_backup(backup, manifest, LATER, replace=True, progress=print)
    assert done.aside != aside
    assert state(aside) == kept
    assert database.read_bytes() == (backup / "database.sqlite3").read_bytes()


def test_the_clock_says_when_a_list_in_the_folder_cannot_be_read(backup: Path) -> None:
    (backup / "files.tsv").write_bytes(b"\xff\n")
    with pytest.raises(Refusal, match="不能读"):
        create.prune_pool(backup.parent)


def test_a_folder_that_is_none_is_one_sentence(data_folder: Path, tmp_path: Path) -> None:
    for given in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(CommandError, match="没有完整的备份"):
            call_command("restore", str(given))

"""A newer database is refused by every part of an older program; the database is copied before each migration run."""

import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.local_servers import free_port
from tests.support.server_process import ROOT, environment

NEWER = "0999_from_a_later_release"
PARTS = {
    "web": ["-m", "config.serve"],
    "start": ["-m", "config.prepare"],
    "worker": ["-m", "celery", "-A", "config", "worker", "--queues", "celery"],
    "jobs": ["-m", "celery", "-A", "config", "worker", "--queues", "exports"],
    "beat": ["-m", "celery", "-A", "config", "beat", "--pidfile="],
    "command": ["manage.py", "remind", "--dry-run"],
    "migrate": ["manage.py", "migrate"],
    "shell": ["manage.py", "shell", "-c", "print('in')"],
}


def run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    around = environment(data, PORT=str(free_port()), REDIS_URL="redis://127.0.0.1:1/0")
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=around, capture_output=True, text=True, timeout=90
    )


def database(data: Path) -> Path:
    return data / "db" / "creation.sqlite3"


def execute(path: Path, sql: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return list(connection.execute(sql))


@pytest.fixture
def newer(prepared: Path) -> Path:
    execute(
        database(prepared),
        f"INSERT INTO django_migrations (app, name, applied) VALUES ('creation', '{NEWER}', '2027-01-01')",
    )
    return prepared


@pytest.mark.one_in(2)
@pytest.mark.parametrize("part", PARTS)
def test_an_older_program_refuses_a_newer_database_in_one_sentence(newer: Path, part: str) -> None:
    before = database(newer).read_bytes()
    refused = run(newer, *PARTS[part])
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert said.count(f"数据库已由更新的版本升级（本程序不认识 creation.{NEWER}）") == 1, said
    assert "请换回新版程序" in said
    assert "Traceback" not in said
    if "celery" not in PARTS[part]:  # which says more: its banner, and a warning to root
        assert said.count("\n") == 1, said
    assert database(newer).read_bytes() == before


def test_the_way_back_is_not_refused(newer: Path, tmp_path: Path) -> None:
    refused = run(newer, "manage.py", "restore", str(tmp_path))
    assert "更新的版本" not in refused.stderr


def roll_back(data: Path) -> None:
    """Undo the last migration of an app of Django's, as if the next release brought it."""
    done = run(data, "manage.py", "migrate", "axes", "0008")
    assert done.returncode == 0, done.stderr
    shutil.rmtree(data / "before-migration")


def test_the_database_is_copied_before_each_migration_run_and_a_few_copies_are_kept(prepared: Path) -> None:
    execute(database(prepared), "INSERT INTO django_session VALUES ('before', '', '2099-01-01')")
    roll_back(prepared)
    for number in range(5):
        (prepared / "before-migration" / f"20200101-00000{number}").mkdir(parents=True)
    (prepared / "before-migration" / ".making-20200101-000009").mkdir()
    done = run(prepared, "-m", "config.prepare")
    assert done.returncode == 0, done.stderr
    assert copies(prepared)[:2] == ["20200101-000003", "20200101-000004"]
    (copy,) = copies(prepared)[2:]
    assert f"升级前已复制数据库：{prepared / 'before-migration' / copy}" in done.stdout
    copied = prepared / "before-migration" / copy / "database.sqlite3"
    assert execute(copied, "SELECT session_key FROM django_session") == [("before",)]
    recorded = "SELECT count(*) FROM django_migrations"
    assert execute(copied, recorded)[0][0] < execute(database(prepared), recorded)[0][0]
    assert copied.stat().st_mode & 0o077 == 0


def copies(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "before-migration").iterdir())


def test_a_migration_that_fails_again_and_again_takes_no_older_copy_away(prepared: Path) -> None:
    """A table is in the way of the second of two migrations; each start tries again."""
    roll_back(prepared)
    old = [f"20200101-00000{number}" for number in range(4)]
    for name in old:
        (prepared / "before-migration" / name).mkdir(parents=True)
    execute(database(prepared), "CREATE TABLE axes_accessattemptexpiration (id)")
    first = ""
    for number in range(4):
        failed = run(prepared, "-m", "config.prepare")
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
        assert f"升级前的副本在 {prepared / 'before-migration'}" in failed.stderr
        made = [name for name in copies(prepared) if name not in old]
        assert copies(prepared)[:4] == old
        assert len(made) == min(number + 1, 2), "the first and the newest of the failed tries"
        first = first or made[0]
        assert made[0] == first
        time.sleep(1.1)  # copies are named by the second
    execute(database(prepared), "DROP TABLE axes_accessattemptexpiration")
    done = run(prepared, "-m", "config.prepare")
    assert done.returncode == 0, done.stderr
    assert len(copies(prepared)) == 3, "pruned after the success"
    assert first in copies(prepared)
    assert not list((prepared / "before-migration").glob("*/unfinished"))


def test_half_a_copy_is_removed_when_the_disk_is_full(prepared: Path) -> None:
    roll_back(prepared)
    around = environment(prepared, PORT=str(free_port()), REDIS_URL="redis://127.0.0.1:1/0")
    half = database(prepared).stat().st_size // 2
    failed = subprocess.run(
        [sys.executable, "-m", "config.prepare"], cwd=ROOT, env=around, capture_output=True, text=True, timeout=90,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (half, half)),
    )  # fmt: skip
    assert failed.returncode == 1
    assert "升级前没有能复制数据库" in failed.stderr
    assert not list((prepared / "before-migration").iterdir())


def test_nothing_is_copied_when_nothing_is_migrated_or_nothing_was_there(prepared: Path) -> None:
    assert not (prepared / "before-migration").exists(), "the first start has nothing to copy"
    done = run(prepared, "-m", "config.prepare")
    assert "复制数据库" not in done.stdout
    assert not (prepared / "before-migration").exists()


def test_without_room_for_the_copy_nothing_is_migrated(prepared: Path) -> None:
    roll_back(prepared)
    (prepared / "before-migration").write_text("a file where the folder should be")
    done = run(prepared, "-m", "config.prepare")
    assert done.returncode == 1
    assert "升级前没有能复制数据库" in done.stderr
    assert done.stderr.count("\n") == 1
    recorded = "SELECT count(*) FROM django_migrations WHERE app = 'axes'"
    assert execute(database(prepared), recorded) == [(8,)]

"""系统状态: each possible fault is reported in plain words to those who can repair it, and to nobody else."""

import os
import shutil
from collections import namedtuple
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from creation import checks, migrations
from creation.audit import audit_chain, audit_log
from creation.audit.actor import Actor
from creation.lib import wakeups
from creation.lib.sandbox import Isolation
from creation.models import Delivery, Digest, Heartbeat, Job, Notice
from creation.notices import digest_builder
from creation.operations import health
from creation.operations.health import Level
from tests.conftest import free_port
from tests.support.world import NOW, World

Usage = namedtuple("Usage", "total used free")
needs_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="the clock backs up SQLite alone")


@pytest.fixture
def well(
    world: World,
    migrated: None,
    fresh_data_dir: Path,
    settings: Any,
    time_machine: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """An installation whose schedule has just run; its broker's port does not answer."""
    time_machine.move_to(NOW, tick=False)
    settings.BACKUP_DIR = fresh_data_dir / "backups"
    for name in ("clock", "backup"):
        Heartbeat.objects.record(name, NOW)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**12, 0, 10**11))
    return world


def found(name: str) -> health.ProbeResult:
    return {each.name: each for findings in health.report(NOW).values() for each in findings}[name]


def page(world: World, name: str = "administrator") -> str:
    return world.client(name).get("/health/").content.decode()


def test_a_healthy_installation_says_so_and_lists_its_notes(well: World) -> None:
    for name in ("数据库", "定时和后台服务", "文件存储", "审计封存", "磁盘空间", "后台任务", "通知投递"):
        assert found(name).level == Level.FINE, found(name)
        assert not found(name).advice
    assert found("完整备份").level == Level.NOTE
    audit_log.record(Actor(None, NOW), "backup.make")
    assert found("完整备份").level == Level.FINE
    assert "连接正常，结构是最新的" in page(well)
    assert "alert-danger" not in page(well)


def no_clock(world: World) -> None:
    Heartbeat.objects.filter(name="clock").update(done_at=NOW - timedelta(minutes=6))


def unsealed(world: World) -> None:
    audit_log.record(Actor(None, NOW - timedelta(minutes=6)), "task.note")


def late_backup(world: World) -> None:
    Heartbeat.objects.filter(name="backup").update(done_at=NOW - timedelta(minutes=46))


def failed_backup(world: World) -> None:
    Heartbeat.objects.record("backup", NOW, "磁盘空间不足。", done=False)


def old_shape(world: World) -> None:
    newest = max(Path(migrations.__file__).parent.glob("0*.py")).stem
    MigrationRecorder(connection).record_unapplied("creation", newest)


def stuck_job(world: World) -> None:
    Job.objects.create(kind="preview", running_key="x", queued_at=NOW - timedelta(minutes=11))


ALARMS = [
    (no_clock, "定时和后台服务", "6 分钟前", True),
    (unsealed, "审计封存", "有 1 条审计记录超过五分钟没有封存", True),
    pytest.param(late_backup, "自动备份", "最近一份：46 分钟前", True, marks=needs_sqlite),
    pytest.param(failed_backup, "自动备份", "有问题", True, marks=needs_sqlite),
    (old_shape, "数据库", "1 项结构更新没有执行", False),
    (stuck_job, "后台任务", "有 1 项排队超过十分钟", False),
]


@pytest.mark.parametrize(("break_it", "name", "says", "everywhere"), ALARMS)
def test_what_is_wrong_is_an_alarm_with_what_to_do(
    well: World, break_it: Any, name: str, says: str, everywhere: bool
) -> None:
    break_it(well)
    finding = found(name)
    assert finding.is_alarm
    assert says in finding.message
    assert finding.advice
    assert says in page(well)
    everybody_elses = well.client("administrator").get("/accounts/").content.decode()
    assert (says in everybody_elses) is everywhere
    assert says not in well.client("coordinator").get("/profile/").content.decode()


def test_low_disk_space_is_an_alarm_before_the_disk_is_full(well: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, level in ((10**10, Level.FINE), (4 * 2**30, Level.NOTE), (2**29, Level.ALARM)):
        monkeypatch.setattr(shutil, "disk_usage", lambda folder, free=free: Usage(10**12, 0, free))
        assert found("磁盘空间").level == level
    assert "剩余 0.5 GB" in found("磁盘空间").message


def test_failures_are_counted_without_a_word_of_what_they_are_about(well: World) -> None:
    Job.objects.create(kind="x", running_key="y", state="failed", queued_at=NOW, finished_at=NOW, message="评查通报")
    digest = Digest.objects.create(person=well.people["liaison"], day=NOW.date(), urgency="daily", created_at=NOW)
    Delivery.objects.create(digest=digest, channel="smtp", state="failed", answer="550 no such user")
    assert "1 项失败" in found("后台任务").message
    assert "1 条失败" in found("通知投递").message
    assert "评查通报" not in page(well)
    assert "550" not in page(well)


def test_a_broker_that_does_not_answer_is_said_and_costs_no_time(well: World) -> None:
    from celery import current_app

    url, current_app.conf.broker_url = current_app.conf.broker_url, f"redis://127.0.0.1:{free_port()}/0"
    try:
        assert not wakeups.broker_answers()
        assert found("消息服务").is_alarm
    finally:
        current_app.conf.broker_url = url


@pytest.mark.needs_redis
def test_a_broker_that_answers_is_well(well: World, redis_url: str) -> None:
    from celery import current_app

    url, current_app.conf.broker_url = current_app.conf.broker_url, redis_url
    try:
        assert found("消息服务").level == Level.FINE
    finally:
        current_app.conf.broker_url = url


def test_an_alarm_reaches_the_inbox_once_a_day_and_leads_to_the_page(well: World) -> None:
    assert health.notify_alarms(Actor(None, NOW)) == 0
    unsealed(well)
    for minutes in (0, 2, 4):
        assert health.notify_alarms(Actor(None, NOW + timedelta(minutes=minutes))) == 1
    told = Notice.objects.filter(kind="health")
    assert sorted(told.values_list("person__username", flat=True)) == ["administrator", "auditor"]
    digest_builder.run_urgent(Actor(None, NOW))
    assert not told.filter(digest=None).exists()
    assert "manage.py verify" in told.get(person__username="administrator").text
    text = told.get(person__username="auditor").text
    assert "请告知系统管理员" in text
    assert "manage.py" not in text
    assert "manage.py" not in well.client("auditor").get("/").content.decode()
    notice = told.get(person__username="administrator")
    assert well.client("administrator").get(f"/notices/{notice.pk}/").headers["Location"] == "/health/"
    assert health.notify_alarms(Actor(None, NOW + timedelta(days=1))) > 0
    assert told.filter(person__username="administrator", subject="health/sealed").count() == 2
    audit_chain.seal(NOW)


def test_the_page_is_the_administrators_alone(well: World) -> None:
    assert well.client("administrator").get("/health/").status_code == 200
    assert well.client("auditor").get("/health/").status_code == 403
    assert "系统状态" in well.client("administrator").get("/accounts/").content.decode()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate an installed LibreOffice."""
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


def test_the_first_page_of_an_administrator_begins_with_what_is_not_well(well: World) -> None:
    address = reverse("health_warnings")
    home = well.client("administrator").get("/").content.decode()
    assert home.index(f'hx-get="{address}"') < home.index("您没有待办理的任务")
    fine = well.client("administrator").get(address).content.decode()
    unsealed(well)
    shown = well.client("administrator").get(address)
    levels = [found.level for found in shown.context["findings"]]
    assert levels[0] == "alarm"
    assert "fine" not in levels
    assert "审计封存" in shown.content.decode()
    assert "审计封存" not in fine  # what is well is not named
    assert f'hx-get="{address}"' not in well.client("coordinator").get("/").content.decode()


def test_how_libreoffice_is_kept_apart_is_said(well: World, isolation: Isolation, office: None) -> None:
    words = {Isolation.BUBBLEWRAP: "在 bubblewrap 沙箱中运行", Isolation.FILTER: "建议安装 bubblewrap"}
    assert found("文件转换").level == Level.FINE
    assert words[isolation] in found("文件转换").message
    assert words[isolation] in page(well)
    assert checks.conversions_have_no_network(None) == []


def test_where_nothing_cuts_its_network_office_files_are_not_converted_and_that_is_said(
    well: World, no_bubblewrap: None, no_filter: None, office: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found("文件转换").level == Level.NOTE
    assert "只能下载" in found("文件转换").message
    [warning] = checks.conversions_have_no_network(None)
    assert (warning.id, "bubblewrap" in str(warning.hint)) == ("creation.W040", True)
    monkeypatch.setenv("PATH", "/nowhere")
    assert "没有安装 LibreOffice" in found("文件转换").message
    assert checks.conversions_have_no_network(None) == []

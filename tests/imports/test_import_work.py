"""A long import is a background job with a progress bar: it runs once, completely or not at all, even if a worker dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from creation import background
from creation.background import JobContext
from creation.imports import import_jobs, import_uploads
from creation.imports.registry import KINDS
from creation.models import AuditEntry, Campaign, ImportUpload, Job, Membership, User
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
LARGE = 5000  # lines, as the page says
SAID = "新增 1 人、修改 1 人"
ROWS = [("城管局", "刘联络", "法制科长", "", ""), ("源汇区司法局", "孙新人", "科员", "", "13911112222")]


@pytest.fixture(autouse=True)
def _the_day(fresh_data_dir: Path) -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def handed_in(world: World) -> tuple[ImportUpload, str]:
    """Return an upload and the digest of the plan that was shown."""
    upload = import_steps.receive(world, "coordinator", "liaisons", make.liaisons(ROWS))
    return upload, import_uploads.plan_of(upload, world.actor("coordinator")).digest


def asked(world: World) -> Job:
    """Press the button below a long plan."""
    upload, seen = handed_in(world)
    answer = import_steps.confirm(world, "coordinator", upload, seen, LARGE)
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/?take=1"
    return job


def has_come() -> tuple[bool, bool, int]:
    """Return whether the new liaison exists, whether the upload is marked as done, and the number of audit entries."""
    applied = AuditEntry.objects.filter(act="import.apply").count()
    return User.objects.filter(name="孙新人").exists(), ImportUpload.objects.get().applied_at is not None, applied


NOTHING, ALL = (False, False, 0), (True, True, 1)


def page(world: World, address: str) -> str:
    return str(world.client("coordinator").get(address, follow=True).content.decode())


def test_a_long_import_waits_for_the_worker_and_redirects_to_the_result(world: World) -> None:
    job = asked(world)
    assert has_come() == NOTHING
    waiting = page(world, f"/jobs/{job.pk}/?take=1")
    assert "导入附件3 联络员信息表" in waiting
    assert "自动打开" in waiting
    background.run_queued(timezone.now)
    assert has_come() == ALL
    done = page(world, f"/jobs/{job.pk}/?take=1")
    address = import_steps.address(world, ImportUpload.objects.get())
    assert f"已完成</strong>：{SAID}" in done
    assert f'href="{address}" data-take' in done
    assert f"已导入“表.xlsx”：{SAID}" in page(world, address)
    assert SAID in page(world, "/jobs/")


def test_the_bar_says_what_is_being_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    step = JobContext.update_progress

    def heard(job_context: JobContext, done: int, total: int, message: str = "") -> None:
        assert not connection.savepoint_ids, "from within the transaction nothing can be told"
        said.append(message)
        step(job_context, done, total, message)

    monkeypatch.setattr(JobContext, "update_progress", heard)
    asked(world)
    background.run_queued(timezone.now)
    assert said == ["正在读取表格", "正在核对并写入，共 3 行"]


def test_a_second_click_joins_the_first(world: World) -> None:
    job = asked(world)
    upload, seen = ImportUpload.objects.get(), job.params["seen"]
    assert import_steps.confirm(world, "coordinator", upload, seen, LARGE)["Location"] == f"/jobs/{job.pk}/?take=1"
    assert background.run_queued(timezone.now) == 1
    answer = import_steps.confirm(world, "coordinator", upload, seen, LARGE, follow=True)
    assert f"已导入“表.xlsx”：{SAID}" in answer.content.decode()
    assert (Job.objects.count(), has_come()) == (1, ALL)


def test_after_a_worker_died_behind_the_import_the_next_one_reports_success(world: World) -> None:
    """The job's row is as if the result had not been saved with the import."""
    job = asked(world)
    background.run_queued(timezone.now)
    before = Job.objects.filter(pk=job.pk)
    before.update(state="running", finished_at=None, message="", lease_until=NOW - timedelta(minutes=1))
    assert background.run_queued(timezone.now) == 1
    assert (before.get().state, before.get().message, has_come()) == ("done", SAID, ALL)


def test_the_right_is_asked_again_when_it_begins(world: World) -> None:
    job = asked(world)
    Membership.objects.filter(user=world.people["coordinator"]).update(ended_on=NOW.date())
    refused(world, job)


def test_the_right_is_asked_again_with_the_change_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = import_uploads.read_sheets

    def taken_away_meanwhile(upload: ImportUpload) -> Any:
        Membership.objects.filter(user=world.people["coordinator"]).update(ended_on=NOW.date())
        return read(upload)

    job = asked(world)
    monkeypatch.setattr(import_uploads, "read_sheets", taken_away_meanwhile)
    refused(world, job)


def refused(world: World, job: Job) -> None:
    background.run_queued(timezone.now)
    job.refresh_from_db()
    assert (job.state, has_come()) == ("failed", NOTHING)
    assert "没有导入这份表格的权限" in job.message
    assert [(entry.act, entry.result) for entry in AuditEntry.objects.exclude(act__startswith="login")] == [
        ("liaisons.manage", "refused")
    ]


def test_a_campaign_that_ended_meanwhile_takes_nothing(world: World) -> None:
    job = asked(world)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert "已结束" in came_to_nothing(world, job)


def test_a_plan_that_changed_meanwhile_is_shown_again(world: World) -> None:
    job = asked(world)
    User.objects.filter(username="liaison").update(post="副科长")
    shown = came_to_nothing(world, job)
    assert "刚刚有变化" in shown
    assert "<del>副科长</del> → 法制科长" in shown
    assert "确认导入" in shown


def came_to_nothing(world: World, job: Job) -> str:
    """Return the URL of the plan to which the job's page links."""
    background.run_queued(timezone.now)
    assert (Job.objects.get().state, has_come()) == ("failed", NOTHING)
    back = f"{import_steps.address(world, ImportUpload.objects.get())}?job={job.pk}"
    assert f'href="{back}" data-take' in page(world, f"/jobs/{job.pk}/?take=1")
    assert world.client("reviewer").get(back).status_code == 404
    return page(world, back)


def test_a_workbook_that_was_cleared_away_is_asked_for_again(world: World) -> None:
    job = asked(world)
    import_uploads.delete_expired(NOW + import_uploads.RETENTION * 2)
    background.run_queued(timezone.now)
    shown = page(world, f"/jobs/{job.pk}/")
    assert "只保留 3 天" in shown
    assert f"/c/{world.campaign.pk}/imports/new/liaisons/" in shown


def test_what_was_called_off_before_the_change_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = import_uploads.read_sheets

    def called_off_meanwhile(upload: ImportUpload) -> Any:
        assert background.cancel(Job.objects.get(), world.actor("coordinator"))
        return read(upload)

    job = asked(world)
    monkeypatch.setattr(import_uploads, "read_sheets", called_off_meanwhile)
    background.run_queued(timezone.now)
    assert (Job.objects.get().state, has_come()) == ("cancelled", NOTHING)
    assert "返回检查结果" in page(world, f"/jobs/{job.pk}/")


def test_a_worker_that_lost_its_lease_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(job_context: JobContext) -> None:
        Job.objects.update(token="another", lease_until=timezone.now() + background.LEASE)

    asked(world)
    monkeypatch.setattr(JobContext, "renew_lease", lost)
    background.run_queued(timezone.now)
    assert (Job.objects.get().state, has_come()) == ("running", NOTHING)


# Several connections and processes

WORKER = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from django.utils import timezone
import time_machine
from creation import background
from creation.audit import audit_log
from creation.imports import import_uploads
audit = audit_log.record

def silent(actor, act, *given, **more):
    made = audit(actor, act, *given, **more)
    if act == "import.apply":
        print("written", flush=True)
        time.sleep(60)
    return made

import_uploads.audit_log.record = silent
with time_machine.travel(MOMENT, tick=True):
    background.run_queued(timezone.now)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done_and_the_next_does_all_of_it(
    world: World, settings: Any
) -> None:
    """It is killed when everything is written but not committed; meanwhile pages answer and the progress bar does not move."""
    if connection.vendor != "sqlite":
        pytest.skip("the other process opens SQLite's file")
    job = asked(world)
    given = {
        "DATA_DIR": str(settings.DATA_DIR),
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "SECRET_KEY": settings.SECRET_KEY,
        "AUDIT_KEY": settings.AUDIT_KEY,
    }
    program = WORKER.replace("MOMENT", repr(NOW.timestamp()))
    with subprocess.Popen(
        [sys.executable, "-c", program], env=os.environ | given, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "written\n"
        assert (Job.objects.get().state, has_come()) == ("running", NOTHING)
        assert "正在核对并写入" in Job.objects.get().message
        worker.send_signal(signal.SIGKILL)
    assert has_come() == NOTHING

    def later() -> datetime:
        return timezone.now() + timedelta(minutes=6)

    assert background.run_queued(timezone.now) == 0, "while the lease lasts"
    assert background.run_queued(later) == 1
    assert (Job.objects.get(pk=job.pk).state, Job.objects.get().message, has_come()) == ("done", SAID, ALL)


def test_every_table_is_a_kind_of_work_with_its_own_right() -> None:
    assert {kind.name: background.JOB_KINDS[import_jobs.job_kind(kind)].permission for kind in KINDS.values()} == {
        kind.name: kind.permission for kind in KINDS.values()
    }

"""Background jobs: progress, downloads by permission, cancelling, interruption, clean-up."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from creation import background
from creation.background import JobContext, ResultFile, job_context
from creation.lib import consistent_reads, storage
from creation.models import AuditEntry, Job, Membership, UserSession
from creation.operations import cleanup
from tests.support import job_files
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
Made = Callable[[Job, JobContext], ResultFile | str]


@pytest.fixture(autouse=True)
def _the_day(fresh_data_dir: Path) -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def paper(job: Job, tell: JobContext) -> ResultFile:
    tell.update_progress(1, 4, "正在写")
    path = tell.folder / "paper.txt"
    path.write_text("四件事")
    return ResultFile(path, "周报 7/31.txt", "text/plain", "本周")


def register(monkeypatch: pytest.MonkeyPatch, work: Made = paper, **more: Any) -> None:
    monkeypatch.setitem(
        background.JOB_KINDS, "paper", background.JobKind(work, title="周报", permission="ledger.export", **more)
    )


def ask(world: World, who: str = "coordinator", **params: Any) -> Job:
    return background.request_job("paper", {"campaign": world.campaign.pk, **params}, world.actor(who))


def reloaded(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def result_files() -> list[str]:
    root = storage.results_root()
    return [path.name for path in root.rglob("*") if path.is_file()] if root.exists() else []


def test_the_page_shows_the_progress_in_words_and_numbers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[str] = []
    client = world.client("coordinator")

    def looked_at(job: Job, tell: JobContext) -> ResultFile:
        tell.update_progress(1200, 4000, "正在写“总台账”")
        pages.append(client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode())
        return paper(job, tell)

    register(monkeypatch, looked_at)
    job = ask(world)
    assert "排队中" in client.get(f"/jobs/{job.pk}/").content.decode()
    background.run_queued(timezone.now)
    assert "1200 / 4000（30%）" in pages[0]
    assert "正在写“总台账”" in pages[0]
    assert 'value="1200" max="4000"' in pages[0]
    assert "<html" not in pages[0]
    done = client.get(f"/jobs/{job.pk}/?take=1").content.decode()
    assert "已生成" in done
    assert "data-take" in done
    assert "周报 7／31.txt" in done or "31.txt" in done
    assert "hx-get" not in done, "a page that is through asks no more"


def test_polling_does_not_extend_the_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    job, client = ask(world), world.client("coordinator")
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert 'hx-headers=\'{"X-Polling": "1"}\'' in page
    seen = UserSession.objects.get().seen_at
    with time_machine.travel(NOW + timedelta(minutes=10)):
        client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true", "X-Polling": "1"})
    assert UserSession.objects.get().seen_at == seen


def test_only_the_owner_gets_the_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    job = ask(world)
    background.run_queued(timezone.now)
    response: Any = world.client("coordinator").get(f"/jobs/{job.pk}/file/")
    assert b"".join(response.streaming_content).decode() == "四件事"
    assert response["Content-Disposition"].startswith("attachment")
    assert world.client("reviewer").get(f"/jobs/{job.pk}/file/").status_code == 404
    assert [(e.act, e.result) for e in AuditEntry.objects.order_by("pk")] == [
        ("ledger.export", "done"),
        ("file.fetch", "done"),
    ]
    assert "本周" in AuditEntry.objects.earliest("pk").detail


def test_a_second_click_joins_the_first_and_another_request_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch)
    assert ask(world).pk == ask(world).pk
    assert ask(world).pk != ask(world, section="4").pk
    assert ask(world).pk != ask(world, "reviewer").pk


def change_coordinator_role(world: World, **new: Any) -> None:
    Membership.objects.filter(user=world.people["coordinator"]).update(**new or {"ended_on": NOW.date()})


def test_a_job_does_not_start_if_the_permission_is_revoked_while_it_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Job] = []
    register(monkeypatch, lambda job, tell: begun.append(job) or "")
    job = ask(world)
    change_coordinator_role(world)
    background.run_queued(timezone.now)
    assert not begun
    assert (reloaded(job).state, AuditEntry.objects.get().result) == ("failed", "refused")


def test_a_permission_revoked_during_the_job_yields_no_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(job: Job, tell: JobContext) -> ResultFile:
        change_coordinator_role(world)
        return paper(job, tell)

    register(monkeypatch, slow)
    job = ask(world)
    background.run_queued(timezone.now)
    assert (reloaded(job).state, reloaded(job).result) == ("failed", "")
    assert "权限" in reloaded(job).message
    assert [(entry.act, entry.result) for entry in AuditEntry.objects.all()] == [("ledger.export", "refused")]
    assert result_files() == []


@pytest.mark.parametrize("narrower", [{}, {"role": "liaison", "unit": "城管局"}], ids=["gone", "narrower"])
def test_a_permission_revoked_afterwards_yields_no_file(
    world: World, monkeypatch: pytest.MonkeyPatch, narrower: dict[str, Any]
) -> None:
    """Also if the person may still export, but only a unit's part instead of the district's."""
    register(monkeypatch)
    job = ask(world)
    background.run_queued(timezone.now)
    change_coordinator_role(world, **narrower and {"role": "liaison", "unit": world.units["城管局"]})
    answer = world.client("coordinator").get(f"/jobs/{job.pk}/file/")
    assert answer.status_code == 403
    assert "权限" in answer.content.decode()
    assert AuditEntry.objects.latest("pk").result == "refused"


def test_a_cancelled_job_stops_at_its_next_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    got_on: list[int] = []

    def slow(job: Job, tell: JobContext) -> ResultFile:
        (tell.folder / "half.txt").write_text("半")
        assert world.client("coordinator").post(f"/jobs/{job.pk}/cancel/").status_code == 302
        tell.update_progress(2, 4)
        got_on.append(1)
        return paper(job, tell)

    register(monkeypatch, slow)
    job = ask(world)
    background.run_queued(timezone.now)
    assert (reloaded(job).state, got_on, result_files()) == ("cancelled", [], [])
    assert AuditEntry.objects.get().act == "job.cancel"
    assert ask(world).pk != job.pk, "asked again it is new work"
    client = world.client("coordinator")
    assert client.post(f"/jobs/{job.pk}/cancel/", follow=True).status_code == 200
    assert "重新生成" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_a_lost_lease_writes_nothing_and_leaves_the_others_files(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that stopped for too long continues while another does the same job."""
    folders: list[Path] = []

    def slow(job: Job, tell: JobContext) -> ResultFile:
        other = background.claim(timezone.now() + timedelta(minutes=6))
        assert other is not None
        made = background.JobContext(other, timezone.now).folder
        (made / "theirs.txt").write_text("别人的")
        folders.append(made)
        return paper(job, tell)

    register(monkeypatch, slow)
    ask(world)
    background.run_queued(timezone.now)
    assert Job.objects.get().state == "running"
    assert result_files() == ["theirs.txt"]


def test_a_file_is_kept_for_a_day_then_swept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    job = ask(world)
    background.run_queued(timezone.now)
    assert cleanup.clean_up(NOW + timedelta(hours=23)) == 0
    assert len(result_files()) == 1
    client = world.client("coordinator")
    with time_machine.travel(NOW + timedelta(hours=25)):
        assert client.get(f"/jobs/{job.pk}/file/").status_code == 404
    assert cleanup.clean_up(NOW + timedelta(hours=25)) == 1
    assert (result_files(), reloaded(job).result) == ([], "")
    assert "已过期" in client.get("/jobs/").content.decode()
    cleanup.clean_up(NOW + timedelta(days=32))
    assert not Job.objects.exists()


def test_a_full_disk_is_a_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    def full(job: Job, tell: JobContext) -> ResultFile:
        raise OSError(errno.ENOSPC, "No space left on device")

    register(monkeypatch, full)
    job = ask(world)
    background.run_queued(timezone.now)
    assert "磁盘空间不足" in reloaded(job).message


def test_my_files_lists_my_jobs_without_previews(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    ask(world)
    background.run_queued(timezone.now)
    background.enqueue("preview", {}, world.people["coordinator"], "preview/x", NOW)
    page = world.client("coordinator").get("/jobs/").content.decode()
    assert page.count("/file/") == 1
    assert "preview" not in page.replace("preview.js", "")
    assert "还没有导出过文件" in world.client("liaison").get("/jobs/").content.decode()


def test_a_job_can_be_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    job, client = ask(world), world.client("coordinator")
    background.run_queued(timezone.now)
    again = job_files.post_for_job(client, f"/jobs/{job.pk}/again/", {})
    background.run_queued(timezone.now)
    assert "已生成" in client.get(again).content.decode()
    assert Job.objects.filter(state="done").count() == 2


def test_a_small_ledger_is_there_when_the_page_opens(world: World) -> None:
    page = job_files.post_for_job(world.client("liaison"), f"/c/{world.campaign.pk}/ledger/export/", {"section": "4"})
    assert "已生成" in world.client("liaison").get(page).content.decode()
    job = Job.objects.get()
    assert job.file_name == f"创建工作台账_城管局_{NOW:%Y%m%d}.xlsx"
    assert AuditEntry.objects.get().act == "ledger.export"


# Across connections and processes


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_keeps_the_lease_of_a_job_that_reports_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also inside a consistent snapshot, where the job itself cannot write; the progress bar still moves."""
    told = threading.Event()
    monkeypatch.setattr(job_context, "HEARTBEAT_SECONDS", 0.05)

    def silent(job: Job, tell: JobContext) -> str:
        Job.objects.filter(pk=job.pk).update(lease_until=NOW)
        with consistent_reads.consistent_snapshot():
            Job.objects.count()
            tell.update_progress(3, 9, "正在读取")
            assert told.wait(10)
        return ""

    def look() -> None:
        while not Job.objects.filter(done=3, lease_until__gt=NOW + timedelta(minutes=4)).exists():
            pass
        connection.close()
        told.set()

    register(monkeypatch, silent)
    ask(world)
    watcher = threading.Thread(target=look)
    watcher.start()
    background.run_queued(timezone.now)
    watcher.join(10)
    assert Job.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_no_heartbeat_outlives_its_job_when_the_database_is_locked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_context, "HEARTBEAT_SECONDS", 0.01)
    register(monkeypatch)
    job, beating = ask(world), threading.Event()

    def clock() -> datetime:
        beating.set()
        return NOW

    with transaction.atomic(), job_context.heartbeat(JobContext(job, clock)):
        Job.objects.filter(pk=job.pk).update(state="running")
        assert beating.wait(10)
    assert f"job {job.pk}" not in {thread.name for thread in threading.enumerate()}


WORKER = """
import os, sys, time
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from django.conf import settings
from django.utils import timezone
from creation import background

def half(job, report):
    (report.folder / "paper.txt").write_text("半")
    print("written", flush=True)
    time.sleep(60)

background.JOB_KINDS["paper"] = background.JobKind(half, title="周报", permission="ledger.export")
background.run_queued(timezone.now)
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_no_partial_file_and_the_next_continues(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the other process opens SQLite's file")
    job = ask(world)
    database = f"sqlite:///{connection.settings_dict['NAME']}"
    env = os.environ | {"DATA_DIR": str(settings.DATA_DIR), "DATABASE_URL": database}
    with subprocess.Popen([sys.executable, "-c", WORKER], env=env, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "written\n"
        worker.send_signal(signal.SIGKILL)
    assert result_files() == ["paper.txt"]
    assert world.client("coordinator").get(f"/jobs/{job.pk}/file/").status_code == 404
    register(monkeypatch)

    def later() -> datetime:
        return timezone.now() + timedelta(days=3650)

    assert background.run_queued(later) == 1
    assert reloaded(job).state == "done"
    assert result_files() == [reloaded(job).result]


@pytest.mark.parametrize(("faults", "state"), [(1, "done"), (2, "done"), (9, "failed")])
def test_a_job_that_meets_a_locked_database_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, faults: int, state: str
) -> None:
    met: list[OperationalError] = []

    def work(job: Job, tell: JobContext) -> ResultFile:
        if len(met) < faults:
            met.append(OperationalError("database is locked"))
            raise met[-1]
        return paper(job, tell)

    register(monkeypatch, work)
    job = ask(world)
    background.run_queued(timezone.now)

    assert reloaded(job).state == state
    assert len(met) == min(faults, 3)
    assert bool(result_files()) == (state == "done")

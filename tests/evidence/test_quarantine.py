"""A real clamd with two signatures of our own: infected files are deleted, files not scanned wait, and nothing changes without clamd."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation import jobs
from creation.evidence import previews, quarantine
from creation.jobs import system_actor
from creation.lib import clamav
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Citation, Evidence, EvidenceVersion, Extract, Job, Notice, Scan, ScanState, Task
from creation.tasks import workflow
from tests.conftest import clamd, wait_for
from tests.support import evidence_files, upload_requests
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

MARK = b"CREATION-TEST-VIRUS-7f3a91"
CLEAN = evidence_files.pdf()
INFECTED = evidence_files.pdf(more=[f"({MARK.decode()})"])
CONFIG = """DatabaseDirectory {folder}/signatures
LocalSocket {folder}/clamd.ctl
Foreground true
StreamMaxLength 3M
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The socket of a clamd that knows our signatures."""
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "signatures").mkdir()
    (folder / "signatures" / "own.ndb").write_text(f"Creation.Test:0:*:{MARK.hex()}\n")
    (folder / "clamd.conf").write_text(CONFIG.format(folder=folder))
    command = [str(clamd()), "--config-file", str(folder / "clamd.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for((folder / "clamd.ctl").exists, 60)
        yield str(folder / "clamd.ctl")
        server.terminate()


@pytest.fixture
def scanner(daemon: str, settings: LazySettings) -> str:
    settings.CLAMAV = daemon
    return daemon


@pytest.fixture
def down(settings: LazySettings, tmp_path: Path) -> None:
    settings.CLAMAV = str(tmp_path / "nobody-listens")


def upload(world: World, name: str = "通报.pdf", body: bytes = CLEAN, **more: Any) -> Any:
    return upload_requests.upload(world.client("liaison"), world.task("lead"), name, body, **more)


def addresses(version: EvidenceVersion) -> list[str]:
    place = [version.evidence_id, version.number]
    return [reverse("evidence_file", args=place), reverse("evidence_image", args=[*place, 1])]


def blobs() -> list[Path]:
    return list(django_settings.FILES_ROOT.glob("*/*"))


def submit_task(world: World) -> Task:
    task, data = world.task("lead"), {"mode": "upload", "measures": "已办", "results": "", "highlights": ""}
    return workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, data)


def opened(world: World, version: EvidenceVersion) -> int:
    return world.client("liaison").head(addresses(version)[0]).status_code


# With a scanner


@pytest.mark.needs_clamd
def test_a_clean_file_is_accepted_and_an_infected_one_leaves_nothing(world: World, scanner: str) -> None:
    answer = upload(world, "病毒.pdf", INFECTED)
    assert answer.status_code == 422
    assert "查出病毒（Creation.Test" in answer.json()["error"]
    assert not Evidence.objects.exists()
    assert not blobs()
    entry = AuditEntry.objects.get(act="evidence.upload")
    assert (entry.result, "infected" in entry.detail) == ("refused", True)
    told = Notice.objects.get(kind="virus")
    assert told.person == world.people["administrator"]
    assert "病毒.pdf" in told.text
    assert upload(world).status_code == 201
    assert not Scan.objects.exists()
    assert opened(world, EvidenceVersion.objects.get()) == 200


@pytest.mark.needs_clamd
def test_waiting_files_are_released_once_the_scanner_is_back(
    world: World, down: None, settings: LazySettings, daemon: str
) -> None:
    upload(world)
    assert quarantine.scan_waiting(system_actor()) == 0
    assert Scan.objects.get().tries == 1
    settings.CLAMAV = daemon
    assert quarantine.scan_waiting(system_actor()) == 1
    assert Scan.objects.get().state == "clean"
    assert opened(world, EvidenceVersion.objects.get()) == 200
    assert quarantine.scan_waiting(system_actor()) == 0
    assert not Notice.objects.filter(kind="virus").exists()


@pytest.mark.needs_clamd
def test_an_infected_file_is_deleted_and_its_people_are_notified(
    world: World, down: None, settings: LazySettings, daemon: str, django_capture_on_commit_callbacks: Any
) -> None:
    upload(world, "病毒.pdf", INFECTED)
    assert len(blobs()) == 1
    settings.CLAMAV = daemon
    with django_capture_on_commit_callbacks(execute=True):
        assert quarantine.scan_waiting(system_actor()) == 1
    assert not blobs()
    evidence = Evidence.objects.get()
    assert (evidence.deleted_at, evidence.delete_reason) == (NOW, "查出病毒：Creation.Test.UNOFFICIAL")
    assert "Creation.Test" in AuditEntry.objects.get(act="evidence.infected").detail
    assert {notice.person for notice in Notice.objects.filter(kind="virus")} == {
        world.people["liaison"],
        world.people["administrator"],
    }
    assert world.client("liaison").get(reverse("evidence", args=[evidence.pk])).status_code == 404, "nobody restores it"
    page = world.client("liaison").get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
    assert evidence.title not in page.content.decode()


@pytest.mark.needs_clamd
def test_after_an_infected_correction_the_previous_version_is_current(
    world: World, scanner: str, settings: LazySettings, daemon: str
) -> None:
    citation = Citation.objects.get(pk=upload(world).json()["citation"])
    settings.CLAMAV = "/nobody/listens"
    upload(world, "新.pdf", INFECTED, evidence=citation.evidence_id)
    settings.CLAMAV = daemon
    assert quarantine.scan_waiting(system_actor()) == 1
    evidence = Evidence.objects.get()
    assert evidence.deleted_at is None
    assert [version.number for version in evidence.versions.all()] == [1]
    assert submit_task(world)


@pytest.mark.needs_clamd
def test_the_scanner_reports_viruses_and_files_too_large(scanner: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    for body, found in ((b"x", ""), (b"", ""), (MARK, "Creation.Test.UNOFFICIAL"), (bytes(1 << 20) + MARK, None)):
        path.write_bytes(body)
        with path.open("rb") as file:
            assert clamav.scan(file, scanner, 20) == (found if found is not None else "Creation.Test.UNOFFICIAL")
    path.write_bytes(bytes(5 << 20))
    with path.open("rb") as file, pytest.raises(clamav.ScannerUnavailable):
        clamav.scan(file, scanner, 20)


# Without a response


def test_a_file_not_scanned_waits_and_cannot_be_opened(world: World, down: None) -> None:
    said = upload(world)
    assert said.status_code == 201
    assert "待查毒" in said.json()["row"]
    version = EvidenceVersion.objects.get()
    client = world.client("liaison")
    for address in addresses(version):
        assert client.get(address).status_code in (404, 409)
    assert "待查毒" in client.get(addresses(version)[0]).content.decode()
    preview = client.post(
        reverse("evidence_preview", args=[version.evidence_id, version.number]), HTTP_HX_REQUEST="true"
    )
    assert "待查毒" in preview.content.decode()
    assert not Job.objects.exists()
    job = previews.queue_rendering(version, None, NOW)
    previews.run_rendering(job, None)  # type: ignore[arg-type]
    assert previews.page_count(version.sha256) is None
    assert "待查毒" in client.get(reverse("evidence", args=[version.evidence_id])).content.decode()


def test_waiting_files_cannot_be_read_and_released_ones_can(world: World, down: None) -> None:
    upload(world)
    jobs.read_files()
    Scan.objects.update(state=ScanState.INFECTED, found="x")
    jobs.read_files()
    assert not Extract.objects.exists()
    Scan.objects.update(state=ScanState.CLEAN, found="")
    jobs.read_files()
    assert Extract.objects.get().version == EvidenceVersion.objects.get()


def test_an_answer_that_cites_it_cannot_be_handed_in(world: World, down: None) -> None:
    upload(world)
    with pytest.raises(Refusal, match="正在等待查毒"):
        submit_task(world)
    assert world.task("lead").status == "open"
    Scan.objects.update(state="clean")
    submit_task(world)


def test_a_hanging_scanner_delays_an_upload_only_briefly(
    world: World, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "UPLOAD_TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CLAMAV = f"127.0.0.1:{silent.getsockname()[1]}"
        begun = time.perf_counter()
        assert upload(world).status_code == 201
        assert time.perf_counter() - begun < 5
    assert Scan.objects.get().state == "waiting"


@pytest.mark.parametrize("said", [b"", b"nonsense\0", b"stream: OK", b"INSTREAM size limit exceeded. ERROR\0"])
def test_an_invalid_response_releases_nothing(said: bytes, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(100)
                peer.sendall(said)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(1000):
                    pass

        threading.Thread(target=speak, daemon=True).start()
        (tmp_path / "x").write_bytes(b"x")
        with (tmp_path / "x").open("rb") as file:
            if said == b"stream: OK":
                assert clamav.scan(file, f"127.0.0.1:{server.getsockname()[1]}", 2) == ""
                return
            with pytest.raises(clamav.ScannerUnavailable):
                clamav.scan(file, f"127.0.0.1:{server.getsockname()[1]}", 2)


def test_films_are_not_sent(world: World, down: None) -> None:
    assert upload(world, "录像.mp4", evidence_files.mp4()).status_code == 201
    assert not Scan.objects.exists()


def test_attachments_of_the_office_do_not_wait(world: World, down: None) -> None:
    client, before = world.client("coordinator"), blobs()
    fields = {"title": "通知", "body": "正文", "units": [unit.pk for unit in world.units.values()]}
    files = {"files": SimpleUploadedFile("附件.pdf", CLEAN)}
    said = client.post(reverse("announcement_new", args=[world.campaign.pk]), fields | files)
    assert said.status_code == 422
    assert "查毒服务暂时没有应答" in said.content.decode()
    assert blobs() == before


def test_without_the_setting_nothing_waits(world: World) -> None:
    assert upload(world).status_code == 201
    assert not Scan.objects.exists()
    assert quarantine.scan_waiting(system_actor()) == 0

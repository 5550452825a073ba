"""An object store that fails, hangs, answers wrongly or truncates: the user gets a sentence, and nothing acknowledged is lost."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core import checks
from django.urls import reverse

from creation import jobs
from creation.evidence import previews
from creation.lib import storage
from creation.lib.storage import bucket
from creation.models import EvidenceVersion, Job, Upload
from creation.operations import cleanup
from tests.conftest import free_port
from tests.support import blob_stores, evidence_files, upload_requests
from tests.support.faulty_proxy import FaultyProxy, ProxyFault, faulty_proxy
from tests.support.server_process import ROOT, environment
from tests.support.world import NOW, World

BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NO = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
YES = b'HTTP/1.1 200 OK\r\nETag: "d41d8cd98f00b204e9800998ecf8427e"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
ALWAYS = 99
PUTS = [
    ProxyFault("cut", "up", times=ALWAYS, verb=b"PUT"),
    ProxyFault("cut", "up", after=40_000, times=ALWAYS),
    ProxyFault("hang", "down", times=ALWAYS),
    ProxyFault("lie", "up", times=ALWAYS, answer=BUSY),
    ProxyFault("lie", "up", times=ALWAYS, answer=NO, verb=b"PUT"),
    ProxyFault("lie", "up", times=1, answer=YES, verb=b"PUT"),
]
GETS = [
    ProxyFault("cut", "up", times=ALWAYS, verb=b"GET"),
    ProxyFault("cut", "up", times=ALWAYS),
    ProxyFault("lie", "up", times=ALWAYS, answer=BUSY),
]


@pytest.fixture
def proxy(s3_port: int, fresh_data_dir: Path, settings: LazySettings) -> Iterator[FaultyProxy]:
    blob_stores.empty_bucket(s3_port)
    with faulty_proxy(s3_port) as proxy:
        settings.S3 = blob_stores.s3_settings(proxy.port)
        yield proxy


def named(fault: ProxyFault) -> str:
    return f"{fault.kind}-{fault.verb.decode() or fault.way}-{fault.after or fault.answer[9:12].decode()}"


def stored_keys(port: int, settings: LazySettings) -> list[str]:
    """Return what is stored, bypassing the faulty proxy."""
    settings.S3 = blob_stores.s3_settings(port)
    return [key for keys in storage.all_keys() for key in keys]


@pytest.mark.parametrize("fault", PUTS, ids=named)
def test_a_store_that_fails_is_a_sentence_and_the_upload_is_finished_later(
    fault: ProxyFault,
    world: World,
    proxy: FaultyProxy,
    s3_port: int,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)  # the client's pauses between retries
    client, body = world.client("liaison"), evidence_files.jpg() + os.urandom(90_000)
    url = upload_requests.begin(client, world.task("lead"), "现场.jpg", len(body)).json()["url"]
    proxy.arm(ProxyFault(fault.kind, fault.way, fault.after, fault.times, fault.answer, fault.verb))
    if fault.kind == "hang":
        settings.S3 = blob_stores.s3_settings(proxy.port, timeout=0.4)
    answer = upload_requests.put(client, url, 0, body)
    settings.S3 = blob_stores.s3_settings(proxy.port)
    assert proxy.happened, "the fault never struck"
    assert (answer.status_code, answer.json()["offset"]) == (503, len(body))
    assert "文件存储暂时连不上" in answer.json()["error"]
    assert not EvidenceVersion.objects.exists()
    proxy.faults.clear()
    assert client.get(url).json() == {"offset": len(body), "size": len(body), "done": False}
    assert upload_requests.put(client, url, len(body), b"").status_code == 201
    version = EvidenceVersion.objects.get()
    assert storage.blob_sha256(version.blob) == version.sha256 == hashlib.sha256(body).hexdigest()
    assert stored_keys(s3_port, settings) == [version.blob]
    assert storage.part_modified_at(Upload.objects.get().token) is None


def uploaded_file(world: World, body: bytes) -> tuple[str, EvidenceVersion]:
    assert upload_requests.upload(world.client("liaison"), world.task("lead"), "现场.jpg", body).status_code == 201
    version = EvidenceVersion.objects.get()
    return reverse("evidence_file", args=[version.evidence_id, 1]), version


def test_a_connection_to_the_store_that_breaks_while_a_file_is_read_is_resumed(
    world: World, proxy: FaultyProxy
) -> None:
    body = evidence_files.jpg() + os.urandom(900_000)
    url, _ = uploaded_file(world, body)
    proxy.arm(ProxyFault("cut", "down", after=300_000, times=2))
    assert b"".join(world.client("liaison").get(url).streaming_content) == body
    assert proxy.happened == ["cut", "cut"]
    answer = world.client("liaison").get(url, headers={"Range": "bytes=500000-500099"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, body[500_000:500_100])


@pytest.mark.parametrize("fault", GETS, ids=named)
def test_a_store_that_cannot_be_read_shows_a_sentence_or_breaks_off_and_never_half_a_file(
    fault: ProxyFault, world: World, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    body = evidence_files.jpg() + os.urandom(900_000)
    url, version = uploaded_file(world, body)
    proxy.arm(ProxyFault(fault.kind, fault.way, fault.after, fault.times, fault.answer, fault.verb))
    answer = world.client("liaison").get(url)
    if answer.status_code == 200:
        with pytest.raises(storage.StoreUnavailable):
            b"".join(
                answer.streaming_content
            )  # the server closes the connection; the browser notices by the Content-Length
    else:
        assert answer.status_code == 503
        assert "暂时取不出来" in answer.content.decode()
    jobs.make_previews()
    job = Job.objects.get()
    assert (job.state, job.message[:4]) == ("failed", "文件存储")
    assert previews.page_count(version.sha256) is None
    assert proxy.happened


def test_an_object_that_lost_its_tail_is_not_shown(world: World, proxy: FaultyProxy) -> None:
    url, version = uploaded_file(world, evidence_files.jpg())
    path = storage.part_path(uuid4())
    path.write_bytes(evidence_files.jpg()[:-9])
    storage.save_blob_as(path, version.blob)
    answer = world.client("liaison").get(url)
    assert answer.status_code == 404
    assert "与登记的大小不符" in answer.content.decode()


def test_an_unavailable_store_is_swept_later(world: World, proxy: FaultyProxy, caplog: Any) -> None:
    proxy.arm(ProxyFault("cut", times=ALWAYS))
    assert cleanup.clean_up(NOW) == 0
    assert "out of reach" in caplog.text
    assert proxy.happened


def test_large_files_go_to_the_store_in_pieces(
    world: World, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "CHUNK", 64 * 1024)
    path, content = storage.part_path(uuid4()), os.urandom(2 * bucket.UPLOAD_PART_BYTES + 5)
    path.write_bytes(content)
    assert storage.blob_sha256(storage.save_blob(path)) == hashlib.sha256(content).hexdigest()


def test_a_large_file_whose_last_piece_is_lost_is_not_stored(
    proxy: FaultyProxy, s3_port: int, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    path = storage.part_path(uuid4())
    path.write_bytes(os.urandom(2 * bucket.UPLOAD_PART_BYTES + 5))
    proxy.arm(ProxyFault("cut", "up", after=bucket.UPLOAD_PART_BYTES + 2**20), ProxyFault("cut", "up", times=ALWAYS))
    with pytest.raises(storage.StoreUnavailable):
        storage.save_blob(path)
    assert proxy.happened
    assert stored_keys(s3_port, settings) == []


def check_messages(settings: LazySettings, **given: Any) -> list[tuple[str | None, str]]:
    """Return the messages of the start-up check for these options."""
    settings.S3 = settings.S3 | given
    return [(found.id, found.msg) for found in checks.run_checks(tags=["files"])]


def test_a_writable_bucket_passes_the_check_at_the_start_and_stays_empty(
    s3_port: int, proxy: FaultyProxy, settings: LazySettings
) -> None:
    assert check_messages(settings) == []
    assert stored_keys(s3_port, settings) == []
    assert list(bucket.BucketStore(settings.S3).store.listdir("")) == [[], []]


def test_a_missing_unavailable_or_forbidden_bucket_is_a_sentence_at_the_start(
    s3_port: int, proxy: FaultyProxy, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    ((number, said),) = check_messages(settings, bucket="none-such")
    assert (number, "none-such（http://127.0.0.1" in said, "不存在" in said) == ("creation.E006", True, True)
    with blob_stores.credentials_required(s3_port):
        ((number, said),) = check_messages(settings, bucket="evidence")
    assert (number, "不认所给的密钥，或不许写入" in said) == ("creation.E007", True)
    assert settings.S3["secret_key"] not in said
    ((number, said),) = check_messages(settings, endpoint=f"http://127.0.0.1:{free_port()}")
    assert (number, "连不上或没有应答" in said) == ("creation.W006", True)


def test_the_server_does_not_start_on_a_missing_bucket(s3_port: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "config.prepare"]
    given = environment(tmp_path, **blob_stores.s3_environment(s3_port, "none-such"))
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True)
    assert done.returncode == 1
    assert "文件存储桶 none-such" in done.stderr
    assert "请检查 S3_BUCKET" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_bucket_is_an_alarm_on_the_health_page(
    world: World, proxy: FaultyProxy, settings: LazySettings
) -> None:
    administrator = world.client("administrator")
    assert "可以读写。" in administrator.get(reverse("health")).content.decode()
    settings.S3 = settings.S3 | {"bucket": "none-such"}
    page = administrator.get(reverse("health")).content.decode()
    assert "文件存储桶 none-such" in page
    assert "请检查 S3_BUCKET" in page

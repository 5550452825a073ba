"""Both places to store blobs, for tests that must pass with either: a folder, and a bucket of a real S3 server."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    from tests.conftest import free_port, listens, wait_for  # which imports these fixtures from here

    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for(lambda: listens(port), 60)
        yield port
        server.terminate()


def s3_settings(port: int, bucket: str = "evidence", **more: Any) -> dict[str, Any]:
    return {
        "bucket": bucket,
        "prefix": "creation",
        "endpoint": f"http://127.0.0.1:{port}",
        "region": "us-east-1",
        "access_key": "tests",
        "secret_key": "tests-secret",
        "addressing": "path",
        "checksums": True,
        "timeout": 30,
    } | more


def s3_environment(port: int, bucket: str) -> dict[str, str]:
    """Return the same for another process."""
    given = s3_settings(port, bucket)
    return {
        "S3_BUCKET": bucket,
        "S3_PREFIX": given["prefix"],
        "S3_ENDPOINT": given["endpoint"],
        "S3_ACCESS_KEY": given["access_key"],
        "S3_SECRET_KEY": given["secret_key"],
        "S3_ADDRESSING": given["addressing"],
    }


@contextmanager
def credentials_required(port: int) -> Iterator[None]:
    """Make the server require credentials: it knows no keys, so it refuses any."""
    check_credentials_after(port, "0")
    try:
        yield
    finally:
        check_credentials_after(port, "inf")


def check_credentials_after(port: int, requests: str) -> None:
    """Require credentials after so many requests."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/moto-api/reset-auth", requests.encode())
    asked.add_header("Content-Type", "text/plain")  # otherwise the server would parse the body as a form
    urllib.request.urlopen(asked).close()


def empty_bucket(port: int, name: str = "evidence") -> None:
    import boto3

    given = s3_settings(port)
    keys = {"aws_access_key_id": given["access_key"], "aws_secret_access_key": given["secret_key"]}
    bucket = boto3.resource("s3", endpoint_url=given["endpoint"], region_name=given["region"], **keys).Bucket(name)
    bucket.create()
    bucket.objects.all().delete()


@pytest.fixture(params=["folder", "s3"])
def blob_store(request: pytest.FixtureRequest, fresh_data_dir: Path, settings: LazySettings) -> str:
    """Return which of the two it is."""
    if request.param == "s3":
        port = request.getfixturevalue("s3_port")
        empty_bucket(port)
        settings.S3 = s3_settings(port)
    return str(request.param)

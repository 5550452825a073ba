"""Both places where blobs may lie, for tests that must hold in either: a folder, and a bucket of a real S3 server."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    from tests.conftest import free_port, listens, wait_for  # which takes these fixtures from here

    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for(lambda: listens(port), 60)
        yield port
        server.terminate()


def options(port: int, bucket: str = "evidence", **more: Any) -> dict[str, Any]:
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


def empty_bucket(port: int) -> None:
    import boto3

    given = options(port)
    keys = {"aws_access_key_id": given["access_key"], "aws_secret_access_key": given["secret_key"]}
    bucket = boto3.resource("s3", endpoint_url=given["endpoint"], region_name=given["region"], **keys).Bucket(
        "evidence"
    )
    bucket.create()
    bucket.objects.all().delete()


@pytest.fixture(params=["folder", "s3"])
def shelf(request: pytest.FixtureRequest, fresh_data_dir: Path, settings: LazySettings) -> str:
    """Which of the two it is."""
    if request.param == "s3":
        port = request.getfixturevalue("s3_port")
        empty_bucket(port)
        settings.S3 = options(port)
    return str(request.param)

"""Blob storage in a bucket of an S3-compatible object store, through django-storages."""

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from storages.backends.s3 import S3Storage

from creation.lib.storage.errors import StoreUnavailable, translate_disk_full

UPLOAD_PART_BYTES = 8 * 2**20  # of an upload to the store; the memory that one request's body needs
CHUNK = 256 * 1024
MAX_TRIES = 3
NOT_FOUND_CODES = {"404", "NoSuchKey", "NotFound"}
PROBE = "probe"  # does not have the form of a key, so it is never taken for a blob
ERRORS_BY_STATUS: dict[int | None, type[Exception]] = {
    401: PermissionError,
    403: PermissionError,
    404: FileNotFoundError,
}


@contextmanager
def translate_store_errors() -> Iterator[None]:
    """Turn errors of the client library into FileNotFoundError or StoreUnavailable."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in NOT_FOUND_CODES:
            raise FileNotFoundError(str(error)) from error
        raise StoreUnavailable from error
    except (BotoCoreError, Boto3Error) as error:
        raise StoreUnavailable from error


class BucketStore:
    """Stores blobs as objects. The store creates an object only when its last byte has arrived; the size is checked afterwards."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        checks = "when_supported" if options["checksums"] else "when_required"
        config = Config(
            connect_timeout=5,
            read_timeout=options["timeout"],
            retries={"total_max_attempts": MAX_TRIES, "mode": "standard"},
            max_pool_connections=20,
            s3={"addressing_style": options["addressing"]},
            signature_version="s3v4",
            request_checksum_calculation=checks,
            response_checksum_validation=checks,
        )
        self.store = S3Storage(
            bucket_name=options["bucket"],
            endpoint_url=options["endpoint"] or None,
            region_name=options["region"] or None,
            access_key=options["access_key"] or None,
            secret_key=options["secret_key"] or None,
            location=options["prefix"],
            client_config=config,
            transfer_config=TransferConfig(
                multipart_threshold=UPLOAD_PART_BYTES, multipart_chunksize=UPLOAD_PART_BYTES, use_threads=False
            ),
        )

    @property
    def client(self) -> Any:
        """The client of this thread."""
        return self.store.connection.meta.client

    def object_params(self, key: str) -> dict[str, str]:
        prefix = self.store.location.strip("/")
        return {"Bucket": self.store.bucket_name, "Key": f"{prefix}/{key}" if prefix else key}

    def put(self, path: Path, key: str, durable: bool) -> None:
        try:
            with translate_store_errors(), path.open("rb") as file:
                self.store.save(key, File(file))
            if self.size(key) != path.stat().st_size:
                raise StoreUnavailable
        except (StoreUnavailable, FileNotFoundError) as wrong:
            with suppress(StoreUnavailable):
                self.delete(key)
            raise StoreUnavailable from wrong

    def open(self, key: str) -> BinaryIO:
        return io.BufferedReader(RemoteBlob(self, key, self.size(key)), CHUNK)

    def size(self, key: str) -> int:
        with translate_store_errors():
            return int(self.client.head_object(**self.object_params(key))["ContentLength"])

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        with tempfile.NamedTemporaryFile(dir=settings.INCOMING_ROOT, suffix=".fetched") as file:
            with self.open(key) as blob, translate_disk_full():
                copyfileobj(blob, file, CHUNK)
                file.flush()
            yield Path(file.name)

    def delete(self, key: str) -> None:
        with translate_store_errors():
            self.client.delete_object(**self.object_params(key))

    def keys(self, before: float) -> Iterator[list[str]]:
        params = self.object_params("")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=params["Bucket"], Prefix=params["Key"])
        with translate_store_errors():
            for page in pages:
                found = [each for each in page.get("Contents", ()) if each["LastModified"].timestamp() < before]
                yield [each["Key"].removeprefix(params["Key"]) for each in found]

    def check_writable(self) -> None:
        """Write a byte and remove it.

        Raises FileNotFoundError without such a bucket, PermissionError if our key may not write, StoreUnavailable.
        """
        params = self.object_params(PROBE)
        try:
            self.client.put_object(**params, Body=b"\0")
            self.client.delete_object(**params)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            raise ERRORS_BY_STATUS.get(status, StoreUnavailable)(str(error)) from error
        except BotoCoreError as error:
            raise StoreUnavailable from error


class RemoteBlob(io.RawIOBase):
    """A blob that is fetched while it is read. A broken connection is resumed at the same position. Raises StoreUnavailable."""

    def __init__(self, bucket: BucketStore, key: str, size: int) -> None:
        self.bucket, self.key, self.length = bucket, key, size
        self.at, self.body = 0, None  # type: tuple[int, Any]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.length}[whence])
        if at != self.at:
            self._close_body()
            self.at = at
        return at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self.length - self.at)
        if wanted <= 0:
            return 0
        data = self._read_some(wanted)
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)

    def _read_some(self, wanted: int) -> bytes:
        for tries in range(1, MAX_TRIES + 1):
            try:
                with translate_store_errors():
                    if data := bytes(self._stream().read(wanted)):
                        return data
            except (StoreUnavailable, FileNotFoundError):
                if tries == MAX_TRIES:
                    raise
            self._close_body()
        raise StoreUnavailable

    def _stream(self) -> Any:
        if self.body is None:
            found = self.bucket.client.get_object(**self.bucket.object_params(self.key), Range=f"bytes={self.at}-")
            self.body = found["Body"]
        return self.body

    def _close_body(self) -> None:
        body, self.body = self.body, None
        if body is not None:
            body.close()

    def close(self) -> None:
        self._close_body()
        super().close()

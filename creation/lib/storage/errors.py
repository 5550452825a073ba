"""Errors of the storage, each with its sentence for the user."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from creation.lib.refusals import Refusal

DISK_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DISK_FULL_MESSAGE = "服务器磁盘空间不足，文件没有保存。请稍后再试，并通知系统管理员清理磁盘。"
UNAVAILABLE_MESSAGE = "文件存储暂时连不上或没有应答，请过几分钟再试；一直如此请通知系统管理员。"


class DiskFull(Refusal):
    """There is no space left."""

    def __init__(self, sentence: str = DISK_FULL_MESSAGE) -> None:
        super().__init__(sentence, 507)


class StoreUnavailable(Refusal):
    """The object store does not answer, or answers wrongly. The file to be stored still exists where it was."""

    def __init__(self, sentence: str = UNAVAILABLE_MESSAGE) -> None:
        super().__init__(sentence, 503)


class PartLocked(Refusal):
    """Another request is writing to this part."""

    def __init__(self) -> None:
        super().__init__("上一段还在接收，稍后继续。", 409)


@contextmanager
def translate_disk_full() -> Iterator[None]:
    """Turn the operating system's errors for a full disk into DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL_ERRNOS:
            raise DiskFull from error
        raise

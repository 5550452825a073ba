"""What the web server may keep of request bodies that are still arriving: bytes in total and by address, and room on the disk."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from config.promised_bytes import PromisedBytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a request whose body is not read."""

    status: str
    sentence: str
    retry_after: int = 0  # seconds; 0: trying again would not help


STATUS_TOO_LARGE = "413 Content Too Large"
STATUS_LOGIN = "401 Unauthorized"
STATUS_BUSY = "503 Service Unavailable"
STATUS_DISK_FULL = "507 Insufficient Storage"

NOT_LOGGED_IN = Refused(STATUS_LOGIN, "登录已过期或尚未登录，内容没有接收。请在新窗口登录，再回到这里重新提交。")
UNKNOWN_LENGTH = Refused("411 Length Required", "请求没有写明长度，内容没有接收。请换用浏览器提交。")
MANY_FROM_HERE = Refused(STATUS_BUSY, "从您的网络地址正在上传的内容太多，本次没有接收。请等其他文件传完后再试。", 15)
MANY_IN_ALL = Refused(STATUS_BUSY, "正在上传的人太多，本次没有接收，已有内容没有变化。请过半分钟再试。", 30)
DISK_FULL = Refused(
    STATUS_DISK_FULL, "服务器磁盘空间不足，内容没有接收，已有内容没有变化。请稍后再试，并通知系统管理员清理磁盘。", 300
)
DATABASE_BUSY = Refused(STATUS_BUSY, "系统正忙，内容没有接收，已有内容没有变化。请过半分钟再试。", 30)


def too_large(limit: int) -> Refused:
    size = f"{limit // 2**20} MB" if limit >= 2**20 else f"{limit // 2**10} KB"
    return Refused(STATUS_TOO_LARGE, f"提交的内容超过此处的上限 {size}，没有接收。请压缩或分成几次后再提交。")


@dataclass(frozen=True, slots=True)
class BodyBuffer:
    """The limits for arriving bodies. They hold for all processes that were forked from the one that created it."""

    folder: Path
    total: int
    by_address: int
    reserve: int  # bytes of the disk that stay free for the database
    _promised: PromisedBytes = field(default_factory=PromisedBytes)

    def promise(self, address: str, size: int) -> Refused | None:
        """Promise room for a body. Return why there is none; then nothing was promised."""
        with self._promised.lock():
            refused = self._refused(address, size)
            if refused is None:
                self._promised.add(address, size)
            return refused

    def _refused(self, address: str, size: int) -> Refused | None:
        promised = self._promised.total()
        if self._promised.of(address) + size > self.by_address:
            return MANY_FROM_HERE
        if promised + size > self.total or self._promised.is_full():
            return MANY_IN_ALL
        # Twice, because the view copies a file out of the buffer before the buffer is freed.
        if shutil.disk_usage(self.folder).free - promised - 2 * size < self.reserve:
            return DISK_FULL
        return None

    def release(self, address: str, size: int) -> None:
        with self._promised.lock():
            self._promised.remove(address, size)

    def forget(self, pid: int) -> None:
        """Take back what a process promised that has ended."""
        with self._promised.lock():
            self._promised.forget(pid)

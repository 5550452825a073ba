"""The web server: `python -m config.serve`.

Waitress reads the whole body of a request, into a file if it is large, before it occupies a thread. So two hundred uploads over slow lines
do not keep threads from answering other requests. What it reads at all: `config/web_request.py`. One process uses one core, so there are
several: `config/web_processes.py`.
"""

import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections
from waitress.adjustments import Adjustments

from config import web_processes
from config.body_buffer import BodyBuffer

OPEN_FILES = 8192  # a connection with a large body needs two
CONNECTIONS = 2000  # of each process
BACKLOG = 1024
SLACK = 64 * 2**20  # room for the rest of the form, beyond the largest file


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        from creation.operations import upgrading  # needs the settings

        upgrading.require_known_database()
        call_command("check", databases=["default"])
    except (ImproperlyConfigured, SystemCheckError) as wrong:
        sys.exit(str(wrong))
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # lets current requests finish
    allow_open_files()
    tempfile.tempdir = str(settings.INCOMING_ROOT)
    count = settings.WEB_PROCESSES
    if count == 1:
        run()
        return
    sockets = [bound(address) for address in Adjustments(**options()).listen]
    application()  # loaded once for all processes
    close_database()  # they cannot share a connection
    buffer = body_buffer()
    serve = partial(run, share=count, sockets=sockets, buffer=buffer)
    web_processes.keep_running(count, serve, settings.WEB_MEMORY, buffer.forget)


def close_database() -> None:
    """Close all connections, also those that the pool of PostgreSQL keeps open."""
    for each in connections.all(initialized_only=True):
        each.close()
        if each.vendor == "postgresql":
            each.close_pool()  # type: ignore[attr-defined]  # the PostgreSQL wrapper has it


def run(**changed: Any) -> None:
    server = create_server(application(), **changed)
    signal.signal(web_processes.DRAIN, lambda number, frame: server.drain())
    server.run()


def bound(address: Any) -> Any:
    from config.web_server import bind  # its imports need the settings

    sock = bind(address)
    sock.listen(BACKLOG)
    return sock


def application() -> object:
    from config.wsgi import application

    return application


def create_server(
    application: Any,
    share: int = 1,
    sockets: Sequence[socket.socket] = (),
    buffer: BodyBuffer | None = None,
    **changed: Any,
) -> Any:
    """Return the server, which listens. ``changed`` replaces options of waitress.

    ``share`` processes share a ``buffer``; each has its part of the connections of an address.
    """
    from config.web_server import WebServer  # its imports need the settings

    connections_by_address = -(-settings.CONNECTIONS_BY_ADDRESS // share)
    return WebServer(application, buffer or body_buffer(), connections_by_address, sockets, **options() | changed)


def body_buffer() -> BodyBuffer:
    return BodyBuffer(settings.INCOMING_ROOT, settings.BUFFER_TOTAL, settings.BUFFER_BY_ADDRESS, settings.RESERVED_DISK)


def options() -> dict[str, object]:
    largest = max(settings.LIMIT_IMAGE, settings.LIMIT_DOCUMENT, settings.LIMIT_VIDEO)
    return {
        "host": settings.HOST,
        "port": settings.PORT,
        "threads": settings.WEB_THREADS,
        "connection_limit": CONNECTIONS,
        "backlog": BACKLOG,
        "asyncore_use_poll": True,  # select() is limited to 1,024 files
        "max_request_body_size": largest + SLACK,
        "inbuf_overflow": 64 * 2**10,  # bytes of a body kept in memory for each connection
        "ident": None,
        **proxy(),
    }


def proxy() -> dict[str, object]:
    """Return the options that trust the headers of the proxy; the same headers from anybody else are removed."""
    if not settings.TRUSTED_PROXY:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": settings.TRUSTED_PROXY,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }


def allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()

"""The running installation, what was acknowledged, and a person at a browser."""

import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.journal import Journal
from tests.support.server_process import RunningServer
from tests.support.slow_uploads import Visitor

MOST_SECONDS = 60
PASSWORD = "correct horse battery"
FORM = "application/x-www-form-urlencoded"
WRITERS = 6  # people who ask for a long export
GIVEN = {"RESERVED_DISK_MB": "60", "LEAST_FREE_MB": "60", "CHANNEL_HOSTS": "127.0.0.1", "LOG_LEVEL": "WARNING"}
FAILURES = (OSError, HTTPException, AssertionError)


@dataclass
class Site:
    """The running installation, its database file and its journal."""

    data: Path
    places: dict[str, str]
    journal: Journal
    server: RunningServer | None = None
    port: int = 0
    writers: list[str] = field(default_factory=lambda: [f"writer{number}" for number in range(WRITERS)])
    answers: dict[int, int] = field(default_factory=dict)  # how often each status was answered to writes
    stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.server = RunningServer(self.data, **GIVEN)
        self.server.__enter__()
        self.port = self.server.port

    def pid(self, name: str) -> int:
        assert self.server
        until = time.monotonic() + MOST_SECONDS
        while not (found := self.server.pid(name)):
            assert time.monotonic() < until, f"{name} does not run"
            time.sleep(0.1)
        return found

    @property
    def database(self) -> str:
        return str(self.data / "db" / "creation.sqlite3")

    def times(self, kind: str) -> list[float]:
        """Return the moments of the acknowledgements, in their order."""
        return list(self.journal.entries[kind].values())

    def ask(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as database:
            return database.execute(sql, values).fetchall()


class Person:
    """Somebody at a browser who logs in anew when that is asked for."""

    def __init__(self, site: Site, login: str) -> None:
        self.site, self.login = site, login
        self.visitor: Visitor | None = None

    def post(self, path: str, **fields: str) -> tuple[int, bytes]:
        if self.visitor is None or self.visitor.port != self.site.port:
            self.visitor = Visitor(self.site.port, self.login, PASSWORD)
        status, body = self.visitor.ask("POST", path, urlencode(fields).encode(), FORM)
        if status in {401, 403}:
            self.visitor = None
        return status, body

    def put_picture(self, task: str, content: bytes) -> bool:
        if self.visitor is None or self.visitor.port != self.site.port:
            self.visitor = Visitor(self.site.port, self.login, PASSWORD)
        url = self.visitor.announce(task, f"{time.time_ns()}.jpg", len(content))
        status, _ = self.visitor.ask("PUT", f"{url}?offset=0", content)
        return status == 201

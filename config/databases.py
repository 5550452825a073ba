"""The database: SQLite in the data folder, or PostgreSQL by DATABASE_URL."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

POSTGRESQL = "django.db.backends.postgresql"
SQLITE = "config.sqlite"  # Django's backend, with writers that queue
DJANGO_SQLITE = "django.db.backends.sqlite3"  # what a URL says


def from_url(url: str, default: Path) -> dict[str, Any]:
    """Return Django's settings for this URL; without a URL, those for the SQLite file `default`."""
    config: dict[str, Any] = environ.Env.db_url_config(url) if url else {"ENGINE": SQLITE, "NAME": str(default)}
    if config["ENGINE"] in (SQLITE, DJANGO_SQLITE):
        # Kept open: the last connection to close an SQLite file writes the log back, which took 20 ms for each request.
        return config | {"ENGINE": SQLITE, "CONN_MAX_AGE": 600, "OPTIONS": sqlite_options()}
    if config["ENGINE"] == POSTGRESQL:
        return config | {"CONN_HEALTH_CHECKS": True, "OPTIONS": config.get("OPTIONS", {}) | postgresql_options()}
    raise ImproperlyConfigured("DATABASE_URL 只支持 sqlite:///… 和 postgres://…：请改正后再启动。")


def sqlite_options() -> dict[str, Any]:
    """Options for SQLite. IMMEDIATE takes the write lock when a transaction begins, so that reading and then writing waits instead of
    failing."""
    return {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }


def postgresql_options() -> dict[str, Any]:
    """Options for PostgreSQL: a connection pool for each process, with at most one connection for each thread of the web server."""
    return {"pool": {"min_size": 1, "max_size": 20, "timeout": 10}}

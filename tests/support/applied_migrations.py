"""The test tables are created without migrations. This fixture records all migrations as applied, for code that asks."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

SERIAL = {"sqlite": "integer PRIMARY KEY AUTOINCREMENT", "postgresql": "bigserial PRIMARY KEY"}
MOMENT = {"sqlite": "datetime", "postgresql": "timestamp with time zone"}


@pytest.fixture
def migrated(db: None, settings: LazySettings) -> Iterator[None]:
    settings.MIGRATION_MODULES = {}  # `--nomigrations` had emptied it
    vendor = connection.vendor
    columns = f"id {SERIAL[vendor]}, app varchar(255), name varchar(255), applied {MOMENT[vendor]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE django_migrations ({columns})")
        for app, name in MigrationLoader(None).disk_migrations:
            MigrationRecorder(connection).record_applied(app, name)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS django_migrations")

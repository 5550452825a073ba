"""Create tables as they are after a migration, without the migrations before it, which take much longer.

``python -m tests.support.tables_at_once`` creates those of the last migrations in an empty database. ``tests/config/test_launcher.py`` runs
the migrations themselves, on SQLite and on PostgreSQL.
"""

import os
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def create_tables(connection: Any, targets: list[tuple[str, str]]) -> Any:
    """Return the models at these migrations."""
    executor = MigrationExecutor(connection)
    apps = executor.loader.project_state(targets).apps
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)
    executor.recorder.ensure_schema()
    for migration, _ in executor.migration_plan(targets):
        executor.recorder.record_applied(migration.app_label, migration.name)
    return apps


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    create_tables(connection, MigrationExecutor(connection).loader.graph.leaf_nodes())
    call_command("migrate", interactive=False, verbosity=0)  # what follows every migrate, such as triggers


if __name__ == "__main__":
    main()

"""Create tables as they were after a migration, without the migrations before it, which take much longer."""

from typing import Any

from django.db.migrations.executor import MigrationExecutor


def create_tables(connection: Any, targets: list[tuple[str, str]]) -> Any:
    """Return the models at these migrations."""
    executor = MigrationExecutor(connection)
    one_by_one(executor)
    apps = executor.loader.project_state(targets).apps
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)
    executor.recorder.ensure_schema()
    for migration, _ in executor.migration_plan(targets):
        executor.recorder.record_applied(migration.app_label, migration.name)
    return apps


def one_by_one(executor: MigrationExecutor) -> None:
    """Let the executor know the migrations that others replace, which an empty database would not get."""
    executor.loader.replace_migrations = False
    executor.loader.build_graph()

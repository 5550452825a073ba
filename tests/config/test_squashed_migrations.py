"""A new installation gets all tables by one migration, an old one by those that it replaces. Both end with the same database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from creation.operations.backup import databases
from tests.support import upgrades
from tests.support.table_definitions import definitions
from tests.support.tables_at_once import one_by_one

LAST = ("creation", "0019_data_of_supervision")
SQUASHED = ("creation", "0001_squashed_0019_data_of_supervision")


@pytest.fixture(autouse=True)
def _with_migrations(settings: LazySettings, django_db_blocker: Any) -> Iterator[None]:
    settings.MIGRATION_MODULES = {}  # `--nomigrations` had emptied it
    with django_db_blocker.unblock():
        yield


def migrate(connection: Any, *, replaced: bool) -> MigrationExecutor:
    """Migrate, and return the executor as a next run would have it."""
    executor = MigrationExecutor(connection)
    if not replaced:
        one_by_one(executor)  # then the graph ends twice
    leaves = executor.loader.graph.leaf_nodes("creation")
    executor.migrate([leaf for leaf in leaves if replaced or leaf != SQUASHED])
    return MigrationExecutor(connection)


def test_the_models_at_the_end_are_the_same() -> None:
    """The writer of the tables at once is compared with each field, option and constraint of the others."""
    whole, one = MigrationLoader(None), MigrationLoader(None, replace_migrations=False)
    assert SQUASHED in whole.graph.nodes
    assert whole.project_state([SQUASHED]).models == one.project_state([LAST]).models


def test_what_is_replaced_is_all_of_them_in_their_order() -> None:
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "creation" and name <= LAST[1])
    assert MigrationLoader(None).disk_migrations[SQUASHED].replaces == [
        ("creation", name) for name in names if name != SQUASHED[1]
    ]


def test_a_new_installation_has_nothing_left_to_do_and_knows_the_old_names(tmp_path: Path) -> None:
    with upgrades.empty_database("", tmp_path) as new:
        after = migrate(new, replaced=True)
        applied = {name for app, name in after.recorder.applied_migrations() if app == "creation"}
    assert applied >= {SQUASHED[1], "0001_initial", LAST[1]}
    assert after.migration_plan(after.loader.graph.leaf_nodes("creation")) == []


def test_what_was_replaced_is_known_also_when_its_files_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backups and databases of former releases name them."""
    load = MigrationLoader.load_disk

    def without_replaced(loader: MigrationLoader) -> None:
        load(loader)
        for name in loader.disk_migrations[SQUASHED].replaces:
            loader.disk_migrations.pop(name, None)

    monkeypatch.setattr(MigrationLoader, "load_disk", without_replaced)
    assert LAST not in MigrationLoader(None).disk_migrations
    assert LAST in databases.known_migrations()


@pytest.mark.long
@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def test_both_ways_end_with_the_same_tables(vendor: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Columns, keys, checks, indexes and triggers; not the names that Django makes up, and not the order of the columns."""
    found = []
    for replaced in (True, False):
        with _empty(vendor, request, tmp_path / str(replaced)) as new:
            after = migrate(new, replaced=replaced)
            assert after.migration_plan(after.loader.graph.leaf_nodes("creation")) == []
            found.append(definitions(new))
    assert len(found[0]) > 100
    assert found[0] == found[1]


@contextmanager
def _empty(vendor: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Any]:
    folder.mkdir()
    with ExitStack() as stack:
        url = ""
        if vendor == "postgresql":
            url = stack.enter_context(upgrades.own_database(request.getfixturevalue("postgres_url")))
        yield stack.enter_context(upgrades.empty_database(url, folder))

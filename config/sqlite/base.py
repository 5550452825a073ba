"""The backend: a transaction that writes, or a statement that writes without one, first waits for its turn."""

# mypy: disable-error-code="misc"
# django-stubs leave out what a backend overrides: beginning, commit, rollback and close.

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from config.sqlite import turns

WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})
WRITING_MODES = frozenset({"IMMEDIATE", "EXCLUSIVE"})


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose writers queue (`config/sqlite/turns.py`), for ``longest_wait`` seconds at most."""

    transaction_mode: str | None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.longest_wait = float(self.settings_dict["OPTIONS"].get("timeout", 5))
        self._turns: turns.Turns | None = None  # while this connection has the turn
        self.execute_wrappers.append(self._execute_in_turn)

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode in WRITING_MODES:
            self._take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:  # also a time limit: a turn that is not given back keeps all writers waiting
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._end_turn()

    def _execute_in_turn(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if self.in_atomic_block or sql[:7].rstrip().upper() not in WRITING:
            return execute(sql, *arguments)
        with self._turn():
            return execute(sql, *arguments)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._take_turn()
        try:
            yield
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        if self._turns is not None or self.is_in_memory_db():
            return
        queue = turns.of(str(self.settings_dict["NAME"]))
        if not queue.take(self.longest_wait):
            raise OperationalError("database is locked")
        self._turns = queue

    def _end_turn(self) -> None:
        if self._turns is not None:
            queue, self._turns = self._turns, None
            queue.give_back()

"""Queries that are composed once in a process and only filled in afterwards.

Composing a query (``filter``, ``annotate``, SQL) takes Django many times as long as a small database takes to answer it. For the few
queries behind the pages that everybody has open, the composed form is kept: ``prepared`` calls the function that composes it with a
``Slot`` in place of each value, keeps SQL and compiler, and puts the values of each call into the slots.
"""

import copy
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, Protocol, TypeVar, cast, runtime_checkable
from uuid import UUID

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql import Query

Arguments = ParamSpec("Arguments")
Row = TypeVar("Row")

MAX_SHAPES = 256  # kept for one query; with more, a value is taken for a shape by mistake


class Slot(Expression):
    """The place of a value in a composed query, by name. Only a value that is true may stand in it: None and 0 are other queries."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def _combine(self, *args: Any, **options: Any) -> Any:
        raise TypeError(
            f"The value of {self.name} is not known when the query is composed: calculate with it before the call."
        )

    def as_sql(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, Any]:
        return "%s", (self,)


@runtime_checkable
class Prepares(Protocol):
    """An argument that brings several values, such as a person with roles."""

    def prepared_values(self) -> tuple[Hashable, Mapping[str, Any]]:
        """Return what decides the form of a query, and the values by name."""

    def stand_in(self, slots: Mapping[str, Slot]) -> Any:
        """Return an object of the same form with a slot in place of each value."""


class _FilledQuery(Query):
    """A composed query with the values of one call. It can be evaluated, not changed."""

    template: "_Template"
    values: Mapping[str, Any]

    def clone(self) -> "_FilledQuery":
        return copy.copy(self)

    def get_compiler(self, using: str | None = None, connection: Any = None, elide_empty: bool = True) -> Any:
        connection = connection or connections[using or "default"]
        compiler = copy.copy(self.template.compiler)
        compiler.query, compiler.connection, compiler.using = self, connection, using
        filled = self.template.sql, self.template.filled(self.values, connection)
        compiler.as_sql = lambda *args, **kwargs: filled
        return compiler


class _Template:
    """SQL, compiler and queryset of one form of a query. Shared by all threads and never changed."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self.compiler = queryset.query.get_compiler(using=queryset.db)
        try:
            self.sql, self.params = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, self.params = "", ()
        self.compiler.connection = None  # belongs to the thread that composed
        self.queryset = queryset.all()
        query: Any = self.queryset.query
        query.__class__ = _FilledQuery  # as Django itself makes one kind of query of another
        query.template = self

    def filled(self, values: Mapping[str, Any], connection: Any) -> tuple[Any, ...]:
        return tuple(_adapted(values[each.name], connection) if type(each) is Slot else each for each in self.params)

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        queryset: Any = self.queryset.all()
        queryset.query.values = values
        return list(queryset)


def _adapted(value: Any, connection: Any) -> Any:
    """Return the value as the driver takes it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def prepared(compose: Callable[Arguments, QuerySet[Any, Row]]) -> Callable[Arguments, list[Row]]:
    """Return a function that returns the rows of the query that ``compose`` returns, composing it once for each form.

    Of the arguments, texts, numbers, dates and moments are values, of rows the key, of a list each entry. All else (None, a bool, a
    choice, a tuple) decides the form of the query, as do keyword-only arguments, and the number and kind of a person's roles.
    ``compose`` may use a value only as the right side of a lookup; most other uses fail at the first call. It must return the same
    query at any time: a date that it reads by itself would be that of the first call. With ``settings.VERIFY_PREPARED_QUERIES`` each
    call is compared with the query composed anew.
    """
    parameters = signature(compose)
    formal = {name for name, each in parameters.parameters.items() if each.kind is Parameter.KEYWORD_ONLY}
    templates: dict[Hashable, _Template] = {}

    @wraps(compose)
    def rows(*args: Arguments.args, **kwargs: Arguments.kwargs) -> list[Row]:
        arguments = parameters.bind(*args, **kwargs).arguments
        shape, values = _divided(arguments, formal)
        template = templates.get(shape)
        if template is None:
            if len(templates) >= MAX_SHAPES:
                templates.clear()
            composed: Any = compose
            template = templates[shape] = _Template(composed(**_with_slots(arguments, formal)))
        if settings.VERIFY_PREPARED_QUERIES:
            _verify(template, values, compose(*args, **kwargs))
        return cast(list[Row], template.rows(values))

    return rows


def _divided(arguments: Mapping[str, Any], formal: set[str]) -> tuple[Hashable, dict[str, Any]]:
    """Return what decides the form of the query, and the values by the names of their slots."""
    shape: list[Hashable] = []
    values: dict[str, Any] = {}
    for name, argument in arguments.items():
        if isinstance(argument, Prepares):
            form, parts = argument.prepared_values()
            values |= {f"{name}.{part}": value for part, value in parts.items()}
            shape.append(form)
        elif isinstance(argument, list):
            values |= {f"{name}.{place}": value for place, value in enumerate(argument)}
            shape.append((name, len(argument)))
        elif _is_value(argument) and name not in formal:
            values[name] = argument.pk if isinstance(argument, Model) else argument
            shape.append(name)
        else:
            shape.append((name, argument))
    return tuple(shape), values


def _is_value(argument: Any) -> bool:
    """Return whether an argument is filled in. What is empty decides the form: ``filter(due_on=None)`` is another query."""
    return (
        bool(argument)
        and isinstance(argument, str | int | date | UUID | Model)
        and not isinstance(argument, bool | Enum)
    )


def _with_slots(arguments: Mapping[str, Any], formal: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, argument in arguments.items():
        if isinstance(argument, Prepares):
            _, parts = argument.prepared_values()
            found[name] = argument.stand_in({part: Slot(f"{name}.{part}") for part in parts})
        elif isinstance(argument, list):
            found[name] = [Slot(f"{name}.{place}") for place in range(len(argument))]
        else:
            found[name] = Slot(name) if _is_value(argument) and name not in formal else argument
    return found


def _verify(template: _Template, values: Mapping[str, Any], composed: QuerySet[Any]) -> None:
    """Raise AssertionError if the filled query is another than the one that is composed from the values."""
    connection = connections[composed.db]
    try:
        sql, params = composed.query.get_compiler(using=composed.db).as_sql()
    except EmptyResultSet:
        sql, params = "", ()
    kept = template.sql.replace("(%s)", "%s"), tuple(map(str, template.filled(values, connection)))
    anew = sql.replace("(%s)", "%s"), tuple(map(str, params))
    if kept != anew:
        raise AssertionError(f"A prepared query is not the one that its values would give:\n{kept}\n{anew}")

"""Render the body of a django-tables2 table in one go: a template for every cell would take longer than all queries of the page."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import template
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.formats import localize
from django.utils.safestring import SafeString, mark_safe
from django_tables2.columns import BoundColumn
from django_tables2.utils import Accessor, signature

from creation.lib.markup import escaped

register = template.Library()


@register.simple_tag
def table_rows(table: Any) -> SafeString:
    """Return the rows of the current page. What is the same in every row is looked up once a table."""
    columns = [_Column(bound) for bound in table.columns]
    rows = (f"<tr>{''.join(column.cell(row) for column in columns)}</tr>" for row in table.paginated_rows)
    return mark_safe("\n".join(rows))  # noqa: S308 (every cell is escaped in _Column.cell)


class _Column:
    """The cells of a column, with the values that ``BoundRow.get_cell`` gives.

    ``get_cell`` reads the signature of the render method, and the field behind the accessor, again for each cell.
    """

    def __init__(self, bound: BoundColumn) -> None:
        self.bound = bound
        self.start = f"<td {bound.attrs['td'].as_html()}>"
        self.accessor = Accessor(bound.accessor)
        self.arguments, takes_all = signature(bound.render)
        self.is_left_to_library = bool(bound.link or takes_all or Accessor.SEPARATOR in self.accessor)
        self.displays: dict[type, Callable[[Any], Any] | None] = {}

    def cell(self, row: Any) -> str:
        content = self._content(row)
        return f"{self.start}{escaped(content if isinstance(content, str) else localize(content))}</td>"

    def _content(self, row: Any) -> Any:
        if self.is_left_to_library:
            return row.get_cell(self.bound.name)
        value = self._value(row.record)
        if value in self.bound.column.empty_values:
            return self.bound.default
        given = row._optional_cell_arguments(self.bound, value)
        return self.bound.render(**{name: given[name] for name in self.arguments})

    def _value(self, record: Any) -> Any:
        kind = type(record)
        if kind not in self.displays:
            self.displays[kind] = self._display(record)
        if display := self.displays[kind]:
            return display(record)
        try:
            return self.accessor.resolve(record)
        except (AttributeError, LookupError, TypeError, ValueError):
            return None

    def _display(self, record: Any) -> Callable[[Any], Any] | None:
        """Return ``get_FOO_display`` of the model for a field with choices, with the choices looked up once."""
        if not isinstance(record, Model):
            return None
        try:
            field = self.accessor.get_field(record)
        except FieldDoesNotExist:
            return None
        if not getattr(field, "choices", ()) or not hasattr(type(record), f"get_{self.accessor}_display"):
            return None
        return partial(_chosen, self.accessor, dict(field.flatchoices))


def _chosen(name: str, labels: dict[Any, str], record: Any) -> Any:
    value = getattr(record, name)
    return labels.get(value, value)

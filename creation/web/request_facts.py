"""What is found out once in a request and kept with it: the person's campaigns, the calendar, the numbers of the menu."""

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from django.http import HttpRequest

Value = TypeVar("Value")


class RequestFact(Generic[Value]):
    """A value that belongs to a request, under a name of its own."""

    def __init__(self, name: str) -> None:
        self._name = f"fact_{name}"

    def keep(self, request: HttpRequest, value: Value) -> Value:
        setattr(request, self._name, value)
        return value

    def find(self, request: HttpRequest) -> Value | None:
        """Return the value, None if none was kept."""
        return cast("Value | None", getattr(request, self._name, None))

    def read_once(self, request: HttpRequest, read: Callable[[], Value]) -> Value:
        """Return the value, and keep what ``read`` returns if there is none yet."""
        kept = self.find(request)
        return self.keep(request, read()) if kept is None else kept

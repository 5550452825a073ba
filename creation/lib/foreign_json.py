"""Reads JSON that others have written."""

import json
from typing import Any

MAX_DEPTH = 20  # levels; what browsers send us and services answer has three


def loads(text: bytes | str) -> Any:
    """Return the value. Raises ValueError for what is no JSON or is nested too deeply to be walked through safely."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for each in level for inner in _parts(each)]
        if not level:
            return value
    raise ValueError("nested too deeply")


def _parts(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []

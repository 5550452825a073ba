"""Reads tables of a TOML file. Every fault becomes a sentence with the file, the place in it and what is wrong."""

import re
import tomllib
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from creation.lib.refusals import Refusal

MONTH_DAY = re.compile(r"\d\d-\d\d")
LINE_NUMBER = re.compile(r"at line (\d+)")


class TomlTable:
    """A table of a file. ``location`` describes its place to a person, such as “要点 4-3-3”."""

    def __init__(self, values: dict[str, Any], file: str, location: str = "") -> None:
        self.values = values
        self.file = file
        self.location = location

    def error(self, what: str) -> Refusal:
        return Refusal(f"{self.file} {self.location + '：' if self.location else '有误：'}{what}。")

    def allow_only(self, *fields: str) -> "TomlTable":
        """Raise Refusal for any other field, so that a misspelt name is not silently ignored."""
        if strange := [field for field in self.values if field not in fields]:
            raise self.error(f"不认识“{strange[0]}”，这里只能写 {'、'.join(fields)}")
        return self

    def _get(self, field: str, kind: type, kind_name: str) -> Any:
        value = self.values.get(field)
        if value is None:
            raise self.error(f"缺少“{field}”，请补上")
        if type(value) is not kind:  # bool is a subclass of int
            raise self.error(f"“{field}”应是{kind_name}")
        return value

    def text(self, field: str, limit: int = 1000) -> str:
        value: str = self._get(field, str, "一段文字").strip()
        if not value:
            raise self.error(f"“{field}”是空的，请填写")
        if len(value) > limit:
            raise self.error(f"“{field}”有 {len(value)} 个字，最多 {limit} 个，请缩短")
        return value

    def text_or_empty(self, field: str, limit: int) -> str:
        return self.text(field, limit) if field in self.values else ""

    def number(self, field: str) -> int:
        value: int = self._get(field, int, "整数")
        if value < 0:
            raise self.error(f"“{field}”不能是负数")
        return value

    def flag(self, field: str) -> bool:
        return bool(self._get(field, bool, " true 或 false"))

    def choice(self, field: str, known: Collection[str]) -> str:
        return self.known(field, self.text(field), known)

    def known(self, field: str, value: str, known: Collection[str]) -> str:
        if value not in known:
            raise self.error(f"“{field}”写了“{value}”，只能是 {'、'.join(sorted(known))}")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        return self._list(field, str, '一列文字，如 ["甲", "乙"]')

    def texts_or_empty(self, field: str) -> tuple[str, ...]:
        return self.texts(field) if field in self.values else ()

    def choices(self, field: str, known: Collection[str]) -> tuple[str, ...]:
        values = self.texts(field)
        if not values:
            raise self.error(f"“{field}”是空的，至少写一个")
        return tuple(self.known(field, value, known) for value in values)

    def numbers(self, field: str) -> tuple[int, ...]:
        return self._list(field, int, "一列整数，如 [7, 3, 1, 0]")

    def _list(self, field: str, kind: type, kind_name: str) -> tuple[Any, ...]:
        values = self._get(field, list, kind_name)
        if any(type(value) is not kind for value in values):
            raise self.error(f"“{field}”应是{kind_name}")
        if len(set(values)) < len(values):
            raise self.error(f"“{field}”里有重复的内容")
        return tuple(values)

    def month_day(self, field: str) -> str:
        """Return a day of every year, "mm-dd". 02-29 is refused."""
        value = self.text(field)
        try:
            date.fromisoformat(f"2001-{value}")
        except ValueError:
            value = ""
        if not MONTH_DAY.fullmatch(value):  # fromisoformat also accepts ISO weeks and ordinal dates
            raise self.error(f"“{field}”应是每年都有的 月-日，如 07-10")
        return value

    def row(self, field: str) -> "TomlTable":
        return TomlTable(self._get(field, dict, f"一个 [{field}] 段"), self.file, f"[{field}]")

    def rows(self, field: str, noun: str, named_by: str) -> list["TomlTable"]:
        """Return the tables of an array. In errors, a table is called by ``noun`` and its field ``named_by``, or by its position."""
        values = self._list_of_tables(field)
        return [
            TomlTable(value, self.file, f"{noun} {value.get(named_by) or f'（第 {position} 个）'}")
            for position, value in enumerate(values, 1)
        ]

    def _list_of_tables(self, field: str) -> list[dict[str, Any]]:
        values: list[Any] = self._get(field, list, f"若干 [[{field}]] 段")
        if not values or any(type(value) is not dict for value in values):
            raise self.error(f"“{field}”应是若干 [[{field}]] 段")
        return values


def read_toml(path: Path) -> TomlTable:
    """Return the file's top-level table. A byte order mark, which some editors write, is skipped."""
    name = f"{path.parent.name}/{path.name}"
    try:
        return TomlTable(tomllib.loads(path.read_text("utf-8-sig")), name)
    except FileNotFoundError:
        raise Refusal(f"缺少文件 {name}，请补上。") from None
    except UnicodeDecodeError:
        raise Refusal(f"{name} 不是 UTF-8 编码，请用 UTF-8 另存。") from None
    except tomllib.TOMLDecodeError as error:
        raise Refusal(_syntax_message(name, str(error))) from None


def _syntax_message(name: str, message: str) -> str:
    line = LINE_NUMBER.search(message)
    where = f"第 {line[1]} 行" if line else "末尾"
    if "overwrite" in message or "twice" in message:
        return f"{name} {where}：同一项写了两次，请删去一处。"
    return f"{name} {where}：格式有误，请检查引号、括号、逗号和等号。"

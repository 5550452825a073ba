"""Units as people write them: by name, short name or pinyin. If uncertain, the person who imports is asked."""

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from pypinyin import Style, lazy_pinyin

from creation.imports.headings import normalized
from creation.imports.import_plan import ImportQuestion
from creation.models import Unit

SEPARATORS = re.compile(r"[、，,;；/\n]+")
ROLE_SUFFIX = re.compile(r"[(（](?:牵头|配合|责任|主办|协办)[)）]$")
GOVERNMENT = "人民政府"  # contains 民政, which means another office
MIN_SIMILARITY = 0.6
NEW, NONE = "new", "none"


class UnitNames:
    """The units of a district and the answers about uncertain names: ``{"unit:城管": "17"}``."""

    def __init__(self, units: Iterable[Unit], prefix: str, answers: Mapping[str, str]) -> None:
        self.units = {str(unit.pk): unit for unit in units}
        self.prefix, self.answers = prefix, answers
        self.questions: dict[str, ImportQuestion] = {}
        self.exact: dict[str, list[Unit]] = {}
        self.pinyin: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            for name in {self._without_prefix(unit.name), self._without_prefix(unit.short_name)}:
                self.exact.setdefault(name, []).append(unit)
                for style in (Style.NORMAL, Style.FIRST_LETTER):
                    self.pinyin.setdefault(pinyin_of(name, style), []).append(unit)

    def find(self, text: str, may_be_new: bool = False) -> Unit | str:
        """Return the unit; NEW if chosen or if no unit is similar; NONE if unknown; "" while the question is open."""
        name = self._without_prefix(text)
        found = self.exact.get(name) or (self.pinyin.get(name.lower(), []) if name.isascii() else [])
        if len(set(found)) == 1:
            return found[0]
        answer = self.answers.get(f"unit:{name}", "")
        if answer in self.units:
            return self.units[answer]
        if answer == NEW and may_be_new:
            return NEW
        alike = list(dict.fromkeys(found)) or self._similar_units(name)
        if not alike:
            return NEW if may_be_new else NONE
        options = [(str(unit.pk), f"{unit.name}（{unit.short_name}）") for unit in alike]
        more = [(NEW, f"都不是，新建“{text}”")] if may_be_new else []
        question = ImportQuestion(f"unit:{name}", f"“{text}”是哪个单位？", tuple(options + more))
        self.questions[question.key] = question
        return ""

    def split(self, text: str) -> list[str]:
        """Return the names in a cell that lists several."""
        names = (ROLE_SUFFIX.sub("", name.strip()) for name in SEPARATORS.split(text))
        return list(dict.fromkeys(name for name in names if name))

    def _similar_units(self, name: str) -> list[Unit]:
        same_sound = self.pinyin.get(pinyin_of(name, Style.NORMAL), [])
        scored = {unit.pk: (self._similarity(name, unit), unit) for unit in self.units.values()}
        near = sorted((pair for pair in scored.values() if pair[0] >= MIN_SIMILARITY), key=lambda pair: -pair[0])
        return list(dict.fromkeys([*same_sound, *(unit for _, unit in near[:5])]))

    def _similarity(self, name: str, unit: Unit) -> float:
        names = [self._without_prefix(each).replace(GOVERNMENT, "政府") for each in (unit.name, unit.short_name)]
        return max(1.0 if name in each or each in name else SequenceMatcher(None, name, each).ratio() for each in names)

    def _without_prefix(self, name: str) -> str:
        return normalized(name).removeprefix(self.prefix)


def pinyin_of(text: str, style: Style) -> str:
    return "".join(lazy_pinyin(text, style=style)).lower()

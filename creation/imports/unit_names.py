"""Units as people write them: by name, short name or pinyin. If uncertain, the person who imports is asked."""

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from creation.imports import unit_groups
from creation.imports.headings import normalized
from creation.imports.import_plan import ImportQuestion
from creation.lib.pinyin import in_pinyin, initials
from creation.models import Unit, UnitAlias

SEPARATORS = re.compile(r"[、，,;；/\n。①-⑳]+")
ROLE_SUFFIX = re.compile(r"[(（](?:牵头|配合|责任|主办|协办|主责|协同|参与|承办)(?:单位|部门)?[)）]$")
ROLE_VERB = re.compile(r"(?:负责)?(?:牵头|配合|主办|协办|协助)(?:负责|落实|实施)?$")  # 区政协办 ends with one, too
ROLE_PREFIX = re.compile(
    r"^(?:(?:牵头|配合|责任|主办|协办|主责|协同|参与|参加|协助|承办)(?:单位|部门)?[:：]|由(?=.*(?:牵头|主办|负责)))"
)
LEAD_MARK = re.compile(
    r"^(?:牵头|主责|主办)(?:单位|部门)?[:：]|[(（](?:牵头|主责|主办)(?:单位|部门)?[)）]$|(?:牵头|主办)(?:负责|落实|实施)?$"
)
ENCLOSED = re.compile(r"[(（]([^()（）]*(?:牵头|主责|主办|配合|协办|负责)[^()（）]*)[)）]")
TOGETHER = re.compile(r"会同|联合|商(?=[区市县])|配合(?=[区市县])")  # 区市场监管局会同区司法局
ROLE_OF_ANOTHER = re.compile(
    r"(.+)[(（]([^()（）]{2,}(?:牵头|主责|主办|配合|协办)(?:负责)?)[)）]"
)  # 区审计局（区司法局牵头）
SIGN = re.compile(r"^[★☆▲△●○◆◇■□※*＊]+\s*")  # before the lead, as a note below the table says
TAIL = re.compile(r"[(（]?(?:(?:按照?|根据)(?:各自)?(?:职责|职能|分工).*|共同负责|分别负责|负责落实|负责)[)）]?$")
PERSON_BESIDE = re.compile(r"[(（]([\u4e00-\u9fff]{2,3})[)）]$")  # 区司法局（张三）
PERSON_BEHIND = re.compile(r"[\s:：]+([\u4e00-\u9fff]{2,3})$")  # 区司法局 张三
PERSON = re.compile(r"[\u4e00-\u9fff]{2,3}")
NO_PERSON = re.compile(r".*[局科股室办队院所站处部委会镇乡街道组心协主兼等]")
RUNNING_NUMBER = re.compile(r"^\s*(?:\d{1,3}\s*[.、．)）]|[(（]\d{1,2}[)）])\s*(?=\D)")
STAMP = re.compile(r"[(（](?:盖章|公章|签章|章)[)）]\s*$")
AND_OTHERS = re.compile(r"等(?:\s*\d+\s*[个家]|[一二三四五六七八九十]+[个家])?(?:有关|相关|其他)?(?:部门|单位)?$")
TWO_LEVELS = re.compile(r"(?<=[省市区县])、(?=[市区县镇乡][、市区县镇乡]*[两三]级)")  # 市、区两级 is one name
AND = re.compile(r"以及|[及和与·•+＋]")
OFFICE = re.compile(r".{1,8}[股科室]")  # an office inside a unit
AREA = re.compile(r"[^省市区县旗]+[省市区县旗]")
SAME_BODY = re.compile(
    r"(.+?)[(（]([^()（）]*(?:局|办|办公室|委|委员会|中心|部|会|[股科室]))[)）]"
)  # 区委宣传部（区文明办）
PARTY = re.compile(r"^(?:中共)?[区县市]?委(?=[^区县市].)")  # 编办 for 区委编办
TOWN = re.compile(r"(?<=..)(?:街道|[镇乡局委])$")  # 老街 for 老街街道, 城管 for 城管局
LEFT_OUT = re.compile(r"[和与及、·]|机关$")
ABBREVIATIONS = (
    ("人民代表大会", "人大"),
    ("常务委员会", "常委会"),
    ("委员会", "委"),
    ("办公室", "办"),
    ("人民政府", "政府"),
)
ENDING = re.compile(r"(?<=街道)办事处$|(?<=[镇乡])(?:人民)?政府$")
GOVERNMENT = "人民政府"  # contains 民政, which means another office
MIN_SIMILARITY = 0.6
NEW, NONE, SKIP = "new", "none", "skip"


class UnitNames:
    """The units of a district and the answers about uncertain names: ``{"unit:城管": "17"}``."""

    def __init__(
        self, units: Iterable[Unit], district: str, answers: Mapping[str, str], aliases: Iterable[UnitAlias] = ()
    ) -> None:
        self.units = {str(unit.pk): unit for unit in units}
        self.areas, self.answers = AREA.findall(district) or [district], answers
        self.questions: dict[str, ImportQuestion] = {}
        self.groups: dict[str, list[Unit]] = {}
        self.aliases = {form: alias for alias in aliases for form in reversed(self._forms(alias.name))}
        self.by_alias: dict[str, Unit] = {}  # names that were read by an alias
        self.and_others: dict[str, None] = {}  # names with 等 behind them
        self.has_people = False  # the heading says that a person is beside each unit: 责任单位及责任人
        self.with_people: dict[str, None] = {}  # names with a person in brackets behind them
        self.with_others: dict[str, None] = {}  # names with another name in brackets behind them
        self.signs_of_lead: set[str] = set()  # such as ★, by a note of the table
        self.unclear_signs: dict[str, None] = {}  # names with a sign about which no note says anything
        self.exact: dict[str, list[Unit]] = {}
        self.known: dict[str, list[Unit]] = {}  # results by text, as a table repeats its units
        self.splits: dict[tuple[str, bool], list[str]] = {}  # names in a text, and whether people are beside them
        self.marked: dict[tuple[str, bool], list[str]] = {}
        self.pinyin: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            for name in {form for full in (unit.name, unit.short_name) for form in self._short_forms(full)}:
                self.exact.setdefault(name, []).append(unit)
            for name in {self._without_areas(unit.name), self._without_areas(unit.short_name)}:
                for letters in (in_pinyin(name), initials(name)):
                    self.pinyin.setdefault(letters, []).append(unit)

    @property
    def notes(self) -> list[str]:
        """Say which units the words for many units mean."""
        return (
            [
                f"“{name}”按 {len(units)} 个单位：{'、'.join(unit.short_name for unit in units)}。"
                for name, units in self.groups.items()
            ]
            + [f"“{name}”只按写明的单位读入。" for name in self.and_others]
            + [f"“{name}”只读入单位，人名没有导入。" for name in self.with_people]
            + [f"“{name}”按括号前的单位读入。" for name in self.with_others]
            + [f"“{name}”只读入单位，表中没有写“{name[0]}”的意思。" for name in self.unclear_signs]
            + [f"“{name}”按登记的别称是“{unit.short_name}”。" for name, unit in self.by_alias.items()]
        )

    def find(self, text: str, may_be_new: bool = False) -> Unit | str:
        """Return the unit; NEW or SKIP if chosen; NONE if unknown; "" while the question is open. Units are new only if chosen so."""
        name = self._without_areas(text)
        found = self._exact(text)
        if len(found) == 1:
            return found[0]
        if unit := self._unit_of_alias(text):
            return unit
        answer = self.answers.get(f"unit:{name}", "")
        if answer in self.units:
            return self.units[answer]
        if answer == SKIP or (answer == NEW and may_be_new):
            return answer
        alike = found or self._similar_units(name)
        if not alike and not may_be_new:
            return NONE
        self._ask(name, text, alike, may_be_new)
        return ""

    def knows(self, text: str) -> bool:
        """Return whether this is the name of one of the units."""
        return bool(self._exact(text) or self._unit_of_alias(text))

    def _alias(self, text: str) -> UnitAlias | None:
        return next(filter(None, map(self.aliases.get, self._forms(text))), None)

    def _unit_of_alias(self, text: str) -> Unit | None:
        alias = self._alias(text)
        unit = self.units.get(str(alias.unit_id)) if alias and alias.unit_id else None
        if unit:
            self.by_alias[text] = unit
        return unit

    def _ask(self, name: str, text: str, alike: list[Unit], may_be_new: bool) -> None:
        rest = [unit for unit in self.units.values() if unit not in alike] if may_be_new else []
        new = [(NEW, f"新建单位“{text}”")] if may_be_new else []
        skip = [(SKIP, "不是单位，跳过" if may_be_new else "都不是，不列入")]
        options = [*map(_option, alike), *new, *skip, *map(_option, rest)]
        self.questions[f"unit:{name}"] = ImportQuestion(f"unit:{name}", f"“{text}”是哪个单位？", tuple(options))

    def find_all(self, text: str) -> list[Unit] | str:
        """Return the units of a name that may mean many, such as 各乡镇（街道）; otherwise as ``find``."""
        if exact := self._exact(text):
            return exact if len(exact) == 1 else self._as_list(self.find(text))
        name = normalized(text)
        units = list(self.units.values())
        if (alias := self._alias(text)) and alias.group:
            self.groups[text] = unit_groups.members(alias.group, units)
            return self.groups[text]
        if found := unit_groups.certain_group(name, units):
            self.groups[text] = found
            return found
        if not unit_groups.is_group(name):
            return self._as_list(self.find(text))
        answer = self.answers.get(f"group:{name}", "")
        if answer == unit_groups.NOBODY:
            return []
        if found := unit_groups.members(answer, units):
            self.groups[text] = found
            return found
        options = unit_groups.group_options(units)
        self.questions[f"group:{name}"] = ImportQuestion(f"group:{name}", f"“{text}”是哪些单位？", options)
        return ""

    def _as_list(self, found: Unit | str) -> list[Unit] | str:
        if isinstance(found, Unit):
            return [found]
        return [] if found == SKIP else found

    def split(self, text: str) -> list[str]:
        """Return the names in a cell that lists several."""
        key = text, self.has_people
        if key not in self.splits:
            self.splits[key] = list(dict.fromkeys(filter(None, map(self._without_tail, self._parts(text)))))
        return self.splits[key]

    def marked_as_lead(self, text: str) -> list[str]:
        """Return the names in a cell that are marked as the lead, such as 区司法局（牵头）."""
        key = text, self.has_people
        if key not in self.marked:
            marked = (part for part in self._parts(text) if LEAD_MARK.search(part) or self._has_sign(part))
            self.marked[key] = list(filter(None, map(self._without_tail, marked)))
        return self.marked[key]

    def _has_sign(self, part: str) -> bool:
        return part[:1] in self.signs_of_lead

    def _without_role(self, name: str) -> str:
        """Return the name without a mark such as （牵头） or 配合单位：, and without 按职责分工负责 behind it."""
        if SIGN.match(name) and not self._has_sign(name):
            self.unclear_signs[name] = None
        plain = ROLE_SUFFIX.sub("", ROLE_PREFIX.sub("", SIGN.sub("", name)))
        return plain if self._exact(plain) or self._alias(plain) else ROLE_VERB.sub("", TAIL.sub("", plain))

    def _without_tail(self, part: str) -> str:
        """Return the name without its role, and without 等部门 behind a unit that is known."""
        name = self._without_person(self._without_role(part))
        name = self._without_same_body(name)
        first = AND_OTHERS.sub("", name)
        if first == name or self._exact(name) or not self._exact(first):
            return name
        self.and_others[name] = None
        return first

    def _without_same_body(self, name: str) -> str:
        """Return the name without another name of the same body in brackets, such as 区委宣传部（区文明办）."""
        found = SAME_BODY.fullmatch(name)
        if not found or self._exact(name) or not self._exact(found[1]) or self.knows(found[2]):
            return name
        self.with_others[name] = None
        return found[1]

    def _without_person(self, name: str) -> str:
        """Return the name without a person behind a unit that is known: in brackets, or after a blank where the heading says so."""
        found = PERSON_BESIDE.search(name) or (self.has_people and PERSON_BEHIND.search(name))
        if not found or NO_PERSON.fullmatch(found[1]) or self._exact(name) or not self._exact(name[: found.start()]):
            return name
        self.with_people[name] = None
        return name[: found.start()]

    def _parts(self, text: str) -> list[str]:
        text = unit_groups.in_one_piece(text)
        whole = ENCLOSED.fullmatch(text.strip())
        listed = SEPARATORS.split(TWO_LEVELS.sub("", self._with_whole_lines(whole[1] if whole else text)))
        parts = (part for each in listed for part in self._at_blanks(each.strip()))
        return [one for part in parts for each in self._at_role_of_another(part) for one in self._at_and(each)]

    def _with_whole_lines(self, text: str) -> str:
        """Return the text without line breaks inside the name of a unit, such as between 区政务 and 服务局."""
        lines = text.split("\n")
        found = lines[:1]
        for line in lines[1:]:
            last, first = SEPARATORS.split(found[-1])[-1], SEPARATORS.split(line)[0]
            is_divided = not (self._exact(self._without_role(last)) and self._exact(self._without_role(first)))
            is_person = self.has_people and PERSON.fullmatch(line.strip()) and self._exact(self._without_role(last))
            if is_person and not self._exact(line):
                found[-1] += f" {line.strip()}"
            elif re.match(r"\s*[(（]", line) or (
                is_divided and self._exact(self._without_role(last.strip() + first.strip()))
            ):
                found[-1] = found[-1].rstrip() + line.lstrip()
            else:
                found.append(line)
        return "\n".join(found)

    def _at_role_of_another(self, name: str) -> list[str]:
        """Split 区审计局（区司法局牵头） where both are known."""
        found = ROLE_OF_ANOTHER.fullmatch(name)
        parts = [found[1], found[2]] if found else []
        return parts if parts and all(self._exact(self._without_role(part)) for part in parts) else [name]

    def _at_and(self, name: str) -> list[str]:
        """Split 区财政局及各街道 where each part is known; a name that has such a word inside stays whole."""
        if len(together := [part.strip() for part in TOGETHER.split(name)]) > 1 and all(map(self._exact, together)):
            return together
        parts = [part.strip() for part in AND.split(name)]
        is_whole = (
            len(parts) < 2 or self._exact(self._without_role(name)) or unit_groups.TOWNSHIPS.fullmatch(normalized(name))
        )
        units = list(self.units.values())
        known = (
            self._exact(self._without_role(AND_OTHERS.sub("", part)))
            or unit_groups.certain_group(normalized(part), units)
            for part in parts
        )
        return [name] if is_whole or not all(known) else parts

    def _at_blanks(self, name: str) -> list[str]:
        """Split names with blanks between them; a name with a blank inside stays whole."""
        if self.has_people and self._without_person(name) != name:
            return [name]
        parts = name.split()
        plain = map(self._without_role, parts)
        return (
            parts
            if len(parts) > 1
            and not self._exact(self._without_role(name))
            and any(map(self._exact, plain))
            and not any(OFFICE.fullmatch(part) and not self._exact(part) for part in parts[1:])
            else [name]
        )

    def _exact(self, text: str) -> list[Unit]:
        if text not in self.known:
            self.known[text] = self._exact_units(text)
        return self.known[text]

    def _exact_units(self, text: str) -> list[Unit]:
        name = self._without_areas(text)
        if name.isascii() and name.lower() in self.pinyin:
            return list(dict.fromkeys(self.pinyin[name.lower()]))
        found = (self.exact.get(form) for form in self._forms(text))
        return list(dict.fromkeys(next(filter(None, found), [])))

    def _similar_units(self, name: str) -> list[Unit]:
        same_sound = self.pinyin.get(in_pinyin(name), [])
        scored = {unit.pk: (self._similarity(name, unit), unit) for unit in self.units.values()}
        near = sorted((pair for pair in scored.values() if pair[0] >= MIN_SIMILARITY), key=lambda pair: -pair[0])
        return list(dict.fromkeys([*same_sound, *(unit for _, unit in near[:5])]))

    def _similarity(self, name: str, unit: Unit) -> float:
        names = [self._without_areas(each).replace(GOVERNMENT, "政府") for each in (unit.name, unit.short_name)]
        return max(_likeness(name, each) for each in names)

    def _forms(self, name: str) -> list[str]:
        """Return the name without areas, then without its ending, then without 区 before it, then abbreviated."""
        plain = self._without_areas(name)
        forms = [plain, ENDING.sub("", plain)]
        forms += [form[1:] for form in forms if len(form) > 2 and form[0] in "区县市"]
        forms += [self._abbreviated(form) for form in forms]
        return list(dict.fromkeys(forms))

    def _short_forms(self, name: str) -> list[str]:
        """Return also the forms of a unit's name that people shorten: 编办, 老街, 城管."""
        forms = self._forms(name)
        forms += [PARTY.sub("", form) for form in forms] + [TOWN.sub("", form) for form in forms if len(form) > 2]
        return list(dict.fromkeys(forms))

    def _abbreviated(self, name: str) -> str:
        """Return the name in short words, so that 发展和改革委员会 and 发展改革委 are one."""
        for area in self.areas:
            name = name.replace(area, "")
        for long, short in ABBREVIATIONS:
            name = name.replace(long, short)
        return LEFT_OUT.sub("", name)

    def _without_areas(self, name: str) -> str:
        found = normalized(STAMP.sub("", RUNNING_NUMBER.sub("", name)))
        for area in self.areas:
            found = found.removeprefix(area) or found
        return found


def _likeness(name: str, unit: str) -> float:
    """Return how much a name is like that of a unit; one that leaves out signs, such as 政务局 for 政务服务局, is most like it."""
    if name in unit or unit in name:
        return 1.0
    signs = iter(unit)
    is_short = len(name) == 2 and unit.startswith(name[0])  # 文旅 for 文化广电和旅游局
    if (len(name) > 2 or is_short) and all(sign in signs for sign in name):
        return 0.95
    return SequenceMatcher(None, name, unit).ratio()


def _option(unit: Unit) -> tuple[str, str]:
    return str(unit.pk), f"{unit.name}（{unit.short_name}）"

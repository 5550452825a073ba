"""What the cells of a row say about a finding, and about its rectification by the units of the row."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from creation import access
from creation.imports import level_marks, values
from creation.imports.headings import ImportColumn, normalized
from creation.imports.import_plan import ImportQuestion
from creation.imports.kinds import ImportContext
from creation.imports.row_reader import RowReader
from creation.imports.unit_names import NONE, UnitNames
from creation.models import Finding, FindingSource, Indicator, Severity, Unit
from creation.rules import spoken_days
from creation.rules.policy import Permission

COLUMNS = (
    ImportColumn("number", "序号", ("编号", "问题序号")),
    ImportColumn("code", "问题编号", ("督导编号",)),
    ImportColumn("source", "问题来源", ("来源", "督导类别"), repeats=True),
    ImportColumn("source_paper", "来源文件", ("反馈文件", "文件名称", "文号"), repeats=True),
    ImportColumn("found_on", "发现日期", ("反馈日期", "发现时间", "反馈时间"), repeats=True),
    ImportColumn(
        "title",
        "问题",
        ("问题名称", "问题概述", "问题标题", "问题（一句话）", "主要问题", "问题事项"),
        required=True,
        instead="text",
    ),
    ImportColumn(
        "text",
        "问题表述",
        (
            "存在问题",
            "存在的问题",
            "具体问题",
            "问题描述",
            "具体表现",
            "问题内容",
            "反馈问题",
            "发现的问题",
            "发现问题",
            "督察发现问题",
            "问题表现",
        ),
    ),
    ImportColumn("indicator", "对应要点", ("要点编号", "要点", "三级指标", "对应指标", "指标编号"), repeats=True),
    ImportColumn("basis", "依据", ("问题依据", "法规依据", "制度依据"), repeats=True),
    ImportColumn("demand", "整改要求", ("整改目标", "工作要求"), repeats=True),
    ImportColumn("severity", "程度", ("问题程度", "严重程度"), repeats=True),
    ImportColumn("is_common", "共性/个性", ("共性个性", "共性或个性", "问题类型", "问题性质"), repeats=True),
    ImportColumn(
        "units",
        "责任单位",
        (
            "整改单位",
            "整改责任单位",
            "牵头单位",
            "单位",
            "责任部门",
            "整改部门",
            "承办单位",
            "责任分工",
            "整改牵头单位",
            *("责任单位及责任人", "责任单位和责任人", "责任单位、责任人", "整改责任单位及责任人", "责任单位/责任人"),
        ),
        required=True,
        repeats=True,
        above="(?:填报|整改|责任|报送)单位(?:名称)?",
    ),
    ImportColumn(
        "helpers",
        "配合单位",
        ("配合部门", "协办单位", "参与单位", "协同单位", "协助单位", "整改配合单位"),
        repeats=True,
        exported=False,
    ),
    ImportColumn("measures", "整改措施", ("工作措施", "措施"), repeats=True),
    ImportColumn("leader", "责任领导", ("整改责任领导", "分管领导"), repeats=True),
    ImportColumn("person", "责任人", ("整改责任人", "联系人", "具体负责人", "经办人"), repeats=True),
    ImportColumn(
        "state",
        "是否销号",
        (
            *("销号情况", "销号状态", "是否整改到位", "是否完成整改", "整改完成情况", "整改状态", "状态", "是否完成"),
            *("完成情况", "整改结果"),
        ),
        repeats=True,
        exported=False,
    ),
    ImportColumn(
        "due",
        "完成时限",
        (
            "整改时限",
            "整改期限",
            "时限",
            "完成时间",
            "整改完成时限",
            "完成期限",
            "整改完成时间",
            "整改时间",
            "计划完成时间",
            "截止时间",
        ),
        repeats=True,
    ),
)
IGNORED = (
    *("进展", "进展情况", "整改进展", "佐证", "佐证材料"),
    *("销号日期", "备注", "整改情况", "整改成效"),
)
TEXTS = {"source_paper": 200, "basis": 300, "demand": 4000}  # the longest, in characters
PLAN_TEXTS = {"measures": 4000, "leader": 40, "person": 40}
NUMBER, TITLE, TEXT = 40, 100, 4000
SEVERITIES = {"轻微": Severity.GENERAL, "重大": Severity.GRAVE} | {each.label: each for each in Severity}
COMMON = {"共性": True, "共性问题": True, "是": True, "个性": False, "个性问题": False, "否": False}
SENTENCE = re.compile(r"[^。；;\n]+")
FULL_NUMBER = re.compile(r".*第\s*0*(\d+)\s*号")
CLOSED_WORDS = re.compile("已?(?:经)?(?:全部)?(?:销号|办结|完成|完成整改|整改完成|整改到位|完成销号)|是|[√✓✔]")
CLOSED, SKIP, OPEN = "closed", "skip", "open"  # the question whether findings that are closed in the table are imported
LISTED = 8  # rows that a question names
NEW = "new"
NO_DAY = "不是一个日期，时限记为待定"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """What a row says about the rectification by one unit. ``due_on`` None: the cell is empty or names no day."""

    unit: Unit
    due_on: date | None
    plan: dict[str, str]
    place: str


class FindingLookup:
    """What the campaign has already, and the questions that the table raises."""

    def __init__(self, context: ImportContext) -> None:
        campaign = context.campaign
        self.today, self.year, self.answers = context.actor.today, campaign.year, context.answers
        self.district, by = campaign.district, context.actor.human
        self.may_plan = access.may(by, Permission.TASK_PLAN, campaign)
        self.may_draft = by.has_permission_beyond_unit(Permission.TASK_DRAFT)
        units = Unit.objects.active(self.today).filter(district=campaign.district_id)
        self.names = UnitNames(units, campaign.district.name, context.answers, context.unit_aliases)
        self.sources = list(FindingSource.objects.filter(district=campaign.district_id))
        self.points = {node.code: node for node in campaign.system.indicators.checkpoints()}
        rows = Finding.objects.active().filter(campaign=campaign)
        self.by_code: dict[str, Finding] = {}
        self.by_wording: dict[tuple[str, str], list[Finding]] = defaultdict(list)
        for finding in rows.select_related("campaign", "source", "indicator").order_by("serial"):
            self.by_code[finding.code] = finding
            self.by_wording[values.plain(finding.title), values.plain(finding.text)].append(finding)
        self.questions: dict[str, ImportQuestion] = {}
        self.units: dict[tuple[str, int], str] = {}  # what each row says about its units
        self.carried: list[int] = []  # rows that have the units of the row above
        self.closed: list[int] = []  # rows of new findings that the table says are closed
        self.alone: list[int] = []  # rows that name only units, which have the rest of the row above

    def source(self, name: str) -> FindingSource | None:
        """Return the source of this name; None while the person is asked which one is meant. ``name`` "": the table does not say."""
        named = [source for source in self.sources if normalized(source.name) == normalized(name)]
        if named:
            return named[0]
        key = f"source:{normalized(name)}"
        answer = self.answers.get(key, "")
        if answer == NEW and name:
            return FindingSource(district=self.district, name=name)
        if chosen := next((source for source in self.sources if str(source.pk) == answer), None):
            return chosen
        new = [(NEW, f"增加问题来源“{name}”")] if name else []
        text = f"“{name}”是哪个问题来源？" if name else "表中没有写问题来源的问题，来源是哪个？"
        options = (*((str(each.pk), each.name) for each in self.sources if each.active), *new)
        self.questions[key] = ImportQuestion(key, text, options)
        return None


def says_closed(reader: RowReader) -> bool:
    return reader.has("state") and bool(CLOSED_WORDS.fullmatch(normalized(reader.shown("state"))))


def is_closed(reader: RowReader, lookup: FindingLookup) -> bool:
    """Return whether the row says that its finding is closed already; a person is asked once about all of them."""
    if not says_closed(reader):
        return False
    reader.use("state")
    lookup.closed.append(reader.layout.sheet.place(reader.row, reader.layout.columns["state"])[0])
    rows = "、".join(map(str, lookup.closed[:LISTED])) + (" 等" if len(lookup.closed) > LISTED else "")
    if lookup.answers.get(CLOSED) not in (SKIP, OPEN):
        text = f"有 {len(lookup.closed)} 个新问题写着已销号或已完成（第 {rows} 行），也导入吗？"
        options = ((SKIP, "不导入已销号的问题"), (OPEN, "也导入，请单位重新报送整改情况"))
        lookup.questions[CLOSED] = ImportQuestion(CLOSED, text, options)
    return True


def finding_of(reader: RowReader, lookup: FindingLookup) -> Finding | None:
    """Return the finding whose number the row gives; adds an error for a number that there is not."""
    given = reader.text("code", NUMBER)
    if not given or reader.is_nothing("code"):
        return None
    full = FULL_NUMBER.fullmatch(given)
    found = lookup.by_code.get(f"W{int(full[1]):03d}" if full else given.upper())
    if found is None:
        reader.add_error("code", f"没有编号为“{given}”的问题。新问题的编号请留空，导入时自动生成")
    return found


def wording_of(reader: RowReader, lookup: FindingLookup) -> dict[str, Any]:
    """Return what the row says about the finding, by field of ``FindingText``. What it does not say is left out."""
    given: dict[str, Any] = {**_without_marks(_title_and_text(reader), lookup)}
    for key, limit in TEXTS.items():
        if text := reader.text(key, limit):
            given[key] = text
    if name := reader.text("source", 40):
        given["source"] = lookup.source(name)
    if day := reader.day("found_on", lookup.year):
        given["found_on"] = day
        if day > lookup.today:
            reader.add_error("found_on", f"发现日期 {day} 还没有到，请改正")
    if point := _point(reader, lookup):
        given["indicator"] = point
    for key, words in (("severity", SEVERITIES), ("is_common", COMMON)):
        text = reader.text(key, 20) if not reader.has(key) or not reader.is_nothing(key) else ""
        if text in words:
            given[key] = words[text]
        elif text:
            reader.add_error(key, f"“{text}”不能识别，可填：{'、'.join(_offered(key))}")
    return given


def _offered(key: str) -> list[str]:
    return list(Severity.labels) if key == "severity" else ["共性", "个性"]


def _title_and_text(reader: RowReader) -> dict[str, str]:
    """Return the sentence and the text. A table has both, or one of them: then the sentence is the text's first."""
    title = "" if _is_empty(reader, "title") else reader.text("title", TITLE if reader.has("text") else TEXT)
    text = "" if _is_empty(reader, "text") else reader.text("text", TEXT)
    if title and len(title) > TITLE:
        title, text = "", title
    if text and not title:
        found = SENTENCE.search(text)
        first = found[0].strip() if found else text
        title = text if len(text) <= TITLE else first if len(first) <= TITLE else f"{first[: TITLE - 1]}…"
        text = "" if title == text else text
    return {key: value for key, value in (("title", title), ("text", text)) if value}


def _without_marks(given: dict[str, str], lookup: FindingLookup) -> dict[str, str]:
    """Return the words without marks such as （一） before them; those of a finding that there is stay, and so do those of a list."""
    title, text = given.get("title", ""), given.get("text", "")
    is_known = any(values.plain(title) == known for known, _ in lookup.by_wording)
    if is_known or "\n" in f"{title}{text}":
        return given
    return {key: level_marks.without_level_mark(words) for key, words in given.items()}


def _is_empty(reader: RowReader, key: str) -> bool:
    return not reader.has(key) or reader.is_blank(key)


def _point(reader: RowReader, lookup: FindingLookup) -> Indicator | None:
    if _is_empty(reader, "indicator") or reader.is_nothing("indicator"):
        return None
    code, title = reader.code_and_title("indicator", 200)
    found = lookup.points.get(level_marks.with_hyphens(code))
    if found is None and title and not code:
        found = next((node for node in lookup.points.values() if normalized(node.title) == normalized(title)), None)
    if found is None and (code or title):
        reader.add_error("indicator", f"指标体系里没有要点“{code or title}”，请填要点的编号，如 4-3-3，或留空")
    return found


def units_of(reader: RowReader, lookup: FindingLookup) -> list[UnitRow]:
    """Return the units that the row names, each with the due day and the plan of the row."""
    found: list[Unit] = []
    texts = {"units": _unit_text(reader, lookup)}
    if reader.has("helpers") and not reader.is_nothing("helpers"):
        texts["helpers"] = reader.text("helpers", 1000)
    for key, text in texts.items():
        lookup.names.has_people = "人" in reader.layout.label(reader.layout.columns.get(key, 0))
        for name in lookup.names.split(text):
            units = lookup.names.find_all(name)
            if units == NONE:
                reader.add_error(key, f"“{name}”不是本区的单位，请改用单位的名称或简称")
            found += units if isinstance(units, list) else []
    plan = {key: text for key, limit in PLAN_TEXTS.items() if (text := _plan_text(reader, key, limit))}
    due_on = _due_day(reader, lookup)
    return [UnitRow(unit, due_on, plan, reader.place) for unit in dict.fromkeys(found)]


def _unit_text(reader: RowReader, lookup: FindingLookup) -> str:
    """Return the cell of the units. In a table by unit, where they stand before the findings, an empty one has those of the row above."""
    above = lookup.units.get((reader.sheet, reader.row - 1), "")
    words = [reader.layout.columns[key] for key in ("title", "text") if not _is_empty(reader, key)]
    if above and words and reader.is_blank("units") and reader.layout.columns["units"] < min(words):
        lookup.carried.append(reader.layout.sheet.place(reader.row, words[0])[0])
        text = above
    else:
        text = reader.text("units", 1000)
    lookup.units[reader.sheet, reader.row] = text
    return text


def _plan_text(reader: RowReader, key: str, limit: int) -> str:
    return "" if _is_empty(reader, key) or reader.is_nothing(key) else reader.text(key, limit)


def _due_day(reader: RowReader, lookup: FindingLookup) -> date | None:
    if _is_empty(reader, "due"):
        return None
    if reader.is_nothing("due") or spoken_days.is_open_ended(reader.shown("due")):
        reader.leave("due", NO_DAY)
        return None
    return reader.day("due", lookup.year)

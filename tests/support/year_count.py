"""The independent count of a year: what the test itself did, in plain rows, and what the files that the site hands out say.

Nothing here knows the product: files are opened with openpyxl, python-docx and zipfile, and sums are of ``Fraction``.
``tests/year/test_year.py`` holds this module to it.
"""

import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
from openpyxl import load_workbook

OPEN, SIGNING, WAITING, RETURNED, PASSED = "待办", "待审签", "已报送", "退回", "已通过"
MENDING, REPORTED, BACK, PARTLY, LASTING, CLOSED = "待整改", "已报整改", "退回整改", "部分整改", "长期坚持", "已销号"
MODES = {"upload": "上传", "on_site": "现场提供", "statement": "情况说明"}
SHEET_OF_TASKS, SHEET_OF_DUTIES, SHEET_OF_MENDING = "数据", "责任清单", "整改台账"
CHOICES = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 0: "不了解"}
FEWEST = 5  # answers, below which nothing is shown
CATALOGUE = {"目录": "编号", "现场核查清单": "要点编号", "缺失和异常": "编号", "未收录任务": "编号"}
Row = dict[str, Any]


@dataclass
class Duty:
    """One unit's task of the plan. ``pieces``: titles of the evidence it cites. ``answers``: how often it was handed in."""

    unit: str
    code: str
    role: str = ""
    due: date | None = None
    status: str = OPEN
    mode: str = ""
    pieces: list[str] = field(default_factory=list)
    answers: int = 0
    period: str = ""
    gone: bool = False

    @property
    def is_unanswered(self) -> bool:
        return not self.gone and self.status in (OPEN, RETURNED)

    def hand_in(self, mode: str) -> None:
        self.status, self.mode, self.answers = WAITING, mode, self.answers + 1

    def as_row(self) -> tuple[Any, ...]:
        due = self.due.isoformat() if self.due else ""
        return self.code, self.unit, self.role, self.status, due, MODES.get(self.mode, ""), len(self.pieces)


@dataclass
class Mending:
    """One unit's rectification of one finding."""

    finding: str
    unit: str
    due: date | None
    status: str = MENDING
    closed_on: date | None = None
    relapses: int = 0
    gone: bool = False
    reports: int = 0

    def as_row(self) -> tuple[Any, ...]:
        return self.finding, self.unit, self.due.isoformat() if self.due else "待定", self.status, self.relapses

    def as_ledger_row(self) -> tuple[Any, ...]:
        day = self.closed_on.isoformat() if self.closed_on and self.status == CLOSED else ""
        return self.finding, self.unit, "是" if self.status == CLOSED else "否", day

    def as_past(self) -> tuple[Any, ...]:
        finding, _, *closed = self.as_ledger_row()
        return finding, *closed


def workdays_before(day: date, count: int) -> date:
    """Return the day so many workdays earlier, where no public holiday is in between."""
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < 5
    return day


# What the files say


def _sheet(content: bytes, name: str, heading: str) -> list[Row]:
    """Return the rows below the row with that heading, heading → value."""
    rows = [list(row) for row in load_workbook(io.BytesIO(content), read_only=True)[name].iter_rows(values_only=True)]
    at = next(number for number, row in enumerate(rows) if heading in row)
    headings = [str(cell or "").replace("\n", "") for cell in rows[at]]
    return [dict(zip(headings, row, strict=False)) for row in rows[at + 1 :]]


def _printed(content: bytes, name: str, merged: str = "") -> list[Row]:
    """Return the numbered rows of a printed table, without the continuation of long ones; ``merged``: a column of merged cells."""
    found, last = [], None
    for row in _sheet(content, name, "序号"):
        last = row.get(merged) or last
        if isinstance(row["序号"], int):
            found.append(row | ({merged: last} if merged else {}))
    return found


def _day(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime | date) else str(value or "")


def ledger(content: bytes) -> list[Row]:
    return [row for row in _sheet(content, SHEET_OF_TASKS, "编号") if row["编号"]]


def task_of(row: Row) -> tuple[Any, ...]:
    """Return the row as ``Duty.as_row`` does."""
    where = row["编号"], row["责任单位"], row["分工"] or ""
    return *where, row["状态"], _day(row["完成时限"]), row["提供方式"] or "", row["份数"] or 0


def liaisons_of(rows: list[Row], but: str) -> set[tuple[str, str]]:
    """Return unit and liaison of what has not passed."""
    return {(row["责任单位"], row["联络员"]) for row in rows if row["状态"] != PASSED and row["责任单位"] != but}


def past_of(duty: Duty) -> tuple[Any, ...]:
    return duty.code, duty.status, duty.due.isoformat() if duty.due else ""


def past_row(row: Row) -> tuple[Any, ...]:
    return row["编号"], row["状态"], _day(row["完成时限"])


def mending_rows(content: bytes, names: dict[str, str]) -> tuple[Counter[tuple[Any, ...]], Counter[tuple[Any, ...]]]:
    """Return the rows of 责任清单 and of 整改台账. ``names``: full name → short name, which the first of them does not have."""
    duties = Counter(
        (row["编号"], names[row["责任单位"]], row["完成时限"], row["状态"], row["反弹"] or 0)
        for row in _printed(content, SHEET_OF_DUTIES, "责任单位")
    )
    ledger = Counter(
        (row["问题表述"].split()[0], row["责任单位"], row["是否销号"], row["销号日期"] or "")
        for row in _printed(content, SHEET_OF_MENDING)
    )
    return duties, ledger


def package_rows(content: bytes) -> dict[str, list[Row]]:
    """Return the sheets of the catalogue; each file that it lists is in the package."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = {name.split("/", 1)[-1]: name for name in package.namelist()} | {
            each: each for each in package.namelist()
        }
        book = package.read(next(name for name in package.namelist() if name.endswith("目录.xlsx")))
        sheets = {name: _sheet(book, name, heading) for name, heading in CATALOGUE.items()}
        missing = [row["所在位置"] for row in sheets["目录"] if row["编号"] and row["所在位置"] not in names]
    assert not missing, missing
    return sheets


def numbers_of_report(content: bytes) -> tuple[int, ...]:
    """Return how many tasks there are, are handed in and have passed, as the bulletin says."""
    text = "\n".join(each.text for each in docx.Document(io.BytesIO(content)).paragraphs)
    found = re.search(r"共有任务(\d+)项，已报送(\d+)项，审核通过(\d+)项", text)
    assert found, text
    return tuple(map(int, found.groups()))


def score_rows(content: bytes) -> dict[str, str]:
    """Return unit → 得分, such as ``87.5 / 120``."""
    return {row["单位"]: row["得分"] for row in _printed(content, "得分表")}


def nominee_rows(content: bytes) -> Counter[tuple[str, str]]:
    return Counter((row["类别"], row["名称或姓名"]) for row in _printed(content, "名册"))


def case_rows(content: bytes) -> Counter[tuple[str, str, str]]:
    return Counter((row["单位"], row["题目"], row["状态"]) for row in _printed(content, "典型经验"))


def titles_in_booklet(content: bytes) -> list[str]:
    return [row.cells[1].text for row in docx.Document(io.BytesIO(content)).tables[0].rows[1:]]


def publicity_rows(content: bytes) -> Counter[tuple[str, str]]:
    return Counter((row["单位"], row["标题"]) for row in _printed(content, "宣传报道", "单位"))


def survey_rows(content: bytes) -> tuple[dict[str, tuple[Any, ...]], dict[str, tuple[Any, ...]]]:
    """Return question → counts by choice and rate, and unit → answers and what is said of its rate."""
    questions = {
        str(row["题目"]): (*(row[name] or 0 for name in CHOICES.values()), row["满意率"])
        for row in _printed(content, "各题结果")
    }
    units = {row["单位"]: (row["答卷"], row["满意率"]) for row in _printed(content, "各单位结果")}
    return questions, units


def numbers_in_assessment(content: bytes) -> list[str]:
    """Return the numbers of evidence that the self-assessment report names."""
    lines = [each.text for each in docx.Document(io.BytesIO(content)).paragraphs]
    named = [line.removeprefix("印证资料：") for line in lines if line.startswith("印证资料：")]
    return [number for line in named for number in re.findall(r"\d+-\d+-\d+-\d+", line)]


def findings_in_archive(path: Path) -> set[str]:
    """Return the findings that have a folder of their own."""
    with zipfile.ZipFile(path) as archive:
        folders = [
            name.split("/")[1] for name in archive.namelist() if "督导问题" in name.split("/")[0] and "/" in name
        ]
    return {found[0] for each in folders if (found := re.match(r"W\d{3}", each))}


# Own arithmetic


def shown(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def sum_of_scores(
    points: dict[str, int], applies: set[str], given: dict[str, list[Fraction]], extra: Fraction, vetoed: bool
) -> str:
    """Return what one unit reached: the means of its points and what is added, 0 after a veto, of the full points."""
    reached = sum(
        (sum(given[code], Fraction(0)) / len(given[code]) for code in applies if given.get(code)), Fraction(0)
    )
    full = sum(points[code] for code in applies)
    return f"{'0' if vetoed else shown(max(reached + extra, Fraction(0)))} / {full}"


def rate_of(choices: list[int]) -> float | None:
    """Return the share of the satisfied among those who know, in per cent with two decimals, cut; None where nobody knows."""
    known = [choice for choice in choices if choice]
    return sum(choice >= 3 for choice in known) * 10000 // len(known) / 100 if known else None


def shown_rates(answers: dict[str, list[list[int]]]) -> dict[str, float | str | None]:
    """Return unit → rate, or why it is not shown: too few answers, or the next smallest unit beside those with too few.

    Every unit has another number of answers, and those with too few have too few together.
    """
    by_size = sorted(answers, key=lambda unit: len(answers[unit]))
    said: dict[str, float | str | None] = {}
    for place, unit in enumerate(by_size):
        if len(answers[unit]) < FEWEST:
            said[unit] = f"不足 {FEWEST} 份"
        elif place and len(answers[by_size[place - 1]]) < FEWEST:
            said[unit] = "一并不显示"
        else:
            said[unit] = rate_of([choice for row in answers[unit] for choice in row])
    return said

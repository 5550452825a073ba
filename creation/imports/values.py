"""Convert cells to values. An invalid one raises InvalidCell, which says what to do; nothing is corrected silently."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation

from creation.imports.refusals import InvalidCell
from creation.imports.worksheet import Value
from creation.rules import names, plain_text, spoken_days

DAY = re.compile(r"(\d{4})\s*(?:年|[.\-/])\s*(\d{1,2})\s*(?:月|[.\-/])\s*(\d{1,2})\s*[日号]?")
ERRORS = re.compile(r"#(?:[A-Z/0]+[!?]|N/A|GETTING_DATA)")  # of any version of Excel
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|_x00[01][0-9A-Fa-f]_")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")  # they have no width, and make equal texts differ
CODED = re.compile(r"_x00([01][0-9A-Fa-f])_")  # how Excel writes a control character
TITLED = re.compile(r"([0-9０-９]+(?:[-－.][0-9０-９]+)*)[\s、.．:：)）]*([^\s\d.、)）-].*)", re.DOTALL)
BRACKETED = re.compile(
    r"\s*[(（【\[〔]\s*([0-9０-９]+(?:\s*[-－—–.．]\s*[0-9０-９]+)+)\s*[)）】\]〕]\s*(?=.)"
)  # （4-3-3）每年组织案卷评查
POINT_CODE = r"[0-9０-９]{1,2}(?:\s*[-－—–.．]\s*[0-9０-９]{1,2}){2}"  # no day such as 2026-12-31
NAMED_CODE = re.compile(
    rf"\s*(?:指标|要点|任务|项目|第)\s*({POINT_CODE})\s*[项条]?(?![0-9０-９])"
)  # 指标4-3-3：…, 第4-3-3项
CODE_BEHIND = re.compile(rf"\s*([^\s0-9０-９(（【\[〔].*?)\s*[(（【\[〔]\s*({POINT_CODE})\s*[)）】\]〕]\s*", re.DOTALL)
CLOSING = frozenset(")）】]〕")
CODE_CHARACTERS = re.compile(r"\A[\d０-９.．\s\u200b\ufeff‐‑‒–—―−－﹣-]+")
AROUND_DASHES = re.compile(r"[\u200b\ufeff]|\s*(-)\s*(?=\d)")
LARGE = {"万": 10**4, "亿": 10**8}
PAIR = re.compile(r"([\d.,万亿]+)[/÷]([\d.,万亿]+)(?:[=,(].*)?")
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")  # 1,234.5
CODE_LENGTH = 20  # characters
CODE = re.compile(r"[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*")


def has_controls(found: str) -> bool:
    return not _is_plain(found) and bool(CONTROL.search(found) or INVISIBLE.search(found))


def _is_plain(found: str) -> bool:
    """Return whether the text certainly has no such character, which takes no regular expression to find out."""
    return found.isprintable() and "_x" not in found


def without_controls(found: str) -> str:
    """Return the text with line breaks for U+000B and U+000C, and without other control and invisible characters."""
    if _is_plain(found):
        return found
    return INVISIBLE.sub("", plain_text.cleaned(CODED.sub(lambda coded: chr(int(coded[1], 16)), found)))


def plain(stored: str) -> str:
    """Return stored text as it is read from a cell that it was written to."""
    return without_controls(stored).strip()


def shown(value: Value) -> str:
    """Return any cell as the text that it shows, for comparing and quoting."""
    return _day_text(value) if isinstance(value, date) else "" if value is None else str(value).strip()


def text(value: Value, limit: int) -> str:
    """Return the cell as text; a number or date in its usual notation."""
    if value is None:
        return ""
    found = _day_text(value) if isinstance(value, date) else str(value)
    if "#" in found and ERRORS.fullmatch(found.strip()):
        raise InvalidCell(f"公式出错（{found.strip()}），请改正后填写文字")
    found = without_controls(found).strip()
    if len(found) > limit:
        raise InvalidCell(f"有 {len(found)} 个字，最多 {limit} 个，请缩短")
    return found


def code(value: Value) -> str:
    """Return a code. It must be text: as a number 1.10 would become 1.1, and as a date 4-3-3 another day."""
    if isinstance(value, date):
        raise InvalidCell(f"编号被 Excel 变成了日期（{_day_text(value)}）。请把这一列设为“文本”格式，重新输入编号")
    if isinstance(value, Decimal) and value != value.to_integral_value():
        raise InvalidCell(f"编号是数字 {value}，分不清 {value} 和 {value}0。请把这一列设为“文本”格式，重新输入编号")
    found = names.folded(names.with_plain_dashes(text(value, CODE_LENGTH)))
    if found and not CODE.fullmatch(found):
        raise InvalidCell(f"“{found}”不是编号，只能用数字、字母、横线和点，如 4-3-3")
    return found


def _with_plain_code(found: str) -> str:
    """Return the text with plain digits, dots and dashes in the code at its beginning."""
    if found[-1:] in CLOSING and (behind := CODE_BEHIND.fullmatch(found)):
        found = f"{behind[2]} {behind[1]}"
    found = NAMED_CODE.sub(r"\1 ", found, count=1) if NAMED_CODE.match(found) else found
    found = BRACKETED.sub(r"\1 ", found, count=1) if BRACKETED.match(found) else found
    title = CODE_CHARACTERS.sub("", found, count=1)
    plain = names.with_plain_dashes(unicodedata.normalize("NFKC", found.removesuffix(title)))
    return AROUND_DASHES.sub(r"\1", plain) + title


def code_in(found: str) -> str:
    """Return the code at the beginning of a text, with hyphens; "" if it has none."""
    parts = TITLED.fullmatch(_with_plain_code(found))
    return unicodedata.normalize("NFKC", parts[1]).replace(".", "-") if parts else ""


def code_and_title(value: Value, limit: int) -> tuple[str, str]:
    """Return code and title of a cell such as “4-3-3 每年组织案卷评查”; either may be missing."""
    if isinstance(value, date | Decimal):
        return code(value), ""
    found = text(value, limit + 20)
    parts = TITLED.fullmatch(_with_plain_code(found))
    number, title = (parts[1], parts[2]) if parts else (found, "") if CODE.fullmatch(found) else ("", found)
    return unicodedata.normalize("NFKC", number), text(title, limit)


def day(value: Value, year: int | None = None) -> date | None:
    """Return the date of a date cell, or of 2025年6月30日, 2025.6.30, 2025-06-30 or 2025/6/30; with a ``year`` also of 12月底前."""
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, Decimal):
        _refuse_unclear_day(str(value))
    found = DAY.fullmatch(unicodedata.normalize("NFKC", text(value, 40)))
    if not text(value, 40):
        return None
    if not found and (last := _last_day(str(value), year)):
        return last
    if not found:
        raise InvalidCell(f"“{text(value, 40)}”不是日期，请写成 2025-06-30、2025年6月30日或 2025.6.30")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise InvalidCell(f"没有“{found[0]}”这一天，请核对") from None


def _refuse_unclear_day(number: str) -> None:
    """Refuse a number that was typed as a day and has lost its last zero: 12.2 may be 12.20, and 2026.1 may be 2026.10."""
    if re.fullmatch(r"20\d{2}\.1", number):
        raise InvalidCell(f"“{number}”是数字，分不清是 1 月还是 10 月。请写成 2026年10月 这样")
    if found := re.fullmatch(r"(1[0-2]|[1-9])\.([1-3])", number):
        month, day = found.groups()
        raise InvalidCell(
            f"“{number}”是数字，分不清是 {month} 月 {day} 日还是 {month} 月 {day}0 日。请写成 {month}月{day}日 或 {month}月{day}0日 这样"
        )


def _last_day(text: str, year: int | None) -> date | None:
    try:
        return spoken_days.last_day(text, year) if year else None
    except ValueError:
        raise InvalidCell(f"没有“{text.strip()}”这一天，请核对") from None


def pair(value: Value) -> tuple[Decimal | None, Decimal | None] | None:
    """Return both figures of 43/61; a result behind them, such as =70.49%, is left out."""
    if isinstance(value, date):
        raise InvalidCell(f"被 Excel 变成了日期（{_day_text(value)}）。请把这一列设为“文本”格式，重新输入，如 43/61")
    if value is None:
        return None
    found = PAIR.fullmatch(names.folded(str(value)))
    if not found:
        raise InvalidCell(f"“{shown(value)}”不是两个数，请写成 43/61 这样")
    return number(found[1]), number(found[2])


def number(value: Value, unit: str = "", scale: int = 1) -> Decimal | None:
    """Return a figure with at most two decimals and twelve digits before them, times ``scale``.

    It may end with 万, 亿 and ``unit``, the unit in which it is counted.
    """
    if value is None or isinstance(value, date | bool):
        if value is not None:
            raise InvalidCell("这里应是数字")
        return None
    given = names.folded(str(value))
    if not given:
        return None
    counted = given.removesuffix(names.folded(unit))
    if counted[-1:] in LARGE and scale == 1:
        counted, scale = counted[:-1], LARGE[counted[-1]]
    try:
        found = Decimal(counted.replace(",", "") if GROUPED.fullmatch(counted) else counted) * scale
    except InvalidOperation:
        raise InvalidCell(f"“{given}”不是数字，只填数字，不带单位") from None
    if not found.is_finite() or found != round(found, 2) or abs(found) >= Decimal(10) ** 12 or found < 0:
        raise InvalidCell(f"“{given}”不合适：应是不小于 0 的数，最多两位小数")
    return found


def _day_text(value: date) -> str:
    return f"{value:%Y-%m-%d}"

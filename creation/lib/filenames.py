"""Cleans the names of uploaded files, extracts title and date from them, and builds names for archives."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

CHARACTERS, BYTES = 120, 200
ARCHIVE_CHARACTERS = 80
UNNAMED = "未命名"
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format (bidi and zero width), surrogates, separators
EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})$")
# Not allowed as file names on Windows.
DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)
WINDOWS_RESERVED = str.maketrans('<>:"/\\|?*', "＜＞：＂／＼｜？＊")


@dataclass(frozen=True)
class NameSuggestion:
    """What a file name suggests. The user may change all of it."""

    title: str
    dated_on: date | None = None
    doc_number: str | None = None


def extension(name: str) -> str:
    """Return the last extension in lower case without its dot, or "" if there is none."""
    found = EXTENSION.search(name)
    return found[1].lower() if found else ""


def with_extension(name: str, extension_: str) -> str:
    """Return the name with this extension; as it was if it has it, whatever the case."""
    if extension(name) == extension_:
        return name
    return clean(f"{EXTENSION.sub('', name)}.{extension_}")


def clean(given: str) -> str:
    """Return a name that can be stored, shown and sent: the last part of a path, in NFC, at most 120 characters and 200 bytes.

    The extension is kept when the name is shortened. Quotes and angle brackets remain; templates escape them.
    """
    cleaned = _shorten(_visible_text(_last_path_part(given)).replace(":", "："))
    return cleaned if cleaned == given else clean(cleaned)  # shortening can expose a new extension


def _last_path_part(path: str) -> str:
    parts = [part for part in re.split(r"[/\\]", path) if _visible_text(part)]
    return parts[-1] if parts else ""


def _visible_text(text: str) -> str:
    kept = (char for char in " ".join(text.split()) if unicodedata.category(char) not in INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _shorten(name: str) -> str:
    found = EXTENSION.search(name)
    ending = found[0] if found else ""
    stem = name.removesuffix(ending).strip(" .") or UNNAMED
    if DEVICES.match(stem):
        stem = f"_{stem}"
    return _truncate(stem, CHARACTERS - len(ending), BYTES - len(ending)) + ending


def _truncate(text: str, characters: int, size: int) -> str:
    return text[:characters].encode()[:size].decode(errors="ignore").rstrip(" .")


# Extracting from a name

DOC_NUMBER = re.compile(
    r"(?P<agency>[\u4e00-\u9fff]{1,12})\s*[〔\[［【(（](?P<year>\d{4})[〕\]］】)）]\s*第?\s*(?P<number>\d{1,5})\s*号"
)
NOT_AGENCY = re.compile(r"^(?:关于|转发|印发|根据|按照|附件)+")
TIME = r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?:\d{3})?"
DATES = re.compile(
    r"(?<!\d)(?:"
    r"(?P<y1>\d{4})\s*年\s*(?P<m1>\d{1,2})\s*月\s*(?P<d1>\d{1,2})\s*[日号]?"
    r"|(?P<y2>\d{4})(?P<sep>[-._])(?P<m2>\d{1,2})(?P=sep)(?P<d2>\d{1,2})(?:[ _-]\d\d[-_.:]?\d\d[-_.:]?\d\d)?"
    rf"|(?P<y3>\d{{4}})(?P<m3>\d\d)(?P<d3>\d\d)(?:[ _-]?{TIME})?"
    r")(?!\d)"
)
YEARS = range(1949, 2100)
SEPARATORS = " _-—–.,，、;；+（）()【】[]［］〔〕"
# The date in "2026年7月15日的通知" belongs to the sentence and is kept.
SENTENCE_CONTINUES = re.compile(r"[的前后起至到以之]|[-~—]\s*\d")
JOINING_CHARACTERS = " _-—–"
CAMERA = re.compile(
    r"(?:IMG|VID|MVIMG|PXL|PANO|BURST|DSC[FN]?|DCIM|MOV|WIN|Photo|image|Screenshot|Screen ?Recording|SVID|mmexport"
    r"|wx_camera|WeChat(?: ?Image)?|QQ(?:图片|截图)|微信(?:图片|视频|截图)|屏幕截图|截图|截屏|录屏|照片|图片|视频)"
    r"[\W\d_]*(?:Pro|HDR|COVER|com[\w.]*)?[\W\d_]*",
    re.IGNORECASE,
)
EPOCH = re.compile(r"(?:mmexport|wx_camera_)(\d{13})", re.IGNORECASE)
BEIJING = timedelta(hours=8)


def suggest_from_name(name: str) -> NameSuggestion:
    """Return the title, date and document number that the name suggests.

    Names given by cameras or chat programs have the title "". For any other name, the title is at least its stem.
    """
    stem = _stem(name)
    if CAMERA.fullmatch(stem):
        return NameSuggestion("", _camera_day(stem))
    doc_number, rest = _without_doc_number(stem)
    dated_on, rest = _without_date(rest)
    return NameSuggestion(_tidy(rest) or stem, dated_on, doc_number)


def doc_number_in(text: str) -> str | None:
    """Return the first document number in a text."""
    return _without_doc_number(text)[0]


def dates_in(text: str) -> list[date]:
    """Return the dates in a text, in order."""
    return [day for _, day in _dates(text)]


def _stem(name: str) -> str:
    cleaned = clean(name)
    found = EXTENSION.search(cleaned)
    return cleaned.removesuffix(found[0]) if found else cleaned


def _camera_day(stem: str) -> date | None:
    if epoch := EPOCH.match(stem):
        return (datetime.fromtimestamp(int(epoch[1]) / 1000, UTC) + BEIJING).date()
    return next((day for _, day in _dates(stem)), None)


def _without_doc_number(text: str) -> tuple[str | None, str]:
    found = DOC_NUMBER.search(text)
    agency = NOT_AGENCY.sub("", found["agency"]) if found else ""
    if not found or not agency or int(found["year"]) not in YEARS:
        return None, text
    start = found.end("agency") - len(agency)
    number = f"{agency}〔{int(found['year'])}〕{int(found['number'])}号"
    return number, f"{text[:start]} {text[found.end() :]}"


def _without_date(text: str) -> tuple[date | None, str]:
    """Return the last valid date, usually the date of issue, and the text without it if it is a separate word."""
    dates = list(_dates(text))
    if not dates:
        return None, text
    found, day = dates[-1]
    before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
    return day, f"{before.rstrip(JOINING_CHARACTERS)} {after.lstrip(JOINING_CHARACTERS)}" if _is_separate(
        before, after
    ) else text


def _dates(text: str) -> Iterator[tuple[re.Match[str], date]]:
    for found in DATES.finditer(text):
        year, month, day = (int(value) for key, value in found.groupdict().items() if value and key != "sep")
        try:
            valid = date(year, month, day)
        except ValueError:
            continue
        if year in YEARS:
            yield found, valid


def _is_separate(before: str, after: str) -> bool:
    if not before:
        return not SENTENCE_CONTINUES.match(after)
    return not after or (before[-1] in SEPARATORS and after[0] in SEPARATORS)


def _tidy(text: str) -> str:
    without_empty = re.sub(r"[〔\[［【(（]\s*[〕\]］】)）]", " ", text)
    return re.sub(r"\s+", " ", without_empty).strip(" _-—–.,，、;；+")


# Names in archives


def archive_name(number: str, unit: str, title: str, ext: str) -> str:
    """Return the name of a file in an archive, "4-3-3-02 区城管局 通知.pdf", at most 80 characters and legal on Windows.

    The title is shortened first, then the unit. The caller makes names unique.
    """
    ending = f".{ext.lower().lstrip('.')}" if ext else ""
    plain_title = title[: -len(ending)] if ending and title.lower().endswith(ending) else title
    words = (_visible_text(word).translate(WINDOWS_RESERVED) for word in (number, unit, plain_title))
    stem = " ".join(word for word in words if word).strip(" .") or UNNAMED
    return stem[: ARCHIVE_CHARACTERS - len(ending)].rstrip(" .") + ending

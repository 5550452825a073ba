"""Cells about people: several names in one cell, name and post together, telephone numbers in the wrong column."""

import re
from dataclasses import dataclass, replace

from creation.imports.row_reader import DITTO, RowReader
from creation.rules import phones
from creation.rules.names import person_name, with_plain_dashes

NAME = 30  # characters
SECOND_PREFIX = "second_"  # of the columns about the second person of a row
LIMITS = {"post": 40, "email": 254}  # in characters
POST = re.compile(r".{0,12}(?:长|主任|主席|书记|科员|职员|专员|委员|负责人|干部|助理|师|主管|常委|领导)")
ATTACHED_POST = re.compile(r".+(?:[股科局处所院部厅镇乡区县组队站]长|主任|书记|主席|科员|负责人)$")
LEADING_POST = re.compile(r".{0,10}(?:[股科局处所院部厅镇乡区县组队站]长|主任|书记|主席|科员|负责人)")
TWO_PART_SURNAMES = re.compile(
    "欧阳|上官|司马|诸葛|司徒|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|轩辕|端木|独孤|南宫|申屠|濮阳|澹台|呼延"
)
ROLE_MARK = re.compile(
    r"[(（](?:主|副|正|[ABab][岗角]?|主办|协办|牵头|兼|男|女)[)）]|^[ABab][岗角]?[:：、]\s*|[ABab][岗角]$"
)
TITLE_OF_ADDRESS = re.compile(r"(?<=[\u4e00-\u9fff]{2})\s*(?:同志|先生|女士|老师)(?=$|[\s、，,;；/|])")
POST_IN_BRACKETS = re.compile(r"[(（]([^()（）]{2,40})[)）]")
POST_BELOW = re.compile(r"\n(?=[^\n]*(?:长|主任|书记|员|负责人|干部|助理|师)(?:\n|$))")  # the post under the name
PIECES = re.compile(r"[\s:：]+")
_NUMBER = r"(?:(?:联系|办公|移动)?(?:电话|手机|手机号码?|方式)[:：]?)?\s*(?<!\d)(?:\+?86[- ]?)?(1\d{2}[- ]?\d{4}[- ]?\d{4})(?!\d)"
MOBILE = re.compile(rf"[(（]\s*{_NUMBER}\s*[)）]|{_NUMBER}")  # beside a name
ODD_BRACKETS = re.compile(r"[(（]\s*[)）]|^[^(（]*[)）]|[(（][^)）]*$")
NAME_SEPARATORS, LINE_BREAKS = re.compile(r"[、，,;；/|]+"), re.compile(r"[\r\n]+")
NOBODY = frozenset({"", "—", "-", "/", "待定", "（尚未确定）", "(尚未确定)", "尚未确定", "无", "暂无", "空缺"})


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A person as a cell names them; ``post`` and ``mobile`` are what stood beside the name, ``key`` the column."""

    name: str
    post: str = ""
    key: str = ""
    mobile: str = ""


def read_leader(reader: RowReader) -> str:
    """Return the name of the unit's leader; what is written beside the name is listed as left."""
    if reader.is_blank("leader", nothing=NOBODY):
        return ""
    text = reader.text("leader", 60)
    people = [_with_post(part) for part in _parts(MOBILE.sub(" ", text).strip())]
    written = WrittenName(
        "、".join(each.name for each in people), "、".join(filter(None, (each.post for each in people)))
    )
    if MOBILE.search(text):
        reader.leave("leader", "只记姓名，没有导入电话")
    if written.post:
        reader.leave("leader", "只记姓名，没有导入职务")
    elif any(_is_name_with_post(each.name) for each in people):
        reader.add_error("leader", f"“{written.name}”分不出姓名和职务，请在中间加一个空格")
    return written.name


def read_people(reader: RowReader) -> list[WrittenName]:
    """Return the people that a row names, without role marks such as （主） or A岗; adds an error for what cannot be a name."""
    found = _first_people(reader)
    if not found or reader.is_blank("second", nothing=NOBODY) or not reader.has("second"):
        return found
    seconds = [name for part in _parts(reader.text("second", 200)) for name in _at_blanks(part)]
    return found + _checked(reader, "second", [_with_brackets(name) for name in seconds])


def _first_people(reader: RowReader) -> list[WrittenName]:
    if reader.has("name_and_post") and not reader.is_blank("name_and_post", nothing=NOBODY):
        return _checked(reader, "name_and_post", [_with_post(part) for part in _parts_of(reader, "name_and_post")])
    if reader.is_blank("name", nothing=NOBODY):
        return []
    names = [name for part in _parts_of(reader, "name") for name in _at_blanks(part)]
    return _checked(reader, "name", [_with_brackets(name) for name in names])


def _parts_of(reader: RowReader, key: str) -> list[str]:
    return _parts(POST_BELOW.sub(" ", MOBILE.sub(" ", reader.text(key, 200))))


def _parts(text: str) -> list[str]:
    """Return the people of a list; a post between them belongs to the name before it, as in 刘晓明、法制股股长."""
    found: list[str] = []
    text = TITLE_OF_ADDRESS.sub("", text)
    for part in (part.strip() for listed in NAME_SEPARATORS.split(text) for part in _at_line_breaks(listed)):
        if found and " " not in found[-1] and " " not in part and len(part) > 2 and ATTACHED_POST.fullmatch(part):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found


def _at_line_breaks(text: str) -> list[str]:
    """Split names on lines of their own; a name with a line break inside stays whole."""
    parts = (ROLE_MARK.sub("", part.strip()).strip() for part in LINE_BREAKS.split(text))
    found = [part for part in parts if person_name(part)]
    return ["".join(found)] if any(len(person_name(part)) == 1 for part in found) else found


def _at_blanks(part: str) -> list[str]:
    """Split two names with a blank between them; a name with a blank inside stays whole."""
    pieces = part.split()
    if _begins_with_post(pieces) or any(POST.fullmatch(piece) for piece in pieces[1:]):
        return [part]
    are_names = len(pieces) > 1 and all(2 <= len(person_name(piece)) <= 4 for piece in pieces)
    return pieces if are_names and not TWO_PART_SURNAMES.fullmatch(pieces[0]) and not part.isascii() else [part]


def _with_brackets(part: str) -> WrittenName:
    pieces = PIECES.split(part.strip())
    if _begins_with_post(pieces) or any(POST.fullmatch(piece) for piece in pieces[1:]):
        return _with_post(part)
    found = POST_IN_BRACKETS.search(part)
    return WrittenName(person_name(POST_IN_BRACKETS.sub("", part)), found[1].strip() if found else "")


def _with_post(part: str) -> WrittenName:
    """Return name and post of “刘晓明 法制股股长”, “股长 刘晓明”, “刘晓明（股长）” or “刘 明 股长”, where the name has a blank inside."""
    if found := POST_IN_BRACKETS.search(part):
        return WrittenName(person_name(POST_IN_BRACKETS.sub("", part)), found[1].strip())
    pieces = PIECES.split(part.strip())
    if _begins_with_post(pieces):
        return WrittenName(person_name("".join(pieces[1:])), pieces[0])
    single = next((number for number, piece in enumerate(pieces) if len(piece) > 1), len(pieces))
    first = max(single, 2) if single or TWO_PART_SURNAMES.fullmatch(pieces[0]) else 1
    return WrittenName(person_name("".join(pieces[:first])), " ".join(pieces[first:]))


def _begins_with_post(pieces: list[str]) -> bool:
    """Return whether a post is written before the name, as in 股长 刘晓明."""
    return (
        len(pieces) > 1
        and bool(LEADING_POST.fullmatch(pieces[0]))
        and not any(POST.fullmatch(piece) for piece in pieces[1:])
    )


def _checked(reader: RowReader, key: str, found: list[WrittenName]) -> list[WrittenName]:
    for each in found:
        if len(each.name) > NAME:
            reader.add_error(key, f"姓名有 {len(each.name)} 个字，最多 {NAME} 个，请缩短")
        elif (
            len(each.name) < 2
            or each.name in DITTO
            or re.search(r"\d|[:：。]", each.name)
            or ODD_BRACKETS.search(each.name)
        ):
            reader.add_error(key, f"“{each.name}”不像姓名，请只填姓名")
        elif not each.post and (_is_name_with_post(each.name) or (key == "name_and_post" and _is_long(each.name))):
            reader.add_error(key, f"“{each.name}”分不出姓名和职务，请在中间加一个空格")
    mobiles = [re.sub("[- ]", "", one or other) for one, other in MOBILE.findall(reader.shown(key))]
    own = mobiles if len(mobiles) == len(found) else [""] * len(found)
    if mobiles and not any(own):
        reader.add_error(key, f"{'、'.join(mobiles)}分不清是谁的，请写在“手机”一栏")
    return [replace(each, key=key, mobile=mobile) for each, mobile in zip(found, own, strict=True)]


def _is_long(name: str) -> bool:
    return len(name) > 4 and "·" not in name


def _is_name_with_post(name: str) -> bool:
    """Return whether a post seems to be written behind the name without a blank, as in 刘晓明股长."""
    return bool(ATTACHED_POST.search(name))


def read_details(reader: RowReader, people: list[WrittenName]) -> list[dict[str, str]]:
    """Return post, e-mail and telephone numbers of each person of the row. Columns of the second person are that person's; a list with
    one entry a person is divided among all.
    """
    found: list[dict[str, str]] = [{} for _ in people]
    firsts = [each for each, person in zip(found, people, strict=True) if person.key != "second"]
    seconds = [each for each, person in zip(found, people, strict=True) if person.key == "second"]
    for key in ("post", "email"):
        is_apart = reader.has(f"{SECOND_PREFIX}{key}")
        for prefix, owners in (("", firsts), (SECOND_PREFIX, seconds)) if is_apart else (("", found),):
            _divide(reader, prefix, key, owners)
    is_apart = reader.has(f"{SECOND_PREFIX}mobile") or reader.has(f"{SECOND_PREFIX}office_phone")
    for prefix, owners in (("", firsts), (SECOND_PREFIX, seconds)) if is_apart else (("", found),):
        for each, numbers in zip(owners, read_numbers(reader, len(owners), prefix), strict=True):
            each.update(numbers)
    for each, person in zip(found, people, strict=True):
        if person.mobile and each["mobile"] not in ("", person.mobile):
            reader.leave(person.key, f"手机按“手机”一栏，没有导入 {person.mobile}")
        each["mobile"] = each["mobile"] or person.mobile
    return found


def _divide(reader: RowReader, prefix: str, key: str, owners: list[dict[str, str]]) -> None:
    text = reader.text(f"{prefix}{key}", LIMITS[key]) if reader.has(f"{prefix}{key}") and (owners or not prefix) else ""
    parts = [part.strip() for part in re.split(r"[、，,;；/\n]", text) if part.strip()]
    texts = parts if len(owners) > 1 and len(parts) == len(owners) else [text]
    for each, own in zip(owners, texts, strict=False):  # a single text belongs to the first person
        each[key] = own


def read_numbers(reader: RowReader, people: int, prefix: str) -> list[dict[str, str]]:
    """Return office phone and mobile of each person. Eleven digits from 1 are a mobile in whichever column, a landline an office phone."""
    mobiles: list[str] = []
    others: list[str] = []
    for key in ("mobile", "office_phone") if people or not prefix else ():
        column = f"{prefix}{key}"
        if phones.has_short_number(reader.shown(column)):
            reader.leave(column, "短号没有导入")
        for number in phones.split_numbers(reader.text(column, 100)) if not reader.clears(column) else ():
            if phones.is_mobile(number) or (key == "mobile" and not phones.is_landline(number)):
                mobiles.append(number)
            else:
                others.append(whole := phones.with_area_zero(number))
                if whole != number:
                    reader.leave(column, f"区号前面缺的 0 已补上，按 {whole} 读入")
    unique = list(dict.fromkeys(mobiles))
    if len(unique) > max(people, 1):
        reader.leave(_column_of(reader, prefix), f"每人只存一个手机号，没有导入 {'、'.join(unique[max(people, 1) :])}")
    office = [with_plain_dashes(number) for number in dict.fromkeys(others)]
    is_one_each = people > 1 and len(office) == people
    return [
        {
            "office_phone": office[number]
            if is_one_each
            else " ".join(office)
            if number == 0 or len(office) < 2
            else "",
            "mobile": unique[number] if number < len(unique) else "",
        }
        for number in range(people)
    ]


def _column_of(reader: RowReader, prefix: str) -> str:
    return next(f"{prefix}{key}" for key in ("mobile", "office_phone") if reader.has(f"{prefix}{key}"))

"""Finds secrecy marks in a file's name or on its first page. A mark asks a person to check the file; it decides nothing. Pure."""

import re
import unicodedata

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff"
_VARIANTS = str.maketrans("絕機祕內資級", "绝机秘内资级")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANKS = r"[ \t_.·・•~—-]{1,8}"  # letterheads put them between the characters
_APART = re.compile(rf"(?<![{_HAN}])[{_HAN}](?:{_BLANKS}[{_HAN}](?![{_HAN}]))+")
_STANDING = re.compile(r"(?:^ *\S *\n+){1,20} *(?:\S *$|(?<=\n)[密部].*$)", re.MULTILINE)

INTERNAL = "内部"  # no degree of secrecy: bulletins and announcements may be for the units alone

_DEGREE = re.compile(
    r"(?<!工作|商业|国家|技术|个人|保守|泄露|军事|审判|侦查|行业|企业)(?:绝密|机密|秘密)(?!投票|侦查|警察|码|钥)"
)
_STAR = r"[★☆✩-✰⭐*]"
_SPACED = re.compile(rf"[绝机秘]{_BLANKS}密(?= *(?:{_STAR}|$))", re.MULTILINE)
_INTERNAL = re.compile(
    r"内部(?=资料|文件|材料|使用|传阅|刊物|参考|情况|通报|掌握|发行|印发|传达|明电|★)"
    r"|[(【\[〔]内部[)】\]〕]|^ *内部 *$|^内部(?=[ _\-—.])|(?<=[ _\-—.])内部(?=$|[ _\-—.])",
    re.MULTILINE,
)


def find_marks(text: str) -> list[str]:
    """Return which of 绝密, 机密, 秘密 and 内部 mark the text, without duplicates. Words such as 国家秘密 or 内部监督 are not marks."""
    plain = _plain(text)
    found = [re.sub(rf"{_BLANKS}", "", each[0]) for each in [*_DEGREE.finditer(plain), *_SPACED.finditer(plain)]]
    found += ["内部"] if _INTERNAL.search(plain) else []
    return list(dict.fromkeys([*found, *_stamped(plain)]))


def _plain(text: str) -> str:
    """Return the text in usual characters, without invisible ones, with letters brought together that stand apart or below each other."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_VARIANTS)
    plain = _STANDING.sub(lambda found: re.sub(r"\s", "", found[0]), plain)
    return _APART.sub(lambda found: re.sub(_BLANKS, "", found[0]), plain)


_DEGREES = "绝密|机密|秘密"
_WORDS = f"{_DEGREES}|工作秘密|内部|(?:核心|普通)?商密"
# What ends a sentence may be the rest of a line that a reader of PDF broke off.
_BEFORE, _AFTER = r"[^\w\n。,、;:.!?“‘\"'()…]*", r"[^\w\n。,、;:.!?”’\"'()…]*"
_YEARS = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3}) *(?:年|个?月)|长期"
_STAMPED = [
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"({_WORDS})[级件]? *{_STAR}",
        rf"(?<![{_HAN}])({_DEGREES})[级件]?[ ·•.]*(?:[▲△▴◆◇※]|{_YEARS})",
        rf"[(\[【〔〖] *({_DEGREES}) *[)\]】〕〗]",
        rf"^{_BEFORE}(?:密级 *:? *)?({_WORDS})[级件]?{_AFTER}$",
        rf"^{_BEFORE}[(\[【〔〖] *({_WORDS}) *[)\]】〕〗]{_AFTER}$",
        r"^[^\w\n]*(?:仅供)?(内部)(?:资料|文件|材料|刊物|传阅|使用)"
        rf"(?:[ ,;!]*(?:注意|请|严禁|不得|切勿|禁止|妥善|未经)[{_HAN}]{{0,12}})?[ !。)\]】〕]*$",
    )
]


def find_stamped_marks(text: str) -> list[str]:
    """Return the marks with a star or a period, in brackets, or alone on their line: also 工作秘密 and 商密.

    For text after the first page, which may also write about secrets.
    """
    return _stamped(_plain(text))


def find_typed_marks(text: str) -> list[str]:
    """Return the marks that typed words must not have: stamped ones except 内部. Prose about secrets has none."""
    return [word for word in find_stamped_marks(text) if word != INTERNAL]


def _stamped(plain: str) -> list[str]:
    places = sorted((found.start(1), found[1]) for pattern in _STAMPED for found in pattern.finditer(plain))
    return list(dict.fromkeys(word for _, word in places))

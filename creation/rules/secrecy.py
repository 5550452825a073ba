"""Finds secrecy marks in a file's name or on its first page. A mark asks a person to check the file; it decides nothing. Pure."""

import re

_DEGREE = re.compile(
    r"(?<!工作|商业|国家|技术|个人|保守|泄露|军事|审判|侦查|行业|企业)(?:绝密|机密|秘密)(?!投票|侦查|警察)"
)
# Letterheads put spaces between the characters.
_SPACED = re.compile(r"(?:绝|机|秘)[ 　]{1,4}密(?=[ 　]*(?:★|☆|\*|$))", re.MULTILINE)
_INTERNAL = re.compile(
    r"内部(?=资料|文件|材料|使用|传阅|刊物|参考|情况|通报|掌握|发行|印发|传达|明电|★)"
    r"|[（(【\[〔]内部[）)】\]〕]|^[ 　]*内部[ 　]*$|^内部(?=[ _\-—－.])|(?<=[ _\-—－])内部(?=$|[ _\-—－.])",
    re.MULTILINE,
)


def find_marks(text: str) -> list[str]:
    """Return which of 绝密, 机密, 秘密 and 内部 mark the text, without duplicates. Words such as 国家秘密 or 内部监督 are not marks."""
    found = [re.sub(r"\s", "", each[0]) for each in [*_DEGREE.finditer(text), *_SPACED.finditer(text)]]
    found += ["内部"] if _INTERNAL.search(text) else []
    return list(dict.fromkeys(found))


_DATED = re.compile(r"(?:绝[ 　]*密|机[ 　]*密|秘[ 　]*密|内[ 　]*部)[ 　]*[★☆]")
_LINE = re.compile(r"^[ 　]*(?:密[ 　]*级[ 　]*[:：][ 　]*)?(绝[ 　]*密|机[ 　]*密|秘[ 　]*密)[ 　]*$", re.MULTILINE)


def find_stamped_marks(text: str) -> list[str]:
    """Return the marks with a star, or alone on their line. For text after the first page, which may also write about secrets."""
    found = [re.sub(r"[\s★☆]", "", each[0]) for each in _DATED.finditer(text)]
    found += [re.sub(r"\s", "", each[1]) for each in _LINE.finditer(text)]
    return list(dict.fromkeys(found))

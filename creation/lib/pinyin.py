"""Chinese text as people type it: in pinyin without tones, or by the initials of its syllables, in lower case."""


def in_pinyin(text: str) -> str:
    # Imported here because its dictionaries take half a second of each start, and few processes need them.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.NORMAL)).lower()


def initials(text: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower()

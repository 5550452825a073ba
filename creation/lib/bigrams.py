"""Tokens for full-text search: Chinese text in pairs of neighbouring characters, other words and numbers whole. Pure.

案卷评查2026 → 案卷 卷评 评查 查 2026. The last character of a run is also a token of its own. So every character begins some
token, and a query of one character finds it everywhere.
"""

import re
import unicodedata

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"([{HAN}]+)|([^\W_{HAN}]+)")
ORDINAL = re.compile(r"第\s*(?=\d+\s*号)")  # 第36号 also means 〔2026〕36号
MAX_WORD_LENGTH = 60
MAX_WORDS = 5


def tokenize(text: str) -> list[str]:
    """Return the tokens of a text in order."""
    return [token for found in RUN.finditer(_normalize(text)) for token in _tokens(found, alone=True)]


def phrases(question: str) -> list[list[str]]:
    """Return each word of the question as a list of tokens that must be adjacent. At most five words count.

    The last token of a phrase is a prefix, unless it is a pair: ``[["2026", "年"]]`` also matches 2026年度.
    """
    words = ORDINAL.sub("", unicodedata.normalize("NFKC", question)).split()[:MAX_WORDS]
    return [tokens for word in words if (tokens := _phrase_tokens(word))]


def is_pair(token: str) -> bool:
    return len(token) == 2 and bool(re.fullmatch(f"[{HAN}]+", token))


def _phrase_tokens(word: str) -> list[str]:
    runs = list(RUN.finditer(_normalize(word)))
    return [token for run in runs for token in _tokens(run, alone=run is not runs[-1])]


def _normalize(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _tokens(found: re.Match[str], alone: bool) -> list[str]:
    """Return the tokens of a run. ``alone`` adds the last character of a Chinese run as a token of its own."""
    han, word = found[1], found[2]
    if word:
        return [word[:MAX_WORD_LENGTH]]
    pairs = [han[at : at + 2] for at in range(len(han) - 1)]
    return [*pairs, han[-1]] if alone or not pairs else pairs

"""What changed between two texts, in whole sentences: readable, quick for long Chinese texts without spaces. How alike two are. Pure."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

SENTENCE = re.compile(r"[^。；！？;!?\n]*[。；！？;!?]+|[^。；！？;!?\n]+|\n+")


class Piece(NamedTuple):
    """``kind``: same, added or gone."""

    kind: str
    text: str


def pieces(old: str, new: str) -> list[Piece]:
    """The new text with what was added marked, and what is gone in its old place."""
    before, after = SENTENCE.findall(old), SENTENCE.findall(new)
    found: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(after[c:d])))
            continue
        found += [Piece("gone", "".join(before[a:b]))] if b > a else []
        found += [Piece("added", "".join(after[c:d]))] if d > c else []
    return found


def letters(old: str, new: str) -> list[Piece]:
    """As ``pieces``, character by character: for names and short texts."""
    found: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("same", new[c:d]))
            continue
        found += [Piece("gone", old[a:b])] if b > a else []
        found += [Piece("added", new[c:d])] if d > c else []
    return found


def likeness(typed: str, text: str) -> float:
    """Which share of what was typed is in the text, by pairs of characters (a Chinese word is mostly a pair): 0 to 1."""
    pairs = _pairs(typed)
    return len(pairs & _pairs(text)) / len(pairs) if pairs else 0.0


def _pairs(text: str) -> set[str]:
    letters = "".join(each for each in text if each.isalnum())
    return {letters[n : n + 2] for n in range(len(letters) - 1)}

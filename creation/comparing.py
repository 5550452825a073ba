"""What changed between two texts, in whole sentences: readable, and quick for long Chinese texts without spaces. Pure."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

SENTENCE = re.compile(r"[^。;;!!??\n]*[。;;!!??\n]+|[^。;;!!??\n]+")


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

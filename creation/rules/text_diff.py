"""Differences between two texts in whole sentences, which suits long Chinese texts without spaces, and their similarity. Pure."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

SENTENCE = re.compile(r"[^。；！？;!?\n]*[。；！？;!?]+|[^。；！？;!?\n]+|\n+")

BESIDE = 60  # characters of unchanged text that are shown beside a change


class DiffChunk(NamedTuple):
    """A part of the result. ``kind`` is "same", "added" or "gone"."""

    kind: str
    text: str


def diff_sentences(old: str, new: str) -> list[DiffChunk]:
    """Return the new text with added parts marked, and removed parts at their old positions."""
    before, after = SENTENCE.findall(old), SENTENCE.findall(new)
    found: list[DiffChunk] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(DiffChunk("same", "".join(after[c:d])))
            continue
        found += [DiffChunk("gone", "".join(before[a:b]))] if b > a else []
        found += [DiffChunk("added", "".join(after[c:d]))] if d > c else []
    return found


def around_changes(chunks: Sequence[DiffChunk]) -> list[DiffChunk]:
    """Return the chunks of a long text with what is the same reduced to the characters beside a change, and how many are left out."""
    last = len(chunks) - 1
    return [
        DiffChunk(chunk.kind, _ends_of(chunk.text, place > 0, place < last)) if chunk.kind == "same" else chunk
        for place, chunk in enumerate(chunks)
    ]


def _ends_of(text: str, with_start: bool, with_end: bool) -> str:
    start, end = text[: BESIDE * with_start], text[len(text) - BESIDE * with_end :]
    left = len(text) - len(start) - len(end)
    return f"{start}……（此处 {left} 字相同）……{end}" if left > BESIDE else text


def diff_characters(old: str, new: str) -> list[DiffChunk]:
    """Like ``diff_sentences``, but character by character: for names and short texts."""
    found: list[DiffChunk] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(DiffChunk("same", new[c:d]))
            continue
        found += [DiffChunk("gone", old[a:b])] if b > a else []
        found += [DiffChunk("added", new[c:d])] if d > c else []
    return found


def similarity(typed: str, text: str) -> float:
    """Return the share of the typed text that occurs in the other text, from 0 to 1, by pairs of characters."""
    pairs = _character_pairs(typed)
    return len(pairs & _character_pairs(text)) / len(pairs) if pairs else 0.0


def _character_pairs(text: str) -> set[str]:
    letters = "".join(each for each in text if each.isalnum())
    return {letters[n : n + 2] for n in range(len(letters) - 1)}

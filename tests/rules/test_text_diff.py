"""What is shown of a difference between two long texts."""

from creation.rules.text_diff import BESIDE, around_changes, diff_sentences

SENTENCE = "全区各单位按照分工逐项收集印证资料并说明做法和成效。"


def shown(old: str, new: str) -> list[tuple[str, str]]:
    return [(chunk.kind, chunk.text) for chunk in around_changes(diff_sentences(old, new))]


def test_of_what_is_the_same_only_what_is_beside_a_change_is_shown() -> None:
    long = SENTENCE * 10
    before, after, between = shown(f"{long}原句。{long}旧句。{long}", f"{long}新句。{long}句。{long}")[::3]
    left = len(long) - BESIDE
    assert before == ("same", f"……（此处 {left} 字相同）……{long[-BESIDE:]}")
    assert after == ("same", f"{long[:BESIDE]}……（此处 {left - BESIDE} 字相同）……{long[-BESIDE:]}")
    assert between == ("same", f"{long[:BESIDE]}……（此处 {left} 字相同）……")


def test_short_texts_are_shown_whole() -> None:
    assert shown(f"{SENTENCE}原句。{SENTENCE}", f"{SENTENCE}新句。{SENTENCE}") == [
        *(("same", SENTENCE), ("gone", "原句。"), ("added", "新句。"), ("same", SENTENCE)),
    ]

"""The generated files and texts of the demonstration are complete and legible, and name no real person."""

from datetime import date
from random import Random

import pytest

from creation import presets
from creation.demo import accounts, loading
from creation.demo.papers import MAKERS, SamplePage, make, paper
from creation.demo.sentences import texts
from creation.models import PhaseKind

REAL_NAMES = ("王立新", "吴雪雯")
SENTENCES = ("answers", "sentences", "papers", "plan")


def test_no_sentence_contains_a_real_name() -> None:
    for name in SENTENCES:
        said = str(texts(name))
        assert not any(real in said for real in REAL_NAMES), name


def test_every_checkpoint_and_mobilization_action_has_its_words() -> None:
    preset = presets.load(loading.PRESET)
    items = {item.code: item for section in preset.sections for item in section.items}
    assert set(texts("answers")["items"]) == set(items)
    assert set(texts("answers")["points"]) == {point.code for item in items.values() for point in item.checkpoints}
    mobilization = next(phase for phase in preset.phases if phase.kind == PhaseKind.MOBILIZATION)
    assert {action.code for action in mobilization.actions} <= set(texts("answers")["actions"])


def test_the_font_knows_every_character_that_is_drawn() -> None:
    preset = presets.load(loading.PRESET)
    drawn = "".join(str(texts(name)) for name in ("answers", "papers"))
    drawn += "".join(str(texts("sentences")[occasion]) for occasion in ("openings", "closings", "mended"))
    drawn += (
        "".join(unit.name + unit.short_name for unit in preset.units)
        + accounts.SURNAMES
        + accounts.STEMS
        + accounts.BRANCHES
    )
    drawn += "".join(point.title for section in preset.sections for item in section.items for point in item.checkpoints)
    pen = paper.font(24)
    unknown = bytes(pen.getmask("\uffff"))
    missing = {each for each in drawn if not each.isspace() and bytes(pen.getmask(each)) == unknown}
    assert missing == set()


@pytest.mark.parametrize("form", sorted(MAKERS))
def test_papers_of_one_title_differ(form: str) -> None:
    papers = [
        SamplePage(form, "执法案卷评查（示例）", "源汇区司法局", date(2026, 7, 1), n, "", ("已完成。",)) for n in (1, 2)
    ]
    assert make(papers[0]) != make(papers[1])


@pytest.mark.parametrize("columns", [5, 12, 28])
def test_lines_end_at_the_margin_and_never_begin_with_punctuation(columns: int) -> None:
    rng = Random(3)
    text = "".join(rng.choice("执法案卷评查，。12") for _ in range(200))
    lines = list(paper.wrapped(text, columns, indent=2))
    assert "".join(lines).replace("　", "") == text
    assert not any(line[0] in paper.NEVER_FIRST for line in lines)

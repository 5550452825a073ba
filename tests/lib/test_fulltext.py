"""Full-text search in Chinese: tokens and results, the same on SQLite and PostgreSQL."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from creation.evidence.library import search_index
from creation.lib import fulltext
from creation.lib.bigrams import phrases, tokenize
from creation.models import Evidence, EvidenceVersion
from tests.support.world import NOW, World


def piece(world: World, title: str, text: str = "x", **more: Any) -> Evidence:
    person = world.people["liaison"]
    made = Evidence.objects.create(
        unit=world.units["城管局"], kind="brief", title=title, created_by=person, created_at=NOW, **more
    )
    EvidenceVersion.objects.create(evidence=made, text=text, created_by=person, created_at=NOW)
    search_index.update_entries([made])
    return made


def finds(words: str) -> set[str]:
    return set(Evidence.objects.matching_text(words).values_list("title", flat=True))


def test_chinese_is_split_into_pairs_and_other_words_are_kept_whole() -> None:
    assert tokenize("案卷评查2026 PDF") == ["案卷", "卷评", "评查", "查", "2026", "pdf"]
    assert tokenize("〔2026〕5号,Ａ") == ["2026", "5", "号", "a"]
    assert phrases("案卷评查 2026年") == [["案卷", "卷评", "评查"], ["2026", "年"]]
    assert phrases("！？ 评") == [["评"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("案卷评查", {"案卷评查通报"}),
        ("评查 通报", {"案卷评查通报"}),
        ("通报评查", set()),
        ("查通", {"案卷评查通报"}),
        ("报", {"案卷评查通报", "年度报告"}),
        ("卷", {"案卷评查通报"}),
        ("2026年", {"案卷评查通报"}),
        ("2026", {"案卷评查通报"}),
        ("源城管〔2026〕5号", {"案卷评查通报"}),
        ("源城管[2026]5", {"案卷评查通报"}),
        ("源城管〔2026〕6号", set()),
        ("pdf", {"年度报告"}),
        ("PD", {"年度报告"}),
        ("整改时限", {"年度报告"}),
        ("年度 整改", {"年度报告"}),
        ("区城管局", {"案卷评查通报"}),
        ("案卷' OR 1=1 --", set()),
        ('" * NEAR(', set()),
        ("!!!", set()),
        ("不存在的词", set()),
    ],
)
def test_what_a_question_finds(world: World, words: str, found: set[str]) -> None:
    piece(world, "案卷评查通报", doc_number="源城管〔2026〕5号", issuer="区城管局", text="二〇二六年七月，2026年度。")
    piece(world, "年度报告", text="PDF 第二页写明整改时限")
    assert finds(words) == found


@given(st.text(max_size=40))
def test_no_question_breaks_the_index(question: str) -> None:
    """Nothing between the quotation marks can end them."""
    for tokens in phrases(question):
        assert tokens
        assert not any(char in token for token in tokens for char in "\"'\\ *")


def test_a_piece_that_changes_is_found_as_it_is_now(world: World) -> None:
    made = piece(world, "旧题名")
    Evidence.objects.filter(pk=made.pk).update(title="新题名", version=2)
    assert list(Evidence.objects.unindexed()) == [made]
    assert search_index.index_missing() == 1
    assert finds("旧题名") == set()
    assert finds("新题名") == {"新题名"}
    assert search_index.index_missing() == 0
    made.refresh_from_db()
    EvidenceVersion.objects.all().delete()
    made.delete()
    assert finds("新题名") == set()


def test_an_index_that_lost_its_triggers_is_rebuilt(world: World) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its index by itself")
    with connection.cursor() as cursor:
        for name in fulltext.TRIGGERS:
            cursor.execute(f"DROP TRIGGER {name}")
    piece(world, "补录资料")
    assert finds("补录") == set()
    fulltext.install(connection)
    assert finds("补录") == {"补录资料"}

"""What the answers of a survey come to: 不了解 is left out, few answers are not shown, and the margin is that of a share."""

from decimal import Decimal
from math import sqrt

import pytest

from creation.rules.satisfaction import CHOICES, QuestionResult, count, read_paper, together


def result(forms: int = 5, **counts: int) -> QuestionResult:
    names = {"very": 5, "yes": 4, "fairly": 3, "no": 2, "unknown": 0}
    return QuestionResult({names[name]: number for name, number in counts.items()}, forms)


def test_three_answers_are_satisfied_one_is_not_and_unknown_counts_for_neither() -> None:
    found = result(forms=7, very=1, yes=2, fairly=1, no=1, unknown=2)
    assert (found.total, found.known, found.satisfied) == (7, 5, 4)
    assert found.rate == Decimal("80.00")


@pytest.mark.parametrize(("forms", "rate"), [(4, None), (5, Decimal("100.00")), (6, Decimal("100.00"))])
def test_a_result_is_shown_from_five_people_up(forms: int, rate: Decimal | None) -> None:
    found = result(forms=forms, very=forms)
    assert found.is_shown is (rate is not None)
    assert found.rate == rate
    assert (found.margin is None) is (rate is None)


def test_a_rate_is_rounded_down_and_there_is_none_where_nobody_knows() -> None:
    assert result(forms=6, very=4, no=2).rate == Decimal("66.66")
    assert result(forms=6, unknown=6).rate is None
    assert result(forms=6, unknown=6).margin is None


@pytest.mark.parametrize(
    ("forms", "counts", "people"),
    [
        (100, {"yes": 80, "no": 20}, 100),
        (50, {"yes": 80, "no": 20}, 50),
        (100, {"yes": 40, "no": 10, "unknown": 50}, 50),
    ],
)
def test_the_margin_is_that_of_the_people_who_know_each_once(forms: int, counts: dict[str, int], people: int) -> None:
    assert result(forms=forms, **counts).margin == Decimal(196 * sqrt(0.8 * 0.2 / people)).quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("counts", "margin"),
    [
        ({"no": 9}, "29.92"),  # Wilson's interval of 0 of 9 is 0 to 29.91…
        ({"yes": 5}, "43.45"),  # of 5 of 5: 56.55 to 100
        ({"yes": 196, "no": 4}, "3.03"),  # of 98 %: 94.97 to 99.22; the textbook's 1.94 needs five on each side
        ({"yes": 195, "no": 5}, "2.16"),
    ],
)
def test_a_few_people_who_agree_do_not_make_it_certain(counts: dict[str, int], margin: str) -> None:
    found = result(forms=sum(counts.values()), **counts)
    assert found.margin == Decimal(margin)


def test_answers_are_counted_by_question_and_together() -> None:
    first, second = count([(5, 2), (4, 0, 5), (5,)], 2)
    assert (dict(first.counts), first.forms) == ({5: 2, 4: 1}, 3)
    assert (dict(second.counts), second.forms) == ({2: 1, 0: 1}, 3)
    whole = together([first, second])
    assert (dict(whole.counts), whole.forms) == ({5: 2, 4: 1, 2: 1, 0: 1}, 3)
    assert together([result(forms=3), result(forms=5), result(forms=4)]).forms == 5
    assert (count([], 1)[0].forms, together([]).forms) == (0, 0)


def test_a_paper_is_one_digit_a_question() -> None:
    assert read_paper(" 55 4\t320", 6) == [5, 5, 4, 3, 2, 0]
    assert set(read_paper("54320", 5)) == set(CHOICES)


@pytest.mark.parametrize(
    "line",
    [
        "5\t5\t4\t2",
        "5，5，4，2",
        "５、５、４、２",
        "17\t5\t5\t4\t2",
        "非常满意\t非常满意\t满意\t不满意",
        "2\t非常 满意\t5\t满意\t2",
    ],
)
def test_a_paper_is_read_from_a_row_of_a_table(line: str) -> None:
    assert read_paper(line, 4) == [5, 5, 4, 2]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("2\t5\t5\t\t4", "第 3 题没有填写"),  # not the running number for the first answer
        ("5\t5\t\t4", "第 3 题没有填写"),
        ("5\t5\t4\t较满意", "“较满意”不是选项"),
        ("555", "应有 4 个数字（一题一个），现有 3 个"),
        ("55555", "现有 5 个"),
        ("5515", "“1”不是选项"),
        ("55x5", "“x”不是选项"),
        ("55²5", "“²”不是选项"),
    ],
)
def test_a_paper_that_cannot_be_read_says_why(line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_paper(line, 4)

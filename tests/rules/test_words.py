"""Words, names, telephone numbers and days as people write them, and the differences between two texts."""

from datetime import date

import pytest

from creation.rules import names, phones, plain_text, secrecy, spoken_days, text_diff


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("6月", 2026, date(2026, 6, 30)),
        ("6月15日前", 2026, date(2026, 6, 15)),
        ("6月上旬", 2026, date(2026, 6, 10)),
        ("6月中旬", 2026, date(2026, 6, 20)),
        ("6月下旬", 2026, date(2026, 6, 30)),
        ("12月底前完成", 2026, date(2026, 12, 31)),
        ("1月末", 2026, date(2026, 1, 31)),
        ("2028年2月", 2026, date(2028, 2, 29)),
        ("2月", 2026, date(2026, 2, 28)),
        ("2027.3.5", 2026, date(2027, 3, 5)),
        ("3-5", 2026, date(2026, 3, 5)),
        ("上半年", 2026, date(2026, 6, 30)),
        ("2025年上半年", 2026, date(2025, 6, 30)),
        ("下半年", 2026, date(2026, 12, 31)),
        ("2025年下半年", 2026, date(2025, 12, 31)),
        ("一季度", 2026, date(2026, 3, 31)),
        ("第2季度", 2026, date(2026, 6, 30)),
        ("三季度末", 2026, date(2026, 9, 30)),
        ("四季度", 2026, date(2026, 12, 31)),
        ("2027年4季度", 2026, date(2027, 12, 31)),
        ("年底前", 2026, date(2026, 12, 31)),
        ("2027年底", 2026, date(2027, 12, 31)),
        ("尽快", 2026, None),
    ],
)
def test_a_day_in_words_is_the_last_day_that_it_names(text: str, year: int, day: date | None) -> None:
    assert spoken_days.last_day(text, year) == day


@pytest.mark.parametrize("text", ["0月", "13月", "6月31日", "2026.13.1"])
def test_a_day_that_no_month_has_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is Python's
        spoken_days.last_day(text, 2026)


@pytest.mark.parametrize(("text", "is_open"), [("长期坚持", True), ("每季度", True), ("6月", False), ("", False)])
def test_a_way_of_working_names_no_day(text: str, is_open: bool) -> None:
    assert spoken_days.is_open_ended(text) is is_open


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("138 0000 1234", ["13800001234"]),
        ("+86-13800001234", ["13800001234"]),
        ("138****1234", ["138****1234"]),
        ("138-0000-1234、0395-5607259", ["13800001234", "0395-5607259"]),
        ("无", []),
        ("电话：5607259（办公室）", ["5607259"]),
        ("请看附件", ["请看附件"]),
    ],
)
def test_numbers_are_read_out_of_a_cell(text: str, numbers: list[str]) -> None:
    assert phones.split_numbers(text) == numbers


@pytest.mark.parametrize(
    ("number", "mobile", "landline"),
    [
        ("13800001234", True, False),
        ("138****1234", True, False),
        ("0395-5607259", False, True),
        ("5607259", False, True),
        ("1380000123", False, False),
        ("", False, False),
    ],
)
def test_mobiles_and_landlines_are_told_apart(number: str, mobile: bool, landline: bool) -> None:
    assert (phones.is_mobile(number), phones.is_landline(number)) == (mobile, landline)


def test_names_are_compared_without_what_cannot_be_seen() -> None:
    assert names.without_blanks("秦　壬\u200b戌\n") == "秦壬戌"
    assert names.without_blanks("Ab-1、中") == "Ab-1、中"
    assert names.folded("４－３ ３") == "4-33"
    assert names.person_name("买买提• 艾力") == "买买提·艾力"
    assert names.with_plain_dashes("4—3－3") == "4-3-3"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("秦壬戌", "秦壬成", True),
        ("秦壬戌", "王壬成", False),
        ("甲乙丙丁戊", "甲乙丙己庚", True),
        ("甲乙丙丁戊", "甲乙己庚辛", False),
    ],
)
def test_names_are_alike_from_three_characters_in_five(one: str, other: str, alike: bool) -> None:
    assert names.are_like_names(one, other) is alike


def test_control_characters_are_left_out_and_line_breaks_kept() -> None:
    assert plain_text.cleaned("一\r\n二\u2028三\x00\x1f四\x7f") == "一\n二\n三四"


def chunks(found: list[text_diff.DiffChunk]) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in found]


def test_sentences_are_compared_as_wholes() -> None:
    assert chunks(text_diff.diff_sentences("甲。乙。", "甲。乙。")) == [("same", "甲。乙。")]
    assert chunks(text_diff.diff_sentences("甲。乙。丙。", "甲。丁。丙。")) == [
        ("same", "甲。"),
        ("gone", "乙。"),
        ("added", "丁。"),
        ("same", "丙。"),
    ]
    assert chunks(text_diff.diff_sentences("甲。", "甲。乙。")) == [("same", "甲。"), ("added", "乙。")]
    assert chunks(text_diff.diff_sentences("甲。乙。", "乙。")) == [("gone", "甲。"), ("same", "乙。")]


def test_names_are_compared_by_characters() -> None:
    assert chunks(text_diff.diff_characters("案卷评查", "案卷抽查")) == [
        ("same", "案卷"),
        ("gone", "评"),
        ("added", "抽"),
        ("same", "查"),
    ]
    assert chunks(text_diff.diff_characters("评查", "评查表")) == [("same", "评查"), ("added", "表")]
    assert chunks(text_diff.diff_characters("每年评查", "评查")) == [("gone", "每年"), ("same", "评查")]


def test_a_frequent_character_of_a_long_text_still_counts() -> None:
    long = "".join(f"第{number}项。" for number in range(300))
    assert chunks(text_diff.diff_characters(long, f"甲{long}")) == [("added", "甲"), ("same", long)]
    assert chunks(text_diff.diff_sentences("同一句。" * 300, "新。" + "同一句。" * 300))[0] == ("added", "新。")


@pytest.mark.parametrize(
    ("typed", "text", "share"),
    [
        ("案卷评查", "每年组织案卷评查", 1.0),
        ("案卷", "评查", 0.0),
        ("甲乙丙", "乙丙丁", 0.5),
        ("案、卷", "案卷", 1.0),
        ("案", "案卷", 0.0),
        ("", "案卷", 0.0),
    ],
)
def test_likeness_is_the_share_of_pairs_that_occur(typed: str, text: str, share: float) -> None:
    assert text_diff.similarity(typed, text) == share


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("机密★1年", ["机密"]),
        ("机 密 ★", ["机密"]),
        ("秘密 绝密 秘密", ["秘密", "绝密"]),
        ("内部资料", ["内部"]),
        ("机密 内部文件", ["机密", "内部"]),
        ("保守国家秘密", []),
        ("内部监督", []),
        ("", []),
        ("机\u00a0密\u200b★1年", ["机密"]),
        ("機密＊10年", ["机密"]),
        ("祕　　密", ["秘密"]),
        ("絕密▲", ["绝密"]),
        ("內 部 資 料　注意保存", ["内部"]),
        ("机-密-文-件", ["机密"]),
        ("机\n密\n★\n1\n年\n关于评查的通知", ["机密"]),
        ("秘\n密★一年", ["秘密"]),
        ("工作秘密★", ["工作秘密"]),
        ("核心商密★长期", ["核心商密"]),
        ("手机 密码和随机密码", []),
        ("计算机 密级", []),
    ],
)
def test_marks_of_secrecy_are_found_once_each(text: str, marks: list[str]) -> None:
    assert secrecy.find_marks(text) == marks


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("附件\n机密▲10年", ["机密"]),
        ("附件\n秘密五年", ["秘密"]),
        ("【绝密】关于某事", ["绝密"]),
        ("⚠ 机密", ["机密"]),
        ("密级：秘　密", ["秘密"]),
        ("机\n密\n★\n长\n期", ["机密"]),
        ("工 作 秘 密", ["工作秘密"]),
        ("内部资料，严禁外传", ["内部"]),
        ("仅供内部使用", ["内部"]),
        ("（内部）", ["内部"]),
        ("不得泄露国家\n秘密。", []),
        ("泄露机密三年后", []),
        ("密级分为绝密、机密、秘密三级", []),
        ("绝密□ 机密□ 秘密□", []),
        ("各部门（内部）审计、内部资料员", []),
    ],
)
def test_text_behind_the_first_page_may_write_about_secrets(text: str, marks: list[str]) -> None:
    assert secrecy.find_stamped_marks(text) == marks

"""Parsing the State Council's holiday notice as people paste it; errors name the line and the reason."""

from datetime import date

import pytest

from creation.notices import holidays
from creation.rules import holiday_notice_parser

NOTICES = {
    2023: """一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。""",
    2024: """一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。""",
    2025: """元旦：1月1日（周三）放假1天，不调休。
春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。
1月26日（周日）、2月8日（周六）上班。
清明节：4月4日（周五）至6日（周日）放假，共3天。
劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
端午节：5月31日（周六）至6月2日（周一）放假，共3天。
国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。""",
    2026: """国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
国务院办公厅
2025年11月4日""",
}


@pytest.mark.parametrize("year", NOTICES)
def test_the_notices_of_four_years_read_as_the_library_has_them(year: int) -> None:
    found = holiday_notice_parser.parse(NOTICES[year], year)
    assert not found.faults
    ours = {day: said.off for day, said in found.days.items() if day.year == year}
    assert ours == {row.day: row.kind == "off" for row in holidays.published_days(year)}


def test_the_name_of_a_holiday_applies_to_the_next_line_too() -> None:
    found = holiday_notice_parser.parse(NOTICES[2025], 2025)
    assert {found.days[date(2025, 1, 26)].name, found.days[date(2025, 2, 3)].name} == {"春节"}
    assert found.days[date(2025, 10, 8)].name == "国庆节、中秋节"


@pytest.mark.parametrize("mark", ["2027-02-14", "2027/2/14", "2027.2.14", "2027年2月14日", "2月14日", "2月14号"])
@pytest.mark.parametrize("between", ["\t", "，", "  ", "（周日）"])
def test_a_table_accepts_dates_in_any_common_format(mark: str, between: str) -> None:
    text = f"日期\t安排\t节日\n{mark}{between}上班\t春节调休\n2月8日至2月9日{between[:1].strip('（')} 放假 春节"
    found = holiday_notice_parser.parse(text, 2027)
    assert not found.faults
    assert {day: said.off for day, said in found.days.items()} == {
        date(2027, 2, 8): True,
        date(2027, 2, 9): True,
        date(2027, 2, 14): False,
    }
    assert found.unread == ["日期\t安排\t节日"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("元旦：1月1日（周四）放假1天。", "2027年1月1日是周五，写的是周四"),
        ("2月30日放假", "2027年2月30日不存在"),
        ("13月1日放假", "13月1日不存在"),
        ("3月1日至2月1日放假", "结束早于开始"),
        ("1月1日至12月31日放假", "超过 31 天"),
        ("1月5日上班", "本来就上班"),
        ("元旦 1至3放假", "没有读出日期"),
        ("3日放假", "没有写是哪一月"),
        ("1月1日（周五）至3日（周日）放假，共5天", "写的是共 5 天，按日期数是 3 天"),
        ("2月6日上班，2月6日放假", "前后不一致"),
        ("2025-10-01 放假", "不在 2027 年"),
    ],
)
def test_contradictions_are_reported_by_line_and_reason(line: str, reason: str) -> None:
    found = holiday_notice_parser.parse(f"清明节：4月3日放假\n\n{line}", 2027)
    assert [fault.line for fault in found.faults] == [3]
    assert reason in found.faults[0].reason


def test_arbitrary_text_does_not_crash() -> None:
    for text in (
        "",
        "放假",
        "１月１日放假",
        "0月0日放假",
        "\x00" * 50,
        "9999999月1日放假",
        "放假" * 5000,
        "1月1日至" * 400 + "放假",
    ):
        holiday_notice_parser.parse(text, 2027)
    assert holiday_notice_parser.parse("1\n" * 500, 2027).faults[0].reason.startswith("粘贴的内容超过 400 行")


def days_of(text: str) -> dict[date, bool]:
    """Return the days that the notice of 2027 names, with whether each is off. There must be no fault."""
    found = holiday_notice_parser.parse(text, 2027)
    assert not found.faults
    return {day: said.off for day, said in found.days.items()}


def fault_of(text: str) -> str:
    [fault] = holiday_notice_parser.parse(text, 2027).faults
    return fault.reason


def test_four_hundred_lines_are_read_and_one_more_is_named() -> None:
    assert not holiday_notice_parser.parse("\n" * 400, 2027).faults
    assert [fault.line for fault in holiday_notice_parser.parse("\n" * 401, 2027).faults] == [401]


def test_many_brackets_do_not_move_a_day_to_the_next_word() -> None:
    off = "、".join(f"2月{7 + n}日（周{'日一二三四五'[n]}）" for n in range(6))
    assert days_of(f"{off}放假，2月14日（周日）上班") == {
        **{date(2027, 2, day): True for day in range(8, 13)},
        date(2027, 2, 14): False,
    }


def test_a_word_before_its_days_counts_where_none_follows() -> None:
    assert days_of("放假：2月8日") == {date(2027, 2, 8): True}
    assert days_of("2月8日放假，上班：2月14日，2月20日") == {
        date(2027, 2, 8): True,
        date(2027, 2, 14): False,
        date(2027, 2, 20): False,
    }


def test_a_weekday_without_brackets_is_compared_where_it_follows_at_once() -> None:
    assert "是周五，写的是周四" in fault_of("1月1日 周四 放假")
    assert days_of("2月8日放假，周日照常休息") == {date(2027, 2, 8): True}


def test_the_next_year_begins_with_its_name() -> None:
    days = days_of("元旦：12月31日至次年1月3日放假")
    assert list(days) == [date(2027, 12, 31), date(2028, 1, 3)]


def test_days_off_in_a_row_are_from_one_to_thirty_one() -> None:
    assert list(days_of("1月1日至1月1日放假")) == [date(2027, 1, 1)]
    assert days_of("1月1日至1月31日放假")
    assert "超过 31 天" in fault_of("1月1日至2月1日放假")


@pytest.mark.parametrize(
    ("day", "read"), [("2026-11-22", False), ("2026-11-23", True), ("2028-02-06", True), ("2028-02-07", False)]
)
def test_days_far_from_the_year_are_refused(day: str, read: bool) -> None:
    """220 days before and after 1 July."""
    word = "上班" if date.fromisoformat(day).weekday() > 4 else "放假"
    faults = holiday_notice_parser.parse(f"{day} {word}", 2027).faults
    assert (not faults) is read


def test_a_contradiction_names_what_was_said_before() -> None:
    assert "第 1 行写的是“上班”，前后不一致" in fault_of("2月6日上班\n2月6日放假")
    assert "第 1 行写的是“放假”，前后不一致" in fault_of("2月6日放假\n2月6日上班")

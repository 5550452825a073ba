import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from creation.lib.filenames import NameSuggestion, archive_name, clean, extension, suggest_from_name

ANY_TEXT = st.text(st.characters(), max_size=300)
NASTY = st.text(st.sampled_from("a.创/\\:\u202e\u200b\x00\n\t\u3000 e\u0301.pdf\ud800😀\u0041\u030a"), max_size=200)


@given(ANY_TEXT | NASTY | (NASTY | ANY_TEXT).map(lambda text: f"{text}.pdf"))
@example("\ud800")
@example("创" * 90 + ".pdf")
@example("a" * 119 + " .pdfx" + "b" * 40)
def test_a_cleaned_name_can_be_stored_and_shown(given_name: str) -> None:
    name = clean(given_name)
    assert 0 < len(name) <= 120
    assert len(name.encode()) <= 200
    assert unicodedata.is_normalized("NFC", name)
    assert not set(name) & set("/\\:\x00")
    assert not {unicodedata.category(char) for char in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert name == name.strip(" .")
    assert clean(name) == name


@given(ANY_TEXT | NASTY, st.sampled_from(["pdf", "DOCX", "mp4", "exe"]))
def test_the_extension_survives_cleaning(stem: str, ending: str) -> None:
    assert clean(f"{stem}.{ending}").endswith(f".{ending}")


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("通知.pdf", "通知.pdf"),
        ("..\\..\\windows\\x.pdf", "x.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\照片.jpg", "照片.jpg"),
        ("目录/x.pdf/", "x.pdf"),
        ("会议:纪要.pdf", "会议：纪要.pdf"),
        ("a\x00b\r\nc.pdf", "ab c.pdf"),
        ("abc\u202efdp.exe", "abcfdp.exe"),
        ("x.ex\u200be", "x.exe"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("\u3000 通知  (终稿) .pdf", "通知 (终稿).pdf"),
        ('“关于<创建>的"通知"”.docx', '“关于<创建>的"通知"”.docx'),
        ("x.pdf. . ", "x.pdf"),
        (".pdf", "未命名.pdf"),
        ("", "未命名"),
        ("../..", "未命名"),
        ("\u202e", "未命名"),
        ("CON.pdf", "_CON.pdf"),
        ("nul", "_nul"),
        ("com1.材料.docx", "_com1.材料.docx"),
        ("LPT9 .jpg", "_LPT9.jpg"),
        ("Console.pdf", "Console.pdf"),
        ("a.pdf::$DATA", "a.pdf：：$DATA"),
    ],
)
def test_what_is_cleaned_and_what_is_kept(given_name: str, expected: str) -> None:
    assert clean(given_name) == expected


def test_a_name_of_ninety_characters_is_cut_by_bytes_between_characters() -> None:
    assert clean("创" * 65 + ".pdf") == "创" * 65 + ".pdf"  # 199 bytes
    assert clean("创" * 90 + ".pdf") == "创" * 65 + ".pdf"
    assert clean("a" * 200 + ".jpeg") == "a" * 115 + ".jpeg"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.PDF", "pdf"),
        ("a.pdf.exe", "exe"),
        ("a", ""),
        ("关于2026.一号文件", ""),
        ("a.", ""),
        ("a.verylongsuffix", ""),
    ],
)
def test_the_extension_is_the_last_one(name: str, expected: str) -> None:
    assert extension(name) == expected


DAY = date(2026, 7, 15)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "源法〔2026〕3号 关于印发创建工作方案的通知 20260715.pdf",
            NameSuggestion("关于印发创建工作方案的通知", DAY, "源法〔2026〕3号"),
        ),
        ("关于印发方案的通知（源法[2026]第03号）.pdf", NameSuggestion("关于印发方案的通知", None, "源法〔2026〕3号")),
        ("转发源法【2026】12号.pdf", NameSuggestion("转发", None, "源法〔2026〕12号")),
        ("源法〔1234〕3号 通知.pdf", NameSuggestion("源法〔1234〕3号 通知")),
        ("关于〔2026〕3号文.pdf", NameSuggestion("关于〔2026〕3号文")),
        ("会议 2026-07-15日程.docx", NameSuggestion("会议 2026-07-15日程", DAY)),
        ("项目2026-07-15 说明.docx", NameSuggestion("项目2026-07-15 说明", DAY)),
        ("会议（2026）纪要.pdf", NameSuggestion("会议（2026）纪要")),
        ("2026年7月15日会议纪要.docx", NameSuggestion("会议纪要", DAY)),
        ("会议纪要 2026年7月15日.docx", NameSuggestion("会议纪要", DAY)),
        ("会议纪要(2026-07-15).docx", NameSuggestion("会议纪要", DAY)),
        ("会议纪要_2026-7-15_终稿.docx", NameSuggestion("会议纪要 终稿", DAY)),
        ("20260715-会议纪要.docx", NameSuggestion("会议纪要", DAY)),
        ("2026年7月15日-18日会议纪要.docx", NameSuggestion("2026年7月15日-18日会议纪要", DAY)),
        ("会议纪要2026.7.15.docx", NameSuggestion("会议纪要", DAY)),
        ("2026年7月15日的会议纪要.docx", NameSuggestion("2026年7月15日的会议纪要", DAY)),
        ("关于2026年7月15日召开会议的通知.docx", NameSuggestion("关于2026年7月15日召开会议的通知", DAY)),
        ("2026年7月1日至2026年7月15日简报.docx", NameSuggestion("2026年7月1日至2026年7月15日简报", DAY)),
        ("7月15日会议纪要.docx", NameSuggestion("7月15日会议纪要")),
        ("2026年6月31日会议纪要.docx", NameSuggestion("2026年6月31日会议纪要")),
        ("材料20261345.docx", NameSuggestion("材料20261345")),
        ("证件110101199003077777.docx", NameSuggestion("证件110101199003077777")),
        ("预算1840-07-15.docx", NameSuggestion("预算1840-07-15")),
        ("20260715.pdf", NameSuggestion("20260715", DAY)),
        ("通知.pdf", NameSuggestion("通知")),
        ("IMG_20260715_101530.jpg", NameSuggestion("", DAY)),
        ("IMG_20260715_101530(1).jpg", NameSuggestion("", DAY)),
        ("PXL_20260715_101530123.jpg", NameSuggestion("", DAY)),
        ("微信图片_20260715101530.jpg", NameSuggestion("", DAY)),
        ("Screenshot_2026-07-15-10-15-30-12_com.tencent.mm.jpg", NameSuggestion("", DAY)),
        ("屏幕截图 2026-07-15 101530.png", NameSuggestion("", DAY)),
        ("WIN_20260715_10_15_30_Pro.mp4", NameSuggestion("", DAY)),
        ("mmexport1784131200000.jpg", NameSuggestion("", date(2026, 7, 16))),  # midnight in Beijing
        ("IMG_1234.JPG", NameSuggestion("")),
        ("图片说明.jpg", NameSuggestion("图片说明")),
    ],
)
def test_title_date_and_number_are_offered_from_the_name(name: str, expected: NameSuggestion) -> None:
    assert suggest_from_name(name) == expected


@given(ANY_TEXT | NASTY | st.text("0123456789年月日号〔〕()-._ 源法IMG", max_size=60))
def test_every_name_suggests_something_unless_a_camera_chose_it(name: str) -> None:
    found = suggest_from_name(name)
    assert found.title == found.title.strip()
    assert found.dated_on is None or 1949 <= found.dated_on.year <= 2099


def test_an_archive_name_contains_number_unit_and_title() -> None:
    assert (
        archive_name("4-3-3-02", "区城管局", "关于印发方案的通知", "pdf") == "4-3-3-02 区城管局 关于印发方案的通知.pdf"
    )
    assert archive_name("4-3-3-02", "区城管局", "通知.PDF", ".PDF") == "4-3-3-02 区城管局 通知.pdf"
    assert archive_name("4-3-3-02", "区城管局", "通知", "") == "4-3-3-02 区城管局 通知"
    assert archive_name("4-3-3-02", "区城管局", "", "jpg") == "4-3-3-02 区城管局.jpg"
    assert archive_name("1-1-1-01", "区<局>", 'a/b:c*"?|\\', "pdf") == "1-1-1-01 区＜局＞ a／b：c＊＂？｜＼.pdf"
    assert archive_name("", "", "", "") == "未命名"


@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["pdf", "jpeg", ""]))
def test_an_archive_name_is_short_and_legal_on_windows(unit: str, title: str, ending: str) -> None:
    name = archive_name("4-3-3-02", unit, title, ending)
    assert name.startswith("4-3-3-02")
    assert len(name) <= 80
    assert not set(name) & set('<>:"/\\|?*')
    assert name.endswith(f".{ending}" if ending else name[-1])
    assert name == name.rstrip(" .")
    name.encode()

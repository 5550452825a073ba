"""Charts as pictures: bars as long as their shares, lines of the plan and of what was done, and none without a Chinese font."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image

from reports import canvas, chart_images
from reports.chart_images import ChartBar, RateBar

GREEN, GREY, RED = (20, 105, 60), (207, 216, 227), (179, 18, 29)


def colours(picture: BytesIO, row: int) -> list[tuple[int, ...]]:
    """Return the colours of a row of pixels, from left to right."""
    with Image.open(picture) as found:
        assert found.format == "PNG"
        assert found.width == chart_images.WIDTH
        return [found.getpixel((x, row)) for x in range(found.width)]  # type: ignore[misc]


@pytest.mark.needs_fonts
def test_a_bar_is_as_long_as_its_share() -> None:
    picture = chart_images.completion_bars([ChartBar("司法局", 1, 4), ChartBar("城管局", 0, 0)])
    first, second = colours(picture, 58), colours(picture, 114)
    assert abs(first.count(GREEN) * 3 - first.count(GREY)) < 12
    assert second.count(GREEN) == 0
    assert second.count(GREY) > 600


@pytest.mark.needs_fonts
def test_a_rate_shows_its_margin_and_none_says_so() -> None:
    given = [RateBar("总体评价", Decimal(50), Decimal(10)), RateBar("窗口服务", None, None)]
    picture = chart_images.rate_bars(given)
    row = colours(picture, 60)
    first, last = row.index(GREEN), len(row) - row[::-1].index(GREY)
    dark = [x for x in range(first, last) if max(row[x]) < 60]
    assert abs((dark[-1] - dark[0]) - 0.2 * (last - first)) < 10


@pytest.mark.needs_fonts
def test_the_plan_is_dashed_above_what_was_done() -> None:
    picture = chart_images.completion_line([f"7月{day}日" for day in range(1, 11)], [0] * 10, [100] * 10)
    rows = [colours(picture, row) for row in (79, 80, 460)]
    assert 300 < max(row.count(RED) for row in rows[:2]) < 900
    assert rows[2].count(GREEN) > 1000


@pytest.mark.parametrize(
    "draw",
    [
        lambda: chart_images.completion_bars([]),
        lambda: chart_images.rate_bars([]),
        lambda: chart_images.completion_line([], [], []),
    ],
)
def test_without_a_chinese_font_there_is_no_picture(
    draw: Callable[[], BytesIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas, "chinese_font", lambda **_: None)
    with pytest.raises(LookupError):
        draw()


def test_a_machine_without_font_folders_has_no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "FOLDERS", ("/nowhere",))
    canvas.chinese_font.cache_clear()
    try:
        assert canvas.chinese_font() is None
    finally:
        canvas.chinese_font.cache_clear()

"""What the renderer makes of long, wide and grey pictures and pages: readable width, true brightness."""

import io
from pathlib import Path

import pytest
from PIL import Image

from creation.evidence.previews import render_pages, sandboxed_programs
from tests.support import evidence_files as make


def drawn(kind: str, content: bytes, tmp_path: Path, first: int = 1, last: int = 10) -> list[tuple[int, int]]:
    """Render a file in its own process, as a job does. Return the sizes of the pages."""
    (tmp_path / "file").write_bytes(content)
    pages = tmp_path / "pages"
    pages.mkdir(exist_ok=True)
    progress = list(sandboxed_programs.render_pages(kind, tmp_path / "file", pages, first, last))
    sizes = [size_of(path) for path in sorted(pages.glob("[0-9]*.jpg"), key=lambda path: int(path.stem))]
    assert progress[-1]["done"] == len(sizes)
    return sizes


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as found:
        return found.size


def picture(size: tuple[int, int], form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_long_picture_keeps_its_width_and_is_cut_into_pages(tmp_path: Path, form: str) -> None:
    sizes = drawn("image", picture((1080, 16_000), form), tmp_path)
    assert len(sizes) == 8
    assert {width for width, _ in sizes} == {1000}
    assert sum(height for _, height in sizes) == 14_815
    assert size_of(tmp_path / "pages" / "thumb.jpg")[1] <= 160


def test_the_pages_of_a_long_picture_are_drawn_in_batches(tmp_path: Path) -> None:
    content = picture((400, 60_000))
    assert len(drawn("image", content, tmp_path, 1, 10)) == 10
    progress = list(sandboxed_programs.render_pages("image", tmp_path / "file", tmp_path / "pages", 21, 30))
    assert progress[-1]["pages"] == 30
    assert (tmp_path / "pages" / "30.jpg").exists()


def test_a_wide_picture_and_an_ordinary_one_are_one_page(tmp_path: Path) -> None:
    assert drawn("image", picture((9000, 1000)), tmp_path) == [(9000, 1000)]
    assert drawn("image", picture((4000, 3000)), tmp_path) == [(2000, 1500)]
    assert drawn("image", picture((64, 48)), tmp_path) == [(64, 48)]


def test_a_long_page_of_a_pdf_is_readable_and_stays_one_page(tmp_path: Path) -> None:
    content = make.pdf().replace(b"[0 0 300 200]", b"[0 0 300 4000]")
    ((width, height),) = drawn("pdf", content, tmp_path)
    assert width >= 900
    assert width * height <= render_pages.MOST_PIXELS + 20_000
    ((width, height),) = drawn("pdf", make.pdf().replace(b"[0 0 300 200]", b"[0 0 30 14000]"), tmp_path)
    assert height < 65_000


def test_large_papers_are_drawn_as_finely_as_small_ones(tmp_path: Path) -> None:
    """A wide sheet is put on A3 or A2; a scan of about the same size is not enlarged."""
    for points, pixels in (((842, 595), 2000), ((1191, 842), 2829), ((1684, 1191), 3400), ((1300, 900), 2000)):
        content = make.pdf().replace(b"[0 0 300 200]", b"[0 0 %d %d]" % points)
        ((width, _),) = drawn("pdf", content, tmp_path)
        assert abs(width - pixels) < 3


@pytest.mark.parametrize(("lowest", "highest"), [(0, 65_535), (0, 4_095), (30_000, 31_000)])
def test_a_grey_picture_of_sixteen_bits_is_not_white(tmp_path: Path, lowest: int, highest: int) -> None:
    grey = Image.new("I;16", (100, 50))
    grey.putdata([lowest + (highest - lowest) * (at % 100) // 99 for at in range(5000)])
    out = io.BytesIO()
    grey.save(out, "PNG")
    drawn("image", out.getvalue(), tmp_path)
    with Image.open(tmp_path / "pages" / "1.jpg") as page:
        values = [page.convert("L").getpixel((x, 25)) for x in (2, 50, 97)]
    assert values[0] < 20
    assert 100 < values[1] < 155
    assert values[2] > 235

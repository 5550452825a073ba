"""Images and videos: complete, of an allowed size, with the right brand."""

import io
import struct

import pytest
from PIL import Image

from creation.lib.filetypes import FileRefused, Limits, Reason
from tests.support import evidence_files as make
from tests.support.file_inspection import InspectFile, RefuseFile

# Images


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_truncated_image_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile, extension: str) -> None:
    content = make.MAKERS[extension]()
    inspect_file(content, f"a.{extension}")
    refuse_file(Reason.TRUNCATED, content[: len(content) * 3 // 4], f"a.{extension}")
    refuse_file(Reason.TRUNCATED, content[:-2], f"a.{extension}")


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_an_image_with_appended_data_is_accepted(inspect_file: InspectFile, extension: str) -> None:
    content = make.MAKERS[extension]()
    assert inspect_file(content + b"<script>alert(1)</script>", f"a.{extension}").kind == "image"
    assert inspect_file(content + content, f"a.{extension}").kind == "image"


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_damaged_image_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile, extension: str) -> None:
    content = bytearray(make.MAKERS[extension]())
    inspect_file(content, f"a.{extension}")
    content[12:40] = bytes(28)
    with pytest.raises(FileRefused) as refused:
        inspect_file(content, f"a.{extension}")
    assert refused.value.reason in {Reason.DAMAGED, Reason.TRUNCATED}


def test_the_check_sums_of_a_png_are_checked(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = bytearray(make.png())
    inspect_file(content, "a.png")
    content[content.find(b"IDAT") + 20] ^= 1
    refuse_file(Reason.DAMAGED, content, "a.png")


def test_a_jpeg_with_a_thumbnail_is_judged_by_its_own_end(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    thumbnail, whole = make.jpg(), make.jpg()
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    content = whole[:2] + segment + whole[2:]
    inspect_file(content, "a.jpg")
    refuse_file(Reason.TRUNCATED, content[:-2], "a.jpg")


def test_the_segments_of_a_jpeg_follow_each_other(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.jpg()
    at = content.find(b"\xff\xda")
    inspect_file(content[:at] + b"\xff\xff\xff" + content[at:], "a.jpg")  # fill bytes
    refuse_file(Reason.DAMAGED, content[:-2] + b"\xff\xc4\x00\x02junk" + content[-2:], "a.jpg")


def test_a_progressive_jpeg_is_accepted(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    out = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(out, "JPEG", progressive=True, restart_marker_rows=1)
    inspect_file(out.getvalue(), "a.jpg")
    refuse_file(Reason.TRUNCATED, out.getvalue()[:-2], "a.jpg")
    refuse_file(Reason.TRUNCATED, out.getvalue()[: out.getvalue().rfind(b"\xff\xc4") + 3], "a.jpg")  # between two scans


def test_a_jpeg_without_a_picture_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    content = make.jpg()
    inspect_file(content, "a.jpg")
    refuse_file(Reason.DAMAGED, content[: content.find(b"\xff\xda")] + b"\xff\xd9", "a.jpg")


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_an_image_of_too_many_pixels_is_refused(
    inspect_file: InspectFile, refuse_file: RefuseFile, extension: str
) -> None:
    content = make.MAKERS[extension]()  # 64 x 48
    inspect_file(content, f"a.{extension}", Limits(1 << 20, 1, 1, pixels=3072))
    assert "64×48" in refuse_file(Reason.PIXELS, content, f"a.{extension}", Limits(1 << 20, 1, 1, pixels=3071))


@pytest.mark.parametrize("side", [7072, 9500, 14_000, 30_000])
def test_an_image_above_fifty_megapixels_is_never_decoded(
    inspect_file: InspectFile, refuse_file: RefuseFile, side: int
) -> None:
    inspect_file(make.png_claiming(7071, 7071), "a.png")
    assert "5000 万像素" in refuse_file(Reason.PIXELS, make.png_claiming(side, side), "a.png")


# Videos


@pytest.mark.parametrize("extension", ["mp4", "mov"])
def test_a_truncated_film_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile, extension: str) -> None:
    content = make.MAKERS[extension]()
    inspect_file(content, f"a.{extension}")
    refuse_file(Reason.TRUNCATED, content[:-1], f"a.{extension}")
    refuse_file(Reason.TRUNCATED, content.replace(b"moov", b"free"), f"a.{extension}")


def test_boxes_of_every_length_are_walked(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    head = make.film(b"isom")
    large = struct.pack(">L4sQ", 1, b"mdat", 116) + bytes(100)
    inspect_file(head + large + make.box(b"free"), "a.mp4")
    refuse_file(Reason.TRUNCATED, head + large[:-1], "a.mp4")
    inspect_file(head + struct.pack(">L4s", 0, b"mdat") + bytes(100), "a.mp4")  # to the end of the file
    inspect_file(head + bytes(5), "a.mp4")
    refuse_file(Reason.DAMAGED, head + struct.pack(">L4s", 7, b"mdat"), "a.mp4")


def test_a_film_of_countless_boxes_is_refused(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.mp4() + make.box(b"free") * 1000, "a.mp4")
    assert "反常" in refuse_file(Reason.DAMAGED, make.mp4() + make.box(b"free") * 100_001, "a.mp4")


def test_the_brand_agrees_with_the_extension(inspect_file: InspectFile, refuse_file: RefuseFile) -> None:
    inspect_file(make.film(b"qt  ", b"mp42", b"qt  "), "a.mp4")  # some cameras write both
    inspect_file(make.film(b"mp42", b"mp42", b"qt  "), "a.mov")
    inspect_file(make.mov()[20:], "a.mov")  # old QuickTime has no brand
    refuse_file(Reason.MISMATCH, make.mov()[20:], "a.mp4", exact=True)
    assert "MOV" in refuse_file(Reason.MISMATCH, make.mov(), "a.mp4", exact=True)
    assert "MP4" in refuse_file(Reason.MISMATCH, make.mp4(), "a.mov", exact=True)
    assert "HEIC" in refuse_file(Reason.MISMATCH, make.film(b"heic", b"mif1"), "a.mp4")
    assert "声音" in refuse_file(Reason.MISMATCH, make.film(b"M4A "), "a.mp4")

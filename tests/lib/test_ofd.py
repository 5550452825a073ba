"""The pages of an OFD as a PDF: text at its place, areas, pictures, templates, annotations, stamps; what cannot be read is left out."""

import contextlib
import io
import struct
from collections.abc import Mapping
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageFont

from creation.evidence.previews import sandboxed_programs
from creation.lib.ofd import fonts
from creation.lib.ofd.geometry import path_operators
from creation.lib.refusals import Refusal
from tests.support import evidence_files as make

OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)
SQUARE = "M 0 0 L 20 0 L 20 20 L 0 20 C"


def path(x: float, y: float, colour: str, data: str = SQUARE, more: str = "", inside: str = "") -> str:
    colours = f'<ofd:FillColor Value="{colour}"/>' if colour else ""
    attributes = f'Boundary="{x} {y} 20 20" Stroke="false" Fill="true" {more}'
    return f"<ofd:PathObject {attributes}>{colours}{inside}<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"


def text(words: str, x: float, y: float, more: str = "", deltas: str = "") -> str:
    code = f'<ofd:TextCode X="0" Y="10" {deltas}>{words}</ofd:TextCode>'
    return f'<ofd:TextObject Boundary="{x} {y} 100 12" Font="1" Size="10" {more}>{code}</ofd:TextObject>'


def page(*objects: str, before: str = "") -> str:
    content = f"<ofd:Content><ofd:Layer>{''.join(objects)}</ofd:Layer></ofd:Content>"
    return f"<ofd:Page {OFD}>{before}{content}</ofd:Page>"


def document(pages: Mapping[str, str], more: Mapping[str, bytes | str] | None = None, common: str = "") -> bytes:
    """Return an OFD of these pages of 100 by 100 mm, with resources in Res.xml."""
    entries = "".join(f'<ofd:Page ID="{number}" BaseLoc="{name}"/>' for number, name in enumerate(pages, 1))
    area = "<ofd:PageArea><ofd:PhysicalBox>0 0 100 100</ofd:PhysicalBox></ofd:PageArea>"
    root = f"<ofd:CommonData>{area}<ofd:PublicRes>Res.xml</ofd:PublicRes>{common}</ofd:CommonData>"
    annotations = "<ofd:Annotations>Annots.xml</ofd:Annotations>"
    parts = {
        "Doc_0/Document.xml": f"<ofd:Document {OFD}>{root}<ofd:Pages>{entries}</ofd:Pages>{annotations}</ofd:Document>"
    }
    return make.ofd(parts | {f"Doc_0/{name}": each for name, each in pages.items()} | dict(more or {}))


def resources(entries: str) -> dict[str, bytes | str]:
    return {"Doc_0/Res.xml": f'<ofd:Res {OFD} BaseLoc="Res">{entries}</ofd:Res>'}


def drawn(content: bytes, tmp_path: Path) -> list[Image.Image]:
    """Convert in its own process, as a job does. Return the pages, ten pixels a millimetre."""
    with contextlib.closing(pypdfium2.PdfDocument(converted(content, tmp_path))) as pdf:
        return [each.render(scale=254 / 72).to_pil().convert("RGB") for each in pdf]


def converted(content: bytes, tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(content)
    return sandboxed_programs.to_pdf(tmp_path / "file", "ofd", tmp_path)


def letters(content: bytes, tmp_path: Path) -> list[tuple[str, int, int]]:
    """Return each letter with where it begins and its base line, in millimetres from the upper left corner."""
    with contextlib.closing(pypdfium2.PdfDocument(converted(content, tmp_path))) as pdf:
        found = pdf[0].get_textpage()
        height = pdf[0].get_height()
        boxes = [(found.get_text_range(at, 1), found.get_charbox(at, loose=True)) for at in range(found.count_chars())]
    return [
        (char, round(box[0] * 25.4 / 72), round((height - box[1]) * 25.4 / 72)) for char, box in boxes if char.strip()
    ]


def png(colour: tuple[int, int, int], mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (8, 8), colour).save(out, "PNG")
    return out.getvalue()


def test_text_stands_where_the_file_says(tmp_path: Path) -> None:
    content = document({"a.xml": page(text("法治政府", 10, 20, deltas='DeltaX="g 2 10 30"'), text("2026", 10, 40))})
    found = letters(content, tmp_path)
    assert [each[:2] for each in found[:4]] == [("法", 10), ("治", 20), ("政", 30), ("府", 60)]
    assert [each[:2] for each in found[4:]] == [("2", 10), ("0", 15), ("2", 20), ("6", 25)]
    assert {line for *_, line in found[:4]} == {31}


def test_text_may_run_downwards_and_be_wide(tmp_path: Path) -> None:
    down = letters(document({"a.xml": page(text("竖排", 10, 20, deltas='DeltaY="15"'))}), tmp_path)
    assert [(char, x) for char, x, _ in down] == [("竖", 10), ("排", 10)]
    assert down[1][2] - down[0][2] == 15
    wide = letters(document({"a.xml": page(text("宽体", 10, 20, 'HScale="2"'))}), tmp_path)
    assert wide[1][1] == 30


def test_paths_have_their_colours_clips_and_matrices(tmp_path: Path) -> None:
    left_half = "<ofd:AbbreviatedData>M 0 0 L 10 0 L 10 20 L 0 20 C</ofd:AbbreviatedData>"
    area = f'<ofd:Area><ofd:Path Boundary="0 0 10 20">{left_half}</ofd:Path></ofd:Area>'
    clip = f"<ofd:Clips><ofd:Clip>{area}</ofd:Clip></ofd:Clips>"
    objects = [
        path(0, 0, "255 0 0"),
        path(40, 0, "0 128 0", more='CTM="0.5 0 0 0.5 0 0"'),
        path(0, 40, "0 0 255", inside=clip),
        path(40, 40, "#ff #0 #0", more='Alpha="0"'),
        path(70, 70, "255 0 0", "M 0 10 A 10 10 0 0 1 20 10 A 10 10 0 0 1 0 10 C"),
    ]
    (found,) = drawn(document({"a.xml": page(*objects)}), tmp_path)
    assert found.size == pytest.approx((1000, 1000), abs=1)
    for place, colour in {
        (100, 100): RED, (450, 50): GREEN, (550, 150): WHITE, (50, 500): BLUE, (150, 500): WHITE, (500, 500): WHITE,
        (800, 800): RED, (705, 705): WHITE, (800, 705): RED,
    }.items():  # fmt: skip
        assert found.getpixel(place) == colour, place


def test_a_colour_may_come_from_drawing_parameters_that_refine_others(tmp_path: Path) -> None:
    parameters = (
        '<ofd:DrawParam ID="7"><ofd:FillColor Value="255 0 0"/></ofd:DrawParam><ofd:DrawParam ID="8" Relative="7"/>'
    )
    circle = '<ofd:DrawParam ID="9" Relative="10"/><ofd:DrawParam ID="10" Relative="9"/>'
    objects = (path(0, 0, "", more='DrawParam="8"'), path(40, 0, "", more='DrawParam="9"'))
    (found,) = drawn(document({"a.xml": page(*objects)}, resources(parameters + circle)), tmp_path)
    assert (found.getpixel((100, 100)), found.getpixel((500, 100))) == (RED, (0, 0, 0))


def test_pictures_fill_their_place_and_one_that_is_missing_is_grey(tmp_path: Path) -> None:
    media = "".join(
        f'<ofd:MultiMedia ID="{number}" Type="Image"><ofd:MediaFile>{name}</ofd:MediaFile></ofd:MultiMedia>'
        for number, name in ((5, "Image_5.PNG"), (6, "none.png"))
    )
    image = '<ofd:ImageObject Boundary="{} 0 20 20" {} ResourceID="{}"/>'
    objects = (
        image.format(0, 'CTM="20 0 0 20 0 0"', 5),
        image.format(40, "", 5),
        image.format(70, 'CTM="20 0 0 20 0 0"', 6),
    )
    more = resources(media) | {"Doc_0/Res/image_5.png": png(BLUE)}
    (found,) = drawn(document({"a.xml": page(*objects)}, more), tmp_path)
    assert [found.getpixel((x, 100)) for x in (100, 500, 800)] == [BLUE, BLUE, (230, 230, 230)]


def test_templates_lie_below_annotations_above_and_a_hidden_one_is_not_drawn(tmp_path: Path) -> None:
    common = '<ofd:TemplatePage ID="9" BaseLoc="Tpls/letter.xml"/>'
    look = '<ofd:Annot Visible="{}"><ofd:Appearance Boundary="{} 0 20 20">{}</ofd:Appearance></ofd:Annot>'
    shown = look.format("true", 20, path(0, 0, "0 0 255")) + look.format("false", 60, path(0, 0, "0 0 255"))
    more = {
        "Doc_0/Tpls/letter.xml": page(path(0, 0, "255 0 0"), path(40, 0, "255 0 0")),
        "Doc_0/Annots.xml": f'<ofd:Annotations {OFD}><ofd:Page PageID="1"><ofd:FileLoc>A.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>',
        "Doc_0/A.xml": f"<ofd:PageAnnot {OFD}>{shown}</ofd:PageAnnot>",
    }
    content = page(path(0, 0, "0 128 0"), path(20, 0, "0 128 0"), before='<ofd:Template TemplateID="9"/>')
    (found,) = drawn(document({"a.xml": content}, more, common), tmp_path)
    assert [found.getpixel((x, 100)) for x in (100, 300, 500, 700)] == [GREEN, BLUE, RED, WHITE]


def der(tag: int, *values: bytes) -> bytes:
    value = b"".join(values)
    return bytes([tag, 0x82]) + struct.pack(">H", len(value)) + value


@pytest.mark.parametrize("kind", ["png", "ofd"])
def test_a_seal_is_drawn_on_the_text_and_a_part_of_it_at_the_edge(tmp_path: Path, kind: str) -> None:
    """The picture of a seal is in its structure (GB/T 38540), after the name of its kind."""
    picture = (
        png(RED)
        if kind == "png"
        else document({"s.xml": page(path(0, 0, "255 0 0", "M 0 0 L 100 0 L 100 100 L 0 100 C"))})
    )
    seal = der(0x30, der(0x16, b"ES"), der(0x04, b"junk"), der(0x30, der(0x16, kind.encode()), der(0x04, picture)))
    whole = '<ofd:StampAnnot PageRef="1" Boundary="10 10 40 40"/>'
    half = '<ofd:StampAnnot PageRef="1" Boundary="60 60 40 40" Clip="0 0 20 40"/>'
    signed = f"<ofd:SignedInfo>{whole}{half}</ofd:SignedInfo><ofd:SignedValue>V.dat</ofd:SignedValue>"
    body = "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Signatures>/Doc_0/Signs/S.xml</ofd:Signatures></ofd:DocBody>"
    more = {
        "OFD.xml": f'<ofd:OFD {OFD} DocType="OFD" Version="1.0">{body}</ofd:OFD>',
        "Doc_0/Signs/S.xml": f'<ofd:Signatures {OFD}><ofd:Signature ID="1" BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>',
        "Doc_0/Signs/Sign_0/Signature.xml": f"<ofd:Signature {OFD}>{signed}</ofd:Signature>",
        "Doc_0/Signs/Sign_0/V.dat": seal,
    }
    (found,) = drawn(document({"a.xml": page(path(10, 10, "0 0 0"))}, more), tmp_path)
    black = (0, 0, 0)
    assert [found.getpixel(place) for place in ((200, 200), (450, 450), (700, 800), (900, 800))] == [
        black,
        RED,
        RED,
        WHITE,
    ]


def test_what_cannot_be_read_is_left_out_and_the_rest_is_drawn(tmp_path: Path) -> None:
    bad = [
        path(40, 0, "255 0 0", "M 0 0 L 9"),
        path(40, 0, "255 0 0", "M 0 0 A 1"),
        '<ofd:PathObject Boundary="x"/>',
        path(40, 0, "one two three"),
        text("字", 40, 0, 'CTM="inf 0 0 1 0 0"'),
        '<ofd:ImageObject Boundary="0 0 9 9" ResourceID="none"/>',
        '<ofd:CompositeObject Boundary="0 0 9 9" ResourceID="none"/>',
        "<ofd:Unknown/>",
    ]
    pages = {
        "a.xml": page(*bad, path(0, 0, "255 0 0")),
        "b.xml": "<broken",
        "none.xml": "",
        "d.xml": page(path(0, 0, "0 0 255")),
    }
    found = drawn(document(pages), tmp_path)
    assert len(found) == 4
    assert [each.getpixel((100, 100)) for each in found] == [RED, WHITE, WHITE, BLUE]
    assert found[0].getpixel((500, 100)) == WHITE


def test_groups_inside_of_one_another_end(tmp_path: Path) -> None:
    itself = '<ofd:CompositeObject Boundary="1 0 20 20" ResourceID="7"/>'
    group = f'<ofd:CompositeGraphicUnit ID="7"><ofd:Content>{path(0, 0, "255 0 0")}{itself}</ofd:Content></ofd:CompositeGraphicUnit>'
    block = '<ofd:PageBlock><ofd:CompositeObject Boundary="0 0 20 20" ResourceID="7"/></ofd:PageBlock>'
    (found,) = drawn(document({"a.xml": page(block)}, resources(group)), tmp_path)
    assert found.getpixel((250, 100)) == RED


def test_a_document_without_pages_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="请下载后用 OFD 阅读软件查看"):
        converted(make.ofd(), tmp_path)


def test_names_may_have_backslashes_and_other_letters_case(tmp_path: Path) -> None:
    content = document({"Pages\\Page_0\\Content.xml": page(path(0, 0, "255 0 0"))})
    assert drawn(content, tmp_path)[0].getpixel((100, 100)) == RED


def test_curves_arcs_and_closed_lines_are_those_of_pdf() -> None:
    assert (
        path_operators("M 0 0 B 1 1 2 2 3 3 Q 4 4 6 3 C")
        == "0 0 m\n1 1 2 2 3 3 c\n3.6667 3.6667 4.6667 3.6667 6 3 c\nh"
    )
    assert path_operators("S 1 1 L 2 2", (2, 0, 0, 2, 1, 0)) == "3 2 m\n5 4 l"
    assert path_operators("M 0 0 A 0 5 0 0 0 9 9").endswith("9 9 l")
    with pytest.raises((ValueError, IndexError)):
        path_operators("M 0")


def test_a_font_in_the_file_is_used_for_the_characters_that_it_has(tmp_path: Path) -> None:
    """Here Pillow's own, which has no Chinese: of these another font is taken."""
    data = ImageFont.load_default(10).font_bytes  # type: ignore[union-attr]
    known = fonts.characters(data)
    assert known[ord("A")] != known[ord("B")]
    assert ord("法") not in known
    font = '<ofd:Fonts><ofd:Font ID="1" FontName="Own"><ofd:FontFile>own.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>'
    more = resources(font) | {"Doc_0/Res/own.ttf": data}
    own = drawn(document({"a.xml": page(text("A法", 10, 20))}, more), tmp_path)[0]
    named = (
        '<ofd:CGTransform CodePosition="0" CodeCount="1" GlyphCount="1"><ofd:Glyphs>{}</ofd:Glyphs></ofd:CGTransform>'
    )
    code = '<ofd:TextObject Boundary="10 20 100 12" Font="1" Size="10">{}<ofd:TextCode X="0" Y="10">{}</ofd:TextCode></ofd:TextObject>'
    by_number = code.format(named.format(known[ord("A")]), "ZA")
    again = drawn(document({"a.xml": page(code.format("", "AA"))}, more), tmp_path)[0]
    assert own.crop((100, 200, 150, 320)).tobytes() == again.crop((100, 200, 150, 320)).tobytes()
    assert drawn(document({"a.xml": page(by_number)}, more), tmp_path)[0].tobytes() == again.tobytes()
    assert "法" in [char for char, *_ in letters(document({"a.xml": page(text("A法", 10, 20))}, more), tmp_path)]

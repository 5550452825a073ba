"""Fonts: those that an OFD contains, by the numbers of their glyphs; in place of others the renderer's Chinese ones, by character."""

import contextlib
import struct
from dataclasses import dataclass, field

from .package import Element, Package, child, words
from .pdf_writer import PdfWriter

SANS = ("黑", "等线", "hei", "sans", "arial", "dengxian", "helvetica", "calibri", "verdana")
BOLD = ("bold", "标宋", "粗", "heavy")
LATIN = {  # names of fonts without Chinese, and those in every PDF reader that are as wide
    **dict.fromkeys(("times", "cambria", "georgia", "garamond"), ("Times-Roman", "Times-Bold")),
    **dict.fromkeys(("arial", "calibri", "helvetica", "tahoma", "verdana"), ("Helvetica", "Helvetica-Bold")),
    **dict.fromkeys(("courier", "consolas"), ("Courier", "Courier-Bold")),
}
DESCRIPTOR = "/Ascent 880/Descent -120/CapHeight 700/ItalicAngle 0/StemV 80/FontBBox[0 -120 1000 880]"
HALF_WIDTH = 0.5  # of the size


@dataclass
class Font:
    """A font in the PDF. With ``glyphs`` it is the file's own, and they say which glyph a character has."""

    reference: str
    glyphs: dict[int, int] | None = None
    is_latin: bool = False

    def encoded(self, char: str) -> str | None:
        """Return the character as the PDF writes it; None if the font lacks it."""
        if self.is_latin:
            return char.encode().hex() if " " < char <= "~" else None
        if self.glyphs is None:
            return char.encode("utf-16-be", "ignore").hex() or None
        number = self.glyphs.get(ord(char), 0)
        return f"{number:04x}" if number else None


@dataclass
class Fonts:
    """The fonts that are used, each added to the PDF once."""

    package: Package
    pdf: PdfWriter
    numbers: dict[str, int] = field(default_factory=dict)
    own: dict[int, Font | None] = field(default_factory=dict)
    substitutes: dict[tuple[bool, bool] | str, Font] = field(default_factory=dict)

    def embedded(self, element: Element, folder: str) -> Font | None:
        """Return the font in the file, if there is one that can be read."""
        if id(element) not in self.own:
            self.own[id(element)] = self._embedded(element, folder)
        return self.own[id(element)]

    def _embedded(self, element: Element, folder: str) -> Font | None:
        with contextlib.suppress(KeyError):
            data = self.package.data(self.package.path(words(child(element, "FontFile")), folder))
            if kind := _kind(data):
                return Font(self._added(self._font_file(data, *kind)), characters(data))
        return None

    def _font_file(self, data: bytes, place: str, subtype: str, font_type: str) -> int:
        stream = self.pdf.add(f"/Subtype/{subtype}" if subtype else f"/Length1 {len(data)}", data)
        descriptor = self.pdf.add(f"/Type/FontDescriptor/FontName/Own{stream}/Flags 4/{place} {stream} 0 R{DESCRIPTOR}")
        identity = "/CIDToGIDMap/Identity" if font_type == "CIDFontType2" else ""
        return self._composite(
            f"Own{stream}", "Identity-H", font_type, "Identity", f"/FontDescriptor {descriptor} 0 R{identity}"
        )

    def substitutes_of(self, element: Element | None, *, bold: bool = False) -> list[Font]:
        """Return the fonts in place of one that is missing: serifs as in 宋体, 仿宋 and 楷体, or none as in 黑体; before it a Latin one."""
        given: dict[str, str] = element.attrib if element is not None else {}
        name = f"{given.get('FontName', '')} {given.get('FamilyName', '')}".lower()
        is_bold = bold or given.get("Bold") == "true" or any(each in name for each in BOLD)
        found = [self._latin(names[is_bold]) for each, names in LATIN.items() if each in name][:1]
        key = (any(each in name for each in SANS), is_bold)
        if key not in self.substitutes:
            self.substitutes[key] = Font(self._added(self._substitute(*key)))
        return [*found, self.substitutes[key]]

    def _latin(self, name: str) -> Font:
        if name not in self.substitutes:
            number = self.pdf.add(f"/Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding")
            self.substitutes[name] = Font(self._added(number), is_latin=True)
        return self.substitutes[name]

    def _substitute(self, is_sans: bool, is_bold: bool) -> int:
        name = ("STHeiti-Regular" if is_sans else "STSong-Light") + (",Bold" if is_bold else "")
        flags = 4 if is_sans else 6
        descriptor = self.pdf.add(f"/Type/FontDescriptor/FontName/{name}/Flags {flags}{DESCRIPTOR}")
        more = f"/FontDescriptor {descriptor} 0 R/W[1 95 500 814 907 500]"
        return self._composite(name, "UniGB-UTF16-H", "CIDFontType0", "GB1", more)

    def _composite(self, name: str, encoding: str, font_type: str, ordering: str, more: str) -> int:
        system = f"/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 0>>"
        descendant = self.pdf.add(f"/Type/Font/Subtype/{font_type}/BaseFont/{name}{system}/DW 1000{more}")
        return self.pdf.add(
            f"/Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/{encoding}/DescendantFonts[{descendant} 0 R]"
        )

    def _added(self, number: int) -> str:
        reference = f"F{number}"
        self.numbers[reference] = number
        return reference


def _kind(data: bytes) -> tuple[str, str, str] | None:
    """Return where a PDF has such a font, its subtype, and the type of the font over it; None for what is no font."""
    if data[:4] in (b"\0\1\0\0", b"true"):
        return "FontFile2", "", "CIDFontType2"
    if data[:4] == b"OTTO":
        return "FontFile3", "OpenType", "CIDFontType0"
    if data[:2] == b"\1\0" and data[2:3] in (b"\3", b"\4", b"\5"):
        return "FontFile3", "CIDFontType0C", "CIDFontType0"
    return None


def characters(data: bytes) -> dict[int, int]:
    """Return the number of the glyph of each character, from the font's table cmap; none if it has none."""
    found: dict[int, int] = {}
    with contextlib.suppress(struct.error):
        for start in _cmaps(data):
            match struct.unpack_from(">H", data, start)[0]:
                case 4:
                    found |= _segments(data, start)
                case 12:
                    found |= _groups(data, start)
    return found


def _cmaps(data: bytes) -> list[int]:
    """Return where the Unicode tables begin."""
    for number in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, start, _ = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        if tag == b"cmap":
            count = struct.unpack_from(">H", data, start + 2)[0]
            entries = [struct.unpack_from(">HHI", data, start + 4 + 8 * each) for each in range(count)]
            return [start + place for platform, encoding, place in entries if (platform, encoding) != (1, 0)]
    return []


def _segments(data: bytes, start: int) -> dict[int, int]:
    count = struct.unpack_from(">H", data, start + 6)[0] // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", data, start + 14 + 2 * (row * count + (row > 0))) for row in range(4)
    )
    found: dict[int, int] = {}
    for number, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for char in range(first, min(last, 0xFFFE) + 1):
            glyph = char
            if offsets[number]:
                place = start + 16 + 6 * count + 2 * number + offsets[number] + 2 * (char - first)
                glyph = struct.unpack_from(">H", data, place)[0]
                if not glyph:
                    continue
            found[char] = (glyph + deltas[number]) & 0xFFFF
    return found


def _groups(data: bytes, start: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for number in range(min(struct.unpack_from(">I", data, start + 12)[0], 0x10000)):
        first, last, glyph = struct.unpack_from(">III", data, start + 16 + 12 * number)
        for char in range(first, min(last, first + 0xFFFF) + 1):
            found[char] = (glyph + char - first) & 0xFFFF
    return found

"""Pictures as objects of a PDF, each added once; and the pictures of seals (GM/T 0031, GB/T 38540)."""

import contextlib
import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image

from .package import Package
from .pdf_writer import PdfWriter

Image.MAX_IMAGE_PIXELS = 60_000_000
STRING, OCTETS, SEQUENCE_OR_SET = (0x16, 0x0C), 0x04, 0x20  # tags of ASN.1; the last is the bit of what contains others
MAX_DEPTH = 12
JBIG2 = b"\x97JB2\r\n\x1a\n"


@dataclass
class Pictures:
    """The pictures that are used, with the number of each in the PDF; None for one that cannot be read."""

    package: Package
    pdf: PdfWriter
    known: dict[str, int | None] = field(default_factory=dict)

    def number(self, path: str) -> int | None:
        if path not in self.known:
            self.known[path] = None
            with contextlib.suppress(KeyError):
                self.known[path] = self.added(self.package.data(path))
        return self.known[path]

    def added(self, data: bytes) -> int | None:
        """Add a picture. JPEG and JBIG2 stay as they are; others are decoded."""
        if data.startswith(JBIG2):
            return self._bilevel(data)
        with contextlib.suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            picture = Image.open(io.BytesIO(data))
            if picture.format == "JPEG" and picture.mode in ("L", "RGB"):
                return self._add(picture, data, "/Filter/DCTDecode")
            layer = picture.convert("RGBA") if picture.has_transparency_data else None
            plain = picture.convert("RGB")
            mask = ""
            if layer:
                alpha = layer.getchannel("A")
                mask = f"/SMask {self._add(alpha, zlib.compress(alpha.tobytes()), '/Filter/FlateDecode')} 0 R"
            return self._add(plain, zlib.compress(plain.tobytes()), f"/Filter/FlateDecode{mask}")
        return None

    def _bilevel(self, data: bytes) -> int | None:
        """Add a scan in JBIG2 without its file header (ISO/IEC 14492, annex D.4), which a PDF leaves out."""
        is_sequential, start = data[8] & 1, 9 if data[8] & 2 else 13
        if not is_sequential or len(data) < start + 19:
            return None
        width, height = struct.unpack_from(">II", data, start + 11)
        entries = f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 1"
        return self.pdf.add(f"{entries}/Filter/JBIG2Decode", data[start:], is_compressed=True)

    def _add(self, picture: Image.Image, stream: bytes, more: str) -> int:
        space = "DeviceGray" if picture.mode == "L" else "DeviceRGB"
        size = f"/Width {picture.width}/Height {picture.height}"
        entries = f"/Type/XObject/Subtype/Image{size}/ColorSpace/{space}/BitsPerComponent 8{more}"
        return self.pdf.add(entries, stream, is_compressed=True)


def seal_picture(data: bytes) -> tuple[str, bytes] | None:
    """Return kind and bytes of the picture in an electronic seal or a signature with one: the first string before bytes of a picture."""
    last = ""
    with contextlib.suppress(IndexError):
        for tag, value in _values(data, 0):
            if tag in STRING:
                last = value.decode("ascii", "ignore").lower()
            elif tag == OCTETS and last in ("png", "jpg", "jpeg", "bmp", "gif", "ofd"):
                return last, value
            else:
                last = ""
    return None


def _values(data: bytes, depth: int) -> Iterator[tuple[int, bytes]]:
    """Yield tag and bytes of each simple value (DER). Raises IndexError where the data end too early."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size]), at + size
        value, at = data[at : at + length], at + length
        if tag & SEQUENCE_OR_SET and depth < MAX_DEPTH:
            yield from _values(value, depth + 1)
        else:
            yield tag, value

"""Real files of every permitted kind, created byte by byte or by the usual library."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence

from openpyxl import Workbook
from PIL import Image

# PDF

PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
FILE_ID = bytes(range(16))


def pdf(
    *, owner_password: str = "", user_password: str = "", pages: int = 1, catalog: str = "", more: Sequence[str] = ()
) -> bytes:
    """Return a PDF with blank pages, with a password protected by the standard security handler, revision 2.

    `catalog` is added to its root, `more` are further objects, the first of which has the number 3 + pages.
    """
    kids = " ".join(f"{3 + page} 0 R" for page in range(pages))
    objects = [f"<</Type/Catalog/Pages 2 0 R{catalog}>>", f"<</Type/Pages/Kids[{kids}]/Count {pages}>>"]
    objects += ["<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<<>>>>"] * pages
    objects += more
    trailer = "/Root 1 0 R"
    if owner_password or user_password:
        objects.append(_pdf_protection(owner_password or user_password, user_password))
        trailer += f"/Encrypt {len(objects)} 0 R/ID[<{FILE_ID.hex()}><{FILE_ID.hex()}>]"
    return _pdf_of(objects, trailer)


def _pdf_of(objects: list[str], trailer: str) -> bytes:
    body, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<</Size {count}{trailer}>>\n"
    return body + f"{end}startxref\n{len(body)}\n%%EOF\n".encode()


def packed_objects(content: str, filters: str = "/FlateDecode") -> str:
    """Return an object stream with one object, number 9."""
    packed = zlib.compress(f"9 0 {content}".encode()).decode("latin-1")
    return f"<</Type/ObjStm/N 1/First 4/Filter{filters}/Length {len(packed)}>>stream\n{packed}\nendstream"


def _pdf_protection(owner: str, user: str) -> str:
    """ISO 32000-1, 7.6.3, algorithms 2 to 4."""
    owner_key = hashlib.md5((owner.encode() + PADDING)[:32]).digest()[:5]
    owner_entry = _rc4(owner_key, (user.encode() + PADDING)[:32])
    secret = (user.encode() + PADDING)[:32] + owner_entry + struct.pack("<i", -4) + FILE_ID
    user_entry = _rc4(hashlib.md5(secret).digest()[:5], PADDING)
    return f"<</Filter/Standard/V 1/R 2/P -4/O<{owner_entry.hex()}>/U<{user_entry.hex()}>>>"


def _rc4(key: bytes, text: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in text:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


# Packages


def package(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument"
RELATIONS = "http://schemas.openxmlformats.org"


def content_types(part: str, content_type: str, extra: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{RELATIONS}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{extra}'
        f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    )


def ooxml(part: str, content_type: str, body: str, more: Mapping[str, bytes | str] | None = None) -> bytes:
    relation = (
        f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument/2006/relationships/officeDocument" Target="{part}"/>'
    )
    relations = f'<Relationships xmlns="{RELATIONS}/package/2006/relationships">{relation}</Relationships>'
    members: dict[str, bytes | str] = {"[Content_Types].xml": content_types(part, content_type)}
    return package(members | {"_rels/.rels": relations, part: body} | dict(more or {}))


def docx(more: Mapping[str, bytes | str] | None = None, text: str = "创建工作推进情况") -> bytes:
    space = f"{RELATIONS}/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    return ooxml("word/document.xml", f"{OFFICE}.wordprocessingml.document.main+xml", body, more)


def relations(kind: str, target: str) -> str:
    """Return the part that lists a document's external relationships."""
    where = f'Target="{target}" TargetMode="External"'
    relation = f'<Relationship Id="r9" Type="{RELATIONS}/officeDocument/2006/relationships/{kind}" {where}/>'
    return f'<Relationships xmlns="{RELATIONS}/package/2006/relationships">{relation}</Relationships>'


def pptx(more: Mapping[str, bytes | str] | None = None) -> bytes:
    body = f'<p:presentation xmlns:p="{RELATIONS}/presentationml/2006/main"/>'
    return ooxml("ppt/presentation.xml", f"{OFFICE}.presentationml.presentation.main+xml", body, more)


def xlsx() -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["指标", "数值"])
    book.save(out)
    return out.getvalue()


def ofd(more: Mapping[str, bytes | str] | None = None) -> bytes:
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    root = "<ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    return package(
        {
            "OFD.xml": f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {space} DocType="OFD" Version="1.0">{root}</ofd:OFD>',
            "Doc_0/Document.xml": f"<ofd:Document {space}/>",
        }
        | dict(more or {})
    )


# OLE compound files, version 3: [MS-CFB]

SECTOR, END, FREE, FAT = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
Tree = Mapping[str, "bytes | Tree"]


def compound(tree: Tree) -> bytes:
    """Return a compound file of these streams and storages; short streams are padded to 4096 bytes, so that none is in the mini stream."""
    entries: list[tuple[str, int, int, int, int, int]] = []  # name, type, right, child, first sector, size
    sectors: list[bytes] = []
    chains: list[int] = []

    def append(data: bytes) -> int:
        first, count = len(sectors), -(-len(data) // SECTOR)
        sectors.extend(data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR))
        chains.extend([*range(first + 1, first + count), END])
        return first

    def add(name: str, node: "bytes | Tree", right: int) -> int:
        if isinstance(node, bytes):
            data = node.ljust(4096, b"\0")
            entries.append((name, 2, right, FREE, append(data), len(data)))
        else:
            entries.append((name, 1, right, add_all(node), 0, 0))
        return len(entries) - 1

    def add_all(nodes: Tree) -> int:
        right = FREE
        for name, node in reversed(list(nodes.items())):
            right = add(name, node, right)
        return right

    entries.append(("Root Entry", 5, FREE, FREE, END, 0))
    entries[0] = ("Root Entry", 5, FREE, add_all(tree), END, 0)
    directory = append(b"".join(_directory_entry(*entry) for entry in entries))
    fat_sectors = next(count for count in range(1, 109) if count * 128 >= len(sectors) + count)
    fat_at = len(sectors)
    chains.extend([FAT] * fat_sectors)
    table = struct.pack(f"<{len(chains)}L", *chains).ljust(fat_sectors * SECTOR, b"\xff")
    return _compound_header(directory, fat_at, fat_sectors) + b"".join(sectors) + table


def tail_last(content: bytes) -> bytes:
    """Return a short compound file with its table of sectors and its directory before its streams, the last of which ends it."""
    header, sectors = (
        bytearray(content[:SECTOR]),
        [content[at : at + SECTOR] for at in range(SECTOR, len(content), SECTOR)],
    )
    chains = struct.unpack("<128L", sectors.pop())
    directory = struct.unpack_from("<L", header, 48)[0]
    order = [*range(directory, len(sectors)), *range(directory)]
    place = {old: 1 + new for new, old in enumerate(order)}
    table = [FAT, *(place.get(chains[old], chains[old]) for old in order)]
    moved = bytearray(b"".join(sectors[old] for old in order))
    for at in range(116, (len(sectors) - directory) * SECTOR, 128):
        first = struct.unpack_from("<L", moved, at)[0]
        struct.pack_into("<L", moved, at, place.get(first, first))
    struct.pack_into("<L", header, 48, 1)
    struct.pack_into("<L", header, 76, 0)
    return bytes(header) + struct.pack(f"<{len(table)}L", *table).ljust(SECTOR, b"\xff") + bytes(moved)


def _directory_entry(name: str, kind: int, right: int, child: int, first: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    head = encoded.ljust(64, b"\0") + struct.pack("<HBBLLL", len(encoded), kind, 1, FREE, right, child)
    return head + bytes(36) + struct.pack("<LQ", first, size)


def _compound_header(directory: int, fat_at: int, fat_sectors: int) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9L", 0, fat_sectors, directory, 0, 4096, END, 0, END, 0)
    return (head + struct.pack(f"<{fat_sectors}L", *range(fat_at, fat_at + fat_sectors))).ljust(SECTOR, b"\xff")


def doc(more: Tree | None = None, *, flags: int = 0) -> bytes:
    """Return a .doc; `flags` are those of FibBase: 0x0100 means encrypted."""
    fib = struct.pack("<HH6xH", 0xA5EC, 0x00C1, flags)
    return compound({"WordDocument": fib, "1Table": b"\0"} | dict(more or {}))


def xls(more: Tree | None = None, *, records: bytes = b"") -> bytes:
    """Return an .xls; `records` follow the workbook's BOF."""
    bof = struct.pack("<2H4H8x", 0x0809, 16, 0x0600, 0x0005, 0, 0)
    return compound({"Workbook": bof + records + struct.pack("<2H", 0x000A, 0)} | dict(more or {}))


def bound_sheet(kind: int) -> bytes:
    """Return the record of a sheet: kind 0 is a worksheet, 1 an Excel 4 macro sheet."""
    body = struct.pack("<LBBBB6s", 0, 0, kind, 6, 0, b"Sheet1")
    return struct.pack("<2H", 0x0085, len(body)) + body


def ppt(more: Tree | None = None, *, token: int = 0xE391C05F, has_macros: int = 0) -> bytes:
    atom = struct.pack("<HHLLLL", 0x0002, 0x0400, 12, 0, has_macros, 2)
    info = struct.pack("<HHL", 0x001F, 0x03FF, len(atom)) + atom
    user = struct.pack("<HHLLL", 0, 0x0FF6, 20, 20, token)
    padding = bytes(1_048_570)  # the record crosses two blocks of reading
    return compound({"Current User": user, "PowerPoint Document": padding + info} | dict(more or {}))


# Images


def image(form: str, size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, form)
    return out.getvalue()


def jpg() -> bytes:
    return image("JPEG")


def png() -> bytes:
    return image("PNG")


def webp() -> bytes:
    return image("WEBP")


def png_claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims this size."""
    header = struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    body = b"".join(
        struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


# Films


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">L", 8 + len(content)) + name + content


def film(brand: bytes, *others: bytes) -> bytes:
    brands = brand + struct.pack(">L", 512) + b"".join(others or (brand,))
    return box(b"ftyp", brands) + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", bytes(2000))


def mp4() -> bytes:
    return film(b"isom", b"isom", b"mp41")


def mov() -> bytes:
    return film(b"qt  ")


MAKERS: dict[str, Callable[[], bytes]] = {
    "pdf": pdf,
    "ofd": ofd,
    "doc": doc,
    "docx": docx,
    "xls": xls,
    "xlsx": xlsx,
    "ppt": ppt,
    "pptx": pptx,
    "wps": doc,
    "et": xls,
    "dps": ppt,
    "jpg": jpg,
    "jpeg": jpg,
    "png": png,
    "webp": webp,
    "mp4": mp4,
    "mov": mov,
}


def text_pdf(*pages: str, info: str = "") -> bytes:
    """Return a PDF with Chinese text, one text for each page, in a font that every reader has; ``info`` in PDF syntax."""
    first = 6
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo"
        "<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000>>",
        f"<<{info}>>",
    ]
    for number, text in enumerate(pages):
        lines = " ".join(f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in text.split("\n"))
        drawn = f"BT /F1 16 Tf 20 TL 30 760 Td {lines} ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {first + 2 * number + 1} 0 R>>"
        )
        objects.append(f"<</Length {len(drawn)}>>\nstream\n{drawn}\nendstream")
    return _pdf_of(objects, "/Root 1 0 R/Info 5 0 R")

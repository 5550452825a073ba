"""目录.xml of an archive package: what was archived, item by item, for machines. Written by the package, read back by its check.

The names of its elements are those of DA/T 22 and DA/T 46, in Chinese, as archive systems import them. It has no DOCTYPE, and one that has
one is refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from creation.lib.filetypes import xmlparts
from creation.lib.filetypes.refusals import InvalidFile
from creation.lib.refusals import Refusal
from creation.rules import plain_text

XML, TABLE, SUMS = "目录.xml", "目录.xlsx", "校验清单.sha256"
FORMAT = "1"
ROOT, ITEM, TABLE_ITEM, LACKING = "归档目录", "件", "目录表", "未收录"
LARGEST = 256 * 2**20  # bytes of a catalogue


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An archived item (件). ``reference`` is its 档号 without the number that the archives give to the whole (全宗号).

    Days are ISO texts.
    """

    reference: str = field(metadata={"name": "档号"})
    number: str = field(metadata={"name": "件号"})
    category: str = field(metadata={"name": "类别"})
    kind: str = field(metadata={"name": "文种"})
    title: str = field(metadata={"name": "题名"})
    doc_number: str = field(metadata={"name": "文号"})
    issuer: str = field(metadata={"name": "责任者"})
    dated_on: str = field(metadata={"name": "日期"})
    pages: str = field(metadata={"name": "页数"})
    retention: str = field(metadata={"name": "保管期限"})
    remark: str = field(metadata={"name": "备注"})
    path: str = field(metadata={"name": "路径"})
    size: int = field(metadata={"name": "字节数"})
    sha256: str = field(metadata={"name": "sha256"})


NAMES: dict[str, str] = {each.metadata["name"]: each.name for each in fields(CatalogueEntry)}


@dataclass(frozen=True, slots=True)
class LackingItem:
    """What belongs into the archive and is not in it, and why.

    ``by_rule``: it was left out on purpose, such as single answers of a survey, so that the archive is whole without it.
    """

    title: str
    why: str
    by_rule: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class ArchiveCatalogue:
    """``table_size`` and ``table_sha256`` are those of the same catalogue as a workbook."""

    title: str
    year: str
    holder: str
    made_at: str
    entries: list[CatalogueEntry]
    lacking: list[LackingItem]
    table_size: int
    table_sha256: str

    def as_xml(self) -> bytes:
        return "".join(self._lines()).encode()

    def _lines(self) -> Iterator[str]:
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        head = {
            "格式": FORMAT,
            "题名": self.title,
            "年度": self.year,
            "立档单位": self.holder,
            "生成时间": self.made_at,
            "件数": str(len(self.entries)),
        }
        yield f"<{ROOT}{_attributes(head.items())}>\n"
        table = {"路径": TABLE, "字节数": str(self.table_size), "sha256": self.table_sha256}
        yield f"<{TABLE_ITEM}{_attributes(table.items())}/>\n"
        for entry in self.entries:
            yield f"<{ITEM}>\n"
            for name, attribute in NAMES.items():
                yield f" <{name}>{escape(plain_text.cleaned(str(getattr(entry, attribute))))}</{name}>\n"
            yield f"</{ITEM}>\n"
        for row in self.lacking:
            yield f"<{LACKING}{_attributes([('题名', row.title), ('原因', row.why)])}/>\n"
        yield f"</{ROOT}>\n"


def _attributes(values: Iterable[tuple[str, str]]) -> str:
    return "".join(f" {name}={quoteattr(plain_text.cleaned(value))}" for name, value in values)


def read_catalogue(file: BinaryIO) -> ArchiveCatalogue:
    """Read a catalogue. Raises Refusal when it is not one of ours, has a DOCTYPE or cannot be read."""
    reader = _CatalogueReader()
    try:
        xmlparts.walk(file, reader.start, reader.text, reader.end)
        return reader.catalogue()
    except InvalidFile as wrong:
        raise Refusal(f"{XML} 无法读取：{wrong.detail or wrong}。") from None
    except (KeyError, ValueError, TypeError):
        raise Refusal(f"{XML} 的内容不是归档目录，或缺少必填的项目。") from None


class _CatalogueReader:
    """Collects the elements as expat meets them. ``xmlparts`` puts ``}`` between namespace and tag; ours have no namespace."""

    def __init__(self) -> None:
        self._head: dict[str, str] = {}
        self._table: dict[str, str] = {}
        self._entries: list[CatalogueEntry] = []
        self._lacking: list[LackingItem] = []
        self._item: dict[str, str] | None = None
        self._texts: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._texts = []
        if tag == ROOT:
            self._head = attributes
        elif tag == TABLE_ITEM:
            self._table = attributes
        elif tag == LACKING:
            self._lacking.append(LackingItem(attributes["题名"], attributes["原因"]))
        elif tag == ITEM:
            self._item = {}

    def text(self, text: str) -> None:
        self._texts.append(text)

    def end(self, tag: str) -> None:
        if self._item is None:
            return
        if tag == ITEM:
            values = {NAMES[name]: value for name, value in self._item.items()}
            self._entries.append(CatalogueEntry(**values | {"size": int(values["size"])}))  # type: ignore[arg-type]
            self._item = None
        else:
            self._item[tag] = "".join(self._texts)

    def catalogue(self) -> ArchiveCatalogue:
        head = self._head
        if head["格式"] != FORMAT:
            raise Refusal("这个归档包是另一个版本的程序做的，请用那个版本核对。")
        found = ArchiveCatalogue(
            head["题名"],
            head["年度"],
            head["立档单位"],
            head["生成时间"],
            self._entries,
            self._lacking,
            int(self._table["字节数"]),
            self._table["sha256"],
        )
        if int(head["件数"]) != len(found.entries):
            raise Refusal(f"{XML} 写明 {head['件数']} 件，实际列出 {len(found.entries)} 件。")
        return found

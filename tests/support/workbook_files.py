"""Valid and invalid workbooks, created with openpyxl or by changing the package."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook

Rows = Sequence[Sequence[Any]]
LIAISON_HEAD = ("单位", "姓名", "职务", "办公电话", "手机")
LIAISON_ROWS = (
    ("城管局", "刘联络", "法制科长", "0395-2123456", "13800001234"),
    ("源汇区司法局", "孙新人", "科员", "0395-2111111", "13911112222"),
)


def book(
    rows: Rows, *, merges: Iterable[str] = (), title: str = "Sheet", change: Callable[[Any], None] | None = None
) -> bytes:
    made, out = Workbook(), io.BytesIO()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for merge in merges:
        sheet.merge_cells(merge)
    if change:
        change(sheet)
    made.save(out)
    return out.getvalue()


def sheets(tables: dict[str, Rows]) -> bytes:
    """Return a workbook with several sheets."""

    def add(first: Any) -> None:
        for name, rows in list(tables.items())[1:]:
            sheet = first.parent.create_sheet(name)
            for row in rows:
                sheet.append(list(row))

    name, rows = next(iter(tables.items()))
    return book(rows, title=name, change=add)


def liaisons(rows: Rows = LIAISON_ROWS, head: Sequence[str] = LIAISON_HEAD, **more: Any) -> bytes:
    return book([head, *rows], **more)


def with_parts(content: bytes, parts: dict[str, bytes | Callable[[bytes], bytes] | None]) -> bytes:
    """Return the package with parts added, changed by a function, or (None) removed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            change = parts.get(name, source.read(name))
            if callable(change):
                change = change(source.read(name))
            if change is not None:
                target.writestr(name, change)
        for name in parts.keys() - set(source.namelist()):
            target.writestr(name, parts[name])  # type: ignore[arg-type]
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def in_sheet(content: bytes, before: bytes, after: bytes) -> bytes:
    """Return the workbook with a text in the sheet's XML replaced."""

    def change(xml: bytes) -> bytes:
        xml = xml.replace(b" />", b"/>")  # openpyxl writes differently with and without lxml
        assert before in xml, xml
        return xml.replace(before, after)

    return with_parts(content, {SHEET: change})


def read(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))

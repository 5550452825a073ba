"""Check a workbook before anything parses it, and read it in a child process with limits on memory and time."""

import json
import re
from pathlib import Path

from creation.imports.worksheet import Sheet
from creation.lib import filenames, filetypes, sandbox
from creation.lib.filetypes import FileRefused, Limits
from creation.lib.refusals import Refusal

ROWS, COLUMNS = 5000, 60
SPARE_ROWS = 40  # rows above the heading and below the last row: titles, the line for the stamp, notes
SIZE = 20 << 20
LIMITS = Limits(image=0, document=SIZE, video=0, members=1000, unpacked=300 << 20)
MEMORY_MB, CPU_SECONDS, TIMEOUT = 900, 20, 40
WORKBOOK_READER = Path(__file__).with_name("workbook_reader.py")
XML_WORKBOOK_READER = Path(__file__).with_name("xml_workbook_reader.py")
DOCUMENT_READER = Path(__file__).with_name("document_reader.py")
TEXT_READER = Path(__file__).with_name("text_reader.py")
WORKBOOK_TYPES = ("xlsx", "xls", "et")
PAGE_TYPES = ("html", "htm", "mht", "mhtml")
TEXT_TYPES = ("csv", "tsv")
TYPES = (*WORKBOOK_TYPES, "docx", *PAGE_TYPES, "xml", *TEXT_TYPES)
OTHER_WORKBOOK_TYPES = {"ods", "xlsm", "xltx", "xlsb", "numbers"}
OTHER_DOCUMENT_TYPES = {"doc", "wps", "docm", "dotx", "odt", "rtf"}
PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|meta|style|body|table|div)\b|mime-version:", re.IGNORECASE)
XML_WORKBOOK = b"urn:schemas-microsoft-com:office:spreadsheet"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
PAGE_START = 3000  # bytes in which a web page shows that it is one
FAULT_SENTENCES = {
    "far": "工作表“{0}”的 {1} 单元格还有内容，超出了 {rows} 行、{columns} 列。请删除多余的行和列（整行、整列删除）后再导入。",
    "missing": "工作簿缺少工作表“{0}”的内容，文件不完整。请用 Excel 或 WPS 打开、另存一份后再导入。",
    "no_table": "文件里没有表格。请核对是不是选错了文件。",
    "damaged": "工作簿读不出来，文件结构有误。请用 Excel 或 WPS 打开、另存一份后再导入。",
}


def read_sheets(path: Path, name: str, is_checked: bool = False) -> list[Sheet]:
    """Return the visible sheets with their rows, then the hidden ones without. Raises Refusal with a message for the sender.

    A file that was checked before is only read.
    """
    extension = filenames.extension(filenames.clean(name))
    is_xml = extension in ("xml", *WORKBOOK_TYPES) and _is_xml_workbook(path)
    is_page = extension in PAGE_TYPES or (extension in WORKBOOK_TYPES and not is_xml and _is_page(path))
    is_text = extension in TEXT_TYPES and not _is_compound(path)
    if not is_xml and not is_text and not is_checked:
        _check(path, *_by_content(path, name, extension), is_page)
    reader = DOCUMENT_READER if is_page or extension == "docx" else WORKBOOK_READER
    reader = XML_WORKBOOK_READER if is_xml else TEXT_READER if is_text else reader
    output = sandbox.run(MEMORY_MB, CPU_SECONDS, TIMEOUT, reader, str(path), str(ROWS + SPARE_ROWS), str(COLUMNS))
    if output is None:  # killed by its limits
        raise Refusal(FAULT_SENTENCES["damaged"])
    answer = json.loads(output)
    if fault := answer.get("fault"):
        raise Refusal(FAULT_SENTENCES[fault].format(*answer["detail"].split("|"), rows=ROWS, columns=COLUMNS))
    hidden = [Sheet(sheet, [], hidden=True) for sheet in answer["hidden"]]
    return [*map(Sheet.of, answer["sheets"]), *hidden]


def _is_page(path: Path) -> bool:
    """Return whether the file is a web page, as many systems export tables under the name of an Excel file."""
    with path.open("rb") as file:
        start = file.read(PAGE_START)
    # Without the zeros of UTF-16.
    return not start.startswith(OLD_WORKBOOK) and bool(PAGE.search(start.replace(b"\0", b"")))


def _is_compound(path: Path) -> bool:
    """Return whether the file is a workbook under the name of a text file."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\3\4", OLD_WORKBOOK)


def _by_content(path: Path, name: str, extension: str) -> tuple[str, str]:
    """Return name and extension as they should be: a workbook of one version of Excel may have the name of another."""
    with path.open("rb") as file:
        start = file.read(4)
    real = "xlsx" if start == b"PK\3\4" else "xls" if start == OLD_WORKBOOK else extension
    if extension not in (*WORKBOOK_TYPES, *TEXT_TYPES) or real == extension or (extension == "et" and real == "xls"):
        return name, extension
    return f"{name.rpartition('.')[0]}.{real}", real


def _is_xml_workbook(path: Path) -> bool:
    """Return whether the file is a workbook of Excel 2003 XML, also under the name of an Excel file."""
    with path.open("rb") as file:
        start = file.read(PAGE_START).replace(b"\0", b"")
    return b"<Workbook" in start and XML_WORKBOOK in start


def _check(path: Path, name: str, extension: str, is_page: bool) -> None:
    if is_page:
        if not _is_page(path):
            raise Refusal(f"“{filenames.clean(name)}”里不是网页，读不出表格。请核对是不是选错了文件。")
        return
    if extension in OTHER_DOCUMENT_TYPES:
        raise Refusal(f"“{filenames.clean(name)}”是 .{extension} 文件。请用 Word 或 WPS 打开，另存为 .docx 后再导入。")
    if extension in OTHER_WORKBOOK_TYPES:
        raise Refusal(f"“{filenames.clean(name)}”是 .{extension} 文件。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。")
    if extension == "xml":
        raise Refusal(
            f"“{filenames.clean(name)}”不是 Excel 的 XML 表格，读不出来。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。"
        )
    if extension not in TYPES:
        raise Refusal(
            f"“{filenames.clean(name)}”不是表格，只能导入 .xlsx、.xls、.et、.docx、.csv 文件或网页（.html、.mht）。"
        )
    try:
        filetypes.inspect(path, name, LIMITS, exact=True)
    except FileRefused as refused:
        raise Refusal(refused.sentence.replace("上传", "导入")) from refused

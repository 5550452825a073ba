"""Check a workbook before anything parses it, and read it in a child process with limits on memory and time."""

import json
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
READER = Path(__file__).with_name("workbook_reader.py")
WORKBOOK_TYPES = ("xlsx", "xls", "et")
OTHER_WORKBOOK_TYPES = {"csv", "ods", "xlsm", "xltx", "xlsb", "numbers"}
FAULT_SENTENCES = {
    "far": "工作表“{0}”的 {1} 单元格还有内容，超出了 {rows} 行、{columns} 列。请删除多余的行和列（整行、整列删除）后再导入。",
    "missing": "工作簿缺少工作表“{0}”的内容，文件不完整。请用 Excel 或 WPS 打开、另存一份后再导入。",
    "damaged": "工作簿读不出来，文件结构有误。请用 Excel 或 WPS 打开、另存一份后再导入。",
}


def read_sheets(path: Path, name: str) -> list[Sheet]:
    """Return the visible sheets with their rows, then the hidden ones without. Raises Refusal with a message for the sender."""
    _check(path, name)
    output = sandbox.run(MEMORY_MB, CPU_SECONDS, TIMEOUT, READER, str(path), str(ROWS + SPARE_ROWS), str(COLUMNS))
    if output is None:  # killed by its limits
        raise Refusal(FAULT_SENTENCES["damaged"])
    answer = json.loads(output)
    if fault := answer.get("fault"):
        raise Refusal(FAULT_SENTENCES[fault].format(*answer["detail"].split("|"), rows=ROWS, columns=COLUMNS))
    hidden = [Sheet(sheet, [], hidden=True) for sheet in answer["hidden"]]
    return [*map(Sheet.of, answer["sheets"]), *hidden]


def _check(path: Path, name: str) -> None:
    extension = filenames.extension(filenames.clean(name))
    if extension in OTHER_WORKBOOK_TYPES:
        raise Refusal(f"“{filenames.clean(name)}”是 .{extension} 文件。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。")
    if extension not in WORKBOOK_TYPES:
        raise Refusal(f"“{filenames.clean(name)}”不是 Excel 工作簿，只能导入 .xlsx、.xls、.et 文件。")
    try:
        filetypes.inspect(path, name, LIMITS)
    except FileRefused as refused:
        raise Refusal(refused.sentence.replace("上传", "导入")) from refused

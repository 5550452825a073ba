"""Checks PDF and OLE files: the end of a PDF here, the rest in a child process with limits (probe.py)."""

import json
import subprocess
import sys
from pathlib import Path

from .refusals import InvalidFile, Reason

PROBE = Path(__file__).with_name("probe.py")
TIMEOUT_SECONDS = 40  # the child's own limit is 20 seconds of CPU time
PDF_TAIL = 8192
CONTENT_NAMES = {
    "doc": "文字文档（doc、wps）",
    "xls": "表格（xls、et）",
    "ppt": "演示文稿（ppt、dps）",
    None: "其他文件",
}
DETAILS = {Reason.TRUNCATED: "后面缺了一段", Reason.DAMAGED: "文件结构有误"}
UNREADABLE = InvalidFile(Reason.DAMAGED, DETAILS[Reason.DAMAGED])
OBJECT_FAULTS = {Reason.EMBEDDED, Reason.MACRO, Reason.ENCRYPTED, Reason.REMOTE}


def check_pdf(path: Path) -> None:
    """Raise InvalidFile unless the PDF has its end, opens without a password and has a page."""
    if not _has_pdf_end(path):
        raise InvalidFile(Reason.TRUNCATED, "缺少结尾部分")
    _raise_if(_run_probe("pdf", path)[1])


def _has_pdf_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - PDF_TAIL))
        tail = file.read()
    return b"startxref" in tail and b"%%EOF" in tail


def check_ole(path: Path, content: str) -> None:
    """Raise InvalidFile unless the compound file is complete, has no password or macros, and is of this content: doc, xls or ppt."""
    found, fault = _run_probe("ole", path)
    _raise_if(fault)
    if found != content:
        raise InvalidFile(Reason.MISMATCH, CONTENT_NAMES[found])


def is_encrypted_ole(path: Path) -> bool:
    """Return whether the file is encrypted. A docx with a password is a compound file, and the message should name the password."""
    fault = _run_probe("ole", path)[1]
    return fault is not None and fault.reason == Reason.ENCRYPTED


def check_embedded_ole(path: Path) -> None:
    """Raise InvalidFile if an object embedded in a document wraps a file, has macros or is encrypted. Other objects are allowed."""
    _, fault = _run_probe("ole", path)
    if fault and fault.reason in OBJECT_FAULTS:
        raise fault


def _raise_if(fault: InvalidFile | None) -> None:
    if fault:
        raise fault


def _run_probe(kind: str, path: Path) -> tuple[str | None, InvalidFile | None]:
    """Return the child's result. If the child is killed or takes too long, the file counts as unreadable."""
    command = [sys.executable, "-I", str(PROBE), kind, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, UNREADABLE
    if done.returncode < 0:
        return None, UNREADABLE
    if done.returncode:
        raise RuntimeError(f"{PROBE.name} failed: {done.stderr.decode(errors='replace')[-500:]}")
    answer = json.loads(done.stdout)
    return answer["content"], _invalid_file(answer["fault"], answer["detail"])


def _invalid_file(fault: str, detail: str) -> InvalidFile | None:
    return InvalidFile(reason := Reason(fault), detail or DETAILS.get(reason, "")) if fault else None

"""PDF and OLE files: a look at their ends here, the rest by a child process with limits (probe.py)."""

import json
import subprocess
import sys
from pathlib import Path

from .refusals import Flaw, Reason

PROBE = Path(__file__).with_name("probe.py")
PATIENCE = 40  # seconds; the child's own limit is 20 of CPU
PDF_TAIL = 8192
CONTENT_NAMES = {
    "doc": "文字文档（doc、wps）",
    "xls": "表格（xls、et）",
    "ppt": "演示文稿（ppt、dps）",
    None: "其他文件",
}
DETAILS = {Reason.TRUNCATED: "后面缺了一段", Reason.DAMAGED: "文件结构有误"}
UNREADABLE = Flaw(Reason.DAMAGED, DETAILS[Reason.DAMAGED])
OBJECT_FAULTS = {Reason.EMBEDDED, Reason.MACRO, Reason.ENCRYPTED, Reason.REMOTE}


def check_pdf(path: Path) -> None:
    """Raise a Flaw unless the PDF has its end, opens without a password and has a page."""
    if not _has_pdf_end(path):
        raise Flaw(Reason.TRUNCATED, "缺少结尾部分")
    _raise_if(_probed("pdf", path)[1])


def _has_pdf_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - PDF_TAIL))
        tail = file.read()
    return b"startxref" in tail and b"%%EOF" in tail


def check_ole(path: Path, content: str) -> None:
    """Raise a Flaw unless the compound file is whole, open, free of macros and of this content: doc, xls or ppt."""
    found, fault = _probed("ole", path)
    _raise_if(fault)
    if found != content:
        raise Flaw(Reason.MISMATCH, CONTENT_NAMES[found])


def is_encrypted_ole(path: Path) -> bool:
    """A docx with a password is a compound file: its owner is told of the password, not of the extension."""
    fault = _probed("ole", path)[1]
    return fault is not None and fault.reason == Reason.ENCRYPTED


def check_embedded_ole(path: Path) -> None:
    """Raise a Flaw when an object inside a document wraps a file, carries macros or is locked; any other object may stay."""
    _, fault = _probed("ole", path)
    if fault and fault.reason in OBJECT_FAULTS:
        raise fault


def _raise_if(fault: Flaw | None) -> None:
    if fault:
        raise fault


def _probed(kind: str, path: Path) -> tuple[str | None, Flaw | None]:
    """What the child says; one that is killed or takes too long has met a file that nobody could open."""
    command = [sys.executable, "-I", str(PROBE), kind, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return None, UNREADABLE
    if done.returncode < 0:
        return None, UNREADABLE
    if done.returncode:
        raise RuntimeError(f"{PROBE.name} failed: {done.stderr.decode(errors='replace')[-500:]}")
    answer = json.loads(done.stdout)
    return answer["content"], _flaw(answer["fault"], answer["detail"])


def _flaw(fault: str, detail: str) -> Flaw | None:
    return Flaw(reason := Reason(fault), detail or DETAILS.get(reason, "")) if fault else None

"""Checks PDF and OLE files: the end of a PDF here, the rest in child processes with limits (fileprobes)."""

import json
import logging
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from creation.lib import fileprobes, sandbox

from .refusals import InvalidFile, Reason

PROBES = Path(fileprobes.__file__).with_name("run.py")
MEMORY_MEGABYTES, CPU_SECONDS = 1024, 20
TIMEOUT_SECONDS = 90  # of a machine that is busy
logger = logging.getLogger(__name__)
PDF_TAIL = 8192
DETAILS = {Reason.TRUNCATED: "后面缺了一段", Reason.DAMAGED: "文件结构有误"}
UNREADABLE = InvalidFile(Reason.DAMAGED, DETAILS[Reason.DAMAGED])


@dataclass(frozen=True)
class OleReport:
    """What the child found in a compound file: doc, xls, ppt or None; a fault; codes of fields; packages inside."""

    content: str | None
    fault: InvalidFile | None
    codes: list[str]
    packages: list[Path]


def check_pdf(path: Path) -> None:
    """Raise InvalidFile unless the PDF has its end, opens without a password, has a page, and nothing in it acts, fetches or hides."""
    if not _has_pdf_end(path):
        raise InvalidFile(Reason.TRUNCATED, "缺少结尾部分")
    if fault := _invalid_file(_run_probe("pdf", path)):
        raise fault


def _has_pdf_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - PDF_TAIL))
        tail = file.read()
    return b"startxref" in tail and b"%%EOF" in tail


@contextmanager
def opened_ole(path: Path) -> Iterator[OleReport]:
    """Yield the child's report. The packages found inside are deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="ole-", ignore_cleanup_errors=True) as folder:
        answer = _run_probe("ole", path, folder)
        packages = sorted(Path(folder).iterdir())
        yield OleReport(answer.get("content"), _invalid_file(answer), answer.get("codes", []), packages)


def _run_probe(probe: str, path: Path, *more: str) -> dict[str, Any]:
    """Return the child's answer. If the child is killed or takes too long, the file counts as unreadable."""
    command = sandbox.limited(MEMORY_MEGABYTES, CPU_SECONDS, "may", *sandbox.own(PROBES, probe, str(path), *more))
    environment = sandbox.environment(Path(tempfile.gettempdir()))
    unreadable = {"fault": Reason.DAMAGED.value, "detail": DETAILS[Reason.DAMAGED]}
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return unreadable
    if done.returncode < 0:
        return unreadable
    if done.returncode:  # the installation is at fault, not the file
        raise RuntimeError(f"The probe {probe} failed: {done.stderr.decode(errors='replace')[-500:]}")
    if done.stderr:
        logger.error("The probe %s could not judge a file: %s", probe, done.stderr.decode(errors="replace")[-500:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _invalid_file(answer: dict[str, Any]) -> InvalidFile | None:
    if not answer["fault"]:
        return None
    reason = Reason(answer["fault"])
    return InvalidFile(reason, answer["detail"] or DETAILS.get(reason, ""))

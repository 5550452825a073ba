"""The programs that open strangers' files for us: ours that draws, and LibreOffice that turns Office files into PDF."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from creation.working import Failed

HERE = Path(__file__).parent
DRAW_MEGABYTES, DRAW_SECONDS = 1500, 240
OFFICE_MEGABYTES, OFFICE_SECONDS = 6000, 120
AS_OFFICE = {"wps": "doc", "et": "xls", "dps": "ppt"}  # the same formats under the names of WPS
# A document may run nothing, and fetch nothing from anywhere.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
</item></oor:items>
"""


def office() -> str | None:
    """LibreOffice's program, where it is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def draw(kind: str, source: Path, folder: Path) -> Iterator[dict[str, int]]:
    """Draw into ``folder``, telling of every page. Raises Failed when the program gives up or takes too long."""
    command = [sys.executable, "-I", str(HERE / "drawing.py"), kind, str(source), str(folder)]
    with _limited(command, DRAW_MEGABYTES, DRAW_SECONDS, folder) as child:
        for line in child.stdout:
            yield json.loads(line)
        if child.wait():
            raise Failed("这个文件画不出预览，请下载查看。")


def to_pdf(source: Path, extension: str, folder: Path) -> Path:
    """The Office file as a PDF in ``folder``. Raises Failed when LibreOffice cannot."""
    program = office()
    if program is None:
        raise Failed("服务器没有安装 LibreOffice，请下载查看。")
    paper = folder / f"source.{AS_OFFICE.get(extension, extension)}"
    shutil.copyfile(source, paper)  # never the kept file itself
    command = [program, *_options(folder), "--convert-to", "pdf", "--outdir", str(folder), str(paper)]
    with _limited(command, OFFICE_MEGABYTES, OFFICE_SECONDS, folder) as child:
        child.stdout.read()
        child.wait()
    made = paper.with_suffix(".pdf")
    if not made.exists():
        raise Failed("这个文件转不成页面，请下载查看。")
    return made


def _options(folder: Path) -> list[str]:
    """A profile of this run's own: two runs must not meet in one."""
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(PROFILE, "utf-8")
    return [f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck"]


@contextmanager
def _limited(command: list[str], megabytes: int, seconds: int, folder: Path) -> Iterator[Any]:
    """The running program; it and all its children are ended after ``seconds``, or when the caller leaves."""
    limits = [sys.executable, "-I", str(HERE / "limited.py"), str(megabytes), str(seconds)]
    child = subprocess.Popen(
        [*limits, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8"},
    )
    timer = threading.Timer(seconds, _end, [child])
    timer.start()
    try:
        with child:
            yield child
            timer.cancel()
    finally:
        timer.cancel()
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """The whole group: LibreOffice starts children of its own."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)

"""Runs the programs that open uploaded files: our renderers, and LibreOffice to convert Office files to PDF."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from creation.lib import ofd, sandbox
from creation.lib.limited import NO_FILTER
from creation.lib.refusals import Refusal

DRAWER = Path(__file__).with_name("render_pages.py")
FITTER = Path(__file__).with_name("fit_sheets.py")
OFD_CONVERTER = Path(ofd.__file__).with_name("run.py")
FIT_MEGABYTES, FIT_SECONDS = 1000, 30
OFD_MEGABYTES, OFD_SECONDS = 1500, 120
RENDER_MEGABYTES, RENDER_SECONDS = 1500, 240
OFFICE_MEGABYTES, OFFICE_SECONDS = 6000, 120
OFFICE_EXTENSION_OF = {"wps": "doc", "et": "xls", "dps": "ppt"}  # WPS's names for the same formats
# LibreOffice's settings: no macros, and no network access.
LIBREOFFICE_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
</item></oor:items>
"""


def libreoffice_path() -> str | None:
    """Return the path of LibreOffice, or None if it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def render_pages(kind: str, source: Path, folder: Path, first: int, last: int) -> Iterator[dict[str, int]]:
    """Render pages ``first`` to ``last`` into ``folder``, yielding the progress. Raises Refusal if it fails or takes too long."""
    drawer = sandbox.own(DRAWER, kind, str(source), str(folder), str(first), str(last))
    with Running(sandbox.limited(RENDER_MEGABYTES, RENDER_SECONDS, "may", *drawer), RENDER_SECONDS, folder) as child:
        for line in child.output:
            yield json.loads(line)
        if child.wait():
            raise Refusal(child.sentence("这个文件画不出预览，请下载查看。", "生成预览"))


def to_pdf(source: Path, extension: str, folder: Path) -> Path:
    """Convert an Office file or OFD to PDF in ``folder``, wide sheets on pages of their width. Raises Refusal if that fails."""
    if extension == "ofd":
        return _drawn_ofd(source, folder / "source.pdf")
    copy = folder / f"source.{OFFICE_EXTENSION_OF.get(extension, extension)}"
    shutil.copyfile(source, copy)  # never pass the stored file itself
    if copy.suffix == ".xls":
        copy = converted(copy, "xlsx", folder)
    return converted(_fitted(copy) if copy.suffix == ".xlsx" else copy, "pdf", folder)


def _drawn_ofd(source: Path, target: Path) -> Path:
    if sandbox.run(OFD_MEGABYTES, OFD_SECONDS, OFD_SECONDS, OFD_CONVERTER, str(source), str(target)) is None:
        raise Refusal("这个 OFD 画不出页面，可能已损坏或格式特殊，请下载后用 OFD 阅读软件查看。")
    return target


def converted(source: Path, extension: str, folder: Path, seconds: int | None = None) -> Path:
    """Return the Office file in another format, made beside it in ``folder``. Raises Refusal if LibreOffice fails or takes longer than
    ``seconds``, or OFFICE_SECONDS.
    """
    program = libreoffice_path()
    if program is None:
        raise Refusal("服务器没有安装 LibreOffice，请下载查看。")
    limit = seconds or OFFICE_SECONDS
    options = [*_libreoffice_options(folder), "--convert-to", extension, "--outdir", str(folder), str(source)]
    command = sandbox.isolated(OFFICE_MEGABYTES, limit, folder, Path(program), *options)
    with Running(command, limit, folder) as child:
        child.output.read()
        code = child.wait()
    made = source.with_suffix(f".{extension}")
    if code or not made.exists():
        raise Refusal(child.sentence("这个文件转不成页面，可能已损坏或格式特殊，请下载查看。", "转换"))
    return made


def _fitted(workbook: Path) -> Path:
    """Return the workbook with its wide sheets fitted; as it was if that fails, as a preview that is cut is better than none."""
    fitted = workbook.with_name("fitted.xlsx")
    done = sandbox.run(FIT_MEGABYTES, FIT_SECONDS, FIT_SECONDS, FITTER, str(workbook), str(fitted))
    return workbook if done is None else fitted


def _libreoffice_options(folder: Path) -> list[str]:
    """Return options with a profile of its own for each run, because concurrent runs cannot share one."""
    user = folder / "profile" / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(LIBREOFFICE_PROFILE, "utf-8")
    return [f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck"]


class Running:
    """A running program. It and its children are killed after ``seconds``, or at the end of the block."""

    def __init__(self, command: list[str], seconds: int, folder: Path) -> None:
        self.seconds, self.late = seconds, False
        self.child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=sandbox.environment(folder),
        )
        self.timer = threading.Timer(seconds, self._too_late)

    def __enter__(self) -> Self:
        self.timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.timer.cancel()
        self._end()
        self.output.close()
        self.child.wait()

    @property
    def output(self) -> Any:
        return self.child.stdout

    def wait(self) -> int:
        return self.child.wait()

    def sentence(self, otherwise: str, doing: str) -> str:
        """Return why the program failed, for the reader. ``doing``: what it was to do; ``otherwise``: the sentence for any other cause."""
        if self.late:
            return f"{doing}超过 {self.seconds} 秒，已停止。请下载查看。"
        if self.child.returncode == NO_FILTER:
            return "服务器不能为转换程序隔断网络，为安全起见不转换。请下载查看；运维人员可查阅运维手册 Previews 一节。"
        return otherwise

    def _too_late(self) -> None:
        self.late = True
        self._end()

    def _end(self) -> None:
        """Kill the process group, including LibreOffice's children. Bubblewrap also ends processes that left the group."""
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)

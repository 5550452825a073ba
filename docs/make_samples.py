"""Write docs/samples: the ledger of one unit and of section 4 of the demonstration, and the annexes 1 and 3, as Excel files and as page
images; the papers in Word (``word_samples.py``).

    .venv/bin/python docs/make_samples.py [--small]

Needs LibreOffice. Every printed page of the PDF is checked: paper size, no empty page, repeated headings, no text below 8 points. Of
总台账 the first pages and the last are kept, of every other sheet the first. ``--small`` checks a fifth of the demonstration and keeps
no pages.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import word_samples
from demo_site import DOCS, demonstration

SAMPLES = DOCS / "samples"
KEPT = 3  # pages of a ledger
A3, A4 = (1190.6, 841.9), (595.3, 841.9)  # points; landscape, portrait
LEDGER = "总台账"
LEDGER_TITLE = "工作台账填报单位"  # 附件2 above it may be in the title of a piece as well
TITLES = {  # text on the first page of a sheet
    "工作台账汇总": "汇总", "（本期变化）": "本期变化", LEDGER_TITLE: LEDGER, "（印证资料目录）": "印证资料目录",
    "（问题整改）": "问题整改",
    "（联络员）": "联络员", "附件1": "附件1", "附件3": "附件3",
}  # fmt: skip
SMALLEST = 8.0  # points in print
HEADINGS = ("序号", "一级指标", "三级指标", "责任单位", "工作措施", "存在问题", "备注")
EMPTY = 60  # characters: a page with fewer contains only its header
PIXELS_A_POINT = 1.5
COLOURS = 12


def main() -> None:
    office = shutil.which("soffice")
    if not office:
        sys.exit("LibreOffice 未安装 (soffice is not installed): the samples cannot be printed.")
    small = "--small" in sys.argv
    with tempfile.TemporaryDirectory() as thrown_away, demonstration(share=0.2 if small else 1):
        folder = Path(thrown_away) if small else SAMPLES
        made = {**parts(), "附件1任务分解表": {"annex": 1}, "附件3联络员信息表": {"annex": 3}}
        problems = [each for name, part in made.items() for each in sample(folder / f"{name}.xlsx", part, office)]
        problems += word_samples.all_of(folder, lambda paper, folder: printed(paper, folder, office))
    if problems:
        sys.exit("\n".join(problems))


def parts() -> dict[str, dict[str, Any]]:
    """Return file names and the part of the campaign in each ledger: a unit with answers of many kinds, and section 4."""
    from django.db.models import Count, Q

    from creation.models import Task, TaskStatus

    answered = (
        Task.objects.active()
        .values("unit__short_name")
        .annotate(
            kinds=Count("status", distinct=True),
            rows=Count("pk"),
            done=Count("pk", filter=Q(status=TaskStatus.APPROVED)),
        )
    )
    unit = answered.order_by("-kinds", "-done", "unit__short_name")[0]["unit__short_name"]
    return {"台账-一个单位": {"unit": unit}, "台账-第四部分": {"section": "4"}}


def sample(book: Path, part: dict[str, Any], office: str) -> list[str]:
    """Write one ledger and its pages; return the faults found."""
    from django.core.management import call_command

    from creation.models import Campaign

    call_command("ledger", campaign=str(Campaign.objects.get().pk), output=book, **part)
    book.chmod(0o644)
    for old in book.parent.glob(f"{book.stem}-*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        return [f"{book.stem}: {each}" for each in pages_of(printed(book, Path(folder), office), book)]


def printed(book: Path, folder: Path, office: str) -> Path:
    """Return the whole file as PDF, made with a LibreOffice profile of its own."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / f"{book.stem}.pdf"


def pages_of(pdf: Path, book: Path) -> list[str]:
    """Check each printed page and keep some as images. 数据, the last sheet, is not for print."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    texts = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    end = next((number for number, text in enumerate(texts) if "编号一级指标" in text), len(texts))
    sheets = sheet_names(texts[:end])
    problems = [
        f"page {number + 1} ({sheet}): {each}"
        for number, sheet in enumerate(sheets)
        for each in faults(document[number], texts[number], sheet, A4 if "附件3" in book.stem else A3)
    ]
    ledger = [number for number, sheet in enumerate(sheets) if sheet == LEDGER]
    for place, number in enumerate(dict.fromkeys([*ledger[: KEPT - 1], *ledger[-1:]]), 1):
        keep(document[number], book.with_name(f"{book.stem}-{place:02}.png"))
    for sheet in dict.fromkeys(sheets):
        if sheet != LEDGER:
            keep(document[sheets.index(sheet)], book.with_name(f"{book.stem}-{sheet}.png"))
    print(f"{book.stem}: {end} printed pages, {len(problems)} faults")
    return problems if end else ["no printed page"]


def sheet_names(texts: list[str]) -> list[str]:
    """Return the sheet of each page. Only the first page of a sheet has a title."""
    names: list[str] = []
    for text in texts:
        found = next((name for mark, name in TITLES.items() if mark in text), names[-1] if names else "")
        names.append("分单位" if found == LEDGER and LEDGER_TITLE in text and LEDGER in names else found)
    return names


def faults(page: object, text: str, sheet: str, paper: tuple[float, float]) -> list[str]:
    """Return the faults of a printed page."""
    width, height = page.get_size()  # type: ignore[attr-defined]
    found = []
    if abs(width - paper[0]) > 2 or abs(height - paper[1]) > 2:
        found.append(f"{width:.0f} × {height:.0f} points is not its paper")
    if missing := [heading for heading in HEADINGS if sheet in (LEDGER, "分单位") and heading not in text]:
        found.append(f"the head lacks {'、'.join(missing)}")
    if len(text) < EMPTY:
        found.append(f"nearly empty: {text}")
    if (size := smallest(page)) < SMALLEST:
        found.append(f"text of {size:.1f} points")
    return found


def smallest(page: object) -> float:
    """Return the smallest font size on a page, in points as printed."""
    from pypdfium2 import raw

    text = page.get_textpage()  # type: ignore[attr-defined]
    sizes = [raw.FPDFText_GetFontSize(text, index) for index in range(text.count_chars())]
    return min((round(size, 2) for size in sizes if size > 1), default=99.0)


def keep(page: object, path: Path) -> None:
    """Save a page as a small image; few colors suffice for text and lines."""
    picture = page.render(scale=PIXELS_A_POINT).to_pil()  # type: ignore[attr-defined]
    picture.convert("L").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()

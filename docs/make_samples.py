"""Writes docs/samples: the printed ledger of one unit and of section 4 of the demonstration, as Excel and as pages.

    .venv/bin/python docs/make_samples.py

Needs LibreOffice, and says so. Every page of the whole PDF is checked: A3 landscape, nothing empty, the head repeated, no text
below 8 points. Of many pages the first ones and the last are kept.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from demo_house import DOCS, demonstration

SAMPLES = DOCS / "samples"
KEPT = 3  # pages of a ledger
A3 = (1190.6, 841.9)  # points, landscape
SMALLEST = 8.0  # points in print
HEADINGS = ("序号", "一级指标", "三级指标", "责任单位", "工作措施", "存在问题", "备注")
EMPTY = 200  # characters: a page with fewer holds its head alone
PIXELS_A_POINT = 1.5
COLOURS = 12


def main() -> None:
    office = shutil.which("soffice")
    if not office:
        sys.exit("LibreOffice 未安装 (soffice is not installed): the samples cannot be printed.")
    SAMPLES.mkdir(exist_ok=True)
    with demonstration():
        problems = [each for name, part in parts().items() for each in sample(name, part, office)]
    if problems:
        sys.exit("\n".join(problems))


def parts() -> dict[str, dict[str, str]]:
    """File names and the part of the campaign that each ledger holds: a unit whose answers are of many kinds, and section 4."""
    from django.db.models import Count, Q

    from creation.models import Task, TaskStatus

    answered = (
        Task.objects.live()
        .values("unit__short_name")
        .annotate(
            kinds=Count("status", distinct=True),
            rows=Count("pk"),
            done=Count("pk", filter=Q(status=TaskStatus.APPROVED)),
        )
    )
    unit = answered.order_by("-kinds", "-done", "unit__short_name")[0]["unit__short_name"]
    return {"台账-一个单位": {"unit": unit}, "台账-第四部分": {"section": "4"}}


def sample(name: str, part: dict[str, str], office: str) -> list[str]:
    """Write one ledger and its pages; gives what is wrong with them."""
    from django.core.management import call_command

    from creation.models import Campaign

    book = SAMPLES / f"{name}.xlsx"
    call_command("ledger", campaign=str(Campaign.objects.get().pk), output=book, **part)
    book.chmod(0o644)
    for old in SAMPLES.glob(f"{name}-*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        return [f"{name}: {each}" for each in pages_of(printed(book, Path(folder), office), name)]


def printed(book: Path, folder: Path, office: str) -> Path:
    """The whole workbook as PDF, made with a LibreOffice profile of its own."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / f"{book.stem}.pdf"


def pages_of(pdf: Path, name: str) -> list[str]:
    """Check each page of the printed sheet and keep some as pictures."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    texts = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    end = next((number for number, text in enumerate(texts) if "编号一级指标" in text), len(texts))
    ledger = range(next((number for number in range(end) if "附件2" in texts[number]), end), end)
    problems = [f"page {number + 1}: {each}" for number in ledger for each in faults(document[number], texts[number])]
    for number in dict.fromkeys([*ledger[: KEPT - 1], *ledger[-1:]]):
        keep(document[number], SAMPLES / f"{name}-{number - ledger.start + 1:02}.png")
    print(f"{name}: {len(ledger)} pages, {len(problems)} faults")
    return problems if ledger else ["no page of the printed ledger"]


def faults(page: object, text: str) -> list[str]:
    """What is wrong with a page of 总台账, which stands between 汇总 and 数据 (for filtering, not for print)."""
    width, height = page.get_size()  # type: ignore[attr-defined]
    found = []
    if abs(width - A3[0]) > 2 or abs(height - A3[1]) > 2:
        found.append(f"{width:.0f} × {height:.0f} points is not A3 landscape")
    if missing := [heading for heading in HEADINGS if heading not in text]:
        found.append(f"the head lacks {'、'.join(missing)}")
    if len(text) < EMPTY:
        found.append("empty but for its head")
    if (size := smallest(page)) < SMALLEST:
        found.append(f"text of {size:.1f} points")
    return found


def smallest(page: object) -> float:
    """The smallest size of type on a page, in points as printed."""
    import pypdfium2.raw as raw

    text = page.get_textpage()  # type: ignore[attr-defined]
    sizes = [raw.FPDFText_GetFontSize(text, index) for index in range(text.count_chars())]
    return min((round(size, 2) for size in sizes if size > 1), default=99.0)


def keep(page: object, path: Path) -> None:
    """A page as a small picture: few colours are enough for lines and letters."""
    picture = page.render(scale=PIXELS_A_POINT).to_pil()  # type: ignore[attr-defined]
    picture.convert("L").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()

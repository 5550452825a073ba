"""The printed ledger: LibreOffice converts it to PDF, whose pages are read."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.utils import timezone
from pypdfium2 import raw

from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle
from creation.models import Progress, Submission, Task, Unit, User
from reports import scopes
from reports.ledger import COLUMNS, write_ledger
from tests.support.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.needs_libreoffice, pytest.mark.needs_fonts]
A3 = (1191, 842)  # points, landscape
TEXT = "对照要点组织自查，补齐制度文件和过程记录，发现的问题列出清单、逐项整改。"
LONG = "第{}轮检查发现的问题已全部整改到位并报区政府备案。"
HEADINGS = [column.heading.replace("\n", "") for column in COLUMNS]


@pytest.fixture
def pages(db: Any, tmp_path: Path) -> Iterator[list[Any]]:
    """Yield the text pages of the printed sheet of section 4: about 500 rows with texts of any length."""
    campaign = campaign_lifecycle.prepare_campaign("yuanhui", 2026, Actor(None, NOW))
    person = User.objects.create_user("x", name="张甲子", unit=Unit.objects.all()[0])
    tasks = list(Task.objects.filter(campaign=campaign, indicator__code__startswith="4-"))
    for number, task in enumerate(tasks):
        results = "".join(LONG.format(n) for n in range(90)) if number == 7 else TEXT * (number % 3)
        Submission.objects.create(
            task=task,
            number=1,
            mode="upload",
            measures=TEXT * (number % 4),
            results=results,
            handed_on=NOW.date(),
            created_by=person,
            created_at=NOW,
            digest="0",
        )
        if number % 3 == 0:
            Progress.objects.create(
                task=task, day=NOW.date(), text=TEXT, problem="人手不足", created_by=person, created_at=NOW
            )
    part = scopes.scope_of(campaign, None, {"section": "4"}, timezone.now())
    book = tmp_path / "ledger.xlsx"
    write_ledger(scopes.ledger_request_of(campaign, part, None, NOW), book)
    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation=file://{tmp_path}/office",
            "--convert-to",
            "pdf",
            "--outdir",
            tmp_path,
            book,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    document = pypdfium2.PdfDocument(tmp_path / "ledger.pdf")
    yield [page for page in document if page.get_textpage().count_chars()]
    document.close()


def squeezed(page: Any) -> str:
    return re.sub(r"\s+", "", page.get_textpage().get_text_bounded())


def test_the_printed_ledger_needs_no_retouching(pages: list[Any]) -> None:
    texts = [squeezed(page) for page in pages]
    printed = [
        (page, text) for page, text in zip(pages, texts, strict=True) if "工作措施" in text and "印证资料要求" in text
    ]
    ledger = [(page, text) for page, text in printed if "编号一级指标" not in text]
    # Every page is an A3 sheet: no column continues on another sheet, and no page is empty.
    assert {tuple(round(side) for side in page.get_size()) for page in pages} == {A3}
    assert len(ledger) > 10
    # Each page of the ledger has the headings and the levels of its rows.
    for _, text in ledger[:-1]:
        assert [heading for heading in HEADINGS if heading not in text] == []
        assert "4行政执法严格规范公正文明" in text
    # The long answer is complete and in order, over several rows.
    whole = "".join(text for _, text in ledger)
    assert [n for n in range(90) if LONG.format(n)[:6] not in whole] == []
    # Nothing is printed smaller than 8 points.
    sizes = {round(size, 1) for page, _ in ledger for size in sizes_of(page)}
    assert min(sizes) >= 8


def sizes_of(page: Any) -> set[float]:
    """Return the heights of the characters' boxes in points: font size times the page's scale."""
    text = page.get_textpage()
    found = set()
    for index in range(text.count_chars()):
        if raw.FPDFText_GetUnicode(text, index) > 0x4E00:
            found.add(raw.FPDFText_GetFontSize(text, index))
    return found

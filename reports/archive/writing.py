"""What the documents of an archive package have in common: facts with their labels, and points in time."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from docx.document import Document

from reports.word import layout


def add_facts(document: Document, facts: Iterable[tuple[str, str]]) -> None:
    """Add a paragraph for each label and text; nothing where the text is empty."""
    for label, text in facts:
        if text:
            layout.add_text(document, text, lead=f"{label}：")


def minute(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""

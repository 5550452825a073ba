"""Parses a fetched page in a separate program, so that a page that crashes or exhausts the parser does no harm."""

import json
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from creation.evidence.links.fetching import FetchedPage
from creation.lib import sandbox

PARSER_PROGRAM = Path(__file__).with_name("parse_page.py")
MEMORY_MEGABYTES, TIMEOUT_SECONDS = 400, 10


@dataclass(frozen=True)
class PageContent:
    """The content of a page; all fields are empty if it is not text."""

    title: str = ""
    day: date | None = None
    text: str = ""


def read_page(answer: FetchedPage) -> PageContent:
    if not answer.body:
        return PageContent()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "page"
        page.write_bytes(answer.body)
        charset = answer.charset[:40].replace("\0", "")
        output = sandbox.run(MEMORY_MEGABYTES, TIMEOUT_SECONDS, TIMEOUT_SECONDS, PARSER_PROGRAM, str(page), charset)
        with suppress(ValueError, KeyError):
            found = json.loads(output or b"{}")
            day = date.fromisoformat(found["day"]) if found["day"] else None
            return PageContent(str(found["title"]), day, str(found["text"]))
    return PageContent()

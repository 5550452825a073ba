"""A separate program that parses an untrusted web page: title, date of publication and the main text.

    python -I parse_page.py FILE CHARSET

Prints one line of JSON: {"title": "…", "day": "2026-03-05" or "", "text": "…"}.
"""

import codecs
import json
import re
import sys
from contextlib import suppress
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

MAX_TEXT, MAX_TITLE = 20_000, 200
SKIPPED_TAGS = {
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "nav",
    "footer",
    "aside",
    "form",
    "select",
    "iframe",
    "object",
}
BLOCK_TAGS = {
    "p",
    "div",
    "br",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "table",
    "ul",
    "ol",
    "dd",
    "dt",
}
# Names of meta tags of Chinese government sites by 国办发〔2019〕19号 (PubDate, ArticleTitle), then common ones.
DATE_META_NAMES = (
    "pubdate",
    "publishdate",
    "article:published_time",
    "datepublished",
    "publish_time",
    "createdate",
    "date",
)
TITLE_META_NAMES = ("articletitle", "og:title")
CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,30})""", re.IGNORECASE)
DATE_PATTERN = r"(20\d\d)\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})"
LABELLED_DATE = re.compile(r"(?:发布|发表|时间|日期|来源)[^\d\n]{0,12}" + DATE_PATTERN)
DATE_WITH_TIME = re.compile(DATE_PATTERN + r"日?\s+\d{1,2}:\d\d")
# Defaults of servers, which mean nothing.
WESTERN_CHARSETS = {
    "iso-8859-1",
    "latin-1",
    "latin1",
    "windows-1252",
    "us-ascii",
    "ascii",
}


class PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.title: list[str] = []
        self.meta: dict[str, str] = {}
        self.skipped: list[str] = []
        self.in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "meta":
            self._name(dict(attrs))
        elif tag == "title":
            self.in_title = not self.skipped
        elif tag in SKIPPED_TAGS:
            self.skipped.append(tag)
        if tag in BLOCK_TAGS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.in_title = False
        elif tag in self.skipped:
            del self.skipped[self.skipped.index(tag) :]
        if tag in BLOCK_TAGS:
            self.texts.append("\n")

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title.append(data)
        elif not self.skipped:
            self.texts.append(data)

    def _name(self, attrs: dict[str, str | None]) -> None:
        name = (attrs.get("name") or attrs.get("property") or attrs.get("itemprop") or "").strip().lower()
        if name and attrs.get("content"):
            self.meta.setdefault(name, str(attrs["content"]))


def decode(body: bytes, charset: str) -> str:
    """Decode the body: as UTF-8 if valid, then as declared, then as GB 18030, the usual encoding of other Chinese pages."""
    for name in ("utf-8", charset, *_declared_charsets(body), "gb18030"):
        if not name or name.lower() in WESTERN_CHARSETS:
            continue
        with suppress(UnicodeDecodeError, LookupError, ValueError):
            return codecs.getincrementaldecoder(name)().decode(body)  # an incomplete character at the end is left out
    return body.decode("utf-8", "replace")


def _declared_charsets(body: bytes) -> list[str]:
    found = CHARSET.search(body[:4096])
    return [found[1].decode("ascii")] if found else []


def normalize_space(text: str) -> str:
    kept = "".join(sign for sign in text if sign == "\n" or sign.isprintable() or sign.isspace())
    lines = (" ".join(line.split()) for line in kept.split("\n"))
    return "\n".join(line for line in lines if line)


def publication_date(page: PageParser, text: str) -> str:
    for name in DATE_META_NAMES:
        if found := iso_date(re.search(DATE_PATTERN, page.meta.get(name, ""))):
            return found
    head = text[:3000]
    return iso_date(LABELLED_DATE.search(head)) or iso_date(DATE_WITH_TIME.search(head))


def iso_date(found: re.Match[str] | None) -> str:
    with suppress(ValueError):
        return date(*map(int, found.groups())).isoformat() if found else ""
    return ""


def parse_page(body: bytes, charset: str) -> dict[str, str]:
    page = PageParser()
    page.feed(decode(body, charset).replace("\0", ""))
    page.close()
    text = normalize_space("".join(page.texts))
    title = next((page.meta[name] for name in TITLE_META_NAMES if page.meta.get(name, "").strip()), "".join(page.title))
    return {
        "title": normalize_space(title).replace("\n", " ")[:MAX_TITLE],
        "day": publication_date(page, text),
        "text": text[:MAX_TEXT],
    }


if __name__ == "__main__":
    print(json.dumps(parse_page(Path(sys.argv[1]).read_bytes(), sys.argv[2])))

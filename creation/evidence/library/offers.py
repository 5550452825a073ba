"""What a file says of itself, offered for the fields that describe it. Nothing is filled in until a person accepts it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from creation.audit.trail import Actor
from creation.evidence import pieces
from creation.lib import filenames
from creation.models import Evidence, EvidenceKind, EvidenceVersion, Extract, ExtractState, Upload

LABELS = {"title": "题名", "doc_number": "文号", "dated_on": "成文日期", "issuer": "责任者"}
LONGEST = {"title": 200, "doc_number": 60, "issuer": 80}
PAPERS = "通知|通报|报告|意见|方案|决定|办法|规定|公告|公示|批复|请示|函|纪要|总结|计划|清单"
TITLE = re.compile(rf"(?:[\u4e00-\u9fff]{{2,20}})?关于[^。；\n]{{2,80}}?的(?:{PAPERS})")
HEADING = re.compile(r"^[ 　]*([\u4e00-\u9fff][\u4e00-\u9fff 　]{3,40})文[ 　]*件[ 　]*$", re.MULTILINE)
JUNK = re.compile(r"microsoft|untitled|无标题|文档\d|新建|\.(?:docx?|pdf|indd|cdr)$|^[\x00-\x7f]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Offer:
    """``field`` could be ``value``, says ``source``."""

    field: str
    value: Any
    source: str

    @property
    def label(self) -> str:
        return LABELS[self.field]

    @property
    def key(self) -> str:
        return f"{self.field}={self.value}"


@dataclass(frozen=True, slots=True)
class Found:
    """``waiting``: the file has not been read yet."""

    offers: list[Offer]
    waiting: bool


def of(piece: Evidence) -> Found:
    """What the newest version of the piece offers; nothing that stands there already."""
    version = piece.versions.order_by("-number").select_related("extract").first()
    if version is None or not version.blob:
        return Found([], False)
    extract: Extract | None = getattr(version, "extract", None)
    said = list(_all(piece, version, extract))
    if piece.dated_on is None and not any(offer.value for offer in said if offer.field == "dated_on"):
        said.append(_last_changed(piece))
    every = {offer.key: offer for offer in said if _is_news(piece, offer)}
    return Found(list(every.values()), extract is None or extract.state == ExtractState.READING)


def _is_news(piece: Evidence, offer: Offer) -> bool:
    there = getattr(piece, offer.field)
    return bool(offer.value) and offer.value != there and len(str(offer.value)) <= LONGEST.get(offer.field, 20)


def _all(piece: Evidence, version: EvidenceVersion, extract: Extract | None) -> Iterator[Offer]:
    page, facts = (extract.first_page, extract.facts) if extract else ("", {})
    told = {name: value for name, value in facts.items() if isinstance(value, str)}
    yield from _of_page(page)
    if piece.kind == EvidenceKind.IMAGE and (day := _day(told.get("taken"))):
        yield Offer("dated_on", day, "照片拍摄时间")
    name = filenames.offered(version.given_name)
    yield Offer("doc_number", name.doc_number or "", "文件名")
    yield Offer("dated_on", name.dated_on, "文件名")
    if (title := told.get("title", "")) and not JUNK.search(title):
        yield Offer("title", title, "文件属性")
    if piece.dated_on is None and not name.dated_on and (day := _day(told.get("created"))):
        yield Offer("dated_on", day, "文件属性")


def _last_changed(piece: Evidence) -> Offer:
    """Often no day of the paper, but the only one there is."""
    sent = Upload.objects.filter(evidence=piece).exclude(finished_at=None).order_by("-finished_at")
    return Offer("dated_on", sent.values_list("modified_on", flat=True).first(), "文件修改日期")


def _of_page(page: str) -> Iterator[Offer]:
    flat = re.sub(r"\s+", "", page)
    if found := TITLE.search(flat):
        yield Offer("title", found[0], "首页")
    yield Offer("doc_number", filenames.doc_number_in(page) or "", "首页")
    if heading := HEADING.search(page):
        yield Offer("issuer", re.sub(r"\s", "", heading[1]), "首页")
    if days := filenames.dates_in(page):
        yield Offer("dated_on", days[-1], "首页")


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year in filenames.YEARS else None


def accept(piece: Evidence, seen: int, keys: list[str], actor: Actor) -> list[Offer]:
    """Take over what was ticked, as far as the file still offers it. Raises Stale when the piece has changed."""
    chosen = [offer for offer in of(piece).offers if offer.key in keys]
    if chosen:
        pieces.edit(piece, seen, {offer.field: offer.value for offer in chosen}, actor)
    return chosen

"""Suggestions for the data of a piece from its file. Nothing is filled in until a person accepts it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from creation.audit.actor import Actor
from creation.evidence import items
from creation.lib import filenames
from creation.models import Evidence, EvidenceKind, EvidenceVersion, Extract, ExtractState, Upload

FIELD_LABELS = {"title": "题名", "doc_number": "文号", "dated_on": "成文日期", "issuer": "责任者"}
MAX_LENGTHS = {"title": 200, "doc_number": 60, "issuer": 80}
DOCUMENT_TYPES = "通知|通报|报告|意见|方案|决定|办法|规定|公告|公示|批复|请示|函|纪要|总结|计划|清单"
TITLE_PATTERN = re.compile(rf"(?:[\u4e00-\u9fff]{{2,20}})?关于[^。；\n]{{2,80}}?的(?:{DOCUMENT_TYPES})")
LETTERHEAD_PATTERN = re.compile(r"^[ 　]*([\u4e00-\u9fff][\u4e00-\u9fff 　]{3,40})文[ 　]*件[ 　]*$", re.MULTILINE)
MEANINGLESS_TITLE = re.compile(
    r"microsoft|untitled|无标题|文档\d|新建|\.(?:docx?|pdf|indd|cdr)$|^[\x00-\x7f]*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MetadataSuggestion:
    """A suggested ``value`` for ``field``; ``source`` says where it comes from."""

    field: str
    value: Any
    source: str

    @property
    def label(self) -> str:
        return FIELD_LABELS[self.field]

    @property
    def key(self) -> str:
        return f"{self.field}={self.value}"


@dataclass(frozen=True, slots=True)
class MetadataSuggestions:
    """The suggestions. ``is_pending`` means that the file has not been read yet."""

    suggestions: list[MetadataSuggestion]
    is_pending: bool


def suggestions_for(evidence: Evidence) -> MetadataSuggestions:
    """Return the suggestions from the newest version of the piece, without values that are set already."""
    version = evidence.versions.order_by("-number").select_related("extract").first()
    return suggestions_for_many([(evidence, version)])[evidence.pk] if version else MetadataSuggestions([], False)


def suggestions_for_many(pieces: Sequence[tuple[Evidence, EvidenceVersion]]) -> dict[int, MetadataSuggestions]:
    """Return the suggestions of many pieces, by key, with one query. Their newest versions come with ``extract``."""
    file_dates = _file_dates([evidence.pk for evidence, version in pieces if version.blob and not evidence.dated_on])
    return {evidence.pk: _suggestions(evidence, version, file_dates) for evidence, version in pieces}


def _suggestions(
    evidence: Evidence, version: EvidenceVersion, file_dates: Mapping[int, date | None]
) -> MetadataSuggestions:
    if not version.blob:
        return MetadataSuggestions([], False)
    extract: Extract | None = getattr(version, "extract", None)
    is_pending = extract is None or extract.state == ExtractState.READING
    candidates = list(_candidates(evidence, version, extract))
    dated = any(suggestion.value for suggestion in candidates if suggestion.field == "dated_on")
    if not dated and not is_pending:  # while the paper is being read, its own date may still come
        candidates.append(MetadataSuggestion("dated_on", file_dates.get(evidence.pk), "文件修改日期"))
    useful = {suggestion.key: suggestion for suggestion in candidates if _is_useful(evidence, suggestion)}
    return MetadataSuggestions(list(useful.values()), is_pending)


def from_name(name: str, kind: str) -> dict[str, Any]:
    """Return title, date and document number that the file's name says. A camera's name says none: then the title is the kind."""
    found = filenames.suggest_from_name(name)
    title = found.title or EvidenceKind(kind).label + (f" {found.dated_on}" if found.dated_on else "")
    doc_number = found.doc_number if found.doc_number and len(found.doc_number) <= MAX_LENGTHS["doc_number"] else ""
    return {"title": title[: MAX_LENGTHS["title"]], "dated_on": found.dated_on, "doc_number": doc_number}


def _is_useful(evidence: Evidence, suggestion: MetadataSuggestion) -> bool:
    current = getattr(evidence, suggestion.field)
    return (
        bool(suggestion.value)
        and suggestion.value != current
        and len(str(suggestion.value)) <= MAX_LENGTHS.get(suggestion.field, 20)
    )


def _candidates(evidence: Evidence, version: EvidenceVersion, extract: Extract | None) -> Iterator[MetadataSuggestion]:
    page, facts = (extract.first_page, extract.facts) if extract else ("", {})
    properties = {name: value for name, value in facts.items() if isinstance(value, str)}
    yield from _from_first_page(page)
    if evidence.kind == EvidenceKind.IMAGE and (day := _parse_day(properties.get("taken"))):
        yield MetadataSuggestion("dated_on", day, "照片拍摄时间")
    name = filenames.suggest_from_name(version.given_name)
    yield MetadataSuggestion("doc_number", name.doc_number or "", "文件名")
    yield MetadataSuggestion("dated_on", name.dated_on, "文件名")
    if (title := properties.get("title", "")) and not MEANINGLESS_TITLE.search(title):
        yield MetadataSuggestion("title", title, "文件属性")
    if evidence.dated_on is None and not name.dated_on and (day := _parse_day(properties.get("created"))):
        yield MetadataSuggestion("dated_on", day, "文件属性")


def _file_dates(undated: list[int]) -> dict[int, date | None]:
    """Return the files' modification dates, by piece: often not the document's date, but it may be the only one."""
    sent = Upload.objects.filter(evidence__in=undated).exclude(finished_at=None).order_by("finished_at")
    return dict(sent.values_list("evidence", "modified_on")) if undated else {}


def _from_first_page(page: str) -> Iterator[MetadataSuggestion]:
    flat = re.sub(r"\s+", "", page)
    if found := TITLE_PATTERN.search(flat):
        yield MetadataSuggestion("title", found[0], "首页")
    yield MetadataSuggestion("doc_number", filenames.doc_number_in(page) or "", "首页")
    if heading := LETTERHEAD_PATTERN.search(page):
        yield MetadataSuggestion("issuer", re.sub(r"\s", "", heading[1]), "首页")
    if days := filenames.dates_in(page):
        yield MetadataSuggestion("dated_on", days[-1], "首页")


def _parse_day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year in filenames.YEARS else None


def accept_suggestions(evidence: Evidence, seen: int, keys: list[str], actor: Actor) -> list[MetadataSuggestion]:
    """Save the chosen suggestions that are still offered, and return them. Raises Stale if the piece has changed."""
    chosen = [suggestion for suggestion in suggestions_for(evidence).suggestions if suggestion.key in keys]
    if chosen:
        items.edit(evidence, seen, {suggestion.field: suggestion.value for suggestion in chosen}, actor)
    return chosen

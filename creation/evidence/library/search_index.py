"""Maintains the search entries. Verbs that change a piece update its entry at once; the scheduler finds missed ones."""

from collections.abc import Iterable

from creation.lib.bigrams import tokenize
from creation.models import Evidence, EvidenceVersion, SearchEntry

BATCH = 500
MOST = 20_000
INDEXED_FIELDS = ("title", "doc_number", "issuer", "place", "people")


def index_missing() -> int:
    """Write missing and outdated entries, ``MOST`` at a time. Return the number."""
    count = 0
    while count < MOST and (evidence := list(Evidence.objects.unindexed().order_by("pk")[:BATCH])):
        update_entries(evidence)
        count += len(evidence)
    return count


def update_entries(evidence: Iterable[Evidence]) -> None:
    """Write the entries of these pieces. The text of a file is kept until the piece has a new version."""
    rows = list(evidence)
    newest = {
        version.evidence_id: version
        for version in EvidenceVersion.objects.filter(evidence__in=rows).order_by("number").defer("url", "sha256")
    }
    known = {entry.evidence_id: entry for entry in SearchEntry.objects.filter(evidence__in=rows)}
    SearchEntry.objects.bulk_create(
        [_build_entry(evidence, newest.get(evidence.pk), known.get(evidence.pk)) for evidence in rows],
        update_conflicts=True,
        unique_fields=["evidence"],
        update_fields=["seen", "number", "head", "body"],
    )


def add_entry(evidence: Evidence, version: EvidenceVersion) -> None:
    """Write the entry of a piece that was created just now, with its first version."""
    _build_entry(evidence, version, None).save(force_insert=True)


def _build_entry(evidence: Evidence, version: EvidenceVersion | None, known: SearchEntry | None) -> SearchEntry:
    texts = [getattr(evidence, name) for name in INDEXED_FIELDS] + [version.given_name if version else ""]
    number = version.number if version else 0
    body = known.body if known and known.number == number else ""
    if version and version.text:
        body = " ".join(tokenize(version.text))
    return SearchEntry(
        evidence=evidence, seen=evidence.version, number=number, head=" ".join(tokenize("\n".join(texts))), body=body
    )


def update_text(version: EvidenceVersion, tokens: str) -> None:
    """Set the text of a file after it was read."""
    evidence = Evidence.objects.get(pk=version.evidence_id)
    if not SearchEntry.objects.filter(evidence=evidence, number=version.number).exists():
        update_entries([evidence])
    SearchEntry.objects.filter(evidence=evidence, number=version.number).update(body=tokens)

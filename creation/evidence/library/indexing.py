"""What search knows of a piece of evidence. Verbs that change a piece write its entry at once; the clock finds what they missed."""

from collections.abc import Iterable

from creation.lib.grams import grams
from creation.models import Evidence, EvidenceVersion, SearchEntry

BATCH = 500
SAID = ("title", "doc_number", "issuer", "place", "people")


def catch_up(most: int = 20_000) -> int:
    """Write the entries of pieces that have none or an old one. Gives the count."""
    count = 0
    while count < most and (pieces := list(Evidence.objects.unindexed().order_by("pk")[:BATCH])):
        write(pieces)
        count += len(pieces)
    return count


def write(pieces: Iterable[Evidence]) -> None:
    """The entries of these pieces as they stand now. The text of a file stays as it was read, until a new version comes."""
    rows = list(pieces)
    newest = {
        version.evidence_id: version
        for version in EvidenceVersion.objects.filter(evidence__in=rows).order_by("number").defer("url", "sha256")
    }
    known = {entry.evidence_id: entry for entry in SearchEntry.objects.filter(evidence__in=rows)}
    SearchEntry.objects.bulk_create(
        [_entry(piece, newest.get(piece.pk), known.get(piece.pk)) for piece in rows],
        update_conflicts=True,
        unique_fields=["evidence"],
        update_fields=["seen", "number", "head", "body"],
    )


def _entry(piece: Evidence, version: EvidenceVersion | None, known: SearchEntry | None) -> SearchEntry:
    said = [getattr(piece, name) for name in SAID] + [version.given_name if version else ""]
    number = version.number if version else 0
    body = known.body if known and known.number == number else ""
    if version and version.text:
        body = " ".join(grams(version.text))
    return SearchEntry(
        evidence=piece, seen=piece.version, number=number, head=" ".join(grams("\n".join(said))), body=body
    )


def write_text(version: EvidenceVersion, tokens: str) -> None:
    """The text of a file that has been read."""
    piece = Evidence.objects.get(pk=version.evidence_id)
    if not SearchEntry.objects.filter(evidence=piece, number=version.number).exists():
        write([piece])
    SearchEntry.objects.filter(evidence=piece, number=version.number).update(body=tokens)

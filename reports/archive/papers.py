"""The numbered papers (用印文件) of a campaign as archive items: each with the scans of its stamped copy."""

from collections.abc import Iterator

from django.utils import timezone

from creation.lib import filenames
from creation.models import Paper, PaperKind
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports.archive.items import ArchiveItem, ArchiveSource

KINDS = {
    PaperKind.LEDGER: ArchiveKind.LEDGER,
    PaperKind.BREAKDOWN: ArchiveKind.BREAKDOWN,
    PaperKind.LIAISONS: ArchiveKind.LIAISONS,
    PaperKind.STATEMENT: ArchiveKind.STATEMENT,
    PaperKind.ON_SITE: ArchiveKind.ON_SITE,
    PaperKind.ASSESSMENT: ArchiveKind.ASSESSMENT,
    PaperKind.BULLETIN: ArchiveKind.BULLETIN,
    PaperKind.CIRCULAR: ArchiveKind.CIRCULAR,
    PaperKind.SUPERVISION: ArchiveKind.SUPERVISION,
    PaperKind.INSPECTION: ArchiveKind.INSPECTION,
    PaperKind.ROUND_NOTICE: ArchiveKind.ROUND,
    PaperKind.ROUND_REPORT: ArchiveKind.INSPECTION,
    PaperKind.FEEDBACK: ArchiveKind.FEEDBACK,
    PaperKind.RECTIFIED: ArchiveKind.RECTIFIED,
    PaperKind.LISTS: ArchiveKind.LISTS,
    PaperKind.APPROVAL: ArchiveKind.APPROVAL,
    PaperKind.DECISION: ArchiveKind.DECISION,
}


def issued_papers(source: ArchiveSource, *kinds: PaperKind) -> list[Paper]:
    """Return the papers of these kinds that are in force, oldest first, each with its scans."""
    papers = Paper.objects.visible_to(source.reader).active().filter(campaign=source.campaign, kind__in=kinds)
    rows = papers.select_related("campaign", "unit", "task__indicator__parent__parent", "task__unit", "task__phase")
    return list(rows.prefetch_related("scans").order_by("serial"))


def papers_with_scans(
    source: ArchiveSource, category: ArchiveCategory, *kinds: PaperKind, folders: tuple[str, ...] = ()
) -> Iterator[ArchiveItem]:
    for paper in issued_papers(source, *kinds):
        if source.may_name(f"{paper.number} {paper.title}", frozenset(paper.evidence)):
            yield paper_item(paper, category, folders)
            yield from scan_items(paper, category, folders)


def paper_item(paper: Paper, category: ArchiveCategory, folders: tuple[str, ...]) -> ArchiveItem:
    return ArchiveItem(
        category,
        KINDS[PaperKind(paper.kind)],
        paper.title,
        filenames.extension(paper.name),
        folders,
        doc_number=paper.number,
        issuer=paper.unit.name,
        dated_on=timezone.localdate(paper.created_at),
        remark=f"校验码 {paper.code}",
        key=paper.blob,
        sha256=paper.sha256,
        evidence=frozenset(paper.evidence),
    )


def scan_items(paper: Paper, category: ArchiveCategory, folders: tuple[str, ...]) -> Iterator[ArchiveItem]:
    for scan in paper.scans.all():
        yield ArchiveItem(
            category,
            KINDS[PaperKind(paper.kind)],
            f"{paper.title}（盖章扫描件）",
            filenames.extension(scan.name),
            folders,
            doc_number=paper.number,
            issuer=paper.unit.name,
            dated_on=timezone.localdate(scan.created_at),
            remark=scan.name,
            key=scan.blob,
            sha256=scan.sha256,
        )

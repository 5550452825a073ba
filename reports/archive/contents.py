"""The contents of an archive package: one reader for each category, in the order of the folders.

A further noun of the campaign is archived by another reader in ``READERS``.
"""

from collections.abc import Iterator

from reports.archive import answers, application, appraisals, findings, office
from reports.archive.items import ArchiveItem, ArchiveSource, ItemReader

READERS: tuple[ItemReader, ...] = (
    office.plans,
    office.ledgers,
    answers.answers,
    findings.findings,
    appraisals.appraisals,
    office.bulletins,
    application.application,
    office.commendation,
    office.chain_head,
)


def read_items(source: ArchiveSource) -> Iterator[ArchiveItem]:
    for reader in READERS:
        yield from reader(source)

"""Closed mock assessments as workbooks: results by unit, every score, what assessors asked for.

One that is still open stays blind and is left out.
"""

from collections.abc import Iterator
from functools import partial

from django.utils import timezone

from creation.models import Appraisal
from creation.operations.archive_catalogue import LackingItem
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports import score_book
from reports.archive.items import ArchiveItem, ArchiveSource


def appraisals(source: ArchiveSource) -> Iterator[ArchiveItem]:
    rows = Appraisal.objects.visible_to(source.reader).filter(campaign=source.campaign)
    for row in rows.select_related("campaign").order_by("starts", "pk"):
        if row.closed_at is None:
            source.lacking.append(LackingItem(row.name, "模拟考核还没有结束评分"))
            continue
        yield ArchiveItem(
            ArchiveCategory.APPRAISALS,
            ArchiveKind.APPRAISAL,
            row.name,
            "xlsx",
            issuer=source.issuer,
            dated_on=timezone.localdate(row.closed_at),
            remark=row.get_kind_display(),
            make=partial(score_book.write, row, source.now),
        )

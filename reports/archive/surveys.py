"""Satisfaction surveys: the results as they are shown, from five answers up. Single answers were promised to stay anonymous."""

from collections.abc import Iterator
from functools import partial

from django.utils import timezone

from creation.models import Survey
from creation.rules.retention import ArchiveCategory, ArchiveKind
from creation.rules.satisfaction import MIN_ANSWERS
from creation.survey import survey_results
from reports import surveys as survey_reports
from reports.archive.items import ArchiveItem, ArchiveSource

TOO_FEW = f"不足 {MIN_ANSWERS} 份"


def surveys(source: ArchiveSource) -> Iterator[ArchiveItem]:
    today = timezone.localdate(source.now)
    for row in Survey.objects.visible_to(source.reader).filter(campaign=source.campaign).order_by("starts", "pk"):
        if row.ends >= today:
            source.leave_out(row.title, f"测评到 {row.ends} 才结束")
            continue
        found = survey_results.results_of(row, today)
        if not found.whole.is_shown:
            source.leave_out(row.title, f"答卷{TOO_FEW}，不显示结果", by_rule=True)
            continue
        source.leave_out(f"{row.title} 的答卷和意见建议原文", "匿名作答，只归档汇总结果", by_rule=True)
        yield ArchiveItem(
            ArchiveCategory.SURVEYS,
            ArchiveKind.SURVEY,
            survey_reports.title_of(row),
            "docx",
            issuer=source.issuer,
            dated_on=row.ends,
            remark=f"{found.answered} 份答卷",
            make=partial(survey_reports.write_word, row, found),
        )

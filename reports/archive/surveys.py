"""Satisfaction surveys: the results as they are shown, from five answers up. Single answers were promised to stay anonymous."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.utils import timezone

from creation.models import Survey
from creation.rules.retention import ArchiveCategory, ArchiveKind
from creation.rules.satisfaction import CHOICES, MIN_ANSWERS, QuestionResult
from creation.survey import surveys as survey_verbs
from creation.survey.surveys import SurveyResults
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.word import layout

TOO_FEW = f"不足 {MIN_ANSWERS} 份"


def surveys(source: ArchiveSource) -> Iterator[ArchiveItem]:
    today = timezone.localdate(source.now)
    for row in Survey.objects.visible_to(source.reader).filter(campaign=source.campaign).order_by("starts", "pk"):
        if row.ends >= today:
            source.leave_out(row.title, f"测评到 {row.ends} 才结束")
            continue
        found = survey_verbs.results_of(row)
        if not found.whole.is_shown:
            source.leave_out(row.title, f"答卷{TOO_FEW}，不显示结果", by_rule=True)
            continue
        source.leave_out(f"{row.title} 的答卷和意见建议原文", "匿名作答，只归档汇总结果", by_rule=True)
        yield ArchiveItem(
            ArchiveCategory.SURVEYS,
            ArchiveKind.SURVEY,
            f"{row.title}结果",
            "docx",
            issuer=source.issuer,
            dated_on=row.ends,
            remark=f"{found.whole.forms} 份答卷",
            make=partial(_write_results, row, found),
        )


def _write_results(row: Survey, found: SurveyResults, path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, f"{row.title}结果", f"{row.starts} 至 {row.ends}")
    if row.intro:
        layout.add_text(document, row.intro)
    whole = f"答卷 {found.whole.forms} 份（其中纸质 {found.by_hand} 份），总体满意率 {_rate(found.whole)}。"
    layout.add_text(document, whole)
    layout.add_text(document, "满意率 =（非常满意＋满意＋基本满意）÷（全部－不了解），误差按 95% 的置信度计算。")
    layout.add_annex_heading(document, "各题结果")
    questions = [
        (f"{number}. {question}", *(str(each.counts.get(key, 0)) for key in CHOICES), _rate(each))
        for number, (question, each) in enumerate(found.questions, 1)
    ]
    layout.add_table(document, ("题目", *CHOICES.values(), "满意率"), questions, (4, *[1] * len(CHOICES), 1.8), (0,))
    units = [
        (each.unit.short_name, f"{each.answered} / {each.quota}", _rate(each.result) if each.result else TOO_FEW)
        for each in found.units
    ]
    if units:
        layout.add_annex_heading(document, "各单位结果")
        layout.add_table(document, ("单位", "答卷 / 计划", "满意率"), units, (3, 2, 2))
    layout.save(document, path, f"{row.title}结果")


def _rate(result: QuestionResult) -> str:
    return "—" if result.rate is None else f"{result.rate}% ± {result.margin}"

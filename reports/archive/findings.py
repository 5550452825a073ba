"""Findings with what became of them, a document each, and the proof of their rectification."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from creation.models import Finding, PaperKind, RectificationPlan, Severity, Submission, Task
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports.archive.answers import add_answer, evidence_of
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.archive.papers import papers_with_scans
from reports.archive.writing import add_facts
from reports.word import layout

Answered = tuple[Task, RectificationPlan | None, list[Submission]]


def findings(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield each finding, withdrawn ones too, with what its units submitted as proof; then the numbered papers about them."""
    tasks = source.tasks.rectifications()
    proof: dict[str, list[ArchiveItem]] = defaultdict(list)
    for piece, item in evidence_of(tasks, source, ArchiveCategory.FINDINGS, ArchiveKind.RECTIFICATION):
        proof[piece.code].append(replace(item, folders=(f"{piece.code} {piece.checkpoint}", piece.unit)))
    rows = Finding.objects.visible_to(source.reader).filter(campaign=source.campaign)
    answered = _answered(source)
    for finding in rows.select_related("campaign", "source", "indicator").order_by("serial"):
        grave = finding.severity == Severity.GRAVE
        yield ArchiveItem(
            ArchiveCategory.FINDINGS,
            ArchiveKind.GRAVE_FINDING if grave else ArchiveKind.FINDING,
            finding.title + ("（已撤销）" if finding.withdrawn_on else ""),
            "docx",
            (f"{finding.code} {finding.title}",),
            doc_number=finding.number,
            issuer=source.issuer,
            dated_on=finding.found_on,
            remark=finding.source.name,
            make=partial(_write_finding, finding, answered[finding.pk]),
        )
        yield from proof.get(finding.code, [])
    kinds = (PaperKind.ROUND_NOTICE, PaperKind.ROUND_REPORT, PaperKind.FEEDBACK, PaperKind.RECTIFIED)
    yield from papers_with_scans(source, ArchiveCategory.FINDINGS, *kinds)


def _answered(source: ArchiveSource) -> dict[int, list[Answered]]:
    tasks = source.tasks.rectifications().for_table().order_by("finding__serial", "unit__order", "pk")
    plans = {row.task_id: row for row in RectificationPlan.objects.filter(task__campaign=source.campaign)}
    submitted: dict[int, list[Submission]] = defaultdict(list)
    rows = Submission.objects.filter(task__campaign=source.campaign, task__finding__isnull=False)
    for row in rows.select_related("created_by", "review__created_by").order_by("task", "number"):
        submitted[row.task_id].append(row)
    found: dict[int, list[Answered]] = defaultdict(list)
    for task in tasks:
        found[task.finding_id or 0].append((task, plans.get(task.pk), submitted[task.pk]))
    return found


def _write_finding(finding: Finding, answered: list[Answered], path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, finding.title, finding.number)
    facts = (
        ("问题来源", " ".join(filter(None, [finding.source.name, finding.source_paper]))),
        ("发现日期", f"{finding.found_on or ''}"),
        ("程度", finding.get_severity_display()),
        ("对应要点", str(finding.indicator or "")),
        ("问题表述", finding.text),
        ("依据", finding.basis),
        ("整改要求", finding.demand),
        ("撤销", f"{finding.withdrawn_on} {finding.withdraw_reason}" if finding.withdrawn_on else ""),
    )
    add_facts(document, facts)
    for task, plan, submitted in answered:
        layout.add_heading(document, f"{task.unit.name}（{task.get_status_display()}）", 2)
        layout.add_text(document, f"{task.due_on or '未定'}", lead="完成时限：")
        if plan:
            layout.add_text(document, plan.measures, lead="整改措施：")
            layout.add_text(document, f"{plan.leader}；{plan.person}", lead="责任领导；责任人：")
        for answer in submitted:
            layout.add_heading(document, f"第 {answer.number} 次报送", 3)
            add_answer(document, answer)
    layout.save(document, path, finding.title)

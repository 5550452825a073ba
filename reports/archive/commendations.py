"""Commendations: the decision, the list of the commended, how they were chosen, the numbered papers.

Names are only those of the decision; of the others the counts of the vote remain, under the number of the nomination. Merits, reasons,
opinions and objections are words about people that are removed after their term: they stay out.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from creation.audit.actor import Actor
from creation.commendation import voting
from creation.models import Commendation, Consultation, Nomination, NominationKind, Objection, PaperKind
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports import commendees
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.archive.papers import issued_papers, papers_with_scans
from reports.archive.writing import add_facts
from reports.word import layout, paper_files
from reports.word.kinds import KINDS


def commendations(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield the numbered papers, then of each commendation its decision, if none was numbered, its list and how it came about."""
    yield from papers_with_scans(source, ArchiveCategory.COMMENDATION, PaperKind.DECISION, PaperKind.APPROVAL)
    signed = {paper.commendation_id for paper in issued_papers(source, PaperKind.DECISION)}
    rows = Commendation.objects.visible_to(source.reader).filter(campaign=source.campaign).for_table()
    found = list(rows.order_by("nominate_until", "pk"))
    for row in found:
        if row.decided_on is None:
            source.leave_out(f"{row} 的决定和名册", "没有作出表彰决定")
        else:
            if row.pk not in signed:
                yield _item(
                    row, source, ArchiveKind.DECISION, "决定（未编号）", "docx", partial(_write_decision, source, row)
                )
            yield _item(row, source, ArchiveKind.COMMENDEES, "名册", "xlsx", partial(_write_list, source, row))
        source.leave_out(
            f"{row} 的事迹、推荐理由、征求意见和异议的内容，各人的票", "个人信息和不记名的表决，到期清除", by_rule=True
        )
        yield _item(row, source, ArchiveKind.SELECTION, "评选过程", "docx", partial(_write_course, row))


def _item(
    row: Commendation,
    source: ArchiveSource,
    kind: ArchiveKind,
    title: str,
    ending: str,
    make: Callable[[Path], object],
) -> ArchiveItem:
    return ArchiveItem(
        ArchiveCategory.COMMENDATION,
        kind,
        f"{row}{title}",
        ending,
        doc_number=row.decision_number,
        issuer=source.issuer,
        dated_on=row.decided_on,
        make=make,
    )


def _write_decision(source: ArchiveSource, row: Commendation, path: Path) -> None:
    actor, kind = Actor(source.reader, source.now), KINDS[PaperKind.DECISION]
    made = paper_files.make_paper(source.campaign, kind, {"commendation": row}, actor, path.parent, for_stamp=False)
    made.path.replace(path)


def _write_list(source: ArchiveSource, row: Commendation, path: Path) -> None:
    commendees.write(row, path, source.now)


def _write_course(row: Commendation, path: Path) -> None:
    document = layout.new_document()
    layout.add_title(document, f"{row}评选过程")
    notice = f"{row.public_from} 至 {row.public_until}" if row.public_from else "没有公示"
    seats = row.seats.count()
    voted = row.seats.filter(voted_at__isnull=False).count()
    facts = (
        ("名额", f"集体 {row.collectives}，个人 {row.people}"),
        ("评选条件", row.conditions),
        ("提名截止", f"{row.nominate_until}"),
        ("征求意见", _consulted(row)),
        ("表决", f"评选委员 {seats} 名，{voted} 名投票，{row.quorum} 名有效" if row.closed_at else "没有结束表决"),
        ("公示", notice),
        ("公示期间的异议", _objections(row) if row.public_from else ""),
        ("决定", _decision(row)),
    )
    add_facts(document, facts)
    if row.closed_at:
        layout.add_annex_heading(document, "表决结果")
        headings = ("提名", "同意", "不同意", "弃权", "回避", "结果")
        layout.add_table(document, headings, _vote_rows(row), (4, 1, 1, 1, 1, 1.6), (0,))
    layout.save(document, path, f"{row}评选过程")


def _decision(row: Commendation) -> str:
    if row.ended_on:
        return f"{row.ended_on} 终止，不作表彰：{row.end_reason}"
    return f"{row.decided_on} {row.decision_number}" if row.decided_on else "没有作出决定"


def _vote_rows(row: Commendation) -> Iterator[tuple[str, ...]]:
    results = voting.results_of(row)
    commended = set(row.nominations.commended().values_list("pk", flat=True)) if row.decided_on else set()
    for each in row.nominations.active().for_table():
        result = results[each.pk]
        counts = (result.yes, result.no, result.abstained, result.recused)
        yield (_named(each, commended), *(str(number) for number in counts), _outcome(each, row, commended))


def _named(nomination: Nomination, commended: set[int]) -> str:
    if nomination.pk not in commended:
        return str(nomination)
    if nomination.kind == NominationKind.COLLECTIVE:
        return nomination.shown_name
    return f"{nomination.shown_name}（{nomination.unit.short_name}）"


def _outcome(nomination: Nomination, row: Commendation, commended: set[int]) -> str:
    if nomination.pk in commended:
        return "表彰"
    if row.decided_on and nomination.proposed:
        return "公示后不予表彰"
    return "列入公示" if nomination.proposed else "没有列入公示"


def _consulted(row: Commendation) -> str:
    asked = Consultation.objects.filter(nomination__commendation=row, nomination__withdrawn_at=None)
    organs = sorted(set(asked.values_list("organ", flat=True)))
    answered = asked.filter(answered_on__isnull=False).count()
    return f"{'、'.join(organs)}，共 {asked.count()} 件，{answered} 件已答复" if organs else "没有征求"


def _objections(row: Commendation) -> str:
    found = Objection.objects.filter(nomination__commendation=row)
    return f"{found.count()} 件，成立 {found.filter(upheld=True).count()} 件" if found.exists() else "没有"

"""Nominations and who is commended, as text for the 审批表 and the decision."""

from datetime import date

from creation.commendation import voting
from creation.models import Commendation, Nomination, NominationKind
from creation.models.nomination import PURGED

NONE, OPEN = "无", "待定"
Rows = list[dict[str, str]]


def approval(nomination: Nomination) -> dict[str, str]:
    of = nomination.commendation
    asked = [
        f"{each.organ}：{each.get_opinion_display()}{'，' + each.answer if each.answer else ''}（{_day(each.answered_on)}）"
        if each.answered_on
        else f"{each.organ}：等待答复"
        for each in nomination.consultations.all()
    ]
    return {
        "评选名称": of.name,
        "类别": nomination.get_kind_display(),
        "名称": nomination.shown_name,
        "单位": nomination.unit.name,
        "职务": nomination.post,
        "主要事迹": nomination.merits,
        "推荐理由": nomination.reason,
        "征求意见": "\n".join(asked) or NONE,
        "表决结果": _votes(nomination),
        "公示情况": _notice(of) if nomination.proposed else OPEN,
    }


def _votes(nomination: Nomination) -> str:
    found = voting.results_of(nomination.commendation).get(nomination.pk)
    if found is None:
        return OPEN
    recused = f"，回避 {found.recused}" if found.recused else ""
    return f"同意 {found.yes}，不同意 {found.no}，弃权 {found.abstained}{recused}"


def _notice(commendation: Commendation) -> str:
    if commendation.public_from is None:
        return OPEN
    return "至".join(_day(each) for each in (commendation.public_from, commendation.public_until))


def _day(value: date | None) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if value else OPEN


def decision(commendation: Commendation) -> dict[str, str]:
    counts = {kind: commendation.nominations.commended().filter(kind=kind).count() for kind in NominationKind}
    return {
        "评选名称": commendation.name,
        "文号": commendation.decision_number,
        "集体数": str(counts[NominationKind.COLLECTIVE]),
        "个人数": str(counts[NominationKind.PERSON]),
        "公示情况": _notice(commendation),
    }


def lists(commendation: Commendation) -> dict[str, Rows]:
    rows = list(commendation.nominations.commended().for_table())
    return {
        name: [_row(number, row) for number, row in enumerate((row for row in rows if row.kind == kind), 1)]
        for name, kind in (("集体", NominationKind.COLLECTIVE), ("个人", NominationKind.PERSON))
    }


def _row(number: int, row: Nomination) -> dict[str, str]:
    post = row.post or (PURGED if row.kind == NominationKind.PERSON else "")
    return {"序号": str(number), "名称": row.shown_name, "单位": row.unit.name, "职务": post}

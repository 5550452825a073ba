"""The weakest points of a closed mock assessment become findings, which the units that did badly there have to rectify."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from creation.appraisal.results import WeakPoint, results_of
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.lib.strings import shorten
from creation.models import Appraisal, Finding, FindingSource
from creation.rules import scoring
from creation.supervision import findings
from creation.supervision.findings import FindingText

SOURCES = ("第三方评估", "自查")  # in a district that has renamed them, the first of its list
TITLE = 100  # characters of a finding's title
NO_CHOICE = "请至少勾选一个要点。"
NO_SOURCE = "还没有问题来源，请先在“问题来源”里增加一个。"


def findings_of(appraisal: Appraisal) -> dict[int, Finding]:
    """Return indicator → the finding that was recorded from this assessment."""
    rows = Finding.objects.active().filter(campaign=appraisal.campaign_id, source_paper=_paper(appraisal))
    return {row.indicator_id: row for row in rows.exclude(indicator=None) if row.indicator_id}


def record_weak_points(appraisal: Appraisal, chosen: Collection[int], due_on: date, actor: Actor) -> list[Finding]:
    """Record a finding for each chosen point (keys of ``AppraisalPoint``) with the units below 60 %; one that has its finding is left
    out. Raises Refusal."""
    if appraisal.is_open:
        raise Refusal("评分还没有结束，结束后才能登记。")
    weak = [each for each in results_of(appraisal).weakest if each.point.pk in chosen and each.units]
    with transaction.atomic():
        Appraisal.objects.select_for_update(of=("self",)).get(pk=appraisal.pk)
        known = findings_of(appraisal)
        new = [each for each in weak if each.point.indicator_id not in known]
        if not new:
            raise Refusal("所选要点都已登记为督导问题。" if weak else NO_CHOICE)
        source = _source(appraisal)
        return [
            findings.record_finding(
                appraisal.campaign, _text(appraisal, each, source, actor), dict.fromkeys(each.units, due_on), actor
            )
            for each in new
        ]


def _source(appraisal: Appraisal) -> FindingSource:
    sources = FindingSource.objects.filter(district=appraisal.campaign.district_id, active=True).order_by("order", "pk")
    found = sources.filter(name__in=SOURCES).first() or sources.first()
    if found is None:
        raise Refusal(NO_SOURCE)
    return found


def _text(appraisal: Appraisal, weak: WeakPoint, source: FindingSource, actor: Actor) -> FindingText:
    point = weak.point
    return FindingText(
        title=shorten(f"{point}：得分率低于六成", TITLE),
        source=source,
        text=f"{appraisal}中，{point}全区得分率 {scoring.shown(weak.rate)}%，{'、'.join(map(str, weak.units))}低于六成。",
        source_paper=_paper(appraisal),
        found_on=actor.today,
        indicator=point.indicator,
        is_common=len(weak.units) > 1,
    )


def _paper(appraisal: Appraisal) -> str:
    return f"模拟考核“{appraisal}”"

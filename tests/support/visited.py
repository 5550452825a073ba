"""A round with one visit that was recorded and signed for, and what it found."""

from uuid import UUID

from creation.models import FindingSource, SupervisionRound
from creation.supervision import checks, findings, rounds, visit_plan, visits
from creation.supervision.checks import Noted
from creation.supervision.findings import FindingText
from creation.supervision.rounds import RoundText, TeamText
from creation.supervision.visit_plan import PlannedDay
from tests.support.world import TODAY, World


def visited_round(world: World, text: str = "没有评查记录") -> SupervisionRound:
    """城管局 was visited today and has to mend one finding; the visit to 老街街道 is planned for today and not recorded."""
    inspector, units = world.actor("inspector"), world.units
    made = rounds.add_round(
        world.campaign, RoundText("第一轮集中督导", TODAY, TODAY, "案卷评查", "案卷原件"), inspector
    )
    team = TeamText("第一组", inspector.human, [world.people["reviewer"]])
    rounds.add_team(made, team, [units["城管局"], units["老街街道"]], inspector)
    planned = [PlannedDay(each, TODAY, "am", each.version) for each in made.visits.for_table().order_by("pk")]
    visit_plan.set_days(made, planned, inspector)
    visit = made.visits.for_table().get(unit=units["城管局"])
    noted = [
        Noted(world.task("lead"), "", "not_seen", "还没有找到"),
        Noted(world.task("lead"), "", "mismatch", text),
        Noted(None, "办公场所", "seen", "设了公示栏，\n群众能查"),
    ]
    for number, each in enumerate(noted):
        checks.note_check(visit, UUID(int=number), each, inspector)
    source = FindingSource.objects.get_or_create(district=world.district, name="集中督导")[0]
    said = FindingText(title="案卷没有评查记录", text=text, source=source, demand="逐卷补齐")
    due = TODAY.replace(month=8, day=9)
    findings.record_finding(world.campaign, said, {units["城管局"]: due}, inspector, visit=visit)
    visits.record_visit(visit, "请整改。", inspector, visit.version)
    now = made.visits.for_table().get(pk=visit.pk)
    visits.sign_feedback(now, "刘联络", world.actor("liaison"), now.version)
    return made

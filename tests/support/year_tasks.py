"""What happens to the tasks of the plan in the year: answers, returns, dates set late, a new edition, a changed liaison, a merger."""

import tomllib
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from creation import presets
from creation.campaigns import campaign_lifecycle, campaign_settings, phase_dates
from creation.campaigns.editions import comparison, comparison_draft, confirmation
from creation.campaigns.editions.comparison_draft import EditionChoices
from creation.evidence import items
from creation.models import Campaign, EditionChange, EvidenceKind, Indicator, Phase, Unit
from creation.people import liaisons
from creation.rules.policy import Role
from creation.tasks import workflow
from creation.units import merging
from tests.support import import_steps, workbook_files
from tests.support.year import ASSIST, EVIDENCE_ENDS, LEAD, OPENED, Year, assign, due_of_point
from tests.support.year_count import OPEN, PASSED, RETURNED, SIGNING, WAITING, Duty

FATES = {  # steps, and how many of a hundred tasks take them
    ("hand_in", "approve"): 52,
    ("late", "approve"): 16,
    ("hand_in", "send_back", "hand_in", "approve"): 12,
    ("hand_in", "approve", "reopen", "hand_in", "approve"): 4,
    ("late", "send_back"): 4,
    ("hand_in",): 6,
    (): 6,
}
HEAD = ("一级指标", "二级指标（项目）", "三级指标（要点）", "印证资料要求")
SIGNED, UNSIGNED = date(2026, 7, 13), date(2026, 9, 3)  # between them, leaders sign what their units hand in
EDITION, LIAISON = date(2026, 8, 20), date(2026, 9, 1)
MERGED = (date(2026, 10, 12), date(2026, 11, 12))  # before the mock assessment, or after its close
DATED = {  # phase → day on which it is dated, first and last day
    "application": (date(2026, 8, 17), date(2026, 8, 24), date(2026, 9, 11)),
    "publicity": (date(2026, 9, 3), date(2026, 9, 7), date(2026, 11, 27)),
}
PHASES = tomllib.loads((presets.FOLDER / "yuanhui" / "phases.toml").read_text(encoding="utf-8"))["phases"]


def duties_of_the_plan(year: Year) -> list[Duty]:
    """Return the tasks that the plan gives, from its table of actions and from what was assigned."""
    found = [
        Duty(unit, code, role, due_of_point(role))
        for code, roles in year.assigned.items()
        for unit, role in roles.items()
    ]
    towns = [name for name, unit in year.units.items() if unit.kind == "township"]
    for phase in PHASES:
        ends = date.fromisoformat(f"2026-{phase['ends']}") if "ends" in phase else None
        for action in phase["actions"]:
            to = {"office": ["区司法局"], "every_unit": list(year.units), "chosen": towns}[action["audience"]]
            due = ends - timedelta(days=action["days_before_phase_end"]) if ends else None
            found += [Duty(unit, action["code"], "", due) for unit in to]
    return found


def plan_tasks_of_year(year: Year) -> None:
    year.duties = duties_of_the_plan(year)
    forgotten = next(
        duty for duty in year.duties if duty.due == EVIDENCE_ENDS
    )  # so that somebody is late after the outage
    for duty in year.duties:
        if duty is not forgotten:
            plan_fate(year, duty, OPENED)
    for kind, (told, starts, ends) in DATED.items():
        year.plan(told, 11, set_dates, year, kind, starts, ends)
    year.plan(SIGNED, 9, ask_for_signatures, year, True)
    year.plan(UNSIGNED, 9, ask_for_signatures, year, False)
    year.plan(EDITION, 15, change_edition, year)
    year.plan(LIAISON, 9, change_liaison, year)
    year.plan(year.rng.choice(MERGED), 9, merge_units, year)


def plan_fate(year: Year, duty: Duty, given: date) -> None:
    """Plan the steps of one task: in time, late, or never; reviewed some days later."""
    steps = year.rng.choices(list(FATES), list(FATES.values()))[0]
    year.told.append(f"{duty.unit} {duty.code}: {' '.join(steps) or 'nothing'}")
    due = max(duty.due or given + timedelta(days=90), given)
    day = (
        year.workday(due + timedelta(days=1), due + timedelta(days=25)) if "late" in steps else year.workday(given, due)
    )
    for step in steps:
        year.plan(day, 10 if step in ("hand_in", "late") else 15, STEPS[step], year, duty)
        day = year.workday(day + timedelta(days=1), day + timedelta(days=6))


def hand_in(year: Year, duty: Duty, at: datetime) -> None:
    """Answer by upload, by a statement, or on site."""
    if not duty.is_unanswered or duty.unit == year.merged:
        return
    task, person = year.task(duty), year.liaison(duty.unit, at)
    mode = year.rng.choice([*task.modes, "upload"])
    said: dict[str, Any] = {"mode": mode, "measures": "按方案办理。", "results": "已完成。", "highlights": ""}
    if mode == "upload":
        for _ in range(year.rng.choice((1, 1, 2))):
            title = f"{duty.unit}关于{duty.code}的材料{len(duty.pieces) + 1}（{at:%m%d}）"
            data = {"title": title, "confidentiality": "public", "declared": True}
            items.add(task, EvidenceKind.BRIEF, {"text": f"{title}正文"}, data, person)
            duty.pieces.append(title)
        task = year.task(duty)
    elif mode == "statement":
        said |= {"statement": "本单位没有这类情况。"}
    else:
        said |= {"keeper": person.human.name, "place": "档案室 2 号柜"}
    workflow.perform(workflow.MOVES["submit"], task, person, task.version, said)
    duty.hand_in(mode)
    if SIGNED <= at.date() < UNSIGNED:
        duty.status = SIGNING
        year.plan(at.date(), 14, sign, year, duty)


def sign(year: Year, duty: Duty, at: datetime) -> None:
    """Sign an answer, or one in eight times give it back, so that it is handed in again."""
    if duty.gone or duty.status != SIGNING:
        return
    task, leader = year.task(duty), year.leader(duty.unit, at)
    if year.rng.random() < 0.125:
        workflow.perform(workflow.MOVES["send_back"], task, leader, task.version, {"comment": "请写明份数。"})
        duty.status = OPEN
        year.plan(at.date() + timedelta(days=1), 10, hand_in, year, duty)
    else:
        workflow.perform(workflow.MOVES["sign"], task, leader, task.version, {"comment": ""})
        duty.status = WAITING


def ask_for_signatures(year: Year, asked: bool, at: datetime) -> None:
    now = Campaign.objects.get(pk=year.campaign.pk)
    campaign_settings.update_settings(now, {"sign_off": asked}, now.version, year.actor("coordinator", at))


def approve(year: Year, duty: Duty, at: datetime) -> None:
    if not duty.gone and duty.status == WAITING:
        _review(year, duty, "approve", at, comment="")
        duty.status = PASSED


def send_back(year: Year, duty: Duty, at: datetime) -> None:
    if not duty.gone and duty.status == WAITING:
        due = year.calendar.shift(at.date(), 5)
        _review(year, duty, "return", at, reason="missing", comment="缺签到册。", new_due_on=due)
        duty.status, duty.due = RETURNED, due


def reopen(year: Year, duty: Duty, at: datetime) -> None:
    if not duty.gone and duty.status == PASSED:
        due = year.calendar.shift(at.date(), 5)
        _review(year, duty, "reopen", at, comment="抽查发现日期不符。", new_due_on=due)
        duty.status, duty.due = RETURNED, due


STEPS = {"hand_in": hand_in, "late": hand_in, "approve": approve, "send_back": send_back, "reopen": reopen}


def _review(year: Year, duty: Duty, move: str, at: datetime, **said: Any) -> None:
    task = year.task(duty)
    workflow.perform(workflow.MOVES[move], task, year.actor("reviewer", at), task.version, said)


def set_dates(year: Year, kind: str, starts: date, ends: date, at: datetime) -> None:
    phase = Phase.objects.get(campaign=year.campaign, kind=kind)
    phase_dates.set_dates(phase, starts, ends, phase.version, year.actor("coordinator", at))
    rows = next(each["actions"] for each in PHASES if each["kind"] == kind)
    before = {action["code"]: action["days_before_phase_end"] for action in rows}
    for duty in year.duties:
        if duty.code in before and not duty.gone and duty.status in (OPEN, RETURNED) and not duty.answers:
            duty.due = ends - timedelta(days=before[duty.code])


def change_edition(year: Year, at: datetime) -> None:
    """Bring the edition of August: one checkpoint renamed, one left out, one new. Then assign the new one."""
    renamed, dropped = year.rng.sample(sorted(year.assigned), 2)
    points = list(year.campaign.system.indicators.checkpoints().select_related("parent__parent").order_by("order"))
    rows = [_line(each, "（试行）" if each.code == renamed else "") for each in points if each.code != dropped]
    last = next(each for each in reversed(points) if each.code != dropped)
    new = f"{last.parent.code}-99" if last.parent else ""
    rows.append((*_line(last)[:2], f"{new} 公布年度执法数据", "公布的网页。"))
    office = year.actor("coordinator", at)
    world: Any = SimpleNamespace(campaign=year.campaign, actor=lambda who: year.actor(who, at))
    import_steps.apply_workbook(world, "coordinator", "editions", workbook_files.book([HEAD, *rows]))
    change = EditionChange.objects.under_way().select_related("campaign__system").get(campaign=year.campaign)
    _confirm(change, {new: "new"}, office)
    year.campaign = Campaign.objects.get(pk=year.campaign.pk)
    for duty in year.duties:
        duty.gone |= duty.code == dropped
    del year.assigned[dropped]
    assign(year, new, at)
    campaign_lifecycle.publish_changes(year.campaign, office)
    year.told.append(f"edition: {renamed} renamed, {dropped} dropped, {new} new")
    _give(year, new, at.date())


def _line(point: Indicator, more: str = "") -> tuple[str, ...]:
    assert point.parent
    assert point.parent.parent
    return str(point.parent.parent), str(point.parent), f"{point.code} {point.title}{more}", ""


def _confirm(change: EditionChange, choices: dict[str, str], office: Any) -> None:
    found = comparison.compare(change)
    chosen = {row.new.code: choices.get(row.new.code, row.choice) for row in found.rows if not row.is_same}
    ended = {str(each.old.pk): each.choice for each in found.ended}
    said = EditionChoices("2026年版", date(2026, 8, 15), "某办发〔2026〕1号", {"new": chosen, "old": ended})
    comparison_draft.save_choices(change, found.change.version, said, office)
    change = EditionChange.objects.under_way().select_related("campaign__system").get(pk=change.pk)
    confirmation.confirm_change(change, comparison.compare(change).digest, True, office)


def _give(year: Year, code: str, day: date) -> None:
    for unit, role in year.assigned[code].items():
        duty = Duty(unit, code, role, due_of_point(role))
        year.duties.append(duty)
        plan_fate(year, duty, day)


def change_liaison(year: Year, at: datetime) -> None:
    unit = year.rng.choice([each for each in year.units if each != "区司法局"])
    successor = year.add_person("successor", Role.CLERK, unit, at)
    liaisons.appoint_liaison(year.units[unit], successor, year.campaign, year.actor("coordinator", at))
    year.liaisons[unit] = successor
    year.told.append(f"{unit} has another liaison")


def merge_units(year: Year, at: datetime) -> None:
    """Merge one unit into another: what is unfinished moves unless the other has it, what has passed stays under the old name."""
    gone, into = year.rng.sample([each for each in year.units if each != "区司法局"], 2)
    year.told.append(f"{gone} merged into {into}")
    unit = Unit.objects.get(pk=year.units[gone].pk)
    merging.merge(unit, Unit.objects.get(pk=year.units[into].pk), unit.version, year.actor("coordinator", at))
    year.merged, year.heirs[gone] = gone, into
    has = {(duty.code, duty.period) for duty in year.duties if duty.unit == into}
    for duty in year.duties:
        if duty.unit == gone and not duty.gone and duty.status != PASSED:
            if (duty.code, duty.period) not in has:
                duty.unit = into
            elif not duty.answers:
                duty.gone = True
    known = {each.finding for each in year.mendings if each.unit == into}
    for each in year.mendings:
        if each.unit == gone and not each.gone and each.closed_on is None:
            if each.finding not in known:
                each.unit = into
            elif not each.reports:
                each.gone = True
    for code, roles in year.assigned.items():
        if role := roles.pop(gone, None):
            roles[into] = LEAD if LEAD in (role, roles.get(into)) else ASSIST
            if duty := year.duty(into, code):
                duty.role = roles[into]

"""The score sheet of an assessor: which points of which units, what was scored, and saving a score."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    Appraisal,
    AppraisalPoint,
    AppraisalRequest,
    AppraisalSeat,
    Citation,
    PointEffect,
    Score,
    Task,
    Unit,
    User,
)

NO_SEAT = "您不是这次模拟考核的评分人。"


@dataclass(slots=True)
class SheetLine:
    """A point for one unit: the own score, the unit's task there, the pieces of evidence that it cites and the assessor may read, and
    what was asked for."""

    point: AppraisalPoint
    task: Task | None = None
    pieces: list[Citation] = field(default_factory=list)
    score: Score | None = None
    requests: list[AppraisalRequest] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do: a veto need not be cast, a bonus or deduction need not be given."""
        return self.point.effect != PointEffect.NORMAL or (self.score is not None and self.score.value is not None)


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How many of a unit's points an assessor has scored."""

    unit: Unit
    done: int
    total: int


def seat_of(appraisal: Appraisal, person: User) -> AppraisalSeat | None:
    return appraisal.seats.filter(person=person).select_related("person").first()


def points_of(seat: AppraisalSeat) -> list[AppraisalPoint]:
    """Return the points that this assessor scores, in order. Points without a checkpoint are everybody's."""
    rows = AppraisalPoint.objects.filter(appraisal=seat.appraisal_id).select_related("indicator__parent__parent")
    wanted = set(seat.sections)
    return [row for row in rows if not (wanted and row.indicator) or _section(row) in wanted]


def _section(point: AppraisalPoint) -> str:
    parent = point.indicator.parent if point.indicator else None
    return parent.parent.code if parent and parent.parent else ""


def applicable(appraisal: Appraisal) -> dict[int, set[int]]:
    """Return unit → checkpoints at which it has a task; the points of a unit in an assessment that is not for everyone."""
    tasks = Task.objects.active().filter(campaign=appraisal.campaign_id, indicator__isnull=False)
    found: dict[int, set[int]] = defaultdict(set)
    for unit, indicator in tasks.order_by().values_list("unit", "indicator").distinct():
        found[unit].add(indicator)
    return found


def sheet_at_close(appraisal: Appraisal) -> dict[int, set[int]]:
    """Return the same of an assessment that is closed, as it was then: units merge and tasks come and go, results stay."""
    rows = Score.objects.filter(seat__appraisal=appraisal, point__indicator__isnull=False)
    found: dict[int, set[int]] = defaultdict(set)
    for unit, indicator in rows.order_by().values_list("unit", "point__indicator").distinct():
        found[unit].add(indicator)
    return found


def leave_open(appraisal: Appraisal, actor: Actor) -> None:
    """Give each point of each unit that nobody scored a row without a value, so that ``sheet_at_close`` has the whole sheet."""
    seats = list(appraisal.seats.select_related("person"))
    own, known = applicable(appraisal), sheet_at_close(appraisal)
    scored_by = {point.pk: seat for seat in reversed(seats) for point in points_of(seat)}
    units, points = list(appraisal.units.all()), appraisal.points.filter(indicator__isnull=False)
    Score.objects.bulk_create(
        Score(seat=scored_by.get(point.pk, seats[0]), point=point, unit=unit, scored_at=actor.at)
        for point in points
        for unit in units
        if applies(appraisal, point, own[unit.pk]) and point.indicator_id not in known[unit.pk]
    )


def applies(appraisal: Appraisal, point: AppraisalPoint, own: set[int]) -> bool:
    """Return whether a unit with tasks at the checkpoints ``own`` is scored at the point."""
    return appraisal.everyone or point.indicator_id is None or point.indicator_id in own


def progress_of(seat: AppraisalSeat) -> list[UnitProgress]:
    """Return the units with the number of points scored, in the office's order."""
    appraisal, own = seat.appraisal, applicable(seat.appraisal)
    needed = [point for point in points_of(seat) if point.effect == PointEffect.NORMAL]
    scored: dict[int, set[int]] = defaultdict(set)
    rows = Score.objects.filter(seat=seat, value__isnull=False).values_list("unit", "point")
    for unit_id, point_id in rows:
        scored[unit_id].add(point_id)
    found = []
    for unit in appraisal.units.order_by("order", "pk"):
        wanted = {point.pk for point in needed if applies(appraisal, point, own.get(unit.pk, set()))}
        found.append(UnitProgress(unit, len(wanted & scored[unit.pk]), len(wanted)))
    return found


def lines_of(seat: AppraisalSeat, unit: Unit) -> list[SheetLine]:
    """Return the sheet of one unit. The number of queries does not depend on the points."""
    appraisal = seat.appraisal
    tasks = Task.objects.active().filter(campaign=appraisal.campaign_id, unit=unit, indicator__isnull=False)
    by_checkpoint = {task.indicator_id: task for task in tasks.for_table().with_counts()}
    scores = {row.point_id: row for row in Score.objects.filter(seat=seat, unit=unit)}
    asked: dict[int, list[AppraisalRequest]] = defaultdict(list)
    for row in AppraisalRequest.objects.filter(seat=seat, unit=unit).select_related("answered_by"):
        asked[row.point_id].append(row)
    pieces = _pieces(seat.person, [task.pk for task in by_checkpoint.values()])
    lines = []
    for point in points_of(seat):
        if applies(appraisal, point, {key for key in by_checkpoint if key}):
            task = by_checkpoint.get(point.indicator_id)
            cited = pieces[task.pk] if task else []
            lines.append(SheetLine(point, task, cited, scores.get(point.pk), asked[point.pk]))
    return lines


def _pieces(reader: User, tasks: list[int]) -> dict[int, list[Citation]]:
    """Return task → what it cites, as far as this person may read it, in one query."""
    found: dict[int, list[Citation]] = defaultdict(list)
    rows = Citation.objects.counting().filter(task__in=tasks).readable_by(reader)
    for row in rows.select_related("number", "evidence").order_by("task", "number__serial", "pk"):
        found[row.task_id].append(row)
    return found


def task_of(point: AppraisalPoint, unit: Unit, reader: User) -> Task | None:
    """Return the unit's task at the point, None where there is none or this person may not read it."""
    if point.indicator_id is None:
        return None
    tasks = Task.objects.visible_to(reader).active().filter(campaign=point.appraisal.campaign_id, unit=unit)
    return tasks.filter(indicator=point.indicator_id).first()


def save_score(
    seat: AppraisalSeat,
    point: AppraisalPoint,
    unit: Unit,
    value: Decimal | None,
    remark: str,
    actor: Actor,
    *,
    vetoed: bool = False,
    seen: int = 0,
) -> Score:
    """Save a score of the acting assessor, or return the same that is saved already. ``seen``: the version on screen, 0 for none.

    Raises Refusal and Stale.
    """
    with transaction.atomic():
        _require_scorable(seat, point, unit, value, actor)
        existing = Score.objects.select_for_update().filter(seat=seat, point=point, unit=unit).first()
        values = {"value": value, "vetoed": vetoed and point.effect == PointEffect.VETO, "remark": remark.strip()}
        if existing and all(getattr(existing, name) == given for name, given in values.items()):
            return existing  # sent again after a connection that broke
        if (existing.version if existing else 0) != seen:
            raise Stale("这一项刚刚在另一窗口改过。请核对后再填。", existing)
        if existing is None:
            score = Score.objects.create(seat=seat, point=point, unit=unit, scored_at=actor.at, **values)
        else:
            Score.objects.change(existing.pk, seen, scored_at=actor.at, **values)
            score = Score.objects.get(pk=existing.pk)
        words = f"{point} {unit}：{'否决' if score.vetoed else '' if value is None else value}"
        audit_log.record(actor, "appraisal.score", seat.appraisal.campaign, detail=words)
    return score


def _require_scorable(
    seat: AppraisalSeat, point: AppraisalPoint, unit: Unit, value: Decimal | None, actor: Actor
) -> None:
    now = (
        Appraisal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign")
        .get(pk=seat.appraisal_id)
    )
    if not now.is_open or not now.campaign.is_open:
        raise Refusal(f"“{now}”的评分已经结束，不能再改。", 409)
    if seat.person_id != actor.human.pk:
        raise Refusal(NO_SEAT, 403)
    if not _is_on_sheet(now, seat, point, unit):
        raise Refusal("这个单位在这一项不由您评分，请刷新后再看。")
    if value is not None and value > point.points:
        raise Refusal(f"最高 {point.points.normalize():f} 分，请改正。", field="value")
    if value is not None and value < 0:
        raise Refusal("得分不能为负，请改正。", field="value")


def _is_on_sheet(appraisal: Appraisal, seat: AppraisalSeat, point: AppraisalPoint, unit: Unit) -> bool:
    """Return whether this assessor scores the unit at the point, without reading the whole sheet: this is asked at every score."""
    if point.appraisal_id != appraisal.pk or not appraisal.units.filter(pk=unit.pk).exists():
        return False
    if seat.sections and point.indicator and _section(point) not in seat.sections:
        return False
    if appraisal.everyone or point.indicator_id is None:
        return True
    own = Task.objects.active().filter(campaign=appraisal.campaign_id, unit=unit, indicator=point.indicator_id)
    return own.exists()

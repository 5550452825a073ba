"""The large demonstration, for load: every unit on every checkpoint, thousands of answers. Rows are written in bulk, past the verbs."""

from dataclasses import dataclass
from typing import Any

from creation.audit.trail import Actor
from creation.campaigns import opening
from creation.demo import people, season, timing
from creation.demo.answers import Answers
from creation.demo.people import Cast
from creation.demo.pile import Pile
from creation.demo.timing import Diary
from creation.models import Assignment, AssignmentRole, Campaign, Snapshot, Task, TaskStatus, Unit
from creation.tasks import progress

STATUSES = {TaskStatus.APPROVED: 42, TaskStatus.SUBMITTED: 7, TaskStatus.RETURNED: 4}  # per cent; the rest is open
GROWING = frozenset({"approved", "submitted", "returned", "overdue", "due", "due_answered"})
KINDS = ("township", "department", "party")


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many units and pieces of evidence there are."""

    units: int = 60
    evidence: int = 10_000


LARGE = Crowd()


def prepare(diary: Diary, size: Crowd) -> tuple[Campaign, Cast]:
    """The campaign with its crowd, opened."""
    system = Actor(None, diary.at(timing.PREPARING, 9))
    campaign = opening.open_campaign(season.PRESET, diary.today.year, system, draft=True)
    units = _units(campaign, size.units)
    _assign_all(campaign, units)
    cast = people.engage(people.crowd(units), units, Actor(None, diary.at(timing.PREPARING, 10)), diary.today)
    timing.move_phases(campaign, Actor(cast.coordinator, diary.at(timing.DATING, 15)), diary.today)
    opening.start(campaign, Actor(cast.coordinator, diary.at(timing.OPENING, 8, 30)))
    return campaign, cast


def _units(campaign: Campaign, count: int) -> list[Unit]:
    """The preset's units and as many more as are wanted."""
    there = Unit.objects.filter(district=campaign.district).count()
    Unit.objects.bulk_create(
        Unit(
            district=campaign.district,
            kind=KINDS[number % len(KINDS)],
            name=f"源汇区示例单位{number:02d}",
            short_name=f"示例单位{number:02d}",
            order=number,
        )
        for number in range(there + 1, count + 1)
    )
    return list(Unit.objects.filter(district=campaign.district).order_by("order", "pk"))


def _assign_all(campaign: Campaign, units: list[Unit]) -> None:
    """Leads stay as the preset has them; everybody else assists."""
    there = set(Assignment.objects.filter(campaign=campaign).values_list("indicator", "unit"))
    points = campaign.system.indicators.checkpoints().values_list("pk", flat=True)
    missing = [(point, unit) for point in points for unit in units if (point, unit.pk) not in there]
    Assignment.objects.bulk_create(
        (
            Assignment(campaign=campaign, indicator_id=point, unit=unit, role=AssignmentRole.ASSIST, example=True)
            for point, unit in missing
        ),
        batch_size=500,
    )


def fill(campaign: Campaign, cast: Cast, diary: Diary, size: Crowd) -> None:
    """Answers, judgements and evidence; then the figures of every day."""
    tasks = list(Task.objects.live().filter(campaign=campaign, indicator__isnull=False).for_table().order_by("pk"))
    diary.rng.shuffle(tasks)
    fates = [status for status, share in STATUSES.items() for _ in range(len(tasks) * share // 100)]
    answered = list(zip(tasks, fates, strict=False))
    cited = Pile(campaign, cast, diary).gather([task for task, _ in answered], size.evidence)
    Answers(cast, diary).write(answered, cited)
    _draw_trend(campaign, diary)


def _draw_trend(campaign: Campaign, diary: Diary) -> None:
    """Yesterday's figures, and for the days before it a straight line towards them."""
    last = progress.take_snapshot(campaign, diary.day(-1)).figures
    Snapshot.objects.bulk_create(
        Snapshot(campaign=campaign, day=diary.day(number), figures=_part(last, 1 - number / timing.OPENING))
        for number in range(timing.OPENING, -1)
    )


def _part(figures: dict[str, Any], share: float) -> dict[str, Any]:
    """The counts that grow from day to day, as they were when ``share`` of the time had passed."""
    return {
        name: _part(value, share) if isinstance(value, dict) else round(value * share) if name in GROWING else value
        for name, value in figures.items()
    }

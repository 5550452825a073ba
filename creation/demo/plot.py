"""What becomes of each task: a fate drawn by lot, and the scenes that lead to it. Nothing is written here; ``story`` plays the scenes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from creation.demo.timing import Diary
from creation.models import Audience, PhaseKind, Task


@dataclass(frozen=True, slots=True)
class Scale:
    """``share`` of the usual number of acts; ``pictures``: pages and photos drawn at most. Tests play a small one."""

    share: float = 1.0
    pictures: int = 280


FULL = Scale()


class Fate(StrEnum):
    APPROVED = "approved"
    LATE = "late"  # approved, but handed in after the due day
    MENDED = "mended"  # returned once, then approved
    RETURNED = "returned"
    WAITING = "waiting"  # in the review queue
    AGAIN = "again"  # in the queue for the second time
    REOPENED = "reopened"
    BEHALF = "behalf"  # entered by the office for a unit without liaison, and in the queue
    WITHDRAWN = "withdrawn"
    DRAFTED = "drafted"
    NOTED = "noted"
    EXTENDED = "extended"  # asked for more time, and got it
    REFUSED = "refused"  # asked for more time, and did not
    ASKING = "asking"  # the office has not answered yet
    OBJECTED = "objected"  # not our duty, says the unit; not answered yet
    KEPT = "kept"  # the task stays where it is
    REASSIGNED = "reassigned"


ANSWERED = tuple(Fate)[: tuple(Fate).index(Fate.BEHALF)]
Lots = dict[Fate, int]

# How many tasks meet which fate in the full story; what is left of a phase stays untouched.
MOBILIZATION: Lots = {
    Fate.APPROVED: 262,
    Fate.LATE: 30,
    Fate.MENDED: 24,
    Fate.RETURNED: 8,
    Fate.WAITING: 6,
    Fate.NOTED: 6,
}
EVIDENCE: Lots = {
    Fate.APPROVED: 250,
    Fate.MENDED: 46,
    Fate.RETURNED: 26,
    Fate.WAITING: 36,
    Fate.AGAIN: 7,
    Fate.REOPENED: 2,
    Fate.WITHDRAWN: 4,
    Fate.DRAFTED: 40,
    Fate.NOTED: 120,
    Fate.EXTENDED: 3,
    Fate.REFUSED: 2,
    Fate.ASKING: 3,
    Fate.OBJECTED: 2,
    Fate.KEPT: 2,
    Fate.REASSIGNED: 1,
}
BEHALF: Lots = {Fate.BEHALF: 3}


def fates(tasks: Sequence[Task], staffed: set[int], diary: Diary, scale: Scale) -> Iterator[tuple[Task, Fate]]:
    """Each task that something happens to, with its fate. ``staffed``: units that have a liaison."""
    for kind, lots in ((PhaseKind.MOBILIZATION, MOBILIZATION), (PhaseKind.EVIDENCE, EVIDENCE)):
        mine = [task for task in tasks if task.phase.kind == kind]
        yield from _draw([task for task in mine if task.unit_id in staffed], lots, diary, scale)
        if kind == PhaseKind.MOBILIZATION:
            yield from _draw([task for task in mine if task.unit_id not in staffed], BEHALF, diary, scale)


def _draw(tasks: Sequence[Task], lots: Lots, diary: Diary, scale: Scale) -> Iterable[tuple[Task, Fate]]:
    """Units differ in zeal, so that the matrix is no even grey; what the office owes itself comes first."""
    rng = diary.rng
    zeal = {unit: rng.uniform(0.3, 1.7) for unit in sorted({task.unit_id for task in tasks})}
    order = sorted(tasks, key=lambda task: (not _of_office(task), -(rng.random() ** (1 / zeal[task.unit_id]))))
    drawn = [fate for fate, number in lots.items() for _ in range(max(1, round(number * scale.share)))]
    done, others = [fate for fate in drawn if fate in ANSWERED], [fate for fate in drawn if fate not in ANSWERED]
    rng.shuffle(done)
    rng.shuffle(others)
    return _handed_over(list(zip(order, done + others, strict=False)), Counter(task.indicator_id for task in tasks))


def _handed_over(drawn: list[tuple[Task, Fate]], sharing: Counter[int | None]) -> Iterable[tuple[Task, Fate]]:
    """The task that goes to another unit is one that few units share, since somebody must be left to take it over."""
    places = [n for n, (_, fate) in enumerate(drawn) if fate not in ANSWERED]
    for there in [n for n in places if drawn[n][1] == Fate.REASSIGNED]:
        here = min(places, key=lambda n: sharing[drawn[n][0].indicator_id])
        (a, fate), (b, other) = drawn[here], drawn[there]
        drawn[here], drawn[there] = (a, other), (b, fate)
    return drawn


def _of_office(task: Task) -> bool:
    return task.action is not None and task.action.audience == Audience.OFFICE

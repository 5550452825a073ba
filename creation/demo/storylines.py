"""What happens to each task of the demonstration: a random storyline with its steps."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from creation.demo.timeline import DemoTimeline
from creation.models import Audience, PhaseKind, Task

LAST_JUDGED = -6  # day by which submissions have been reviewed


@dataclass(frozen=True, slots=True)
class Scale:
    """``share`` of the usual number of storylines; ``pictures``: most pages and photos drawn. Tests load a small one."""

    share: float = 1.0
    pictures: int = 280

    def of(self, number: int) -> int:
        return number and max(1, round(number * self.share))


FULL = Scale()


class Storyline(Enum):
    """Number of tasks with this storyline in the mobilization and in the evidence phase; its steps, each a time and a TaskHistory step."""

    APPROVED = 262, 250, "in_time answer, soon approve"
    LATE = 30, 0, "too_late answer, soon approve"
    MENDED = 24, 46, "in_time answer, soon send_back, soon mend, soon approve"
    RETURNED = 8, 26, "in_time answer, soon send_back, soon begin_mending"
    WAITING = 6, 36, "lately answer"
    AGAIN = 0, 7, "in_time answer, soon send_back, lately mend"
    REOPENED = 0, 2, "in_time answer, soon approve, soon reopen"
    BEHALF = 0, 0, "lately answer"  # by the office, for a unit without a liaison
    WITHDRAWN = 0, 4, "lately answer, soon withdraw"
    DRAFTED = 0, 40, "lately gather, soon draft"
    NOTED = 6, 120, "recently note"
    EXTENDED = 0, 3, "earlier ask_for_time, soon grant_time"
    REFUSED = 0, 2, "earlier ask_for_time, soon refuse"
    ASKING = 0, 3, "lately ask_for_time"
    OBJECTED = 0, 2, "lately object"  # the unit objects to the assignment
    KEPT = 0, 2, "earlier object, soon refuse"
    REASSIGNED = 0, 1, "earlier object, soon reassign"

    def __init__(self, mobilization: int, evidence: int, steps: str) -> None:
        self.numbers = {PhaseKind.MOBILIZATION: mobilization, PhaseKind.EVIDENCE: evidence}
        self.steps = [step.split() for step in steps.split(", ")]


ANSWERED = tuple(Storyline)[: tuple(Storyline).index(Storyline.BEHALF)]
ON_BEHALF = 3  # tasks


def draw_storylines(tasks: Sequence[Task], timeline: DemoTimeline, scale: Scale) -> Iterator[tuple[Task, Storyline]]:
    """Yield the tasks to which something happens, with their storyline. A task has an owner if its unit has a liaison."""
    sharing = Counter(task.indicator_id for task in tasks)
    for kind in (PhaseKind.MOBILIZATION, PhaseKind.EVIDENCE):
        mine = [task for task in tasks if task.phase.kind == kind]
        unstaffed = [task for task in mine if task.owner is None and kind == PhaseKind.MOBILIZATION]
        yield from ((task, Storyline.BEHALF) for task in unstaffed[: scale.of(ON_BEHALF)])
        order = _by_zeal([task for task in mine if task.owner], timeline)
        drawn = [storyline for storyline in Storyline for _ in range(scale.of(storyline.numbers[kind]))]
        if Storyline.REASSIGNED in drawn:  # a task that few units share, so that another unit can take it over
            drawn.remove(Storyline.REASSIGNED)
            order.remove(task := min(order, key=lambda task: sharing[task.indicator_id]))
            yield task, Storyline.REASSIGNED
        timeline.rng.shuffle(drawn)
        yield from zip(order, sorted(drawn, key=lambda storyline: storyline not in ANSWERED), strict=False)


def _by_zeal(tasks: Sequence[Task], timeline: DemoTimeline) -> list[Task]:
    """Sort the tasks by random zeal of their units, so that the matrix looks uneven; the office's own tasks come first."""
    zeal = {unit: timeline.rng.uniform(0.3, 1.7) for unit in sorted({task.unit_id for task in tasks})}
    drawn = {task: -(timeline.rng.random() ** (1 / zeal[task.unit_id])) for task in tasks}
    return sorted(tasks, key=lambda task: (not (task.action and task.action.audience == Audience.OFFICE), drawn[task]))


def moments(task: Task, storyline: Storyline, timeline: DemoTimeline, given: int) -> Iterator[tuple[datetime, str]]:
    """Yield the time and name of each step of the storyline. ``given`` is the day on which the unit got the task."""
    due, at = timeline.number(task.due_on) if task.due_on else LAST_JUDGED, timeline.at(given)
    spans = {
        "in_time": (given + 2, min(due, LAST_JUDGED)),
        "too_late": (due + 1, min(due + 13, LAST_JUDGED)),
        "earlier": (-12, LAST_JUDGED),
        "recently": (max(given + 3, -17), -1),
        "lately": (-4, -1),
    }
    for when, step in storyline.steps:
        if when in spans:
            at = max(timeline.working_hours(*spans[when]), at + timedelta(minutes=30))
        else:  # soon
            at = timeline.after(at, timeline.rng.choice((1, 1, 2, 2, 3)))
        yield at, step

"""What the office orders on the way: an instruction and a meeting's decision, each with a file, for some units."""

from collections.abc import Iterator
from typing import Any

from creation.audit.trail import Actor
from creation.campaigns import instructing
from creation.campaigns.instructing import Instruction
from creation.demo import shelf
from creation.demo.papers import Paper
from creation.demo.plot import Fate
from creation.demo.story import Story
from creation.demo.timing import Diary
from creation.demo.words import texts
from creation.models import Audience, Campaign, PhaseKind, Task, Unit

HOUR = 8  # before the morning's reminders
COURSE = (Fate.APPROVED, Fate.APPROVED, Fate.WAITING, Fate.APPROVED, Fate.RETURNED, Fate.DRAFTED, Fate.APPROVED)
ANSWERING = 0.7  # share of the units that have begun


def of_day(number: int) -> list[dict[str, Any]]:
    return [order for order in texts("instructions")["instructions"] if order["day"] == number]


def give(order: dict[str, Any], campaign: Campaign, story: Story) -> list[Task]:
    """The new tasks, in the units' order."""
    diary, phase = story.diary, campaign.phases.get(kind=PhaseKind.EVIDENCE)
    units = list(Unit.objects.filter(district=campaign.district, short_name__in=order["units"]))
    wanted = Instruction(
        phase=phase,
        title=order["title"],
        text=order["text"],
        source=order["source"],
        audience=Audience.CHOSEN,
        units=units,
        modes=order["modes"],
        due_on=diary.day(order["due"]),
    )
    day = diary.day(order["day"])
    paper = Paper("docx", f"{order['paper']}（示例）", campaign.host.name, day, order["day"], "", (order["text"],))
    office = Actor(story.cast.coordinator, diary.at(order["day"], HOUR))
    action = instructing.instruct(campaign, wanted, office, [shelf.attachment(paper)])
    return list(action.tasks.for_table().order_by("unit__order"))


def fates(tasks: list[Task], diary: Diary) -> Iterator[tuple[Task, Fate]]:
    for number, task in enumerate(tasks):
        if task.owner and diary.rng.random() < ANSWERING:
            yield task, COURSE[number % len(COURSE)]

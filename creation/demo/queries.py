"""What units ask the office on the way, and what it replies: some published, some still waiting."""

from typing import Any

from creation.audit.trail import Actor
from creation.communication import questioning
from creation.communication.questioning import Wording
from creation.demo.story import Story
from creation.demo.words import texts
from creation.models import Campaign, Question, Task

ASKING, REPLYING = 10, 16  # hours


def of_day(number: int, campaign: Campaign, story: Story) -> None:
    for each in texts("questions")["questions"]:
        task = _task(each, campaign)
        if task is None or task.owner is None:
            continue
        if each["day"] == number:
            questioning.ask(task, each["text"], Actor(task.owner, story.diary.at(number, ASKING)))
        if each.get("replied") == number:
            _reply(each, task, Actor(story.cast.reviewers[0], story.diary.at(number, REPLYING)))


def _task(each: dict[str, Any], campaign: Campaign) -> Task | None:
    """The n-th task on the point whose unit has somebody to ask."""
    owned = Task.objects.live().filter(campaign=campaign, indicator__code=each["point"], owner__isnull=False)
    found = list(owned.for_table().order_by("-role", "unit__order"))
    return found[min(each["unit"], len(found) - 1)] if found else None


def _reply(each: dict[str, Any], task: Task, office: Actor) -> None:
    question = Question.objects.for_table().get(task=task, text=each["text"])
    questioning.reply(question, Wording(each["reply"], each["text"], each["published"]), office)

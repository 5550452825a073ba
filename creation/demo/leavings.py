"""What a library that is lived in has besides: a second version, a deleted piece, one with a mark, one that proves several points.

And a film of which only the first part has arrived.
"""

import io

from creation.audit.trail import Actor
from creation.demo.making import Want
from creation.demo.story import Story
from creation.evidence import citing, pieces, uploads
from creation.evidence.resuming import Described
from creation.models import Campaign, EvidenceKind, Task, TaskStatus

DAY, HOUR = -1, 16
MANY = 3  # tasks that one piece is cited for
FILM, ARRIVED = 48 << 20, 1 << 20  # bytes of a film, and how many came before the line broke


def leave(campaign: Campaign, story: Story) -> None:
    """On the last afternoon, in units that are still at work."""
    at_work = Task.objects.live().filter(campaign=campaign, status=TaskStatus.OPEN, indicator__isnull=False)
    tasks = [task for task in at_work.for_table().order_by("pk") if task.unit_id in story.cast.liaisons][:5]
    for task, verb in zip(tasks, (_marked, _interrupted, _twice, _deleted, _often), strict=False):
        verb(task, story, Actor(story.liaison(task), story.diary.at(DAY, HOUR)))


def _marked(task: Task, story: Story, actor: Actor) -> None:
    """A text that bears a mark waits for somebody to answer for it."""
    data = {
        "title": "内部资料摘录（示例）",
        "dated_on": actor.today,
        "issuer": task.unit.name,
        "confidentiality": "internal",
        "declared": True,
    }
    text = f"内部资料 注意保存\n{task.title}有关情况摘录。（示例，并非真实文件）"
    pieces.add(task, EvidenceKind.BRIEF, {"text": text}, data, actor)


def _interrupted(task: Task, story: Story, actor: Actor) -> None:
    """It goes on where it was when the same file is chosen again."""
    changed = round(actor.at.timestamp() * 1000)
    upload = uploads.begin(task, Described("宪法宣传周活动现场.mp4", FILM, changed=changed), None, actor, declared=True)
    uploads.receive(upload, 0, ARRIVED, io.BytesIO(bytes(ARRIVED)).read, actor)


def _twice(task: Task, story: Story, actor: Actor) -> None:
    """A brief that was written anew."""
    piece = story.binder.maker.make(task, Want("brief", "brief"), actor)
    text = piece.versions.order_by("-number")[0].text
    pieces.replace(task, piece, {"text": f"{text}\n补充：已按要求完善有关数据。（示例）"}, actor)


def _deleted(task: Task, story: Story, actor: Actor) -> None:
    piece = story.binder.maker.make(task, Want("brief", "brief"), actor)
    pieces.delete(piece, piece.version, "与已有材料重复", actor)


def _often(task: Task, story: Story, actor: Actor) -> None:
    """One paper that proves several points of the unit."""
    piece = story.binder.maker.make(task, Want("docx", "own"), actor)
    others = citing.open_tasks_for(piece, actor.human, task.campaign)[:MANY]
    citing.cite_many(piece, dict.fromkeys(others, "第 2 页"), actor)

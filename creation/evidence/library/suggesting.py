"""Pieces that may prove a point, with the reason: cited at the point last year, at a sibling, by an assist, or alike in words."""

from dataclasses import dataclass

from django.db.models import Q

from creation.evidence import citing
from creation.lib.grams import grams, is_pair
from creation.models import Citation, Evidence, Task, User

MOST, LOOKED_AT = 6, 400
ENOUGH = 3  # pairs of characters that two texts share
COMMON = frozenset(
    {"工作", "法治", "情况", "政府", "建设", "示例", "行政", "关于", "年度", "材料", "资料", "开展", "落实", "制度"}
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    evidence: Evidence
    why: str


def for_task(task: Task, person: User) -> list[Suggestion]:
    """The best first; only what this person may see and the task may cite and does not."""
    pieces = citing.citable(task).filter(pk__in=Evidence.objects.visible_to(person).values("pk"))
    near = {row.evidence_id: row for row in _cited_near(task)}
    rows = list(pieces.filter(pk__in=near).select_related("unit")[:LOOKED_AT])
    alike = pieces.exclude(pk__in=near).select_related("unit").order_by("-created_at")[:LOOKED_AT]
    wanted = _pairs(f"{task.title}{task.requirement}")
    found = [(_rank(task, near[each.pk]), Suggestion(each, _why(task, near[each.pk]))) for each in rows]
    for each in alike:
        shared = len(_pairs(each.title) & wanted)
        if each.unit_id != task.unit_id:
            found.append((40 + shared, Suggestion(each, f"配合单位{each.unit}已引用")))
        elif shared >= ENOUGH:
            found.append((shared, Suggestion(each, "题名与要求相近")))
    found.sort(key=lambda pair: (-pair[0], -pair[1].evidence.pk))
    return [suggestion for _, suggestion in found[:MOST]]


def _cited_near(task: Task) -> list[Citation]:
    """The unit's citations at the same point of an earlier campaign, and at the siblings of the point."""
    if task.indicator is None:
        return []
    earlier = Q(task__indicator__key=task.indicator.key, task__campaign__year__lt=task.campaign.year)
    sibling = Q(task__campaign=task.campaign_id, task__indicator__parent=task.indicator.parent_id)
    live = Citation.objects.live().filter(earlier | sibling, task__unit=task.unit_id).exclude(task=task.pk)
    return list(live.select_related("task__indicator", "task__campaign").order_by("task__campaign__year", "pk"))


def _is_earlier(task: Task, row: Citation) -> bool:
    return row.task.campaign_id != task.campaign_id


def _rank(task: Task, row: Citation) -> int:
    return 100 if _is_earlier(task, row) else 20


def _why(task: Task, row: Citation) -> str:
    return f"{row.task.campaign.year} 年度同一要点引用过" if _is_earlier(task, row) else f"{row.task.code} 引用过"


def _pairs(text: str) -> set[str]:
    return {token for token in grams(text) if is_pair(token)} - COMMON

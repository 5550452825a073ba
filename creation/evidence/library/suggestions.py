"""Suggests pieces for a point, with the reason: cited there last year, at a sibling, by an assisting unit, or similar in words."""

from dataclasses import dataclass

from django.db.models import Q

from creation.evidence import citing
from creation.lib.bigrams import is_pair, tokenize
from creation.models import Citation, Evidence, Task, User

MAX_SUGGESTIONS, MAX_CANDIDATES = 6, 400
MIN_SHARED_BIGRAMS = 3  # pairs of characters
COMMON_BIGRAMS = frozenset(
    {"工作", "法治", "情况", "政府", "建设", "示例", "行政", "关于", "年度", "材料", "资料", "开展", "落实", "制度"}
)


@dataclass(frozen=True, slots=True)
class EvidenceSuggestion:
    evidence: Evidence
    reason: str


def suggest_for_task(task: Task, person: User) -> list[EvidenceSuggestion]:
    """Return the best suggestions first: pieces that this person may see, and that the task may cite and does not cite yet."""
    citable = citing.citable(task).filter(pk__in=Evidence.objects.visible_to(person).values("pk"))
    related = {row.evidence_id: row for row in _related_citations(task)}
    rows = list(citable.filter(pk__in=related).select_related("unit")[:MAX_CANDIDATES])
    candidates = citable.exclude(pk__in=related).select_related("unit").order_by("-created_at")[:MAX_CANDIDATES]
    wanted_bigrams = _bigrams(f"{task.title}{task.requirement}")
    found = [
        (_rank(task, related[each.pk]), EvidenceSuggestion(each, _reason(task, related[each.pk]))) for each in rows
    ]
    for each in candidates:
        shared = len(_bigrams(each.title) & wanted_bigrams)
        if each.unit_id != task.unit_id:
            found.append((40 + shared, EvidenceSuggestion(each, f"配合单位{each.unit}已引用")))
        elif shared >= MIN_SHARED_BIGRAMS:
            found.append((shared, EvidenceSuggestion(each, "题名与要求相近")))
    found.sort(key=lambda pair: (-pair[0], -pair[1].evidence.pk))
    return [suggestion for _, suggestion in found[:MAX_SUGGESTIONS]]


def _related_citations(task: Task) -> list[Citation]:
    """Return the unit's citations at the same point in earlier campaigns, and at the siblings of the point."""
    if task.indicator is None:
        return []
    earlier = Q(task__indicator__key=task.indicator.key, task__campaign__year__lt=task.campaign.year)
    sibling = Q(task__campaign=task.campaign_id, task__indicator__parent=task.indicator.parent_id)
    live = Citation.objects.counting().filter(earlier | sibling, task__unit=task.unit_id).exclude(task=task.pk)
    return list(live.select_related("task__indicator", "task__campaign").order_by("task__campaign__year", "pk"))


def _is_earlier(task: Task, row: Citation) -> bool:
    return row.task.campaign_id != task.campaign_id


def _rank(task: Task, row: Citation) -> int:
    return 100 if _is_earlier(task, row) else 20


def _reason(task: Task, row: Citation) -> str:
    return f"{row.task.campaign.year} 年度同一要点引用过" if _is_earlier(task, row) else f"{row.task.code} 引用过"


def _bigrams(text: str) -> set[str]:
    return {token for token in tokenize(text) if is_pair(token)} - COMMON_BIGRAMS

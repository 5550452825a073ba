"""The editions that a campaign has had: who changed them, when, and what became of each checkpoint."""

from dataclasses import dataclass, field

from django.db.models import Q

from creation.campaigns.editions.compared_checkpoints import ComparedCheckpoint
from creation.campaigns.editions.comparison import differences
from creation.models import (
    Assignment,
    Campaign,
    EditionChange,
    Indicator,
    IndicatorLevel,
    IndicatorSystem,
    Succession,
    SuccessionKind,
    Task,
    User,
)


@dataclass(slots=True)
class EditionPeriod:
    """The period of an edition. ``since``: the change that began it (None for the first); ``until``: the one that ended it, if any."""

    system: IndicatorSystem
    since: EditionChange | None
    until: EditionChange | None


@dataclass(slots=True)
class CheckpointOutcome:
    """What became of an old checkpoint. ``ended``: its tasks that ended with it, as far as the reader may see them."""

    old: Indicator
    successions: list[Succession] = field(default_factory=list)
    ended: list[Task] = field(default_factory=list)

    @property
    def description(self) -> str:
        return "；".join(filter(None, map(_describe, self.successions))) or "未变"


def edition_periods(campaign: Campaign) -> list[EditionPeriod]:
    """Return the periods, the edition in force first."""
    changes = list(_changes(campaign))
    found = [EditionPeriod(campaign.system, changes[0] if changes else None, None)]
    earlier = [*changes[1:], None][: len(changes)]
    return found + [EditionPeriod(change.before, since, change) for change, since in zip(changes, earlier, strict=True)]


def _changes(campaign: Campaign) -> list[EditionChange]:
    rows = EditionChange.objects.confirmed().filter(campaign=campaign)
    return list(rows.select_related("before", "after", "confirmed_by__unit").order_by("-confirmed_at", "-pk"))


def checkpoint_outcomes(change: EditionChange, user: User) -> list[CheckpointOutcome]:
    """Return every checkpoint of the old edition in order, with a constant number of queries."""
    olds = Indicator.objects.filter(system=change.before_id, level=IndicatorLevel.CHECKPOINT)
    found = {old.pk: CheckpointOutcome(old) for old in olds.select_related("parent__parent").order_by("order")}
    for row in change.successions.filter(before__in=found).select_related("before", "after").order_by("pk"):
        found[row.before_id or 0].successions.append(row)
    tasks = Task.objects.visible_or_dropped(user).filter(carries__change=change, carries__after=None).ended_by_edition()
    for task in tasks.select_related("unit").order_by("-role", "unit__order", "pk"):
        found[task.indicator_id or 0].ended.append(task)
    return list(found.values())


def _describe(row: Succession) -> str:
    if row.before is None or row.after is None:
        return "删除"
    if row.kind == SuccessionKind.SPLIT:
        return f"拆出 {row.after}"
    if row.kind == SuccessionKind.MERGED:
        return f"并入 {row.after}"
    told = differences(_compared(row.before), _compared(row.after))
    return f"{'、'.join(state.label for state in told)}，现为 {row.after}" if told else ""


def _compared(node: Indicator) -> ComparedCheckpoint:
    return ComparedCheckpoint(node.code, node.title, node.proof, "", "", official_wording=node.official_wording)


def changed_levels(change: EditionChange) -> list[Succession]:
    """Return the sections and items that were renamed, removed or added."""
    above = Q(before__level__lt=IndicatorLevel.CHECKPOINT) | Q(after__level__lt=IndicatorLevel.CHECKPOINT)
    rows = change.successions.filter(above).select_related("before", "after")
    told = [row for row in rows if str(row.before) != str(row.after)]
    return sorted(told, key=lambda row: (row.after or row.before).order)  # type: ignore[union-attr]


def added_checkpoints(change: EditionChange) -> list[Succession]:
    """Return the new checkpoints, including those that were split off."""
    rows = change.successions.filter(after__level=IndicatorLevel.CHECKPOINT)
    fresh = rows.filter(kind__in=(SuccessionKind.ADDED, SuccessionKind.SPLIT))
    return list(fresh.select_related("before", "after").order_by("after__order"))


def unassigned_checkpoints(change: EditionChange, rows: list[Succession]) -> set[int]:
    """Return the keys of the new checkpoints without any assigned unit."""
    points = {row.after_id or 0 for row in rows}
    had = Assignment.objects.filter(campaign=change.campaign_id, indicator__in=points).values_list(
        "indicator", flat=True
    )
    return points - set(had)

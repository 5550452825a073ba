"""Compare the old edition with the new one, using the office's decisions about the pairs that cannot be matched for certain."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db import models

from creation.campaigns.editions import compared_checkpoints, matching
from creation.campaigns.editions.compared_checkpoints import ComparedCheckpoint
from creation.campaigns.editions.matching import MatchCandidate, MatchProposal
from creation.models import Citation, EditionChange, IndicatorSystem, SuccessionKind, Task, TaskStatus
from creation.rules.text_diff import DiffChunk, diff_characters, diff_sentences

CONFIRMED_BY_HAND = "人工确认"
NEW, ENDED = "new", "end"
LARGE_SHARE = 2  # a change that removes one checkpoint in two, or more, needs express consent


class State(models.TextChoices):
    """What a new edition does to a checkpoint, in the order in which the page counts them."""

    SAME = "same", "未变"
    RENAMED = "renamed", "改名"
    MOVED = "moved", "移动"
    REWORDED = "reworded", "要求修改"
    ADDED = "added", "新增"
    SPLIT = "split", "拆出"
    MERGED = "merged", "并入"
    DOUBTFUL = "doubtful", "待确认"
    REMOVED = "removed", "删除"


# Shown even when the count is 0.
ALWAYS_COUNTED = (
    State.SAME,
    State.RENAMED,
    State.MOVED,
    State.ADDED,
    State.REMOVED,
)


@dataclass(slots=True)
class CheckpointRow:
    """A checkpoint of the new edition. ``kind`` says how it follows from ``old``: continued, split off, or added (without an old one)."""

    new: ComparedCheckpoint
    kind: str
    old: ComparedCheckpoint | None
    basis: str
    doubtful: bool
    candidates: list[MatchCandidate]
    merged: list[ComparedCheckpoint] = field(default_factory=list)
    tasks: int = 0

    @property
    def states(self) -> list[State]:
        if self.doubtful:
            return [State.DOUBTFUL]
        if self.kind == SuccessionKind.ADDED or self.old is None:
            return [State.ADDED]
        if self.kind == SuccessionKind.SPLIT:
            return [State.SPLIT]
        found = differences(self.old, self.new) + [State.MERGED for _ in self.merged[:1]]
        return found or [State.SAME]

    @property
    def words(self) -> list[str]:
        """The states in the words of the page: 未变、改名、由 4-3-3 拆出 …"""
        split = f"由 {self.old.code} 拆出" if self.old else ""
        return [split if state == State.SPLIT else state.label for state in self.states]

    @property
    def is_same(self) -> bool:
        return self.states == [State.SAME]

    @property
    def title_diff(self) -> list[DiffChunk]:
        """The differences between both titles; empty without an old checkpoint."""
        return diff_characters(self.old.title, self.new.title) if self.old else []

    @property
    def proof_diff(self) -> list[DiffChunk]:
        return self._diff("proof")

    @property
    def wording_diff(self) -> list[DiffChunk]:
        return self._diff("official_wording")

    def _diff(self, name: str) -> list[DiffChunk]:
        if not self.old or not _is_rewritten(getattr(self.old, name), getattr(self.new, name)):
            return []
        return diff_sentences(getattr(self.old, name), getattr(self.new, name))

    @property
    def candidate_diffs(self) -> list[tuple[MatchCandidate, list[DiffChunk]]]:
        """Each candidate with the differences between its title and the new one."""
        return [(each, diff_characters(each.old.title, self.new.title)) for each in self.candidates]

    @property
    def choice(self) -> str:
        if self.doubtful:
            return ""
        return f"{self.kind}:{self.old.pk}" if self.old else NEW


@dataclass(slots=True)
class EndedCheckpoint:
    """An old checkpoint without a successor: removed, or merged ``into`` a new one."""

    old: ComparedCheckpoint
    into: ComparedCheckpoint | None
    merge_candidates: list[ComparedCheckpoint]
    tasks: int = 0
    answered: int = 0
    evidence: int = 0

    @property
    def choice(self) -> str:
        return f"into:{self.into.code}" if self.into else ENDED


@dataclass(slots=True)
class Comparison:
    """Both editions compared. ``digest_parts`` is further data on the page that must not have changed when the change is carried out."""

    change: EditionChange
    rows: list[CheckpointRow]
    ended: list[EndedCheckpoint]
    before: IndicatorSystem
    digest_parts: list[object]
    conflicts: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[State, int]:
        counted = Counter(state for row in self.rows for state in row.states)
        counted[State.REMOVED] = len(self.removed)
        return {state: counted[state] for state in State if counted[state] or state in ALWAYS_COUNTED}

    @property
    def doubtful_rows(self) -> list[CheckpointRow]:
        return [row for row in self.rows if row.doubtful]

    @property
    def changed_rows(self) -> list[CheckpointRow]:
        return [row for row in self.rows if not row.doubtful and not row.is_same]

    @property
    def unchanged_rows(self) -> list[CheckpointRow]:
        return [row for row in self.rows if row.is_same]

    @property
    def removed(self) -> list[EndedCheckpoint]:
        return [each for each in self.ended if each.into is None]

    @property
    def ends_most(self) -> bool:
        old = len(self.ended) + sum(row.kind == SuccessionKind.ON for row in self.rows)
        return len(self.removed) * LARGE_SHARE >= old > 0

    @property
    def level_diffs(self) -> list[tuple[str, list[DiffChunk]]]:
        """Sections and items that keep their code but have a new title: the code and the differences between the titles."""
        found: dict[str, list[DiffChunk]] = {}
        for row in self.rows:
            if row.old and row.kind == SuccessionKind.ON:
                for code, was, now in _changed_levels(row.old, row.new):
                    found.setdefault(code, diff_characters(was, now))
        return sorted(found.items())

    @property
    def problems(self) -> list[str]:
        """Sentences that say what prevents the confirmation."""
        found = list(self.conflicts)
        if self.before.pk != self.change.before_id:
            found.append(f"本活动现在用的是“{self.before}”，不是导入时的版本。请放弃这次对照，重新导入新版。")
        if self.doubtful_rows:
            some = "、".join(row.new.code for row in self.doubtful_rows[:5])
            found.append(f"还有 {len(self.doubtful_rows)} 个要点的对应没有确认（{some} 等）。请逐个选择后再确认。")
        if not self.change.edition:
            found.append("还没有填写新版的版本名称，如“2026年版”。")
        return found

    @property
    def digest(self) -> str:
        counted: list[object] = [
            self.change.version,
            [(row.new.code, row.choice) for row in self.rows],
            [(each.old.pk, each.choice) for each in self.ended],
            self.digest_parts,
        ]
        return hashlib.sha256(json.dumps(counted, ensure_ascii=False).encode()).hexdigest()


def _changed_levels(old: ComparedCheckpoint, new: ComparedCheckpoint) -> Iterator[tuple[str, str, str]]:
    if old.section_code == new.section_code and old.section != new.section:
        yield new.section_code, old.section, new.section
    if old.item_code == new.item_code and old.item != new.item:
        yield new.item_code, old.item, new.item


def differences(old: ComparedCheckpoint, new: ComparedCheckpoint) -> list[State]:
    counted = [State.RENAMED] if old.title != new.title else []
    counted += [State.MOVED] if old.code != new.code else []
    rewritten = any(_is_rewritten(getattr(old, name), getattr(new, name)) for name in ("proof", "official_wording"))
    counted += [State.REWORDED] if rewritten else []
    return counted


def _is_rewritten(old: str, new: str) -> bool:
    """Return whether the text changes. An empty one of the new edition is taken over from the old one."""
    return bool(new) and new != old


def compare(change: EditionChange) -> Comparison:
    """Compare the editions with a constant number of queries, whatever the number of checkpoints and tasks."""
    before = change.campaign.system
    olds, news = compared_checkpoints.checkpoints_of(before), compared_checkpoints.checkpoints_from_rows(change.points)
    conflicts: list[str] = []
    rows = _checkpoint_rows(matching.match_checkpoints(olds, news), change.choices.get("new", {}), olds, conflicts)
    ended = _ended_checkpoints(rows, olds, change.choices.get("old", {}))
    _assign_merged(rows, ended)
    tasks = _count_tasks(change, rows, ended)
    frozen: list[object] = [
        before.pk,
        [(old.pk, str(old), old.proof, old.official_wording, old.item) for old in olds],
        tasks,
    ]
    return Comparison(change, rows, ended, before, frozen, conflicts)


def _checkpoint_rows(
    proposals: list[MatchProposal], choices: Mapping[str, str], olds: list[ComparedCheckpoint], conflicts: list[str]
) -> list[CheckpointRow]:
    by_pk = {old.pk: old for old in olds}
    rows = [_checkpoint_row(each, choices.get(each.new.code, ""), by_pk) for each in proposals]
    continued: dict[int, list[CheckpointRow]] = defaultdict(list)
    for row in rows:
        if row.old and row.kind == SuccessionKind.ON and not row.doubtful:
            continued[row.old.pk].append(row)
    for pk, claimed in continued.items():
        if len(claimed) > 1:
            names = "、".join(row.new.code for row in claimed)
            conflicts.append(f"原 {by_pk[pk]} 同时延续到 {names}。请只留一个“延续”，其余改选“拆出”或“新增”。")
    conflicts += [
        f"{row.new.code} 选了由原 {row.old.code} 拆出，但原 {row.old.code} 没有延续到任何新要点。"
        "请选一个新要点延续它的任务和答复。"
        for row in rows
        if row.kind == SuccessionKind.SPLIT and row.old and row.old.pk not in continued
    ]
    return rows


def _checkpoint_row(each: MatchProposal, choice: str, by_pk: Mapping[int, ComparedCheckpoint]) -> CheckpointRow:
    kind, _, number = choice.partition(":")
    old = by_pk.get(int(number or 0))
    if kind == NEW:
        return CheckpointRow(each.new, SuccessionKind.ADDED, None, CONFIRMED_BY_HAND, False, each.candidates)
    if kind in (SuccessionKind.ON, SuccessionKind.SPLIT) and old:
        basis = each.basis if kind == SuccessionKind.ON and old == each.old else CONFIRMED_BY_HAND
        return CheckpointRow(each.new, kind, old, basis, False, each.candidates)
    if each.old:
        return CheckpointRow(each.new, SuccessionKind.ON, each.old, each.basis, False, each.candidates)
    return CheckpointRow(each.new, SuccessionKind.ADDED, None, "", each.doubtful, each.candidates)


def _ended_checkpoints(
    rows: list[CheckpointRow], olds: list[ComparedCheckpoint], choices: Mapping[str, str]
) -> list[EndedCheckpoint]:
    continued = {row.old.pk for row in rows if row.old and row.kind == SuccessionKind.ON}
    continued |= {
        similar.old.pk for row in rows if row.doubtful for similar in row.candidates if similar.old.pk not in continued
    }
    by_code = {row.new.code: row.new for row in rows}
    similar: dict[int, list[ComparedCheckpoint]] = defaultdict(list)
    of_same_item: dict[str, list[ComparedCheckpoint]] = defaultdict(list)  # by the code and the title of their item
    for row in rows:
        for name in {row.new.item_code, row.new.item}:
            of_same_item[name].append(row.new)
        for candidate in row.candidates:
            similar[candidate.old.pk].append(row.new)
    found = []
    for old in olds:
        if old.pk not in continued:
            kind, _, code = choices.get(str(old.pk), ENDED).partition(":")
            into = by_code.get(code) if kind == "into" else None
            found.append(EndedCheckpoint(old, into, _merge_candidates(old, of_same_item, similar[old.pk])))
    return found


def _merge_candidates(
    old: ComparedCheckpoint, of_same_item: Mapping[str, list[ComparedCheckpoint]], similar: list[ComparedCheckpoint]
) -> list[ComparedCheckpoint]:
    """Return the new checkpoints that the old one may have been merged into: similar ones, and those of its own item."""
    of_item = [*of_same_item.get(old.item_code, ()), *of_same_item.get(old.item, ())]
    return list({new.code: new for new in [*similar, *of_item]}.values())


def _assign_merged(rows: list[CheckpointRow], ended: list[EndedCheckpoint]) -> None:
    by_code = {row.new.code: row for row in rows}
    for each in ended:
        if each.into:
            by_code[each.into.code].merged.append(each.old)


def _count_tasks(change: EditionChange, rows: list[CheckpointRow], ended: list[EndedCheckpoint]) -> list[list[int]]:
    """Count the tasks and evidence of each row. Return the tasks counted, as [task, checkpoint, version (0 unless it ends)]."""
    ending = {each.old.pk: each for each in ended}
    continued = {row.old.pk: row for row in rows if row.old and row.kind == SuccessionKind.ON}
    live = Task.objects.active().filter(campaign=change.campaign_id, indicator__system=change.campaign.system_id)
    counted_tasks = []
    for pk, checkpoint, status, version in live.order_by("pk").values_list("pk", "indicator", "status", "version"):
        counted_tasks.append([pk, checkpoint or 0, version if checkpoint in ending else 0])
        if row := continued.get(checkpoint or 0):
            row.tasks += 1
        if end := ending.get(checkpoint or 0):
            end.tasks += 1
            end.answered += status != TaskStatus.OPEN
    cited = Citation.objects.active().filter(task__campaign=change.campaign_id, task__indicator__in=ending)
    cited = cited.filter(task__dropped_on=None).order_by()
    for checkpoint, evidence in set(cited.values_list("task__indicator", "evidence")):
        ending[checkpoint or 0].evidence += bool(evidence)
    return counted_tasks

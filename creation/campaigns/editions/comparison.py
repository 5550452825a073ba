"""The old edition beside the new one, with what the office has said of the doubtful pairs. Nothing is decided in silence."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db import models

from creation.campaigns.editions import pairing, points
from creation.campaigns.editions.pairing import Candidate, Proposal
from creation.campaigns.editions.points import Point
from creation.models import Citation, EditionChange, IndicatorSystem, SuccessionKind, Task, TaskStatus
from creation.rules.comparing import Piece, letters, pieces

BY_HAND = "人工确认"
NEW, END = "new", "end"
LARGE = 2  # an edition that ends every second checkpoint and more is asked about expressly


class State(models.TextChoices):
    """What a new edition does to a checkpoint, in the order of the counts."""

    SAME = "same", "未变"
    RENAMED = "renamed", "改名"
    MOVED = "moved", "移动"
    REWORDED = "reworded", "要求修改"
    ADDED = "added", "新增"
    SPLIT = "split", "拆出"
    MERGED = "merged", "并入"
    DOUBTFUL = "doubtful", "待确认"
    REMOVED = "removed", "删除"


ALWAYS = (State.SAME, State.RENAMED, State.MOVED, State.ADDED, State.REMOVED)  # counted also where there is none


@dataclass(slots=True)
class Row:
    """A checkpoint of the new edition: ``old`` goes on in it (``kind`` on), was split (split), or it is new (added)."""

    new: Point
    kind: str
    old: Point | None
    basis: str
    doubtful: bool
    candidates: list[Candidate]
    merged: list[Point] = field(default_factory=list)
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
    def pieces(self) -> list[Piece]:
        """The titles with what differs marked; empty without an old one."""
        return letters(self.old.title, self.new.title) if self.old else []

    @property
    def proof_pieces(self) -> list[Piece]:
        if not self.old or not self.new.proof or self.old.proof == self.new.proof:
            return []
        return pieces(self.old.proof, self.new.proof)

    @property
    def beside(self) -> list[tuple[Candidate, list[Piece]]]:
        """What the question is about: each candidate's title against the new one."""
        return [(each, letters(each.old.title, self.new.title)) for each in self.candidates]

    @property
    def choice(self) -> str:
        if self.doubtful:
            return ""
        return f"{self.kind}:{self.old.pk}" if self.old else NEW


@dataclass(slots=True)
class Gone:
    """An old checkpoint that goes on nowhere: ended, or merged ``into`` a new one."""

    old: Point
    into: Point | None
    near: list[Point]
    tasks: int = 0
    answered: int = 0
    evidence: int = 0

    @property
    def choice(self) -> str:
        return f"into:{self.into.code}" if self.into else END


@dataclass(slots=True)
class Comparison:
    """``frozen``: what else the person has seen, and what must not have changed when it is carried out."""

    change: EditionChange
    rows: list[Row]
    gone: list[Gone]
    before: IndicatorSystem
    frozen: list[object]
    conflicts: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[State, int]:
        told = Counter(state for row in self.rows for state in row.states)
        told[State.REMOVED] = len(self.removed)
        return {state: told[state] for state in State if told[state] or state in ALWAYS}

    @property
    def asked(self) -> list[Row]:
        return [row for row in self.rows if row.doubtful]

    @property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if not row.doubtful and not row.is_same]

    @property
    def same(self) -> list[Row]:
        return [row for row in self.rows if row.is_same]

    @property
    def removed(self) -> list[Gone]:
        return [each for each in self.gone if each.into is None]

    @property
    def ends_most(self) -> bool:
        old = len(self.gone) + sum(row.kind == SuccessionKind.ON for row in self.rows)
        return len(self.removed) * LARGE >= old > 0

    @property
    def levels(self) -> list[tuple[str, list[Piece]]]:
        """Sections and items that keep their code and read otherwise: the code, and the titles with what differs marked."""
        found: dict[str, list[Piece]] = {}
        for row in self.rows:
            if row.old and row.kind == SuccessionKind.ON:
                for code, was, now in _above(row.old, row.new):
                    found.setdefault(code, letters(was, now))
        return sorted(found.items())

    @property
    def problems(self) -> list[str]:
        """What stands in the way of the confirmation, in words."""
        found = list(self.conflicts)
        if self.before.pk != self.change.before_id:
            found.append(f"本活动现在用的是“{self.before}”，不是导入时的版本。请放弃这次对照，重新导入新版。")
        if self.asked:
            some = "、".join(row.new.code for row in self.asked[:5])
            found.append(f"还有 {len(self.asked)} 个要点的对应没有确认（{some} 等）。请逐个选择后再确认。")
        if not self.change.edition:
            found.append("还没有填写新版的版本名称，如“2026年版”。")
        return found

    @property
    def digest(self) -> str:
        told: list[object] = [
            self.change.version,
            [(row.new.code, row.choice) for row in self.rows],
            [(each.old.pk, each.choice) for each in self.gone],
            self.frozen,
        ]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _above(old: Point, new: Point) -> Iterator[tuple[str, str, str]]:
    if old.section_code == new.section_code and old.section != new.section:
        yield new.section_code, old.section, new.section
    if old.item_code == new.item_code and old.item != new.item:
        yield new.item_code, old.item, new.item


def differences(old: Point, new: Point) -> list[State]:
    told = [State.RENAMED] if old.title != new.title else []
    told += [State.MOVED] if old.code != new.code else []
    told += [State.REWORDED] if new.proof and new.proof != old.proof else []
    return told


def read(change: EditionChange) -> Comparison:
    """A constant number of queries, whatever the number of checkpoints and tasks."""
    before = change.campaign.system
    olds, news = points.of_system(before), points.of_rows(change.points)
    conflicts: list[str] = []
    rows = _rows(pairing.propose(olds, news), change.choices.get("new", {}), olds, conflicts)
    gone = _gone(rows, olds, change.choices.get("old", {}))
    _merge(rows, gone)
    tasks = _tasks(change, rows, gone)
    frozen: list[object] = [before.pk, [(old.pk, str(old), old.proof, old.item) for old in olds], tasks]
    return Comparison(change, rows, gone, before, frozen, conflicts)


def _rows(proposals: list[Proposal], choices: Mapping[str, str], olds: list[Point], conflicts: list[str]) -> list[Row]:
    by_pk = {old.pk: old for old in olds}
    rows = [_row(each, choices.get(each.new.code, ""), by_pk) for each in proposals]
    going: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.old and row.kind == SuccessionKind.ON and not row.doubtful:
            going[row.old.pk].append(row)
    for pk, claimed in going.items():
        if len(claimed) > 1:
            names = "、".join(row.new.code for row in claimed)
            conflicts.append(f"原 {by_pk[pk]} 同时延续到 {names}。请只留一个“延续”，其余改选“拆出”或“新增”。")
    for row in rows:
        if row.kind == SuccessionKind.SPLIT and row.old and row.old.pk not in going:
            conflicts.append(
                f"{row.new.code} 选了由原 {row.old.code} 拆出，但原 {row.old.code} 没有延续到任何新要点。"
                "请选一个新要点延续它的任务和答复。"
            )
    return rows


def _row(each: Proposal, choice: str, by_pk: Mapping[int, Point]) -> Row:
    kind, _, number = choice.partition(":")
    old = by_pk.get(int(number or 0))
    if kind == NEW:
        return Row(each.new, SuccessionKind.ADDED, None, BY_HAND, False, each.candidates)
    if kind in (SuccessionKind.ON, SuccessionKind.SPLIT) and old:
        basis = each.basis if kind == SuccessionKind.ON and old == each.old else BY_HAND
        return Row(each.new, kind, old, basis, False, each.candidates)
    if each.old:
        return Row(each.new, SuccessionKind.ON, each.old, each.basis, False, each.candidates)
    return Row(each.new, SuccessionKind.ADDED, None, "", each.doubtful, each.candidates)


def _gone(rows: list[Row], olds: list[Point], choices: Mapping[str, str]) -> list[Gone]:
    going = {row.old.pk for row in rows if row.old and row.kind == SuccessionKind.ON}
    going |= {near.old.pk for row in rows if row.doubtful for near in row.candidates if near.old.pk not in going}
    by_code = {row.new.code: row.new for row in rows}
    near: dict[int, list[Point]] = defaultdict(list)
    beside: dict[str, list[Point]] = defaultdict(list)  # by the code and the title of their item
    for row in rows:
        for name in {row.new.item_code, row.new.item}:
            beside[name].append(row.new)
        for candidate in row.candidates:
            near[candidate.old.pk].append(row.new)
    found = []
    for old in olds:
        if old.pk not in going:
            kind, _, code = choices.get(str(old.pk), END).partition(":")
            into = by_code.get(code) if kind == "into" else None
            found.append(Gone(old, into, _like(old, beside, near[old.pk])))
    return found


def _like(old: Point, beside: Mapping[str, list[Point]], near: list[Point]) -> list[Point]:
    """New checkpoints that the old one may have been merged into: alike ones, and those of its own item."""
    of_item = [*beside.get(old.item_code, ()), *beside.get(old.item, ())]
    return list({new.code: new for new in [*near, *of_item]}.values())


def _merge(rows: list[Row], gone: list[Gone]) -> None:
    by_code = {row.new.code: row for row in rows}
    for each in gone:
        if each.into:
            by_code[each.into.code].merged.append(each.old)


def _tasks(change: EditionChange, rows: list[Row], gone: list[Gone]) -> list[list[int]]:
    """Counts what hangs on each; gives the tasks that a person has seen counted, those to be ended with their version."""
    ending = {each.old.pk: each for each in gone}
    going = {row.old.pk: row for row in rows if row.old and row.kind == SuccessionKind.ON}
    live = Task.objects.live().filter(campaign=change.campaign_id, indicator__system=change.campaign.system_id)
    seen = []
    for pk, point, status, version in live.order_by("pk").values_list("pk", "indicator", "status", "version"):
        seen.append([pk, point or 0, version if point in ending else 0])
        if row := going.get(point or 0):
            row.tasks += 1
        if end := ending.get(point or 0):
            end.tasks += 1
            end.answered += status != TaskStatus.OPEN
    cited = Citation.objects.standing().filter(task__campaign=change.campaign_id, task__indicator__in=ending)
    cited = cited.filter(task__dropped_on=None).order_by()
    for point, piece in set(cited.values_list("task__indicator", "evidence")):
        ending[point or 0].evidence += bool(piece)
    return seen

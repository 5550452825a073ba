"""The tree of the new edition, and which old node each of its nodes continues."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from creation.campaigns.editions.compared_checkpoints import ComparedCheckpoint
from creation.campaigns.editions.comparison import CheckpointRow, Comparison
from creation.models import EditionChange, Indicator, IndicatorLevel, IndicatorSystem, Succession, SuccessionKind

LEVELS = (IndicatorLevel.SECTION, IndicatorLevel.ITEM)
TITLE_WEIGHT = 1000  # a section or item with the same title outweighs any number of its checkpoints


@dataclass(slots=True)
class EditionTree:
    """The nodes of the new edition by code. ``continued`` and ``merged`` map old keys to new nodes, ``split`` new keys to old ones."""

    nodes: dict[str, Indicator] = field(default_factory=dict)
    continued: dict[int, Indicator] = field(default_factory=dict)
    merged: dict[int, Indicator] = field(default_factory=dict)
    split: dict[int, int] = field(default_factory=dict)
    old: dict[int, Indicator] = field(default_factory=dict)


def create_nodes(comparison: Comparison, system: IndicatorSystem) -> EditionTree:
    """Create the sections, items and checkpoints. Continued nodes keep their key, kinds of material, clause and points."""
    tree = EditionTree(old={node.pk: node for node in comparison.before.indicators.all()})
    keys = {node.key for node in tree.old.values()}
    continued = _continued_levels(comparison.rows, tree.old)
    for level in LEVELS:
        titles = _titles(comparison.rows, level)
        _create(tree, system, level, {code: _NodeText(title) for code, title in titles.items()}, continued, keys)
    wanted = {row.new.code: _text_of(row.new) for row in comparison.rows}
    continuing = {row.new.code: row.old.pk for row in comparison.rows if row.old and row.kind == SuccessionKind.ON}
    _create(tree, system, IndicatorLevel.CHECKPOINT, wanted, continuing, keys)
    for row in comparison.rows:
        if row.kind == SuccessionKind.SPLIT and row.old:
            tree.split[tree.nodes[row.new.code].pk] = row.old.pk
    tree.merged = {each.old.pk: tree.nodes[each.into.code] for each in comparison.ended if each.into}
    order_by_code(tree.nodes.values())
    return tree


def record_successions(tree: EditionTree, change: EditionChange, bases: Mapping[str, str]) -> None:
    """Record what became of each old node and where each new one came from."""
    rows = [_continuation(change, tree.old[old], new, bases) for old, new in tree.continued.items()]
    rows += [_succession(change, SuccessionKind.MERGED, tree.old[old], new) for old, new in tree.merged.items()]
    nodes = {node.pk: node for node in tree.nodes.values()}
    rows += [_succession(change, SuccessionKind.SPLIT, tree.old[old], nodes[new]) for new, old in tree.split.items()]
    continuing = {node.pk for node in tree.continued.values()} | tree.split.keys()
    rows += [
        _succession(change, SuccessionKind.ADDED, None, node) for pk, node in nodes.items() if pk not in continuing
    ]
    gone = tree.old.keys() - tree.continued.keys() - tree.merged.keys()
    rows += [_succession(change, SuccessionKind.REMOVED, tree.old[pk], None) for pk in sorted(gone)]
    Succession.objects.bulk_create(rows, batch_size=500)


def _continuation(change: EditionChange, old: Indicator, new: Indicator, bases: Mapping[str, str]) -> Succession:
    return Succession(change=change, kind=SuccessionKind.ON, before=old, after=new, basis=bases.get(new.code, ""))


def _succession(change: EditionChange, kind: str, old: Indicator | None, new: Indicator | None) -> Succession:
    return Succession(change=change, kind=kind, before=old, after=new)


@dataclass(frozen=True, slots=True)
class _NodeText:
    """The texts of a node. An empty one is taken over from the node that it continues."""

    title: str
    proof: str = ""
    official_wording: str = ""
    clause: str = ""


def _text_of(new: ComparedCheckpoint) -> _NodeText:
    return _NodeText(new.title, new.proof, new.official_wording, new.clause)


def _create(
    tree: EditionTree,
    system: IndicatorSystem,
    level: int,
    wanted: Mapping[str, _NodeText],
    continuing: Mapping[str, int],
    keys: set[str],
) -> None:
    fresh = []
    for code, what in wanted.items():
        old = tree.old[continuing[code]] if code in continuing else None
        node = Indicator(system=system, level=level, code=code, order=0, title=what.title)
        node.parent = tree.nodes[code.rpartition("-")[0]] if level > IndicatorLevel.SECTION else None
        node.key = old.key if old else _free_key(code, system, keys)
        for name in ("proof", "official_wording", "clause"):
            setattr(node, name, getattr(what, name) or (getattr(old, name) if old else ""))
        if old:
            node.kinds, node.points = old.kinds, old.points
        fresh.append(node)
    made = Indicator.objects.bulk_create(fresh, batch_size=500)
    tree.nodes |= {node.code: node for node in made}
    tree.continued |= {continuing[node.code]: node for node in made if node.code in continuing}


def _free_key(code: str, system: IndicatorSystem, keys: set[str]) -> str:
    key = code if code not in keys else f"{code}-e{system.pk}"
    keys.add(key)
    return key


def _titles(rows: Iterable[CheckpointRow], level: int) -> dict[str, str]:
    if level == IndicatorLevel.SECTION:
        return {row.new.section_code: row.new.section for row in rows}
    return {row.new.item_code: row.new.item for row in rows}


def _continued_levels(rows: list[CheckpointRow], old: Mapping[int, Indicator]) -> dict[str, int]:
    """Return new code → the old section or item it continues: the one with its title, or the one most of its checkpoints come from."""
    found: dict[str, int] = {}
    for level in LEVELS:
        votes: dict[tuple[str, int], int] = defaultdict(int)
        titles = _titles(rows, level)
        for code, title in titles.items():
            for node in old.values():
                if node.level == level and node.title == title:
                    votes[code, node.pk] += TITLE_WEIGHT * (2 if node.code == code else 1)
        for (code, pk), count in _votes_of_checkpoints(rows, old, level).items():
            votes[code, pk] += count
        taken: set[int] = set()
        for (code, pk), _ in sorted(votes.items(), key=lambda vote: (-vote[1], old[vote[0][1]].code != vote[0][0])):
            if code not in found and pk not in taken:
                found[code] = pk
                taken.add(pk)
    return found


def _votes_of_checkpoints(
    rows: list[CheckpointRow], old: Mapping[int, Indicator], level: int
) -> Counter[tuple[str, int]]:
    found: Counter[tuple[str, int]] = Counter()
    for row in rows:
        if row.old and row.kind == SuccessionKind.ON:
            item = old[row.old.pk].parent_id or 0
            above = item if level == IndicatorLevel.ITEM else old[item].parent_id or 0
            code = row.new.item_code if level == IndicatorLevel.ITEM else row.new.section_code
            found[code, above] += 1
    return found


def order_by_code(nodes: Iterable[Indicator]) -> None:
    """Number the nodes by their codes, comparing numeric parts as numbers."""
    ranked = sorted(
        nodes, key=lambda node: [(int(part), "") if part.isdigit() else (0, part) for part in node.code.split("-")]
    )
    moved = []
    for order, node in enumerate(ranked, 1):
        if node.order != order:
            node.order = order
            moved.append(node)
    Indicator.objects.bulk_update(moved, ["order"], batch_size=500)

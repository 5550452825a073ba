"""Which old checkpoint goes on in which new one: by key, by code, by likeness. Pure. What is not certain is left to a person."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from creation.campaigns.editions.points import Point

ALIKE = 0.6  # under the same code, so alike titles are one checkpoint renamed
SIMILAR = 0.4  # from here on somebody should look at the two
OFFERED = 5  # candidates a question names

KEY, BOTH, TITLE, CODE = "标识一致", "编号、名称一致", "名称一致", "编号一致，内容相近"
SAME_CODE, NEAR, SAME_TITLE = "编号一致，内容不同", "内容相近", "名称相同，不止一个"


@dataclass(frozen=True, slots=True)
class Candidate:
    old: Point
    likeness: float
    basis: str


@dataclass(slots=True)
class Proposal:
    """``doubtful``: only a person can say which of the ``candidates`` goes on here, or that it is new."""

    new: Point
    old: Point | None = None
    basis: str = ""
    doubtful: bool = False
    candidates: list[Candidate] = field(default_factory=list)


def propose(olds: Sequence[Point], news: Sequence[Point]) -> list[Proposal]:
    """One a new checkpoint, in their order. No old one is given twice."""
    proposals = {new.code: Proposal(new) for new in news}
    _certain(proposals, olds)
    _by_code_and_likeness(proposals, olds)
    return list(proposals.values())


def _certain(proposals: dict[str, Proposal], olds: Sequence[Point]) -> None:
    by_key = {old.key: old for old in olds}
    for each in proposals.values():
        if each.new.key:
            each.old, each.basis = by_key.get(each.new.key), KEY
    by_both = {(old.code, plain(old.title)): old for old in _free(proposals, olds)}
    for each in _bare(proposals):
        if old := by_both.get((each.new.code, plain(each.new.title))):
            each.old, each.basis = old, BOTH
    _by_title(proposals, olds)


def _by_title(proposals: dict[str, Proposal], olds: Sequence[Point]) -> None:
    """A title that stands once on both sides is certain; one that stands more often is asked about."""
    titled: dict[str, list[Point]] = defaultdict(list)
    for old in _free(proposals, olds):
        titled[plain(old.title)].append(old)
    asked = Counter(plain(each.new.title) for each in _bare(proposals))
    for each in list(_bare(proposals)):
        found = titled.get(plain(each.new.title), [])
        if len(found) == 1 and asked[plain(each.new.title)] == 1:
            each.old, each.basis = found[0], TITLE
        elif found:
            each.doubtful = True
            each.candidates = [Candidate(old, 1.0, SAME_TITLE) for old in found[:OFFERED]]


def _by_code_and_likeness(proposals: dict[str, Proposal], olds: Sequence[Point]) -> None:
    free = {old.pk: old for old in _free(proposals, olds)}
    found, index = {}, _Index(olds)
    for each in _bare(proposals):
        if not each.candidates:
            each.candidates = _candidates(each.new, index, free)
            found[each.new.code] = each
    wanted = Counter(
        near.old.pk for each in found.values() for near in each.candidates if near.likeness >= ALIKE
    )  # by how many it might be taken
    for each in found.values():
        standing = [near for near in each.candidates if near.old.pk in free]
        first = standing[0] if standing else None
        if first and first.basis == CODE and wanted[first.old.pk] == 1 and _stands_out(first, standing):
            each.old, each.basis = first.old, CODE
        else:
            each.doubtful = bool(standing)


def _stands_out(first: Candidate, standing: list[Candidate]) -> bool:
    return all(first.likeness > other.likeness for other in standing[1:])


def _candidates(new: Point, index: "_Index", free: dict[int, Point]) -> list[Candidate]:
    """The best first: free ones before those that go on elsewhere, from which this one can only have been split."""
    near = index.near(new.title)
    found = []
    for old, alike in near:
        if alike >= (SIMILAR if old.pk in free else ALIKE):
            same = old.code == new.code
            found.append(Candidate(old, alike, NEAR if not same else CODE if alike >= ALIKE else SAME_CODE))
    coded = index.by_code.get(new.code)
    if coded and coded.pk in free and all(each.old.pk != coded.pk for each in found):
        found.append(Candidate(coded, likeness(coded.title, new.title), SAME_CODE))
    found.sort(key=lambda each: (each.old.pk not in free, -each.likeness))
    return found[:OFFERED]


class _Index:
    """Old checkpoints by the pairs of characters in their titles: how alike a title is costs no comparison with each of them."""

    def __init__(self, olds: Sequence[Point]) -> None:
        self.olds = {old.pk: old for old in olds}
        self.by_code = {old.code: old for old in olds}
        self.sizes: dict[int, int] = {}
        self.having: dict[str, list[int]] = defaultdict(list)
        for old in olds:
            each = pairs(old.title)
            self.sizes[old.pk] = len(each)
            for pair in each:
                self.having[pair].append(old.pk)
        self.smallest = min(self.sizes.values(), default=0)

    def near(self, title: str) -> list[tuple[Point, float]]:
        """Those that somebody should look at, with how alike they are."""
        asked, shared = pairs(title), Counter[int]()
        for pair in asked:
            shared.update(self.having.get(pair, ()))
        least = int(SIMILAR * (len(asked) + self.smallest) / 2)  # most share a pair or two, and go no further
        rated = ((pk, 2 * n / (len(asked) + self.sizes[pk])) for pk, n in shared.items() if n >= least)
        return [(self.olds[pk], alike) for pk, alike in rated if alike >= SIMILAR]


def likeness(one: str, other: str) -> float:
    """0 to 1: the share of pairs of characters that both have."""
    ours, theirs = pairs(one), pairs(other)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 1.0


def pairs(title: str) -> set[str]:
    text = plain(title)
    return {text[at : at + 2] for at in range(len(text) - 1)} or {text}


def plain(title: str) -> str:
    """Without blanks, punctuation and full-width forms."""
    return "".join(each for each in unicodedata.normalize("NFKC", title) if each.isalnum())


def _bare(proposals: dict[str, Proposal]) -> list[Proposal]:
    return [each for each in proposals.values() if each.old is None and not each.doubtful]


def _free(proposals: dict[str, Proposal], olds: Iterable[Point]) -> list[Point]:
    taken = {each.old.pk for each in proposals.values() if each.old}
    return [old for old in olds if old.pk not in taken]

"""Match old checkpoints with new ones by key, code, title and similarity, without any query. Uncertain matches are left to a person."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from creation.campaigns.editions.compared_checkpoints import ComparedCheckpoint

CERTAIN_SIMILARITY = 0.6  # with the same code, titles this similar are one checkpoint renamed
POSSIBLE_SIMILARITY = 0.4  # from here on a person should compare the two
MAX_CANDIDATES = 5  # candidates shown for one new checkpoint

BY_KEY, BY_CODE_AND_TITLE, BY_TITLE, BY_CODE = "标识一致", "编号、名称一致", "名称一致", "编号一致，内容相近"
SAME_CODE, SIMILAR_TITLE, SAME_TITLE = "编号一致，内容不同", "内容相近", "名称相同，不止一个"


@dataclass(frozen=True, slots=True)
class MatchCandidate:
    old: ComparedCheckpoint
    similarity: float
    basis: str


@dataclass(slots=True)
class MatchProposal:
    """The match found for a new checkpoint. ``doubtful``: a person must choose one of the ``candidates``, or say that it is new."""

    new: ComparedCheckpoint
    old: ComparedCheckpoint | None = None
    basis: str = ""
    doubtful: bool = False
    candidates: list[MatchCandidate] = field(default_factory=list)


def match_checkpoints(olds: Sequence[ComparedCheckpoint], news: Sequence[ComparedCheckpoint]) -> list[MatchProposal]:
    """Return a proposal for each new checkpoint, in order. No old checkpoint is matched twice."""
    proposals = {new.code: MatchProposal(new) for new in news}
    _match_certain(proposals, olds)
    _match_by_similarity(proposals, olds)
    return list(proposals.values())


def _match_certain(proposals: dict[str, MatchProposal], olds: Sequence[ComparedCheckpoint]) -> None:
    by_key = {old.key: old for old in olds}
    for each in proposals.values():
        if each.new.key:
            each.old, each.basis = by_key.get(each.new.key), BY_KEY
    by_both = {(old.code, normalized_title(old.title)): old for old in _free_old(proposals, olds)}
    for each in _unmatched(proposals):
        if old := by_both.get((each.new.code, normalized_title(each.new.title))):
            each.old, each.basis = old, BY_CODE_AND_TITLE
    _match_by_title(proposals, olds)


def _match_by_title(proposals: dict[str, MatchProposal], olds: Sequence[ComparedCheckpoint]) -> None:
    """Match titles that occur once in both editions; a title that occurs more often is doubtful."""
    by_title: dict[str, list[ComparedCheckpoint]] = defaultdict(list)
    for old in _free_old(proposals, olds):
        by_title[normalized_title(old.title)].append(old)
    wanted_bigrams = Counter(normalized_title(each.new.title) for each in _unmatched(proposals))
    for each in list(_unmatched(proposals)):
        found = by_title.get(normalized_title(each.new.title), [])
        if len(found) == 1 and wanted_bigrams[normalized_title(each.new.title)] == 1:
            each.old, each.basis = found[0], BY_TITLE
        elif found:
            each.doubtful = True
            each.candidates = [MatchCandidate(old, 1.0, SAME_TITLE) for old in found[:MAX_CANDIDATES]]


def _match_by_similarity(proposals: dict[str, MatchProposal], olds: Sequence[ComparedCheckpoint]) -> None:
    free = {old.pk: old for old in _free_old(proposals, olds)}
    found, index = {}, _SimilarityIndex(olds)
    for each in _unmatched(proposals):
        if not each.candidates:
            each.candidates = _candidates(each.new, index, free)
            found[each.new.code] = each
    # How many new checkpoints could continue it.
    wanted = Counter(
        similar.old.pk
        for each in found.values()
        for similar in each.candidates
        if similar.similarity >= CERTAIN_SIMILARITY
    )
    for each in found.values():
        available = [similar for similar in each.candidates if similar.old.pk in free]
        first = available[0] if available else None
        if first and first.basis == BY_CODE and wanted[first.old.pk] == 1 and _is_clearly_best(first, available):
            each.old, each.basis = first.old, BY_CODE
        else:
            each.doubtful = bool(available)


def _is_clearly_best(first: MatchCandidate, available: list[MatchCandidate]) -> bool:
    return all(first.similarity > other.similarity for other in available[1:])


def _candidates(
    new: ComparedCheckpoint, index: "_SimilarityIndex", free: dict[int, ComparedCheckpoint]
) -> list[MatchCandidate]:
    """Return the best candidates, unmatched ones first. The new checkpoint can only have been split off from one already matched."""
    similar = index.similar_to(new.title)
    found = []
    for old, similarity in similar:
        if similarity >= (POSSIBLE_SIMILARITY if old.pk in free else CERTAIN_SIMILARITY):
            same = old.code == new.code
            found.append(
                MatchCandidate(
                    old,
                    similarity,
                    SIMILAR_TITLE if not same else BY_CODE if similarity >= CERTAIN_SIMILARITY else SAME_CODE,
                )
            )
    same_code = index.by_code.get(new.code)
    if same_code and same_code.pk in free and all(each.old.pk != same_code.pk for each in found):
        found.append(MatchCandidate(same_code, title_similarity(same_code.title, new.title), SAME_CODE))
    found.sort(key=lambda each: (each.old.pk not in free, -each.similarity))
    return found[:MAX_CANDIDATES]


class _SimilarityIndex:
    """Index of old checkpoints by the character pairs of their titles, so that a title is not compared with every other."""

    def __init__(self, olds: Sequence[ComparedCheckpoint]) -> None:
        self.olds = {old.pk: old for old in olds}
        self.by_code = {old.code: old for old in olds}
        self.sizes: dict[int, int] = {}
        self.by_bigram: dict[str, list[int]] = defaultdict(list)
        for old in olds:
            each = bigrams_of(old.title)
            self.sizes[old.pk] = len(each)
            for pair in each:
                self.by_bigram[pair].append(old.pk)
        self.smallest = min(self.sizes.values(), default=0)

    def similar_to(self, title: str) -> list[tuple[ComparedCheckpoint, float]]:
        """Return the checkpoints that may match, with their similarity."""
        wanted_bigrams, shared = bigrams_of(title), Counter[int]()
        for pair in wanted_bigrams:
            shared.update(self.by_bigram.get(pair, ()))
        # Most share only a pair or two and are not compared further.
        least = int(POSSIBLE_SIMILARITY * (len(wanted_bigrams) + self.smallest) / 2)
        rated = ((pk, 2 * n / (len(wanted_bigrams) + self.sizes[pk])) for pk, n in shared.items() if n >= least)
        return [(self.olds[pk], similarity) for pk, similarity in rated if similarity >= POSSIBLE_SIMILARITY]


def title_similarity(one: str, other: str) -> float:
    """Return the share of character pairs that both titles have, 0 to 1."""
    ours, theirs = bigrams_of(one), bigrams_of(other)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 1.0


def bigrams_of(title: str) -> set[str]:
    text = normalized_title(title)
    return {text[at : at + 2] for at in range(len(text) - 1)} or {text}


def normalized_title(title: str) -> str:
    """Return the title without blanks, punctuation and full-width forms."""
    return "".join(each for each in unicodedata.normalize("NFKC", title) if each.isalnum())


def _unmatched(proposals: dict[str, MatchProposal]) -> list[MatchProposal]:
    return [each for each in proposals.values() if each.old is None and not each.doubtful]


def _free_old(proposals: dict[str, MatchProposal], olds: Iterable[ComparedCheckpoint]) -> list[ComparedCheckpoint]:
    taken = {each.old.pk for each in proposals.values() if each.old}
    return [old for old in olds if old.pk not in taken]

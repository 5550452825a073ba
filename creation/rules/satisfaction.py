"""What the answers of a satisfaction survey come to. Pure.

The scale is that of the districts' own papers: 非常满意, 满意 and 基本满意 count as satisfied, 不满意 does not, and 不了解 is left
out of the rate.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from math import sqrt

CHOICES: Mapping[int, str] = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 0: "不了解"}
NO_CHOICE = -1
CHOICES_BY_NAME = {name: choice for choice, name in CHOICES.items()}
CELL_END = re.compile("[\t,，、;；|]")  # between the cells of a row
SATISFIED = (5, 4, 3)
MIN_ANSWERS = 5  # below which a result is not shown, so that no answer can be guessed
MIN_ON_A_SIDE = 5  # people, of the satisfied and of the others, from which the normal distribution may be used
Z_95 = 1.96  # of the normal distribution, for a confidence of 95 %


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """Counts by choice, of one question or of several together.

    ``forms``: how many people answered. ``rate``: satisfied ÷ everybody who knows, in per cent, rounded down; None below MIN_ANSWERS
    people.
    """

    counts: Mapping[int, int]
    forms: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def known(self) -> int:
        return self.total - self.counts.get(0, 0)

    @property
    def satisfied(self) -> int:
        return sum(self.counts.get(choice, 0) for choice in SATISFIED)

    @property
    def is_shown(self) -> bool:
        return self.forms >= MIN_ANSWERS

    @property
    def rate(self) -> Decimal | None:
        if not self.is_shown or not self.known:
            return None
        return (Decimal(self.satisfied) * 100 / self.known).quantize(Decimal("0.01"), ROUND_DOWN)

    @property
    def margin(self) -> Decimal | None:
        """The margin of error in percentage points, with a confidence of 95 %; people count once, however many questions they answer.

        The population is taken as large. Of a small one it is a little too wide, never too narrow.
        """
        if self.rate is None:
            return None
        share, people = self.satisfied / self.known, min(self.known, self.forms)
        return Decimal(_margin(share, people) * 100).quantize(Decimal("0.01"))


def _margin(share: float, people: int) -> float:
    """Return the margin of a share: the textbook's, and with few people on one side, where that one comes to nothing, the distance to
    the farther end of Wilson's interval."""
    if people * min(share, 1 - share) >= MIN_ON_A_SIDE:
        return Z_95 * sqrt(share * (1 - share) / people)
    z = Z_95**2 / people
    middle = (share + z / 2) / (1 + z)
    half = Z_95 * sqrt((share * (1 - share) + z / 4) / people) / (1 + z)
    return abs(middle - share) + half


def count(answers: Iterable[Sequence[int]], questions: int) -> list[QuestionResult]:
    """Return the result of each question."""
    counts: list[Counter[int]] = [Counter() for _ in range(questions)]
    forms = 0
    for choices in answers:
        forms += 1
        for place, choice in enumerate(choices[:questions]):
            counts[place][choice] += 1
    return [QuestionResult(each, forms) for each in counts]


def withheld(answers: Mapping[int, int]) -> set[int]:
    """Return the groups (key → number of answers) whose results are not shown.

    Those below MIN_ANSWERS, and where these are fewer than MIN_ANSWERS people together, the next smallest group as well: else whoever
    takes the groups that are shown from the whole would learn what a few people answered.
    """
    hidden = {key for key, number in answers.items() if 0 < number < MIN_ANSWERS}
    for key in sorted((each for each in answers if answers[each]), key=lambda each: (answers[each], each)):
        if 0 < sum(answers[each] for each in hidden) < MIN_ANSWERS:
            hidden.add(key)
    return hidden


def counted_until(answers: Mapping[date, int], today: date) -> date | None:
    """Return the last day whose answers are counted while a survey goes on, None for none yet. ``answers``: those of a unit by day.

    They are counted in steps of whole days, of at least MIN_ANSWERS each, and as many stay behind for the last step: whoever compares
    two looks at the results, or the last one with the end, learns no single answer.
    """
    last, step, waiting = None, 0, sum(answers.values())
    for day in sorted(day for day in answers if day < today):
        step += answers[day]
        waiting -= answers[day]
        if step >= MIN_ANSWERS and waiting >= MIN_ANSWERS:
            last, step = day, 0
    return last


def together(results: Sequence[QuestionResult]) -> QuestionResult:
    """Return all questions as one."""
    whole: Counter[int] = Counter()
    for each in results:
        whole.update(each.counts)
    return QuestionResult(whole, max((each.forms for each in results), default=0))


def read_paper(line: str, questions: int) -> list[int]:
    """Return the choices of a form typed as digits, such as ``55432``, or pasted as a row of a table. Raises ValueError with a sentence.

    A row may begin with a running number and have the choices in words. Its cells are told apart, so that an empty one is missed.
    """
    cells = [cell.strip() for cell in CELL_END.split(line)]
    if len(cells) == questions + 1 and cells[0].isdecimal():
        del cells[0]
    if len(cells) != questions:
        cells = list("".join("".join(cells).split()))
        if len(cells) != questions:
            raise ValueError(f"应有 {questions} 个数字（一题一个），现有 {len(cells)} 个")
    return [_choice(number, cell) for number, cell in enumerate(cells, 1)]


def _choice(number: int, cell: str) -> int:
    if not cell:
        raise ValueError(f"第 {number} 题没有填写")
    found = int(cell) if cell.isdecimal() else CHOICES_BY_NAME.get("".join(cell.split()), NO_CHOICE)
    if found not in CHOICES:
        known = "、".join(f"{choice} {name}" for choice, name in CHOICES.items())
        raise ValueError(f"“{cell}”不是选项，只能填 {known}")
    return found

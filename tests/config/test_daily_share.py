"""Which expensive test files run on a day: always about the same costs, each file in its turn, cheap and new ones every day."""

from tests.support.daily_share import CHEAP, COSTS, ROOT, SHARE, left_for_another_day, read_costs

FILES = {f"tests/a{number:02d}.py": 10.0 + number * 7 % 60 for number in range(40)} | {"tests/light.py": CHEAP - 0.1}


def run_on(day: int) -> set[str]:
    return set(FILES) - left_for_another_day(FILES, day)


def test_each_file_has_its_turn_within_a_few_days() -> None:
    for first in range(100, 130):
        turns = [run_on(day) for day in range(first, first + round(1 / SHARE) + 1)]
        assert set().union(*turns) == set(FILES)


def test_a_day_costs_about_its_share() -> None:
    total = sum(FILES.values())
    for day in range(100, 130):
        assert abs(sum(FILES[name] for name in run_on(day)) / total - SHARE) < 0.1
        assert "tests/light.py" in run_on(day)


def test_the_same_day_selects_the_same_and_the_next_day_others() -> None:
    assert run_on(100) == run_on(100) != run_on(101)


def test_the_list_names_files_that_there_are() -> None:
    costs = read_costs(COSTS.read_text("utf-8"))
    assert costs
    assert [name for name in costs if not (ROOT / name).exists()] == []

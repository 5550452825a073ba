"""Of the pages that a normal run opens, axe looks at each in one of the two views."""

from collections.abc import Callable

import pytest

from tests.support.browser import PAGES, views_of
from tests.support.sampling import Chosen


@pytest.mark.parametrize("number", range(3))
def test_no_page_goes_without_a_view(one_in: Callable[[int], Chosen], number: int, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--long"):
        pytest.skip("everything is chosen")
    chosen = one_in(2)
    views = [views_of(lambda *names: chosen(number, *names), False, *page) for page in PAGES]
    assert all(len(each) == 1 for each in views)
    assert {view for each in views for view in each} == {"wide", "narrow"}
    assert views_of(chosen, True, *PAGES[0]) == {"wide", "narrow"}

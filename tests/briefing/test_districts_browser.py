"""A leader of the city on a phone: the districts side by side, and down into the one where they may read."""

import pytest
from django.urls import reverse

from tests.briefing.test_districts import make_city, read
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import Browsers
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


def test_from_the_city_down_into_a_district(browsers: Browsers, world: World) -> None:
    city = make_city(world)
    read(world, "chief", city)
    page = browsers("chief", on_phone=True)
    page.goto("/")
    page.locator(f"a[href='{reverse('districts', args=[city.pk])}']").first.click()
    table = page.locator("table.districts")
    table.wait_for()
    assert page.evaluate(OVERFLOW) == ""
    assert axe(page) == []
    assert table.get_by_text("召陵区").count() == 1
    assert table.locator(f"a[href='{reverse('board', args=[world.elsewhere.pk])}']").count() == 0
    table.locator(f"a[href='{reverse('board', args=[world.campaign.pk])}']").first.click()
    page.get_by_role("heading", name="领导看板").wait_for()
    page.get_by_text("需要拍板的事").wait_for()
    assert page.evaluate(OVERFLOW) == ""

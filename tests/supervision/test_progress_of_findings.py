"""进度 shows what is not closed of findings, beside the lights, and leads to the list."""

from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.models import FindingSource, Task
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import rectification_figures
from tests.support.world import NOW, TODAY, World


@pytest.fixture
def rectified(world: World) -> World:
    """城管局 has two rectifications in section 4, one of them closed, and one without a checkpoint; 政府办 has one and no other tasks."""
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    for number, (unit, point) in enumerate(
        [("城管局", "4-3-3"), ("城管局", "4-3-3"), ("城管局", ""), ("政府办", "4-3-3")]
    ):
        text = FindingText(title=f"问题{number}", source=source, indicator=world.indicators.get(point))
        findings.record_finding(world.campaign, text, {world.units[unit]: None}, world.actor("inspector"))
    Task.objects.filter(finding__title="问题0").update(status="approved", first_submitted_at=NOW)
    return world


@time_machine.travel(NOW, tick=False)
def test_the_matrix_counts_what_is_not_closed_and_leads_to_it(rectified: World) -> None:
    client, own = rectified.client("coordinator"), rectified.units["城管局"].pk
    page = client.get(reverse("progress", args=[rectified.campaign.pk])).content.decode()
    address = reverse("rectifications", args=[rectified.campaign.pk])
    assert f'href="{address}?unit={own}&amp;section=4&amp;status=unclosed">问 1<' in page
    assert f'href="{address}?unit={own}&amp;status=unclosed">问 2<' in page
    assert f'href="{address}?unit={rectified.units["政府办"].pk}&amp;section=4&amp;status=unclosed">问 1<' in page
    found = client.get(address, {"unit": own, "section": "4", "status": "unclosed"}).content.decode()
    assert "问题1" in found
    assert "问题0" not in found
    assert "问题2" not in found


@time_machine.travel(NOW, tick=False)
def test_the_closure_rate_is_shown_of_the_district_and_of_a_unit(rectified: World) -> None:
    campaign, client = rectified.campaign.pk, rectified.client("coordinator")
    for name, args, rate, left in (
        ("progress", [campaign], "25%", 3),
        ("unit_progress", [campaign, rectified.units["城管局"].pk], "33.3%", 2),
    ):
        page = client.get(reverse(name, args=args)).content.decode()
        assert f"<strong>{rate}</strong><small>未销号 {left} 项</small>" in page


def test_a_campaign_without_findings_shows_nothing_of_it(world: World, django_assert_max_num_queries: Any) -> None:
    page = world.client("coordinator").get(reverse("progress", args=[world.campaign.pk])).content.decode()
    assert "销号率" not in page
    assert 'class="cell-open"' not in page
    with django_assert_max_num_queries(1):
        assert rectification_figures.break_down(Task.objects.all(), TODAY).open_cells == {}

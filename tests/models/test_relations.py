"""Every foreign key has a decision for merging units, changing editions and rolling campaigns forward."""

from collections.abc import Mapping

import pytest
from django.db.models import Model

from creation.campaigns.editions.task_migration import INDICATOR_KEYS
from creation.campaigns.rollover.roll_forward import CAMPAIGN_KEYS
from creation.lib.relations import relations_to
from creation.models import Action, Campaign, Indicator, IndicatorSystem, Phase, Unit
from creation.units.merging import UNIT_KEYS


@pytest.mark.parametrize(
    ("models", "decisions"),
    [
        pytest.param([Unit], UNIT_KEYS, id="units merge"),
        pytest.param([Indicator], INDICATOR_KEYS, id="an edition succeeds another"),
        pytest.param(
            [Campaign, IndicatorSystem, Indicator, Phase, Action], CAMPAIGN_KEYS, id="a campaign is rolled forward"
        ),
    ],
)
def test_every_key_has_a_decision(models: list[type[Model]], decisions: Mapping[str, object]) -> None:
    keys = set().union(*(relations_to(model) for model in models))
    assert keys - set(decisions) == set(), "nobody decided what becomes of these"
    assert set(decisions) - keys == set(), "these are no keys"


def test_keys_without_a_reverse_name_and_many_to_many_fields_are_found() -> None:
    assert "Succession.before" in relations_to(Indicator)
    assert {"Action.units", "Announcement.units"} <= relations_to(Unit)

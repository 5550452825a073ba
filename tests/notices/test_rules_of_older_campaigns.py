"""An update gives existing campaigns the rules that their phases never had, and leaves alone what the office changed."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from creation.models import Campaign, Phase, ReminderRule
from creation.notices.reminders import rule_settings
from creation.notices.reminders.conditions import CONDITIONS
from tests.support.world import World

pytestmark = pytest.mark.django_db
migration: Any = import_module("creation.migrations.0016_rules_that_phases_lacked")


def migrate() -> None:
    migration.add_missing(apps, SimpleNamespace(connection=connection))
    migration.begin_earlier(apps, SimpleNamespace(connection=connection))


def conditions(world: World, phase: str) -> set[str]:
    return set(world.campaign.rules.filter(phase_kind=phase).values_list("condition", flat=True))


def test_each_phase_gets_what_it_lacks(world: World) -> None:
    old = {"unanswered", "signing", "no_liaison"}
    migrate()
    assert conditions(world, "mobilization") == conditions(world, "evidence") == old | {"review_waiting"}
    assert conditions(world, "application") == old | {"review_waiting", "not_entered", "undated"}
    for rule in ReminderRule.objects.all():
        rule_settings.check_rule(rule)
    added = ReminderRule.objects.filter(condition__in=("not_entered", "undated", "review_waiting"))
    assert {(rule.condition, rule.text) for rule in added} == {
        (rule.condition, CONDITIONS[rule.condition].proposed.text) for rule in added
    }


def test_what_is_there_stays_as_it_is_and_a_second_run_adds_nothing(world: World) -> None:
    ReminderRule.objects.create(
        campaign=world.campaign, phase_kind="evidence", condition="review_waiting", name="自己的", audience="office",
        text="x", overdue_every=3, enabled=False,
    )  # fmt: skip
    migrate()
    [own] = world.campaign.rules.filter(phase_kind="evidence", condition="review_waiting")
    assert (own.name, own.enabled, own.overdue_every) == ("自己的", False, 3)
    count = ReminderRule.objects.count()
    migrate()
    assert ReminderRule.objects.count() == count


def test_closed_campaigns_stay_as_they_were(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    migrate()
    assert conditions(world, "application") == {"unanswered", "signing", "no_liaison"}


@pytest.mark.parametrize(
    ("lead_times", "version", "after"),
    [
        ([30, 14, 7, 3, 1, 0], 1, [140, 110, 80, 50, 30, 14, 7, 3, 1, 0]),
        ([30, 14, 7, 3, 1, 0], 2, [30, 14, 7, 3, 1, 0]),
        ([20, 7], 1, [20, 7]),
    ],
)
def test_only_lead_times_that_nobody_edited_begin_earlier(
    world: World, lead_times: list[int], version: int, after: list[int]
) -> None:
    Phase.objects.create(campaign=world.campaign, kind="inspection", name="集中督导", order=2)
    rule = ReminderRule.objects.create(
        campaign=world.campaign, phase_kind="inspection", condition="unanswered", name="督导", audience="liaison",
        text="x", lead_times=lead_times, version=version,
    )  # fmt: skip
    migrate()
    rule.refresh_from_db()
    assert (rule.lead_times, rule.version) == (after, version)

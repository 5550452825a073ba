"""Where the demonstration may be loaded, its passwords, and the large one."""

import hashlib
import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from creation import demo
from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle
from creation.demo import accounts, loading
from creation.demo.timeline import DemoTimeline
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.management.commands import load_demo
from creation.models import Citation, Evidence, EvidenceVersion, Review, Submission, Task, TaskStatus, User

NOON = datetime(2026, 7, 31, 4, tzinfo=UTC)


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in apps.get_app_config("creation").get_models()}


@pytest.mark.django_db
def test_a_database_in_use_takes_no_demonstration() -> None:
    campaign_lifecycle.prepare_campaign(loading.PRESET, 2026, Actor(None, NOON))
    before = rows()
    with pytest.raises(Refusal, match="已有正式的创建活动"):
        demo.load(NOON)
    with pytest.raises(CommandError, match="已有正式的创建活动"):
        call_command("load_demo", size="large")
    assert rows() == before


@pytest.mark.django_db
def test_without_a_demonstration_there_are_no_passwords_to_reset() -> None:
    with pytest.raises(Refusal, match="还没有装入"):
        demo.reset_passwords(NOON)


@pytest.mark.django_db
@pytest.mark.usefixtures("fresh_data_dir")
def test_the_large_one_has_every_unit_on_every_checkpoint() -> None:
    loaded = demo.load_large(NOON, units=46, evidence=3000)
    points = Task.objects.active().filter(campaign=loaded.campaign, indicator__isnull=False)
    assert points.count() == 46 * 92
    assert Evidence.objects.count() == Citation.objects.count() == 3000
    assert len(loaded.accounts) == len(accounts.OFFICE) + 4 * 46
    assert points.filter(status=TaskStatus.SUBMITTED).count() > 100
    assert not Submission.objects.filter(cited=None).exists()
    assert not Review.objects.exclude(submission__task__status__in=[TaskStatus.APPROVED, TaskStatus.RETURNED]).exists()
    version = EvidenceVersion.objects.exclude(blob="")[7]
    assert hashlib.sha256(storage.blob_path(version.blob).read_bytes()).hexdigest() == version.sha256


@pytest.mark.parametrize("profile", ["asvs", "dengbao"])
def test_passwords_satisfy_either_policy(profile: str, settings: Any) -> None:
    length = {"asvs": 12, "dengbao": 10}[profile]
    rules = [
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
        {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": length}},
    ]
    settings.AUTH_PASSWORD_VALIDATORS = rules + [{"NAME": "creation.people.passwords.CharacterKindsValidator"}] * (
        profile == "dengbao"
    )
    made = {accounts.fresh_password(User(username="demo.sifa", name="赵甲子")) for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[A-Z][a-z]{5}-\d{4}-[a-z]{6}", password) for password in made)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("out", "shown"),
    [
        (StringIO(), "  第 20 / 40 天（50%）\n  第 40 / 40 天（100%）\n"),
        (Terminal(), "\r  第 20 / 40 天（50%）\r  第 21 / 40 天（52%）\r  第 40 / 40 天（100%）\n"),
    ],
)
def test_loading_counts_its_days(out: StringIO, shown: str) -> None:
    days, done = DemoTimeline(NOON), []
    for number in (-21, -21, -20, -1):
        days.plan(days.at(number, 9), done.append)
    days.run(load_demo.Command(stdout=out).report)
    assert len(done) == 4
    assert out.getvalue() == shown

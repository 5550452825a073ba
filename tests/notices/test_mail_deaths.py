"""A sender killed with -9 between claim, send and mark: every message arrives, and possible duplicates are flagged."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from creation.audit.actor import Actor
from creation.models import Delivery, User
from creation.notices import digest_builder, dispatch
from tests.notices.test_mail import mail_channel, tell
from tests.support.mail_and_webhook_servers import MailServer, mail_server
from tests.support.world import NOW, World

PEOPLE = ("liaison", "clerk", "leader", "rival")
CLAIM, LETTERS, MARK = (
    "UPDATE creation_delivery SET lease_until",
    "SELECT creation_notice",
    "UPDATE creation_delivery SET state",
)
DEATHS = [
    *[f"{moment} {statement}#1" for statement in (CLAIM, LETTERS) for moment in ("before", "after")],
    *[f"{moment} {MARK}#{n}" for n in (1, 2, 3, 4) for moment in ("before", "after")],
    *[f"unanswered #{n}" for n in (1, 2, 3, 4)],  # the message has arrived, its response has not
]
SAMPLE = [f"after {CLAIM}#1", f"after {MARK}#2", "unanswered #3"]
needs_files = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="the processes share the tests' SQLite file"
)


def run_until_killed(death: str, folder: Path, server: MailServer) -> None:
    given = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DATA_DIR": str(folder / "data"),
        "CHANNEL_KEY": settings.CHANNEL_KEY,
        "CHANNEL_HOSTS": "127.0.0.1",
        "CLOCK_SHIFT": str((NOW - datetime.now(UTC)).total_seconds()),
        "KILL_AT": death,
        "KILL_MARK": str(folder / "died"),
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.dispatch_process"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=root, env=os.environ | given, start_new_session=True) as sender:
        moment, _, number = death.partition(" #")
        if moment == "unanswered":
            server.after = lambda taken: kill(sender, folder / "died") if taken == int(number) else None
        assert sender.wait(60) == -signal.SIGKILL, "it never died"
    assert (folder / "died").exists()
    server.after = lambda taken: None


def kill(sender: subprocess.Popen[bytes], grave: Path) -> None:
    grave.touch()
    sender.kill()
    sender.wait()


def assert_survives(death: str, world: World, server: MailServer, folder: Path) -> None:
    for name in PEOPLE:
        User.objects.filter(pk=world.people[name].pk).update(email=f"{name}@example.com")
        tell(world, name)
    mail_channel(world, server.port)
    digest_builder.run_all(Actor(None, NOW))
    run_until_killed(death, folder, server)
    arrived, marked = len(server.received), Delivery.objects.filter(outlet__isnull=False, state="sent").count()
    assert arrived - marked in {0, 1}
    for minutes in (1, 7):
        dispatch.dispatch_due(lambda minutes=minutes: NOW + timedelta(minutes=minutes))  # type: ignore[misc]
    assert_all_delivered(server)


def assert_all_delivered(server: MailServer) -> None:
    rows = {row.address: row for row in Delivery.objects.exclude(outlet=None)}
    assert {row.state for row in rows.values()} == {"sent"}
    arrived = Counter(server.readers)
    assert set(arrived) == {f"{name}@example.com" for name in PEOPLE}
    twice = {to for to, count in arrived.items() if count > 1}
    assert twice <= {to for to, row in rows.items() if row.doubtful}
    assert len(twice) == len(server.received) - len(PEOPLE) <= 1
    assert all(mail["Message-ID"] == rows[to].message_id for to, mail in server.received)


@needs_files
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("death", SAMPLE)
def test_a_kill_between_claim_and_mark_loses_no_message(
    death: str, world: World, tmp_path: Path, settings: Any
) -> None:
    settings.CHANNEL_HOSTS = ["127.0.0.1"]
    with mail_server() as server:
        assert_survives(death, world, server, tmp_path)


@needs_files
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("death", [each for each in DEATHS if each not in SAMPLE])
def test_a_kill_anywhere_in_a_run_loses_no_message(death: str, world: World, tmp_path: Path, settings: Any) -> None:
    settings.CHANNEL_HOSTS = ["127.0.0.1"]
    with mail_server() as server:
        assert_survives(death, world, server, tmp_path)


def test_the_sample_is_of_the_list() -> None:
    assert set(SAMPLE) <= set(DEATHS)

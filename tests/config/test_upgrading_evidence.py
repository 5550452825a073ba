"""Notices, numbered ledgers and finished files of an older version are told which pieces of evidence they name, on both databases."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from tests.support import upgrades
from tests.support.upgrades import Upgrade
from tests.support.world import NOW

BEFORE, AFTER = "0008_standard_names", "0011_shown_again_has_its_own_slot"
HOUR = timedelta(hours=1)


def _by_key(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with rows replaced by their keys: a row of one state of the models is no row of another."""
    rows = {name: value for name, value in values.items() if hasattr(value, "pk")}
    return {name: value for name, value in values.items() if name not in rows} | {
        f"{name}_id": row.pk for name, row in rows.items()
    }


class OldEvidence:
    """A unit with a task that cites three pieces: one as it is, one hidden early, one hidden late."""

    def __init__(self, upgrade: Upgrade) -> None:
        self.rows = upgrade.rows
        self.make = lambda model, **values: self.rows(model).create(**_by_key(values))
        district = self.make("District", name="源汇区")
        self.unit = self.make("Unit", district=district, name="源汇区城管局", short_name="城管局", order=1)
        self.person = self.make("User", username="p", name="刘联络", unit=self.unit)
        system = self.make("IndicatorSystem", district=district, name="体系", edition="2021")
        campaign = {"district": district, "system": system, "host": self.unit, "name": "2026", "year": 2026}
        self.campaign = self.make("Campaign", **campaign, state="open")
        phase = self.make("Phase", campaign=self.campaign, kind="evidence", name="收集", order=1)
        action = self.make("Action", phase=phase, code="D-1", title="事项", audience="every_unit")
        self.task = self.make("Task", campaign=self.campaign, unit=self.unit, action=action, phase=phase)
        self.plain = self.piece(1)
        self.early = self.piece(2, hidden_at=NOW - 2 * HOUR, hide_reason="误传")
        self.late = self.piece(3, hidden_at=NOW + HOUR, hide_reason="误传")
        self.watch = self.link()

    def piece(self, number: int, **more: Any) -> Any:
        values = {"unit": self.unit, "created_by": self.person, "created_at": NOW - 3 * HOUR}
        evidence = self.make("Evidence", kind="brief", title=f"资料{number}", **values, **more)
        given = {"campaign": self.campaign, "point": "D-1", "serial": number, "evidence": evidence}
        numbered = self.make("EvidenceNumber", **given)
        by = {"created_by": self.person, "created_at": NOW - 3 * HOUR}
        self.make("Citation", task=self.task, evidence=evidence, number=numbered, **by)
        return evidence

    def link(self) -> Any:
        by = {"created_by": self.person, "created_at": NOW}
        version = self.make("EvidenceVersion", evidence=self.plain, url="https://example.com", **by)
        return self.make("LinkWatch", version=version, next_at=NOW)

    def notice(self, subject: str, slot: str = "x", text: str = "…") -> Any:
        values = {"person": self.person, "kind": "changed", "slot": slot, "text": text, "created_at": NOW}
        return self.make("Notice", subject=subject, **values)

    def paper(self, serial: int, kind: str) -> Any:
        values = {"campaign": self.campaign, "unit": self.unit, "created_by": self.person, "created_at": NOW}
        return self.make("Paper", kind=kind, serial=serial, title="台账", digest="0", **values)

    def job(self, kind: str) -> Any:
        until = NOW + 24 * HOUR
        values = {"owner": self.person, "state": "done", "queued_at": NOW, "finished_at": NOW, "expires_at": until}
        return self.make("Job", kind=kind, running_key=kind, result="r", file_name="f", **values)


class UpgradedEvidence:
    def __init__(self, upgrade: Upgrade) -> None:
        self.old = OldEvidence(upgrade)
        subjects = [f"evidence/{self.old.plain.pk}", f"link/{self.old.watch.pk}", "evidence/99999", "task/1", "x"]
        self.notices = [self.old.notice(subject).pk for subject in subjects]
        hidden, shown = "创建办紧急隐藏了本单位的一份印证资料", "印证资料“资料1”已解除紧急隐藏"
        self.hidings = [self.old.notice("evidence/1", f"hidden/{text[:1]}", text).pk for text in (hidden, shown)]
        self.papers = [self.old.paper(1, "ledger").pk, self.old.paper(2, "statement").pk]
        self.jobs = [self.old.job(kind).pk for kind in ("ledger", "package", "annex1")]
        upgrade.to(AFTER)
        self.rows = upgrade.rows


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[UpgradedEvidence]:
    """Yield a database of the version before, upgraded once for all tests, which only read."""
    with ExitStack() as stack:
        stack.enter_context(override_settings(MIGRATION_MODULES={}))  # `--nomigrations` had emptied it
        stack.enter_context(django_db_blocker.unblock())
        url = ""
        if request.param == "postgresql":
            url = stack.enter_context(upgrades.own_database(request.getfixturevalue("postgres_url")))
        yield UpgradedEvidence(stack.enter_context(upgrades.database(url, tmp_path_factory.mktemp("old"), BEFORE)))


def test_a_notice_knows_the_piece_that_its_subject_names(found: UpgradedEvidence) -> None:
    rows = dict(found.rows("Notice").values_list("pk", "evidence"))
    piece = found.old.plain.pk
    assert [rows[pk] for pk in found.notices] == [piece, piece, None, None, None]


def test_a_notice_that_a_piece_is_shown_again_has_a_slot_of_its_own(found: UpgradedEvidence) -> None:
    rows = dict(found.rows("Notice").values_list("pk", "slot"))
    assert [rows[pk] for pk in found.hidings] == ["hidden/创", "shown/印"]


def test_a_numbered_ledger_knows_what_was_in_sight_when_it_was_issued(found: UpgradedEvidence) -> None:
    ledger, statement = (found.rows("Paper").get(pk=pk).evidence for pk in found.papers)
    assert ledger == [found.old.plain.pk, found.old.late.pk]
    assert statement == []


def test_files_that_do_not_say_what_they_contain_expire(found: UpgradedEvidence) -> None:
    left = [found.rows("Job").get(pk=pk).expires_at > NOW for pk in found.jobs]
    assert left == [False, False, True]

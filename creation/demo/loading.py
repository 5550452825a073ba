"""Load the demonstration campaign once, in one transaction."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from creation.audit import audit_chain
from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle, phase_dates
from creation.demo import accounts, campaign_history, large
from creation.demo.storylines import FULL, Scale
from creation.demo.timeline import OPENED, DemoTimeline, Report
from creation.lib.refusals import Refusal
from creation.models import Campaign, CampaignState, Membership, PhaseKind, Unit, User
from creation.people import credentials
from creation.rules.policy import ROLE_NAMES, Role
from creation.units import aliases

PRESET = "yuanhui"
FORMER_NAME_OF_HOST = "区政府法制办"
DAYS_LEFT, ASSESSOR_DAYS = 10, 60  # until the evidence deadline; until the external assessor's account expires
PREPARED, DATED = -44, -43  # days relative to today on which the office prepares the campaign and sets its dates


@dataclass(frozen=True, slots=True)
class Account:
    login: str
    name: str
    role: str
    unit: str
    password: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """``accounts`` is empty when the demonstration was loaded before."""

    campaign: Campaign
    accounts: list[Account]


def load(now: datetime, scale: Scale = FULL, report: Report | None = None) -> Loaded:
    """Load the demonstration as of ``now``; when it is loaded already, change nothing. ``report`` hears of its progress.

    Raises Refusal when the database has a campaign in use.
    """
    return _load_once(now, lambda campaign, people, days: campaign_history.fill(campaign, people, days, scale, report))


def load_large(now: datetime, units: int = 60, evidence: int = 10_000) -> Loaded:
    """Load the demonstration for load tests, with many units, each with every checkpoint. Raises Refusal as ``load`` does."""
    return _load_once(now, lambda campaign, people, days: large.fill(campaign, people, days, evidence), units)


def _load_once(
    now: datetime, fill: Callable[[Campaign, accounts.People, DemoTimeline], None], units: int = 0
) -> Loaded:
    if is_loaded():
        return Loaded(Campaign.objects.filter(tasks__owner__in=_people()).order_by("pk")[0], [])
    if not all(map(_is_untouched, Campaign.objects.all())):
        raise Refusal("本库已有正式的创建活动，不能再装入演示数据。请另选一个空的数据目录（--data）。")
    with transaction.atomic(), _in_one_piece():
        days = DemoTimeline(now)
        campaign = campaign_lifecycle.prepare_campaign(
            PRESET, days.today.year, Actor(None, days.at(PREPARED, 9)), draft=True
        )
        if units:
            large.add_units(campaign, units)
        fill(campaign, _open(campaign, days, bool(units)), days)
        os.sync()  # before the rows that refer to the files are committed
        passwords = _set_passwords(now)
        audit_chain.seal(now)
        return Loaded(campaign, passwords)


@contextmanager
def _in_one_piece() -> Iterator[None]:
    """Leave out the savepoints of the verbs, one in four statements, as whatever fails ends the whole, and the search for garbage."""
    gc.disable()
    try:
        with connection.execute_wrapper(_without_savepoints):
            yield
    finally:
        gc.enable()


def _without_savepoints(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
    return None if sql.startswith(("SAVEPOINT ", "RELEASE SAVEPOINT ")) else execute(sql, *more)


def _open(campaign: Campaign, days: DemoTimeline, full_staff: bool) -> accounts.People:
    """Create the accounts, shift all dated phases by the same number of days and open the campaign."""
    units = list(Unit.objects.filter(district=campaign.district).order_by("order", "pk"))
    people = accounts.create(units, Actor(None, days.at(PREPARED, 10)), days.day(ASSESSOR_DAYS), full_staff)
    coordinator = people[Role.COORDINATOR][0]
    aliases.add(
        campaign.district, FORMER_NAME_OF_HOST, str(campaign.host_id), Actor(coordinator, days.at(PREPARED, 11))
    )
    shift = days.day(DAYS_LEFT) - (campaign.phases.get(kind=PhaseKind.EVIDENCE).ends or days.today)
    for phase in campaign.phases.order_by("ends"):
        if phase.starts and phase.ends:
            dates = phase.starts + shift, phase.ends + shift
            phase_dates.set_dates(phase, *dates, phase.version, Actor(coordinator, days.at(DATED, 15)))
            campaign.window_to = date(dates[1].year, 12, 31)
    campaign.save(update_fields=["window_to"])
    campaign_lifecycle.open_draft(campaign, Actor(coordinator, days.at(OPENED, 8, 30)))
    return people


def _is_untouched(campaign: Campaign) -> bool:
    """Return whether the campaign is a draft as created by first_run: no dates set, no assignments confirmed or changed."""
    touched = campaign.assignments.filter(example=False).exists() or campaign.phases.exclude(version=1).exists()
    return campaign.state == CampaignState.DRAFT and campaign.version == 1 and not touched


def is_loaded() -> bool:
    return _people().exists()


def _people() -> QuerySet[User]:
    return User.objects.filter(username__startswith=accounts.PREFIX).order_by("pk")


def reset_passwords(now: datetime) -> list[Account]:
    """Set new random passwords for every account of the demonstration. Raises Refusal when it is not loaded."""
    if not is_loaded():
        raise Refusal("演示活动还没有装入，没有可以重设密码的账号。请先运行 manage.py load_demo。")
    with transaction.atomic():
        return _set_passwords(now)


def _set_passwords(now: datetime) -> list[Account]:
    made = []
    for person in _people().select_related("unit"):
        password = accounts.fresh_password(person)
        credentials.set_password(person, password, Actor(None, now))
        held = Membership.objects.active(timezone.localdate(now)).filter(user=person).order_by("pk")
        roles = "、".join(ROLE_NAMES[Role(each.role)] for each in held)
        made.append(Account(person.username, person.name, roles, str(person.unit or ""), password))
    return made

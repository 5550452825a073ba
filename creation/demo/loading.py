"""Loads the demonstration campaign: all of it, or nothing; once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from creation.audit import sealing
from creation.audit.trail import Actor
from creation.demo import crowd, passwords, season, shelf
from creation.demo.crowd import LARGE, Crowd
from creation.demo.people import PREFIX
from creation.demo.plot import FULL, Scale
from creation.lib.refusals import Refusal
from creation.models import Campaign, CampaignState, Membership, User
from creation.people import credentials
from creation.rules.policy import ROLE_NAMES, Role


@dataclass(frozen=True, slots=True)
class Account:
    login: str
    name: str
    role: str
    unit: str
    password: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """``accounts`` is empty where the demonstration had been loaded before."""

    campaign: Campaign
    accounts: list[Account]


def load(now: datetime, scale: Scale = FULL) -> Loaded:
    """Load the demonstration as of ``now``. Where it is loaded already, nothing changes.

    Raises Refusal in a database that holds a campaign somebody works on.
    """
    if there := _loaded():
        return Loaded(there, [])
    with transaction.atomic():
        diary = season.diary_of(now)
        campaign, cast = season.prepare(diary)
        season.Season(campaign, cast, diary, scale).live()
        return _done(campaign, now)


def load_large(now: datetime, size: Crowd = LARGE) -> Loaded:
    """The same for load: many units, every one of them on every checkpoint. Refuses as ``load`` does."""
    if there := _loaded():
        return Loaded(there, [])
    with transaction.atomic():
        diary = season.diary_of(now)
        campaign, cast = crowd.prepare(diary, size)
        crowd.fill(campaign, cast, diary, size)
        return _done(campaign, now)


def _done(campaign: Campaign, now: datetime) -> Loaded:
    shelf.settle()
    accounts = _give_passwords(now)
    sealing.seal(now)
    return Loaded(campaign, accounts)


def _loaded() -> Campaign | None:
    """The demonstration's campaign, where it is loaded. Raises Refusal where it may not be."""
    if is_loaded():
        return Campaign.objects.filter(tasks__owner__in=demo_people()).order_by("pk")[0]
    if not all(map(_is_untouched, Campaign.objects.all())):
        raise Refusal("本库已有正式的创建活动，不能再装入演示数据。请另选一个空的数据目录（--data）。")
    return None


def _is_untouched(campaign: Campaign) -> bool:
    """A draft as the first start leaves it: nobody has set dates, confirmed or changed assignments."""
    touched = campaign.assignments.filter(example=False).exists() or campaign.phases.exclude(version=1).exists()
    return campaign.state == CampaignState.DRAFT and campaign.version == 1 and not touched


def reset_passwords(now: datetime) -> list[Account]:
    """New random passwords for every account of the demonstration. Raises Refusal where it is not loaded."""
    if not is_loaded():
        raise Refusal("演示活动还没有装入，没有可以重设密码的账号。请先运行 manage.py load_demo。")
    with transaction.atomic():
        return _give_passwords(now)


def is_loaded() -> bool:
    return demo_people().exists()


def demo_people() -> QuerySet[User]:
    return User.objects.filter(username__startswith=PREFIX).order_by("pk")


def _give_passwords(now: datetime) -> list[Account]:
    actor = Actor(None, now)
    return [_give_password(person, actor) for person in demo_people().select_related("unit")]


def _give_password(person: User, actor: Actor) -> Account:
    password = passwords.fresh(person)
    credentials.set_password(person, password, actor)
    held = Membership.objects.in_force(timezone.localdate(actor.at)).filter(user=person).order_by("pk")
    roles = "、".join(ROLE_NAMES[Role(each.role)] for each in held)
    return Account(person.username, person.name, roles, str(person.unit or ""), password)

"""`manage.py first_run`: prepare the campaign of a new installation, and an administrator account for each district. Repeatable."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle
from creation.models import Campaign, District, Membership, User
from creation.people import accounts, credentials
from creation.rules.policy import Role

PRESET = "yuanhui"
FIRST = "admin"


class Command(BaseCommand):
    help = "首次启动：准备创建活动，建立第一个系统管理员并打印一次性链接。可重复执行。"

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor(None, timezone.now())
        if not Campaign.objects.exists():
            campaign_lifecycle.prepare_campaign(PRESET, actor.today.year, actor, draft=True)
        for district in District.objects.with_campaigns():
            if person := first_administrator(district, actor):
                token = credentials.issue_link(person, actor)
                self.stdout.write(f"首次使用：平台启动后，请打开下面的链接，为{district}的系统管理员")
                self.stdout.write(f"（{person.username}）设置密码。链接 24 小时内有效，只能用一次：")
                self.stdout.write(credentials.link_url(token))


def first_administrator(district: District, actor: Actor) -> User | None:
    """Return the district's administrator who needs a one-time link, created if there is none; None once one has a password."""
    people = Membership.objects.recipients(actor.today, Role.ADMINISTRATOR).filter(district=district).people()
    if any(person.has_usable_password() for person in people):
        return None
    return people[0] if people else make_administrator(district, actor)


def make_administrator(district: District, actor: Actor) -> User:
    names = [FIRST, *(f"{FIRST}{number}" for number in range(2, 100))]
    taken = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    blank = dict.fromkeys(("post", "office_phone", "mobile", "email"), "")
    data = {
        "username": next(name for name in names if name not in taken),
        "name": "系统管理员",
        "unit": district.campaigns.earliest("pk").host,
    }
    return accounts.create_account(blank | data | {"roles": [Role.ADMINISTRATOR]}, actor)

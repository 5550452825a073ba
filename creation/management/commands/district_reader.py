"""`manage.py district_reader LOGIN 漯河市`: let a person of one district read another one, or all districts of a city."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from creation.audit.actor import Actor
from creation.management.refusing import RefusingCommand
from creation.models import District, User
from creation.people import accounts
from creation.rules.policy import Role


class Command(RefusingCommand):
    help = "请另一个区县（或上级市）的人以领导小组的身份查看：给市，看各区县的汇总；给区县，看该区县的进度和看板。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="登录名")
        parser.add_argument("district", metavar="行政区", help="全名，如 漯河市 或 漯河市源汇区")
        parser.add_argument("--end", action="store_true", help="结束这个查看权限")

    def handle(self, *args: Any, username: str, district: str, end: bool, **options: Any) -> None:
        person = User.objects.filter(username=username).select_related("unit").first()
        if person is None:
            raise CommandError(f"没有登录名为“{username}”的账号，请检查后再试。")
        found = District.objects.filter(name=district).first()
        if found is None:
            known = "、".join(District.objects.order_by("pk").values_list("name", flat=True))
            raise CommandError(f"没有名为“{district}”的行政区，现有：{known}。")
        actor = Actor(None, timezone.now())
        if not end:
            membership = accounts.add_membership(person, Role.LEADING_GROUP, actor, district=found)
            self.stdout.write(f"{person}：{accounts.describe_membership(membership)}。")
            return
        held = person.memberships.active(actor.today).of_role(Role.LEADING_GROUP).filter(district=found)
        rows = list(held.select_related("user__unit", "unit", "campaign", "district"))
        for membership in rows:
            accounts.close_membership(membership, actor)
            self.stdout.write(f"{person}：已结束{accounts.describe_membership(membership)}。")
        if not rows:
            self.stdout.write(f"{person}在{found}没有领导小组的角色。")

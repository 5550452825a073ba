"""`manage.py one_time_link USERNAME`: print a link with which the person sets a password."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from creation.audit.actor import Actor
from creation.management.refusing import RefusingCommand
from creation.models import User
from creation.people import credentials


class Command(RefusingCommand):
    help = "签发一次性链接：24 小时内有效，只能用一次。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="登录名")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"没有登录名为“{username}”的账号，请检查后再试。")
        token = credentials.issue_link(person, Actor(None, timezone.now()))
        self.stdout.write(credentials.link_url(token))

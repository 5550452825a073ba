from argparse import ArgumentParser
from typing import Any
from unicodedata import east_asian_width

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from creation import demo
from creation.opening import OpeningRefused

HEAD = demo.Account("登录名", "姓名", "角色", "单位", "密码")


class Command(BaseCommand):
    help = "装入演示活动并列出演示账号；已经装入的不改动。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=["small", "large"], default="small", help="large 只供压力测试")
        parser.add_argument("--reset-passwords", action="store_true", help="给全部演示账号换新密码并列出")

    def handle(self, *, size: str, reset_passwords: bool, **options: Any) -> None:
        try:
            loaded = (demo.load_large if size == "large" else demo.load)(timezone.now())
            accounts = (
                demo.reset_passwords(timezone.now()) if reset_passwords and not loaded.accounts else loaded.accounts
            )
        except (demo.DemoRefused, OpeningRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        count = loaded.campaign.tasks.live().count()
        if not accounts:
            self.stdout.write(
                f"{loaded.campaign}：已经装入，未作改动（任务 {count} 项）。忘记密码请加 --reset-passwords。"
            )
            return
        self.stdout.write(f"{loaded.campaign}：任务 {count} 项，演示账号 {len(accounts)} 个。密码只显示这一次：")
        self.stdout.write("\n".join(table([HEAD, *accounts])))


def table(accounts: list[demo.Account]) -> list[str]:
    """Columns that stand below each other; a Chinese character is two wide."""
    rows = [(each.login, each.name, each.role, each.unit, each.password) for each in accounts]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def width(text: str) -> int:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)

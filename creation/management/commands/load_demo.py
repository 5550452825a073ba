from argparse import ArgumentParser
from typing import Any
from unicodedata import east_asian_width

from django.utils import timezone

from creation import demo
from creation.management.refusing import RefusingCommand
from creation.models import Campaign

HEAD = demo.Account("登录名", "姓名", "角色", "单位", "密码")


class Command(RefusingCommand):
    help = "装入演示活动并列出演示账号；已经装入的不改动。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=["small", "large"], default="small", help="large 只供压力测试")
        parser.add_argument("--reset-passwords", action="store_true", help="给全部演示账号换新密码并列出")

    def handle(self, *, size: str, reset_passwords: bool, **options: Any) -> None:
        self.write(*self.load(size, reset_passwords))

    def load(self, size: str, reset_passwords: bool) -> tuple[Campaign, list[demo.Account]]:
        """Return the campaign and the accounts with new passwords."""
        if not demo.is_loaded():
            self.stdout.write("正在装入演示活动，约需一分钟 …")
            self.stdout.flush()
        now = timezone.now()
        loaded = demo.load_large(now) if size == "large" else demo.load(now, report=self.report)
        if reset_passwords and not loaded.accounts:
            return loaded.campaign, demo.reset_passwords(timezone.now())
        return loaded.campaign, loaded.accounts

    def report(self, day: int, days: int) -> None:
        """Write the counter: in one line of a terminal, or a line for every tenth part where the output is kept."""
        if self.stdout.isatty():
            self.stdout.write(f"\r  第 {day} / {days} 天（{100 * day // days}%）", ending="\n" if day == days else "")
        elif 10 * day // days > 10 * (day - 1) // days:
            self.stdout.write(f"  第 {day} / {days} 天（{100 * day // days}%）")
        self.stdout.flush()

    def write(self, campaign: Campaign, accounts: list[demo.Account]) -> None:
        count = campaign.tasks.active().count()
        if accounts:
            self.stdout.write(f"{campaign}：任务 {count} 项，演示账号 {len(accounts)} 个。密码只显示这一次：")
            self.stdout.write("\n".join(table([HEAD, *accounts])))
        else:
            self.stdout.write(f"{campaign}：已经装入，未作改动（任务 {count} 项）。忘记密码请加 --reset-passwords。")


def table(accounts: list[demo.Account]) -> list[str]:
    """Return aligned columns; a Chinese character is two columns wide."""
    rows = [(each.login, each.name, each.role, each.unit, each.password) for each in accounts]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def width(text: str) -> int:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)

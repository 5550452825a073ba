from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from creation.audit.actor import Actor
from creation.campaigns.campaign_lifecycle import prepare_campaign
from creation.management.refusing import RefusingCommand


class Command(RefusingCommand):
    help = "Prepare and open the campaign of a year from a preset. Repeating it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--preset", default="yuanhui")
        parser.add_argument("--year", help="four digits; the current year unless given")
        parser.add_argument("--draft", action="store_true", help="prepare only; the office opens it on the pages")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        year = options["year"] or str(timezone.localdate(now).year)
        if not (year.isascii() and year.isdigit()):
            raise CommandError(f"年度“{year}”不正确，请填四位数年份，如 2026。")
        campaign = prepare_campaign(options["preset"], int(year), Actor(None, now), draft=options["draft"])
        self.stdout.write(f"{campaign}：{campaign.get_state_display()}，任务 {campaign.tasks.active().count()} 项。")

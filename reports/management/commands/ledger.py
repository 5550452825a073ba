from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from creation.management.campaigns import find_campaign
from creation.models import Campaign, Phase, Unit
from reports import annexes, scopes
from reports.ledger import write_ledger


class Command(BaseCommand):
    help = "Write the ledger (创建工作台账) of a campaign, or of a part of it, as an Excel workbook."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--campaign", required=True, help="number of the campaign, or its year when there is one of that year"
        )
        parser.add_argument("--output", required=True, type=Path)
        parser.add_argument("--section", help="code of a section, such as 4")
        parser.add_argument("--unit", help="short or full name of a unit")
        parser.add_argument("--phase", help="kind of a phase, such as evidence")
        parser.add_argument("--as-of", help="a past day, such as 2026-07-31: the ledger as it stood at its end")
        parser.add_argument("--since", help="an earlier day: what has changed from its end on")
        parser.add_argument(
            "--annex", type=int, choices=[1, 3], help="instead of the ledger: annex 1 or 3, the phones masked"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        campaign = find_campaign(options["campaign"])
        output: Path = options["output"]
        if not output.parent.is_dir():
            raise CommandError(f"文件夹 {output.parent} 不存在，请先建好或换一个位置。")
        number = options["annex"]
        message = self.annex(number, campaign, now, output) if number else self.ledger(campaign, now, output, options)
        self.stdout.write(f"已写入 {output}：{message}。")

    def annex(self, number: int, campaign: Campaign, now: datetime, output: Path) -> str:
        if number == 1:
            annex = annexes.assignments(campaign, now)
            message = f"附件1任务分解表，{annex.count} 个要点"
        else:
            annex = annexes.liaison_list(campaign, now, in_full=False)
            message = f"附件3联络员信息表，{annex.count} 人"
        annex.write(output)
        return message

    def ledger(self, campaign: Campaign, now: datetime, output: Path, options: dict[str, Any]) -> str:
        data = {
            "section": options["section"] or "",
            "unit": self.unit(campaign, options["unit"]),
            "phase": self.phase(campaign, options["phase"]),
            "as_of": options["as_of"],
            "since": options["since"],
        }
        part = scopes.scope_of(campaign, None, data, now)
        if part.form.errors:
            raise CommandError(f"范围不正确：{part.form.errors.as_text()}")
        if part.days.error:
            raise CommandError(part.days.error)
        count = write_ledger(scopes.ledger_request_of(campaign, part, None, now), output)
        return f"{part.scope}，{count} 行"

    def unit(self, campaign: Campaign, name: str | None) -> str:
        if not name:
            return ""
        units = Unit.objects.filter(district=campaign.district_id)
        found = units.filter(short_name=name).first() or units.filter(name=name).first()
        if not found:
            raise CommandError(f"没有名为“{name}”的单位。")
        return str(found.pk)

    def phase(self, campaign: Campaign, kind: str | None) -> str:
        if not kind:
            return ""
        found = Phase.objects.filter(campaign=campaign, kind=kind).first()
        if not found:
            kinds = "、".join(Phase.objects.filter(campaign=campaign).values_list("kind", flat=True))
            raise CommandError(f"没有阶段“{kind}”。可用的有：{kinds}。")
        return str(found.pk)

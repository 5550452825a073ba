import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from creation.audit.actor import Actor
from creation.imports import import_uploads, plan_report
from creation.imports.registry import KINDS
from creation.management.campaigns import find_campaign
from creation.management.refusing import RefusingCommand
from creation.models import User

PERSONAL = ("answers", "readings")  # what they change depends on the person


class Command(RefusingCommand):
    help = "Print what the import of a workbook would do; write only with --apply."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--campaign", required=True, help="number of the campaign, or its year when there is one of that year"
        )
        parser.add_argument("--json", action="store_true", help="created, changed, cleared, left, questions, errors")
        parser.add_argument("--apply", action="store_true", help="import, completely or not at all")
        parser.add_argument("--answer", action="append", default=[], metavar="KEY=VALUE", help="answer to a question")
        parser.add_argument("--as", dest="username", help="username of the person in whose name it is imported")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign, file = find_campaign(options["campaign"]), options["file"]
        if not file.is_file():
            raise CommandError(f"没有文件 {file}，请核对路径。")
        actor = Actor(_person(options["username"]), timezone.now())
        needs_person = options["kind"] in PERSONAL or (options["apply"] and options["kind"] == "editions")
        if needs_person and actor.person is None:
            raise CommandError("这一类表格以某个人的名义导入，请用 --as 写明登录名。")
        upload = import_uploads.prepare(KINDS[options["kind"]], campaign, file.name, file.read_bytes(), actor)
        upload.answers = dict(_answer(each) for each in options["answer"])
        plan = import_uploads.plan_of(upload, actor)
        report = plan_report.report_of(plan)
        if not options["json"]:
            self.stdout.write("\n".join(plan_report.text_of(plan)))
        if options["apply"] and plan.pending_lines and plan.is_ready:
            report["result"] = import_uploads.apply_unsaved(upload, plan.digest, actor)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
        elif "result" in report:
            self.stdout.write(f"已导入：{report['result']}。")
        if options["apply"] and not plan.is_ready and (plan.pending_lines or plan.errors or plan.questions):
            raise CommandError("没有导入：表格里还有错误或待答的问题。问题用 --answer KEY=VALUE 回答。")


def _answer(given: str) -> tuple[str, str]:
    key, sign, value = given.rpartition("=")
    if not sign:
        raise CommandError(f"“{given}”不是答复，请写成 KEY=VALUE。")
    return key, value


def _person(username: str | None) -> User | None:
    if not username:
        return None
    found = User.objects.filter(username=username, is_active=True).select_related("unit").first()
    if found is None:
        raise CommandError(f"没有登录名为“{username}”的在用账号。")
    return found

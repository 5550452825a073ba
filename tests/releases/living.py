"""Fill a data folder as in real use: ``python tests/releases/living.py DAY SHARE`` in a checkout, with DATA_DIR set.

It loads the demonstration. Then its people use the pages for what it lacks: corrections, papers for the stamp, channels, imports, a new
edition, the next year. Only URLs by name, models and commands are used, so that it also runs in older and newer checkouts.
"""

import io
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import time_machine

DAY_OF_FIRST_START = -220  # days: old enough for a part of the audit trail to be archived
OFFICE, ADMINISTRATOR, AUDITOR, REVIEWER = "demo.xietiao", "demo.guanli", "demo.anquan", "demo.shenhe1"


def main(day: str, share: str) -> None:
    now = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    with time_machine.travel(now + timedelta(days=DAY_OF_FIRST_START)):
        first_start()
    with time_machine.travel(now):
        passwords = demonstration(float(share))
        DemoUsers(passwords).live()
        clean()


def first_start() -> None:
    from config import prepare

    prepare.main([])
    clock("seal_all_audit")


def demonstration(share: float) -> dict[str, str]:
    from django.utils import timezone

    from creation import demo

    scale = demo.Scale(share=share, pictures=int(demo.Scale().pictures * share))
    return {account.login: account.password for account in demo.load(timezone.now(), scale).accounts}


def clock(name: str) -> None:
    """Run a Celery task, by the last part of its name."""
    from config.celery import app

    app.loader.import_default_modules()
    app.finalize(auto=True)
    (found,) = (task for full, task in app.tasks.items() if full.rpartition(".")[2] == name)
    found()


def clean() -> None:
    """Seal the audit trail, archive old entries, and merge the database into one file."""
    from django.core.management import call_command
    from django.db import connection

    clock("seal_all_audit")
    call_command("archive_audit", days=180, stdout=io.StringIO())
    clock("seal_all_audit")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


class DemoUsers:
    """The people of the demonstration at their browsers."""

    def __init__(self, passwords: dict[str, str]) -> None:
        from visiting import Visitor

        from creation.models import Campaign

        self.visit: Callable[[str], Visitor] = cache(lambda login: Visitor(login, passwords[login]))
        self.campaign = Campaign.objects.filter(tasks__owner__username__startswith="demo.").order_by("pk")[0]
        self.office, self.reviewer = self.visit(OFFICE), self.visit(REVIEWER)
        self.administrator = self.visit(ADMINISTRATOR)

    def live(self) -> None:
        for act in (
            self.draw, self.announce, self.answer, self.outside, self.read, self.judge, self.apply, self.assess, self.stamp,
            self.take_away, self.bring_in, self.restructure, self.change_edition, self.roll, self.stumble, self.quarantine, self.tick,
        ):  # fmt: skip
            print(act.__name__, file=sys.stderr)
            act()

    def draw(self) -> None:
        clock("make_previews")
        clock("read_files")

    def liaison_of(self, task: Any) -> Any:
        return self.visit(task.owner.username)

    def liaisons(self, **of: Any) -> Any:
        from creation.models import Membership

        rows = Membership.objects.filter(role="liaison", user__username__startswith="demo.", user__is_active=True, **of)
        return rows.select_related("user").order_by("pk")

    # Communication

    def announce(self) -> None:
        from django.urls import reverse
        from visiting import upload

        from creation.models import Announcement, Unit

        c = self.campaign.pk
        there = Announcement.objects.filter(campaign=c).latest("pk")
        page = reverse("announcement", args=[c, there.pk])
        self.office.send(
            page, "announcement_correct", c, there.pk, body=f"{there.body}\n\n（更正：时限不变。）", reason="补充说明"
        )
        units = list(Unit.objects.filter(district=self.campaign.district).values_list("pk", flat=True)[:6])
        new = {"title": "关于报送年度总结的通知", "body": "请于月底前报送。", "units": units, "needs_receipt": "on"}
        self.office.do(
            "announcement_new", c, **new, files=[upload("附件 报送格式.pdf", self.sheet("附件"), "application/pdf")]
        )
        self.office.do("announcement_new", c, **new | {"title": "发错的通知"})
        wrong = Announcement.objects.filter(campaign=c).latest("pk")
        self.office.do("announcement_withdraw", c, wrong.pk, reason="发错范围")

    def sheet(self, text: str) -> bytes:
        """Return a page of a PDF, as a scanner would create it."""
        from PIL import Image, ImageDraw

        out, image = io.BytesIO(), Image.new("1", (620, 877), 1)
        ImageDraw.Draw(image).text((60, 60), text.encode("ascii", "replace").decode(), fill=0)
        image.save(out, "PDF")
        return out.getvalue()

    def answer(self) -> None:
        from django.urls import reverse

        from creation.models import Question, Reply

        c = self.campaign.pk
        reply = Reply.objects.filter(campaign=c).published().order_by("pk")[0]
        page = reverse("reply", args=[c, reply.pk])
        self.office.send(page, "reply_correct", c, reply.pk, text=f"{reply.text}（以最新通知为准）", reason="口径有变")
        waiting = Question.objects.waiting().filter(task__campaign=c).order_by("pk")
        if waiting.count() > 1:
            page = reverse("question", args=[c, waiting[0].pk])
            self.office.send(page, "question", c, waiting[0].pk, text="可以，注明来源即可。")

    # Channels

    def outside(self) -> None:
        from creation.models import Channel, Task

        on = {"enabled": "on", "slowest": "weekly"}
        mail = {
            "name": "政务邮箱",
            "host": "mail.example.cn",
            "port": 465,
            "security": "ssl",
            "sender": "office@example.cn",
        }
        self.office.do("channel_new", "smtp", **mail, **on, username="office", password="not a secret")
        robot = {"name": "工作群机器人", "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=none"}
        self.office.do("channel_new", "wecom", **robot, **on)
        channel = Channel.objects.get(name="政务邮箱")
        self.office.do("preferences", rhythm="daily", channels=[channel.pk])
        task = Task.objects.active().filter(campaign=self.campaign, owner__isnull=False).order_by("pk")[0]
        liaison = self.liaison_of(task)
        liaison.do("preferences", rhythm="weekly", channels=[channel.pk])
        liaison.do("feed_make")

    # Evidence

    def read(self) -> None:
        from django.urls import reverse

        from creation.models import Evidence, LinkWatch, User

        held = Evidence.objects.exclude(secrecy_marks=None).distinct().order_by("pk")[0]
        self.visit(self.liaisons(unit=held.unit)[0].user.username).send(
            reverse("evidence", args=[held.pk]), "evidence_clear", held.pk, reason="公开会议摘录，不涉密"
        )
        hidden = Evidence.objects.filter(deleted_at=None, secrecy_marks=None).exclude(citations=None).order_by("-pk")[0]
        self.office.send(
            reverse("evidence", args=[hidden.pk]), "evidence_hide", hidden.pk, reason="含身份证号码，先隐藏"
        )
        watch = LinkWatch.objects.cited_in(self.campaign, User.objects.get(username=OFFICE)).order_by("pk")[0]
        page = reverse("link", args=[self.campaign.pk, watch.pk])
        self.office.send(page, "link_sighting", self.campaign.pk, watch.pk, opens="1", note="打开正常")

    def judge(self) -> None:
        """Open a task as reviewer and mark a passage on a page."""
        from creation.models import Task

        task = Task.objects.active().filter(campaign=self.campaign, status="submitted").order_by("pk")[0]
        self.reviewer.get("review", self.campaign.pk, task.pk)

    # Work of the office

    def apply(self) -> None:
        from creation.models import Indicator

        points = Indicator.objects.filter(system=self.campaign.system, level=3, tasks__status="approved").distinct()
        for point in points.order_by("order")[:2]:
            self.office.do("application_tick", self.campaign.pk, point.pk, entered="1", note="已上传平台")

    def assess(self) -> None:
        from django.urls import reverse

        for slot, text in (
            ("introduction", "一年来，全区扎实推进创建。"),
            ("conclusion", "下一步继续巩固。"),
            ("introduction", "一年来，全区扎实推进创建，成效明显。"),
        ):
            page = reverse("assessment_passage", args=[self.campaign.pk, slot])
            self.office.send(page, "assessment_passage", self.campaign.pk, slot, text=text)

    def stamp(self) -> None:
        """Number papers for the stamp: one stamped, one void, others waiting; before that, upload an own template."""
        from visiting import upload

        from creation.models import Paper

        c = self.campaign.pk
        own = self.office.file("document_template_file", c, "circular")
        self.office.do("document_template", c, "circular", file=upload("通报模板.docx", own))
        texts = {"title": "关于报送情况的通报", "text": "现将有关情况通报如下。"}
        self.office.do("document", c, "circular", **texts, stamp="on")
        self.office.do("annex_export", c, "annex1", stamp="on")
        self.office.do("annex_export", c, "annex3", stamp="on")
        first, second = Paper.objects.filter(campaign=c).order_by("serial")[:2]
        scan = upload("盖章件.pdf", self.sheet("stamped"), "application/pdf")
        self.office.do("paper_scan", c, first.pk, scan=scan)
        self.office.do("paper_void", c, second.pk, reason="单位名称有误")

    def take_away(self) -> None:
        """Make ledger, bulletin, report and package as jobs; one job is queued, one was cancelled."""
        from creation.models import Job

        c = self.campaign.pk
        self.office.do("document", c, "bulletin", issue="3", first=self.day(-7), last=self.day(0), title="", text="")
        self.office.do("ledger_export", c)
        self.office.do("assessment_export", c)
        self.office.do("package", c, limit="0")
        clock("run_jobs")
        self.office.do("package", c, limit="0", by_section="on")
        self.office.do("job_cancel", Job.objects.latest("pk").pk)
        self.office.do("package", c, limit="0", all="on")

    def day(self, number: int) -> str:
        from django.utils import timezone

        return (timezone.localdate() + timedelta(days=number)).isoformat()

    # Imports

    def workbook(self, kind: str) -> Any:
        from openpyxl import load_workbook

        return load_workbook(io.BytesIO(self.office.file("import_blank", self.campaign.pk, kind)))

    def hand_in(self, kind: str, name: str, book: Any) -> Any:
        from visiting import upload

        from creation.models import ImportUpload

        out = io.BytesIO()
        book.save(out)
        self.office.do("import_new", self.campaign.pk, kind, workbook=upload(name, out.getvalue()))
        return ImportUpload.objects.latest("pk")

    def bring_in(self) -> None:
        """Upload a list of liaisons without importing it."""
        self.hand_in("liaisons", "联络员信息.xlsx", self.workbook("liaisons"))

    def restructure(self) -> None:
        """Merge a unit into another, deactivate a new one, add a role for this year only, disable an account."""
        from django.urls import reverse

        from creation.models import Unit, User

        gone, stays = Unit.objects.filter(district=self.campaign.district).order_by("-order")[:2]
        plan = f"{reverse('unit_merge', args=[gone.pk])}?into={stays.pk}"
        self.office.send(plan, "unit_merge", gone.pk)
        self.office.do("unit_new", name="源汇区示例中心", short_name="示例中心", kind="other", order="99", seen="0")
        new = Unit.objects.get(short_name="示例中心")
        self.office.send(reverse("unit", args=[new.pk]), "unit_stop", new.pk)
        for reviewer in User.objects.filter(username__startswith=REVIEWER[:-1]):
            self.administrator.do("account_grant", reviewer.pk, role="inspector", campaign=self.campaign.pk)
        clerk = User.objects.filter(username__endswith=".cb").order_by("-pk")[0]
        self.administrator.do("account_disable", clerk.pk)

    # Editions and years

    def change_edition(self) -> None:
        """Confirm one edition with a renamed, a removed and an added checkpoint; leave another one in comparison."""
        from django.urls import reverse

        from creation.models import Campaign

        c = self.campaign.pk
        self.compare("附件1 2026年版.xlsx")
        page = reverse("edition_compare", args=[c])
        self.office.send(page, "edition_compare", c, edition="2026年版", source="示例文件", dated_on=self.day(-3))
        self.office.send(reverse("edition_confirm", args=[c]), "edition_confirm", c, agreed="on")
        self.campaign = Campaign.objects.get(pk=c)
        self.compare("附件1 2027年版.xlsx")

    def compare(self, name: str) -> None:
        from django.urls import reverse

        book = self.workbook("editions")
        sheet = book.active
        rows = [row for row in sheet.iter_rows() if row[-1].value and str(row[0].value or "").count("-") == 2]
        rows[1][3].value = f"{rows[1][3].value}并向社会公开"
        new = rows[2]
        for cell, value in ((new[0], f"{rows[2][0].value}9"), (new[3], "全新的一项要求"), (new[-1], None)):
            cell.value = value
        sheet.delete_rows(rows[0][0].row)
        intake = self.hand_in("editions", name, book)
        self.office.send(
            reverse("import", args=[self.campaign.pk, intake.pk]), "import_apply", self.campaign.pk, intake.pk
        )
        clock("run_jobs")

    def roll(self) -> None:
        """Roll forward to the next year, resolve one gap, open it; a unit says which of last year's evidence still applies."""
        from django.urls import reverse

        from creation.models import Campaign

        old = self.campaign
        page = reverse("campaign_roll", args=[old.pk])
        shown = f"{page}?name={old.name.replace(str(old.year), str(old.year + 1))}&year={old.year + 1}"
        self.office.send(shown, "campaign_roll", old.pk, confirmed="1")
        new = Campaign.objects.get(previous=old)
        if row := new.gaps.waiting().first():
            self.office.do("undecided_settle", new.pk, row.pk)
        self.name_leads(new)
        self.office.do("campaign_distribute", new.pk, start="1")
        self.inherit(new)

    def inherit(self, new: Any) -> None:
        """Reject one piece of last year's evidence and cite another one again."""
        from django.db.models import Count

        from creation.models import Citation, Task

        cited = Citation.objects.counting().filter(
            task__campaign=new.previous, task__dropped_on=None, evidence__deleted_at=None
        )
        many = (
            cited.filter(evidence__secrecy_marks=None)
            .values("task__unit", "task__indicator__key")
            .annotate(n=Count("pk"))
        )
        for most in many.order_by("-n", "task__unit", "task__indicator__key"):
            of = {"unit": most["task__unit"], "indicator__key": most["task__indicator__key"]}
            task = Task.objects.active().filter(campaign=new, owner__isnull=False, **of).first()
            if task and self.decide(task):
                return
        raise AssertionError("no task that inherits evidence")

    def name_leads(self, campaign: Any) -> None:
        """Assign the office's unit to checkpoints without a lead."""
        from django.urls import reverse

        from creation.models import Indicator

        bare = Indicator.objects.filter(system=campaign.system, level=3)
        for point in bare.exclude(assignments__campaign=campaign, assignments__role="lead"):
            page = reverse("assignment", args=[campaign.pk, point.pk])
            self.office.send(page, "assignment", campaign.pk, point.pk, lead=campaign.host_id)

    def decide(self, task: Any) -> bool:
        from django.urls import reverse
        from visiting import Forms

        liaison, address = self.liaison_of(task), reverse("heritage_decide", args=[task.campaign_id, task.pk])
        forms = Forms(liaison.page("task", task.campaign_id, task.pk)).found
        pieces = list(dict.fromkeys(form.data["evidence"][0] for form in forms if form.action == address))
        for piece, verdict in zip(pieces, ("drop", "keep"), strict=False):
            liaison.post(address, {"evidence": piece, "verdict": verdict, "outside_reason": "仍在执行"})
        return bool(pieces)

    # Logins and scans

    def stumble(self) -> None:
        """Enter a wrong password; send a one-time link."""
        from django.test import Client
        from django.urls import reverse

        Client(SERVER_NAME="localhost").post(reverse("login"), {"username": OFFICE, "password": "wrong"})
        issued = self.administrator.client.post(reverse("link_issue", args=[self.liaisons().last().user_id]))
        assert issued.status_code == 200

    def quarantine(self) -> None:
        """Simulate a file that was uploaded while the virus scanner was unavailable, and scanned since."""
        from django.utils import timezone

        from creation.models import EvidenceVersion, Scan

        version = EvidenceVersion.objects.exclude(blob="").order_by("pk")[0]
        Scan.objects.create(version=version, state="clean", held_at=version.created_at, scanned_at=timezone.now())

    def tick(self) -> None:
        for name in ("seal_audit", "watch", "take_snapshots", "fill_holidays", "make_previews", "read_files"):
            clock(name)


if __name__ == "__main__":
    import os

    sys.path.insert(0, os.getcwd())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main(*sys.argv[1:])

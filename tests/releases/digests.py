"""Digests of everything that the application outputs, from the top of a checkout:

    .venv/bin/python tests/releases/digests.py NAME FOLDER [ROLE ...]

The data folder of release NAME is unpacked into a temporary folder, migrated by the current code and opened as on its day. The office
opens every page that GET allows, the other roles the first of each kind; every paper is made by its button; mails are received by a
test server. The script prints ``sha256  name`` of each output and keeps the normalized content in FOLDER::

    diff digests-before.txt digests-after.txt; diff -r digests-before digests-after

It uses only URLs and the data, no modules, so that moved code must produce the same list. Each request starts from the same database,
so one difference does not cause others. What differs between any two runs is removed, see ``VOLATILE``: the CSRF token, the digests
in names of static files, the free disk space, the time of a job's last progress, and in Word and Excel files the dates in
``docProps/core.xml``; the roles named by a refusal are sorted. Of zip files, the members count in order, not their compression.
"""

import hashlib
import io
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import time_machine

HERE = Path(__file__).resolve().parent
HOUR = "T12:00"
BACKEND = "django.contrib.auth.backends.ModelBackend"
OFFICE = "coordinator"
# Sees little of what the office sees, and besides that only their own.
OF_UNITS = (
    "liaison",
    "clerk",
    "unit_leader",
)
ROLES = ("coordinator", "reviewer", "liaison", "leading_group", "assessor", "administrator", "auditor")


def in_order(found: re.Match[bytes]) -> bytes:
    """Sort names that the application lists in the order of a set."""
    return found[1] + "、".encode().join(sorted(found[2].split("、".encode())))


VOLATILE: list[tuple[re.Pattern[bytes], Any]] = [
    (re.compile(rb'(csrfmiddlewaretoken"? value=")[^"]*'), rb"\1CSRF"),
    (re.compile(rb"(X-CSRFToken[^:]*: *(?:&quot;|\\?\"))[A-Za-z0-9]{32,64}"), rb"\1CSRF"),
    (re.compile("(可以(?:操作|查看)的角色：)((?:(?!。|<).)*)".encode()), in_order),
    (re.compile("(数据所在磁盘剩余) [0-9.]+ [KMGT]?B".encode()), rb"\1"),
    (re.compile("(<strong>已完成</strong>：)正在[^<]*".encode()), rb"\1"),
    (re.compile(rb"(/static/[\w./-]+?)\.[0-9a-f]{12}(\.\w+)"), rb"\1\2"),
]
DAYS = (re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*"), rb"<dcterms:\1>")
SAID = ("Content-Type", "Content-Disposition", "Location", "HX-Redirect")
POLICY = "Content-Security-Policy"  # its directives are in no particular order


def main(name: str, folder: str, *roles: str) -> None:
    holds = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    now = datetime.fromisoformat(holds["day"] + HOUR).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    with tempfile.TemporaryDirectory() as aside, time_machine.travel(now, tick=False):
        data = Path(aside)
        with tarfile.open(HERE / f"{name}.tar.xz") as packed:
            packed.extractall(data, filter="data")
        os.environ |= {
            "DATA_DIR": aside,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "HTTPS": "",
            "CHANNEL_HOSTS": "127.0.0.1",
        }
        from config import prepare

        with redirect_stdout(sys.stderr):
            prepare.main([])
        people = {role: login for role, login in holds["people"].items() if role in (roles or ROLES)}
        Tour(OutputFolder(Path(folder)), Installation(data, people)).everything()


# Storing the content


class OutputFolder:
    """Keeps each content under its name and prints its digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    def keep(self, name: str, content: bytes) -> None:
        print(f"{hashlib.sha256(content).hexdigest()}  {name}", flush=True)
        path = self.folder / file_name(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def file_name(name: str) -> str:
    """Return ``role/rest``, with a rest that every file system accepts."""
    role, _, rest = name.partition(" ")
    safe = quote(rest, safe=" =?&,;()").replace("%2F", "_").replace("/", "_")
    if len(safe) > 150:
        safe = f"{safe[:120]} {hashlib.sha256(safe.encode()).hexdigest()[:12]}"
    return f"{role}/{safe}"


def plain(content: bytes) -> bytes:
    """Return a page without what differs between runs; a package as its members one after the other."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        return unpacked(content)
    for pattern, instead in VOLATILE:
        content = pattern.sub(instead, content)
    return content


def unpacked(content: bytes) -> bytes:
    parts = []
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            part = package.read(name)
            if name == "docProps/core.xml":
                part = DAYS[0].sub(DAYS[1], part)
            inner = unpacked(part) if zipfile.is_zipfile(io.BytesIO(part)) else part
            broken = inner.replace(b"><", b">\n<") if name.endswith((".xml", ".rels")) else inner
            parts.append(f"\n===== {name}\n".encode() + broken)
    return b"".join(parts)


# The installation


class Installation:
    """The prepared data folder. ``ask`` answers each request from the same state of the database."""

    def __init__(self, data: Path, people: dict[str, str]) -> None:
        from django.conf import settings
        from django.test import Client

        from creation.models import User

        self.people = {role: User.objects.get(username=login) for role, login in people.items()}
        self.database, self.first = Path(settings.DATABASES["default"]["NAME"]), data / "first.sqlite3"
        self.clients = {role: Client(SERVER_NAME="localhost", raise_request_exception=False) for role in self.people}
        for role, person in self.people.items():
            self.clients[role].force_login(person, BACKEND)
            self.clients[role].get("/profile/")  # the login writes its row now
        self.clients["nobody"] = Client(SERVER_NAME="localhost", raise_request_exception=False)
        self.save()

    def save(self) -> None:
        from django.db import connection, connections

        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections.close_all()
        shutil.copyfile(self.database, self.first)

    def again(self) -> None:
        from django.db import connections

        connections.close_all()
        for end in ("-wal", "-shm"):
            self.database.with_name(self.database.name + end).unlink(missing_ok=True)
        shutil.copyfile(self.first, self.database)


def response_bytes(answer: Any) -> bytes:
    """Return status, relevant headers and content."""
    head = [f"HTTP {answer.status_code}", *(f"{name}: {answer[name]}" for name in SAID if name in answer)]
    if POLICY in answer:
        head.append(f"{POLICY}: {'; '.join(sorted(answer[POLICY].split('; ')))}")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return "\n".join(head).encode() + b"\n\n" + plain(content)


class Tour:
    def __init__(self, output: OutputFolder, server: Installation) -> None:
        self.output, self.installation = output, server

    def everything(self) -> None:
        self.pages()
        if OFFICE in self.installation.people:
            self.papers()
            self.calendar()
            self.mails()

    def pages(self) -> None:
        """Open all pages for the office, normally and with htmx; for the others the first of each kind. Nothing that requires POST."""
        self.installation.again()
        addresses = every_address()
        own = {
            role: list(own_addresses(self.installation.people[role]))
            for role in OF_UNITS
            if role in self.installation.people
        }
        posted: set[str] = set()
        for role in sorted([*self.installation.people, "nobody"], key=lambda role: (role != OFFICE, role)):
            for address, is_first in addresses.items():
                if role != OFFICE and (not is_first or address in posted):
                    continue
                if self.open(role, address) == 405:
                    posted.add(address)
                elif role == OFFICE and is_first:
                    self.open(role, address, fragment=True)
            for address in own.get(role, ()):
                if address not in addresses:
                    self.open(role, address)

    def open(self, role: str, address: str, fragment: bool = False) -> int:
        self.installation.again()
        headers = {"HTTP_HX_REQUEST": "true"} if fragment else {}
        answer = self.installation.clients[role].get(address, **headers)
        self.output.keep(f"{role} {'HX ' if fragment else ''}GET {address}", response_bytes(answer))
        return int(answer.status_code)

    # Papers: press the button, run the jobs, and download the file from the job's page

    def papers(self) -> None:
        self.installation.again()
        for role, name, args, data in every_paper(self.installation.people):
            self.make(role, name, args, data)

    def make(self, role: str, name: str, args: list[Any], data: dict[str, Any]) -> None:
        from django.urls import reverse

        from creation.models import Job

        self.installation.again()
        before = Job.objects.count()
        client, address = self.installation.clients[role], reverse(name, args=args)
        answer = client.post(address, data)
        label = f"{role} POST {address} {urlencode(data, doseq=True)}"
        self.output.keep(label, response_bytes(answer))
        if Job.objects.count() == before:
            return
        clock("run_jobs")
        job = Job.objects.latest("pk")
        self.output.keep(f"{label} page", response_bytes(client.get(reverse("job", args=[job.pk]))))
        self.output.keep(f"{label} file", response_bytes(client.get(reverse("job_file", args=[job.pk]))))
        if job.kind == "package":
            self.output.keep(f"{label} volumes", response_bytes(client.get(reverse("package_volumes", args=[job.pk]))))
            for number in range(1, 50):
                answer = client.get(reverse("package_file", args=[job.pk, number]))
                if answer.status_code == 404:
                    break
                self.output.keep(f"{label} volume {number}", response_bytes(answer))

    # Feeds and mails

    def calendar(self) -> None:
        """Fetch the calendar feed of each person, whose key the page shows once."""
        from django.urls import reverse

        for role, client in self.installation.clients.items():
            if role == "nobody":
                continue
            self.installation.again()
            client.post(reverse("feed_make"))
            page = client.get(reverse("preferences")).content.decode()
            found = re.search(r"/feed/[\w-]+\.ics", page)
            if found:
                self.output.keep(f"{role} calendar", response_bytes(self.installation.clients["nobody"].get(found[0])))

    def mails(self) -> None:
        """Collect tomorrow's mails to everybody, as a mail server receives them."""
        from tests.support.mail_and_webhook_servers import mail_server

        self.installation.again()
        with mail_server() as server:
            reach(server.port, self.installation.clients[OFFICE])
            at = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=9)
            with time_machine.travel(at, tick=False) as traveller:
                for hours in (24, 0, 1):
                    traveller.shift(hours * 3600)
                    clock("plan_reminders")
                    clock("deliver")
            for number, (to, mail) in enumerate(
                sorted(server.received, key=lambda each: (each[0], each[1].as_string()))
            ):
                self.output.keep(f"mail {number:03} {to}", mail_bytes(mail))


def mail_bytes(mail: Any) -> bytes:
    """Return text and headers of a mail without its unique ID."""
    head = {name: value for name, value in mail.items() if name in ("Subject", "From", "To", "Date", "Content-Type")}
    head = {name: re.sub(r'boundary="?[^";]+"?', "boundary", str(value)) for name, value in head.items()}
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in head.items()), "", *parts]).encode()


def reach(port: int, office: Any) -> None:
    """Give everybody an address and configure our test server."""
    from django.urls import reverse
    from visiting import Forms

    from creation.models import Channel, User

    for person in User.objects.filter(is_active=True, username__startswith="demo."):
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@example.cn")
    channel = Channel.objects.get(kind="smtp")
    page = reverse("channel", args=[channel.pk])
    form = next(form for form in Forms(office.get(page).content.decode()).found if "host" in form.data)
    answer = office.post(page, form.data | {"host": "127.0.0.1", "port": port, "security": "none", "username": ""})
    assert answer.status_code == 302, answer.content.decode()


def clock(name: str) -> None:
    from living import clock as tick

    tick(name)


# Pages


def every_address() -> dict[str, bool]:
    """Return the URLs of every pattern for objects in the data, with whether each is the first of its kind."""
    from django.urls import NoReverseMatch, get_resolver, reverse

    given, addresses = objects(), dict[str, bool]()
    for name in sorted(name for name in get_resolver().reverse_dict if isinstance(name, str)):
        try:
            found = [reverse(name, kwargs=kwargs) for kwargs in given.get(name, default(name))]
        except NoReverseMatch:
            print(f"no object for {name}", file=sys.stderr)
            continue
        found += [f"{address}?{query}" for address in found[:1] for query in QUERIES.get(name, ())]
        for place, address in enumerate(found):
            addresses.setdefault(address, not place and "?" not in address)
    return addresses


def own_addresses(person: Any) -> Iterator[str]:
    """Yield the URLs of a unit's own objects: tasks of every status, their citations, its evidence."""
    from django.urls import reverse

    from creation.models import Citation, Evidence, Task, TaskStatus

    tasks = Task.objects.active().filter(unit=person.unit_id).order_by("campaign_id", "pk")
    shown = [task for status in TaskStatus.values for task in tasks.filter(status=status)[:3]]
    cited = Citation.objects.counting().filter(task__in=tasks).select_related("task").order_by("pk")[:8]
    for task in shown:
        yield from (reverse(name, args=[task.campaign_id, task.pk]) for name in ("task", "statement", "task_known"))
    for row in cited:
        yield from (reverse(name, kwargs=cited_as(row)) for name in ("exhibit", "citation_edit"))
    for piece in Evidence.objects.filter(unit=person.unit_id).order_by("pk")[:8]:
        names = ("evidence", "evidence_edit", "evidence_versions", "evidence_offers")
        yield from (reverse(name, args=[piece.pk]) for name in names)
        yield from (
            reverse(name, args=[piece.pk, 1]) for name in ("evidence_file", "evidence_preview", "evidence_thumb")
        )
    yield reverse("unit_progress", args=[shown[0].campaign_id, person.unit_id])


def default(name: str) -> list[dict[str, Any]]:
    """Return the arguments of a page that needs only a campaign: each campaign's."""
    from django.urls import get_resolver

    from creation.models import Campaign

    names = [set(params) for possibility in get_resolver().reverse_dict.getlist(name) for _, params in possibility[0]]
    if names == [{"campaign_id"}]:
        return [{"campaign_id": pk} for pk in Campaign.objects.order_by("pk").values_list("pk", flat=True)]
    return [{}]


QUERIES = {
    "task_list": ("status=returned", "status=open&page=2", "q=法治", "unit=37", "sort=-due_on", "light=red", "role=lead", "late=1"),
    "library": ("q=示例", "kind=link", "page=2", "q=法治政府"),
    "ledger": ("unit=37", "section=1", "status=approved", "as_of=2026-11-20&since=2026-11-10", "as_of=2030-01-01"),
    "package": ("unit=37", "section=2"),
    "progress": ("by=section", "by=unit"),
    "questions": ("show=answered", "show=published"),
    "papers": ("show=unstamped",),
    "paper_check": ("number=2026-0001", "number=2026-0001&code=0000-0000-0000-0000", "number=x"),
    "application": ("show=ready", "show=done", "show=todo"),
    "audit": ("page=2", "person=demo", "result=refused", "object=任务", "since=2026-11-20&until=2026-11-25"),
    "accounts": ("q=demo", "page=2", "role=liaison"),
    "notices": ("page=2",),
    "proof": ("page=2", "state=waiting"),
    "links": ("state=unchecked", "state=seen"),
    "edition_compare": ("page=2", "page=9"),
    "unit_merge": ("into=1", "into=36"),
    "campaign_roll": ("name=2028年活动&year=2028", "name=x&year=1"),
    "login": ("next=/notices/", "ended=idle", "ended=expired"),
    "holidays": ("year=2025", "year=2027", "year=2030"),
    "task_known": ("text=材料",),
    "citation_search": ("q=示例",),
    "rule": ("day=2026-11-30",),
    "job": ("take=1",),
    "unit_progress": ("status=open",),
    "assignments": ("section=2",),
    "review_queue": ("page=2",),
}  # fmt: skip


Args = dict[str, Any]
Objects = dict[str, list[Args]]


def objects() -> Objects:
    """Return URL name → arguments for some objects. For URLs that only accept POST, one is enough."""
    from creation.models import Campaign

    first = Campaign.objects.order_by("pk")[0]
    parts = (of_tasks, of_evidence, of_what_is_said, of_papers, of_imports, of_setup, of_people)
    return {name: found for part in parts for name, found in part(first).items()}


def each(names: str, found: list[Args], most: int = 99) -> Objects:
    return dict.fromkeys(names.split(), found[:most])


def rows(query: Any, most: int = 4) -> list[int]:
    return list(query.order_by("pk").values_list("pk", flat=True)[:most])


def inside(campaign: Any, model: Any, most: int = 4, /, **of: Any) -> list[Args]:
    query = model._default_manager.filter(**(of or {"campaign": campaign}))
    return [{"campaign_id": campaign.pk, "pk": pk} for pk in rows(query, most)]


def alone(query: Any, most: int = 4) -> list[Args]:
    return [{"pk": pk} for pk in rows(query, most)]


def of_tasks(first: Any) -> Objects:
    from creation.models import ActionFile, Task, TaskRequest

    tasks = [{"campaign_id": task.campaign_id, "pk": task.pk} for task in some_tasks()]
    requests = TaskRequest.objects.filter(task__campaign=first).order_by("pk")
    files = ActionFile.objects.filter(action__phase__campaign=first).order_by("pk")
    with_files = [(file, task) for file in files for task in Task.objects.active().filter(action=file.action_id)[:1]]
    return {
        **each("task review statement task_known citation_search citation_assists", tasks),
        **each("review_watch draft draft_take task_notes task_ask upload_begin citation_add", tasks, 1),
        **each("heritage_decide statement_number", tasks, 1),
        "task_move": [task | {"move": "submit"} for task in tasks[:3]],
        "review_move": [task | {"move": "approve"} for task in tasks[:1]],
        "citation_new": [task | {"kind": kind} for task in tasks[:4] for kind in ("link", "brief", "file")],
        "task_requests": [task | {"kind": "extension"} for task in tasks[:1]],
        "task_request_decide": [
            {"campaign_id": first.pk, "pk": row.task_id, "request_id": row.pk} for row in requests[:1]
        ],
        "reading": [task | {"measure_id": 1, "period": "2026"} for task in tasks[:1]],
        "action_file": [{"campaign_id": first.pk, "pk": task.pk, "file_id": file.pk} for file, task in with_files],
        "ended_task": inside(first, Task, 2, campaign=first, pk__in=Task.objects.ended_by_edition().values("pk")),
    }


def of_evidence(first: Any) -> Objects:
    from creation.models import EvidenceVersion, LinkSighting, LinkWatch, PageMark, Upload

    pieces = some_evidence()
    versions = EvidenceVersion.objects.filter(evidence__in=pieces).order_by("pk")
    numbered = [{"pk": row.evidence_id, "number": row.number} for row in versions]
    cited = [cited_as(row) for row in some_citations()]
    marks = PageMark.objects.select_related("citation__task").order_by("pk")[:1]
    uploads = [{"token": row.token} for row in Upload.objects.order_by("pk")]
    links = inside(first, LinkWatch, 9, pk__gt=0)
    return {
        **each("exhibit citation_edit", cited),
        **each("citation_remove exhibit_check mark_add", cited, 1),
        **each("mark_note mark_remove", [cited_as(row.citation) | {"mark_id": row.pk} for row in marks]),
        **each("evidence evidence_edit evidence_versions evidence_offers", [{"pk": pk} for pk in pieces]),
        **each("evidence_delete evidence_restore evidence_accept evidence_clear", [{"pk": pk} for pk in pieces], 1),
        **each("evidence_purge evidence_hide evidence_show", [{"pk": pk} for pk in pieces], 1),
        **each("evidence_file evidence_preview evidence_thumb", numbered),
        "evidence_image": [version | {"page": page} for version in numbered for page in (1, 2)],
        "library_cite": [{"campaign_id": first.pk, "pk": pk} for pk in pieces],
        **each("upload_bytes upload_give_up", uploads),
        "link": links,
        **each("link_again link_sighting", links, 1),
        "link_shot": [
            {"campaign_id": first.pk, "pk": row.watch_id, "sighting_id": row.pk}
            for row in LinkSighting.objects.order_by("pk")
        ],
    }


def cited_as(citation: Any) -> Args:
    return {"campaign_id": citation.task.campaign_id, "pk": citation.task_id, "citation_id": citation.pk}


def of_what_is_said(first: Any) -> Objects:
    from creation.models import Announcement, AnnouncementFile, Notice, Question, Reply

    announcements, replies = inside(first, Announcement), inside(first, Reply, 9)
    questions = inside(first, Question, 9, task__campaign=first)
    files = AnnouncementFile.objects.order_by("pk")
    verbs = ("sign", "correct", "withdraw", "urge")
    return {
        **each("announcement announcement_print", announcements),
        **each(" ".join(f"announcement_{verb}" for verb in verbs), announcements, 1),
        "announcement_file": [{"campaign_id": first.pk, "pk": row.announcement_id, "file_id": row.pk} for row in files],
        "question": questions,
        "question_point": questions[:1],
        "reply": replies,
        **each("reply_publish reply_correct reply_withdraw", replies, 1),
        "notice": alone(Notice.objects.filter(person__username="demo.xietiao"), 2),
    }


def of_papers(first: Any) -> Objects:
    from creation.models import Indicator, Job, Paper, PaperScan

    papers, jobs = inside(first, Paper, 9), alone(Job.objects.all(), 20)
    packages = alone(Job.objects.filter(kind="package"))
    items = Indicator.objects.filter(system=first.system, level=2).order_by("order").values_list("code", flat=True)[:3]
    names = ("bulletin", "circular", "supervision", "statement", "on_site", "assessment", "none")
    kinds = [{"campaign_id": first.pk, "kind": name} for name in names]
    scans = PaperScan.objects.order_by("pk")
    return {
        **each("paper paper_file", papers),
        **each("paper_scan paper_void", papers, 1),
        "paper_scan_file": [{"campaign_id": first.pk, "pk": row.paper_id, "scan_id": row.pk} for row in scans],
        **each("job job_file", jobs),
        **each("job_cancel job_again", jobs, 1),
        "package_volumes": packages,
        "package_file": [package | {"number": number} for package in packages for number in (1, 2)],
        **each("document document_template document_template_file", kinds),
        "annex_export": [{"campaign_id": first.pk, "kind": "annex1"}],
        "application_tick": inside(first, Indicator, 1, system=first.system, level=3),
        "assessment_passage": [
            {"campaign_id": first.pk, "slot": slot} for slot in ("introduction", "conclusion", "none", *items)
        ],
    }


def of_imports(first: Any) -> Objects:
    from creation.models import ImportUpload

    names = ("liaisons", "indicators", "editions", "answers", "readings", "targets", "none")
    kinds = [{"campaign_id": first.pk, "kind": name} for name in names]
    return {
        **each("import_new import_blank", kinds),
        **each("import import_marked", inside(first, ImportUpload)),
        "import_apply": inside(first, ImportUpload, 1),
    }


def of_setup(first: Any) -> Objects:
    from creation.models import Action, EditionChange, Indicator, Phase, ReminderRule, RolloverGap

    points = inside(first, Indicator, 3, system=first.system, level=3)
    undecided = RolloverGap.objects.order_by("pk")[:1]
    days = ((2027, 2, 6), (2026, 10, 1), (2026, 2, 30))
    return {
        "phase": inside(first, Phase, 9),
        "rule": inside(first, ReminderRule, 12),
        "rule_switch": inside(first, ReminderRule, 1),
        "edition": inside(first, EditionChange),
        "assignment": points,
        **each("assignment_cells assignment_copy", points, 1),
        "assignment_item": inside(first, Indicator, 3, system=first.system, level=2),
        "action": inside(first, Action, 4, phase__campaign=first),
        "action_cancel": inside(first, Action, 1, phase__campaign=first),
        "undecided_settle": [{"campaign_id": row.campaign_id, "pk": row.pk} for row in undecided],
        "holiday_paste": [{"year": 2027}, {"year": 1999}],
        "holiday_day": [{"year": year, "month": month, "day": day} for year, month, day in days],
    }


def of_people(first: Any) -> Objects:
    from creation.models import Channel, Delivery, Membership, Unit, User, UserSession

    busy = Unit.objects.filter(tasks__submissions__isnull=False).distinct()
    units = [{"campaign_id": first.pk, "unit_id": pk} for pk in rows(busy, 3)]
    people, channels = alone(User.objects.all(), 9), alone(Channel.objects.all())
    kinds = ("smtp", "wecom", "dingtalk", "feishu", "sms", "apprise", "none")
    held = Membership.objects.order_by("pk")[:1]
    return {
        "account": people,
        **each("account_grant account_disable account_enable link_issue phone_reveal", people, 1),
        "membership_end": [{"pk": row.user_id, "membership": row.pk} for row in held],
        "session_end": alone(UserSession.objects.all(), 1),
        "delivery_retry": alone(Delivery.objects.all(), 1),
        "unit": [*alone(Unit.objects.all(), 3), *alone(Unit.objects.exclude(active_to=None))],
        **each("unit_stop unit_resume unit_merge", alone(Unit.objects.all(), 1)),
        **each("unit_progress liaison_appoint liaison_login", units),
        **each("liaison_new call_record", units, 1),
        **each("liaison_link liaison_end", inside(first, Membership, 1, role="liaison")),
        "channel": channels,
        "channel_test": channels[:1],
        "channel_new": [{"kind": kind} for kind in kinds],
        **each("feed one_time_link", [{"token": "none"}]),
    }


def some_tasks() -> list[Any]:
    """Return two tasks of every status, those with the most data; also with a request, reading, draft, or last year's evidence."""
    from django.db.models import Count

    from creation.models import Task, TaskStatus

    rich = sum(Count(many, distinct=True) for many in ("citations", "progress", "submissions", "requests"))
    rows = Task.objects.active().annotate(rich=rich).order_by("-rich", "pk")
    found = [task for status in TaskStatus.values for task in rows.filter(status=status)[:2]]
    for having in ("requests", "drafts", "readings", "questions", "rejections"):
        if having in {field.name for field in Task._meta.get_fields()}:
            found += rows.filter(**{f"{having}__isnull": False}).distinct()[:1]
    found += rows.filter(campaign__previous__isnull=False)[:2]
    found += rows.filter(action__isnull=False)[:2]
    return list({task.pk: task for task in found}.values())


def some_citations() -> list[Any]:
    """Return a citation of every kind of evidence and status of its task."""
    from creation.models import Citation

    rows = Citation.objects.counting().filter(task__dropped_on=None).select_related("task", "evidence").order_by("pk")
    return list({(row.evidence.kind, row.task.status): row for row in rows}.values())


def some_evidence() -> list[int]:
    """Return the first and last evidence of every kind, and quarantined, hidden, deleted ones and ones with a second version."""
    from creation.models import Evidence

    rows = Evidence.objects.order_by("pk")
    kinds = sorted(set(rows.values_list("kind", flat=True)))
    found = [rows.filter(kind=kind)[0].pk for kind in kinds] + [rows.filter(kind=kind).last().pk for kind in kinds]
    odd = [rows.exclude(secrecy_marks=None).distinct(), rows.exclude(deleted_at=None), rows.filter(versions__number=2)]
    if "hidden_at" in {field.name for field in Evidence._meta.get_fields()}:
        odd.append(rows.exclude(hidden_at=None))
    return list(dict.fromkeys([*found, *(row.pk for each in odd for row in each[:2])]))


# Papers to make


def every_paper(people: dict[str, Any]) -> Iterator[tuple[str, str, list[Any], dict[str, Any]]]:
    """Yield role, URL name, its arguments, and the data that the button sends."""
    from creation.models import Campaign, Unit

    first = Campaign.objects.order_by("pk")[0]
    c, stamp = [first.pk], {"stamp": "on"}
    units = list(
        Unit.objects.filter(tasks__submissions__isnull=False)
        .distinct()
        .order_by("order")
        .values_list("pk", flat=True)[:3]
    )
    parts: list[dict[str, Any]] = [
        {},
        *({"unit": pk} for pk in units),
        *({"section": str(n)} for n in range(1, 4)),
        {"status": "approved"},
    ]
    for role in (role for role in people if role in ("coordinator", "liaison", "leading_group")):
        yield from ((role, "ledger_export", c, part) for part in (parts if role == OFFICE else parts[:1]))
        yield role, "annex_export", [*c, "annex1"], {}
        yield role, "annex_export", [*c, "annex3"], {}
        yield role, "assessment_export", c, {}
    yield OFFICE, "ledger_export", c, stamp
    yield OFFICE, "ledger_export", c, {"as_of": "2026-11-20", "since": "2026-11-10"}
    yield OFFICE, "ledger_export", c, stamp | {"unit": units[0]}
    yield OFFICE, "annex_export", [*c, "annex1"], stamp
    yield OFFICE, "annex_export", [*c, "annex3"], stamp
    yield OFFICE, "assessment_export", c, stamp
    yield from (
        (OFFICE, "document", [*c, kind], data | more) for kind, data in documents(units) for more in ({}, stamp)
    )
    yield from statements(first)
    for more in ({}, {"by_section": "on"}, {"all": "on"}, {"unit": str(units[0]), "all": "on"}):
        yield OFFICE, "package", c, {"limit": "0"} | more


def documents(units: list[int]) -> Iterator[tuple[str, dict[str, Any]]]:
    from creation.models import Task

    text = {"title": "关于报送情况的通报", "text": "第一段。\n第二段。"}
    yield "bulletin", {"issue": "3", "first": "2026-11-16", "last": "2026-11-26", **text}
    yield "bulletin", {"issue": "4", "first": "2026-11-01", "last": "2026-11-26"}
    yield "circular", text
    yield "supervision", {"unit": units[0], "due": "2026-12-03", "text": "逾期未报。"}
    yield "on_site", {"any_unit": ""}
    yield "on_site", {"any_unit": units[0]}
    for task in Task.objects.active().filter(submissions__mode="statement").distinct().order_by("pk")[:2]:
        yield "statement", {"task": task.pk}


def statements(campaign: Any) -> Iterator[tuple[str, str, list[Any], dict[str, Any]]]:
    from creation.models import Task

    for task in (
        Task.objects.active().filter(campaign=campaign, submissions__mode="statement").distinct().order_by("pk")[:2]
    ):
        yield OFFICE, "statement_number", [campaign.pk, task.pk], {}


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main(*sys.argv[1:])

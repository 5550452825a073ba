"""The papers in Word for docs/samples: each kind made from the demonstration, printed by LibreOffice, and checked page by page.

They are checked against GB/T 9704-2012: A4, nothing outside the margins except the page number, which is — 1 — at the bottom of every page,
to the right on odd pages and to the left on even ones.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

KEPT = 2  # pages of a paper, besides the last and one with charts
A4 = (595.3, 841.9)  # points
MM = 72 / 25.4
LEFT, RIGHT, TOP, BOTTOM = 28 * MM, A4[0] - 26 * MM, A4[1] - 37 * MM, 35 * MM
SLACK = 6.0  # points by which replacement fonts on this machine may exceed the margins
NUMBER = re.compile(r"— ?(\d+) ?—")
PIXELS_A_POINT, COLOURS = 1.2, 12
INTRODUCTION = "根据法治政府建设示范创建工作方案，我区对照指标体系开展了自查自评。现将有关情况报告如下。"
CONCLUSION = "下一步，我区将对照存在的问题，逐项明确责任单位和完成时限，持续推进整改。"
TEXT = "各单位要对照任务分解表逐项核对，缺项的抓紧补齐，退回的按审核意见修改。\n各牵头单位要与责任单位对接，确保材料真实、完整、规范。"


def all_of(samples: Path, printed: Callable[[Path, Path], Path]) -> list[str]:
    """Write the pages into ``samples``; return the faults found. ``printed`` converts a file to PDF in a folder."""
    problems: list[str] = []
    for old in samples.glob("文书-*"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        for name, paper in papers(Path(folder)):
            problems += [f"{name}: {each}" for each in pages_of(printed(paper, Path(folder)), samples, name)]
    return problems


def papers(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield every kind, numbered for the stamp by the coordinator of the demonstration."""
    from django.utils import timezone

    from creation.audit.actor import Actor
    from creation.models import Campaign, Membership
    from creation.papers import self_assessment
    from creation.rules.policy import Role
    from reports.word import paper_files
    from reports.word.kinds import KINDS

    campaign = Campaign.objects.select_related("district", "host", "system").get()
    actor = Actor(Membership.objects.filter(role=Role.COORDINATOR)[0].user, timezone.now())
    commended = commendation(campaign, actor)
    for kind in KINDS.values():
        given = inputs(campaign, kind.inputs, actor.today) | {
            name: commended[name] for name in kind.inputs if name in commended
        }
        made = paper_files.make_paper(campaign, kind, given, actor, folder, True)
        yield kind.title, made.path.rename(folder / f"{kind.title}.docx")
    report = self_assessment.load_assessment(campaign)
    for passage, text in ((report.introduction, INTRODUCTION), (report.conclusion, CONCLUSION)):
        if not passage.text:
            self_assessment.save_passage(campaign, passage.slot, text, 0, actor)
    yield "自评报告", paper_files.make_assessment(campaign, actor, folder, True).path


def inputs(campaign: Any, asks: Any, today: Any) -> dict[str, Any]:
    """Return the inputs a person would enter. The unit is the one with the most overdue tasks."""
    from django.db.models import Count

    from creation.models import Task, Unit
    from reports.word.facts import statement_tasks

    tasks = Task.objects.active().filter(campaign=campaign)
    late = tasks.overdue(today).values("unit").annotate(n=Count("pk")).order_by("-n", "unit")
    given = {
        "issue": 5,
        "first": today - timedelta(days=6),
        "last": today,
        "title": "关于法治政府建设示范创建工作进展情况的通报" if "issue" not in asks else "",
        "text": TEXT,
        "unit": Unit.objects.get(pk=late[0]["unit"]),
        "due": today + timedelta(days=7),
        "task": statement_tasks(tasks)[0],
        "round": campaign.rounds.earliest("number"),
        "practice": "城管局：案卷逐卷附评查表，发现的问题当月整改。",
    }
    return {name: given[name] for name in asks if name in given}


def commendation(campaign: Any, actor: Any) -> dict[str, Any]:
    """Make a commendation that came to its decision, which the demonstration does not reach; return it with one of its nominations."""
    from creation.models import Commendation, Nomination, Unit

    day = actor.today
    made = Commendation.objects.create(
        campaign=campaign,
        name=f"{campaign.year}年示范创建先进集体和先进个人表彰",
        collectives=2,
        people=2,
        conditions="按时、保质完成创建任务，没有重大执法过错。",
        nominate_until=day - timedelta(days=30),
        quorum=1,
        created_by=actor.human,
        created_at=actor.at,
        voting_at=actor.at,
        closed_at=actor.at,
        public_from=day - timedelta(days=15),
        public_until=day - timedelta(days=7),
        decided_on=day,
        decision_number=f"源政〔{campaign.year}〕12号",
    )
    units = list(Unit.objects.active(day).filter(district=campaign.district_id).order_by("order")[:4])
    for serial, unit in enumerate(units, 1):
        kind, name, post = (
            ("person", f"某某{serial}", "法规科科长")
            if serial > 2
            else ("collective", f"{unit.short_name}执法中队", "")
        )
        nomination = Nomination.objects.create(
            commendation=made,
            serial=serial,
            unit=unit,
            kind=kind,
            name=name,
            post=post,
            merits="组织案卷评查两次，评查案卷 60 份，发现的问题全部整改。\n牵头修订行政处罚裁量基准，办理行政复议案件 6 件，无一被撤销。",
            reason="工作扎实，成效明显，在单位推荐中得到一致同意。",
            created_by=actor.human,
            created_at=actor.at,
            proposed=True,
        )
    return {"commendation": made, "nomination": nomination}


def pages_of(pdf: Path, samples: Path, name: str) -> list[str]:
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        count = len(document)
        problems = [f"page {at + 1}: {each}" for at in range(count) for each in faults(document[at], at + 1)]
        texts = ["".join(page.get_textpage().get_text_range().split()) for page in document]
        drawn = [at for at, text in enumerate(texts) if "图1各部分" in text]
        for at in dict.fromkeys([*range(min(KEPT, count)), *drawn, count - 1]):
            picture = document[at].render(scale=PIXELS_A_POINT).to_pil()
            picture.convert("L").quantize(COLOURS).save(samples / f"文书-{name}-{at + 1:02}.png", optimize=True)
    print(f"{name}: {count} pages, {len(problems)} faults")
    return problems


def faults(page: Any, number: int) -> Iterator[str]:
    """Yield the faults of a printed page."""
    width, height = page.get_size()
    if abs(width - A4[0]) > 2 or abs(height - A4[1]) > 2:
        yield f"{width:.0f} × {height:.0f} points is not A4"
    text = page.get_textpage()
    feet = []
    for at in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(at)
        if right <= left or not text.get_text_range(at, 1).strip():
            continue
        if top < BOTTOM - 2 * MM:
            feet.append((at, left))
        elif left < LEFT - SLACK or right > RIGHT + SLACK or top > TOP + SLACK or bottom < BOTTOM - SLACK:
            yield f"“{text.get_text_range(at, 1)}” at {left:.0f}, {bottom:.0f} stands outside the margins"
            break
    foot = "".join(text.get_text_range(at, 1) for at, _ in feet)
    found = NUMBER.fullmatch(foot)
    if not found or int(found[1]) != number:
        yield f"the foot says “{foot}”"
    elif (feet[0][1] > width / 2) != (number % 2 == 1):
        yield "the page number stands on the wrong side"

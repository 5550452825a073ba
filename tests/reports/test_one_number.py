"""One word, one number: pages, ledger, Word papers and snapshots say the same figures at three moments of the same campaign."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook

from creation.campaigns.due_dates import change_due_date
from creation.models import Task
from creation.models.change import DueDateOrigin
from creation.rules.percent import percent_text
from creation.tasks import figures, office_dashboard, progress, workflow
from reports.chart_images import ChartBar
from reports.ledger.summary import SummaryCounts
from reports.word import facts
from tests.support.job_files import download_result
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
NAMES = ("任务", "已报送", "已通过", "逾期", "报送率", "办结率", "已调整时限")
Figures = dict[str, str]


def of_page(world: World) -> Figures:
    text = world.client("coordinator").get(f"/c/{world.campaign.pk}/progress/").content.decode()
    shown = dict(re.findall(r"<span>([^<]+)</span><strong>([^<]*)</strong>", text))
    answered = re.search(r"已报送 (\d+)</small>", text)
    moved = re.search(r"已调整时限 (\d+) 项", text)
    assert answered
    return {
        "任务": shown["任务"],
        "已报送": answered[1],
        "已通过": re.search(r"已通过 (\d+) 项", text)[1],  # type: ignore[index]
        "逾期": shown["已逾期"],
        "报送率": shown["报送率"],
        "办结率": shown["办结率"],
        "已调整时限": moved[1] if moved else "0",
    }


def of_ledger(world: World) -> Figures:
    content, _ = download_result(world.client("coordinator"), f"/c/{world.campaign.pk}/ledger/export/", {})
    sheet = load_workbook(BytesIO(content))["汇总"]
    rows = list(sheet.iter_rows(values_only=True))
    head = next(row for row in rows if row[0] == "按一级指标")
    total = dict(zip(head, next(row for row in rows if row[0] == "合计"), strict=True))
    plan = next(n for n, row in enumerate(rows) if row[0] == "截至")
    today = next(row for row in rows[plan:] if row[0] == f"{date.today():%Y-%m-%d}")  # noqa: DTZ011 - the clock is set
    notes = " ".join(str(row[0]) for row in rows[:8])
    found = {
        "任务": str(total["任务数"]),
        "已报送": str(int(total["已通过"]) + int(total["待审核"])),
        "已通过": str(total["已通过"]),
        "逾期": str(total["其中逾期"]),
        "报送率": as_excel_shows(total["报送率"]),
        "办结率": as_excel_shows(total["办结率"]),
        "已调整时限": re.search(r"已调整时限 (\d+) 项", notes)[1],  # type: ignore[index]
    }
    assert (str(today[2]), str(today[3])) == (found["已报送"], found["已通过"])  # the curve ends at the same numbers
    return found


def figures_text(value: Any) -> str:
    return "—" if value == "—" else percent_text(float(value))


def as_excel_shows(value: Any) -> str:
    """Excel rounds a cell of the format 0.0% to the nearest."""
    return "—" if value == "—" else f"{float(value) * 100:.1f}".removesuffix(".0") + "%"


def of_word(world: World) -> Figures:
    found = facts.figures(world.campaign, date.today())  # noqa: DTZ011 - the clock is set
    return {name: found[{"任务": "任务总数", "逾期": "逾期数"}.get(name, name)] for name in NAMES}


def of_snapshot(world: World) -> Figures:
    whole = progress.TaskFigures(**progress.take_snapshot(world.campaign, date.today()).figures["all"])  # noqa: DTZ011
    moved = figures.postponed(Task.objects.active().filter(campaign=world.campaign), date.today())  # noqa: DTZ011
    return {
        "任务": str(whole.total),
        "已报送": str(whole.answered),
        "已通过": str(whole.approved),
        "逾期": str(whole.overdue),
        "报送率": figures_text(whole.report_rate if whole.report_rate is not None else "—"),
        "办结率": figures_text(whole.done_rate),
        "已调整时限": str(len(moved)),
    }


def of_first_page(world: World) -> Figures:
    today = date.today()  # noqa: DTZ011 - the day of the pages
    counts = office_dashboard.campaign_counts(world.people["coordinator"], [world.campaign], today, today)[0]
    answered, overdue = counts.waiting + counts.approved, counts.overdue
    return {"任务": str(counts.total), "已报送": str(answered), "已通过": str(counts.approved), "逾期": str(overdue)}


def all_equal(world: World) -> Figures:
    found = {"进度": of_page(world), "台账": of_ledger(world), "文书": of_word(world), "快照": of_snapshot(world)}
    assert len({tuple(sorted(each.items())) for each in found.values()}) == 1, found
    first = of_first_page(world)
    assert first == {name: found["进度"][name] for name in first}
    return found["进度"]


def move(world: World, name: str, task: str, who: str, answer: dict[str, Any]) -> None:
    now = world.task(task)
    workflow.perform(workflow.MOVES[name], now, world.actor(who), now.version, answer)


@pytest.mark.parametrize(("approved", "said"), [(17, "25.7%"), (66, "100%"), (0, "0%")])
def test_a_rate_reads_the_same_in_excel_in_pictures_and_on_pages(approved: int, said: str) -> None:
    counts = SummaryCounts(figures.TaskFigures(total=66, approved=approved))
    assert as_excel_shows(counts.values()[-1]) == percent_text(approved / 66) == said
    assert ChartBar("完善依法行政制度体系", approved, 66).words == f"{approved}/66  {said}"


@pytest.mark.usefixtures("fresh_data_dir")
def test_every_place_says_the_same_at_three_moments(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        first = all_equal(world)
        assert (first["已报送"], first["逾期"]) == ("0", "1")
    with time_machine.travel(NOW + timedelta(days=6), tick=False):
        world.cite("lead")
        answer = {"mode": "upload", "measures": "评查", "results": "完成", "highlights": ""}
        move(world, "submit", "lead", "liaison", answer)
        move(world, "approve", "lead", "reviewer", {"comment": ""})
        move(world, "submit", "assist", "rival", {"mode": "statement", "statement": "没有此项业务"})
        second = all_equal(world)
        assert (second["已报送"], second["已通过"]) == ("2", "1")
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        move(world, "return", "assist", "reviewer", {"reason": "weak", "comment": "请补充", "new_due_on": None})
        action = Task.objects.filter(pk=world.tasks["action"].pk)
        change_due_date(action, date(2026, 12, 1), DueDateOrigin.BULK, "统一调整", world.actor("coordinator"))
        third = all_equal(world)
        assert (third["已报送"], third["已调整时限"]) == ("1", "1")
        assert third["报送率"] != second["报送率"]

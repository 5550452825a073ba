"""Word papers of a campaign: what is read, which pictures stand in them, and the number they bear when they are for the stamp."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from creation import assessing, papers, progress
from creation.models import Campaign, Paper, PaperKind, Task, Unit
from creation.onereading import one_reading
from creation.trail import Actor
from reports import pictures
from reports.pictures import Bar
from reports.word import assessment as assessment_paper
from reports.word import templates
from reports.word.filling import Values
from reports.word.kinds import Asked, Kind

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Made:
    path: Path
    name: str
    detail: str


def make_assessment(campaign: Campaign, actor: Actor, folder: Path, for_stamp: bool) -> Made:
    """The self-assessment as it stands now. With ``for_stamp`` it bears a number and is kept among the papers."""
    with one_reading():
        report = assessing.read(campaign)
        drawn = completion_pictures(campaign, actor)
    title = f"{campaign.district}法治政府建设示范创建自评报告"
    paper = numbered(campaign, PaperKind.ASSESSMENT, title, contents_of(report), actor) if for_stamp else None
    path = folder / "assessment.docx"
    assessment_paper.write(report, campaign, actor.today, path, drawn, paper.note if paper else "")
    name = f"自评报告_{campaign.year}_{actor.today:%Y%m%d}.docx"
    if paper:
        papers.issue(paper, path, name, WORD, actor)
    lacking = f"，缺 {len(report.missing)} 处" if report.missing else ""
    return Made(path, name, f"自评报告{lacking}" + (f"，{paper.note}" if paper else ""))


def numbered(campaign: Campaign, kind: PaperKind, title: str, contents: list[str], actor: Actor) -> Paper:
    """For the seal of the campaign's host."""
    return papers.number(campaign, kind, title, host_of(campaign), papers.digest_of(contents), actor)


def host_of(campaign: Campaign) -> Unit:
    return campaign.host or Unit.objects.filter(district=campaign.district).order_by("order")[0]


def contents_of(report: assessing.Assessment) -> list[str]:
    return [f"{passage.slot}\n{passage.text}\n{passage.numbers}\n{passage.readings}" for passage in report.passages]


def completion_pictures(campaign: Campaign, actor: Actor) -> list[tuple[BinaryIO, str]]:
    """Completion by section, and against the plan by day; none on a machine without a Chinese font."""
    found = progress.matrix(Task.objects.live().filter(campaign=campaign), actor.today)
    sections = campaign.system.indicators.sections().order_by("order")
    bars = [Bar(str(each), found.sections[each.code].approved, found.sections[each.code].total) for each in sections]
    days = progress.trend(campaign)
    try:
        drawn: list[tuple[BinaryIO, str]] = [(pictures.completion_bars(bars), "各部分办结情况")]
        if len(days) > 1:
            labels = [f"{each.day.month}月{each.day.day}日" for each in days]
            line = pictures.completion_line(labels, [100 * d.approved for d in days], [100 * d.due for d in days])
            drawn.append((line, "办结进度与计划"))
    except LookupError:
        return []
    return drawn


def make_paper(campaign: Campaign, kind: Kind, asked: Asked, actor: Actor, folder: Path, for_stamp: bool) -> Made:
    """A paper filled into its template. Raises LookupError when what it is about is gone."""
    with one_reading():
        values = kind.values(campaign, asked, actor)
    paper = numbered(campaign, kind.paper, kind.title, told(values), actor) if for_stamp else None
    fields = {**values.fields, "编号": paper.note if paper else ""}
    path = folder / "paper.docx"
    templates.write(campaign, kind, Values(fields, values.lists), path)
    of = values.fields.get("单位", "")
    name = "_".join(filter(None, [kind.title, of, f"{actor.today:%Y%m%d}"])) + ".docx"
    if paper:
        papers.issue(paper, path, name, WORD, actor)
    return Made(path, name, kind.title + (f"，{paper.note}" if paper else ""))


def told(values: Values) -> list[str]:
    rows = [f"{name}\n{row}" for name, rows in sorted(values.lists.items()) for row in rows]
    return [*(f"{name}\n{text}" for name, text in sorted(values.fields.items())), *rows]

"""Word papers of a campaign: what is read, which pictures stand in them, and the number they bear when they are for the stamp."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from creation.audit.trail import Actor
from creation.lib.batches import batches
from creation.lib.onereading import one_reading
from creation.models import Campaign, Paper, PaperKind, Task, Unit
from creation.papers import assessing
from creation.papers import issuing as papers
from creation.papers.issuing import Printing
from creation.papers.statements import Sheet
from creation.tasks import progress
from creation.tasks.progress import Figures
from reports import pictures
from reports.pictures import Bar
from reports.word import assessment as assessment_paper
from reports.word import facts, filling, layout, templates
from reports.word.filling import Values
from reports.word.kinds import KINDS, Asked, Kind, common

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNNUMBERED = "未编号，不用于盖章"
BARS = 25  # of a picture: 186 mm on paper


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
    document = assessment_paper.document_of(report, campaign, actor.today, drawn)
    plain = Made(folder / "assessment.docx", f"自评报告_{campaign.year}_{actor.today:%Y%m%d}.docx", "自评报告")
    lacking = f"，缺 {len(report.missing)} 处" if report.missing else ""

    def write(paper: Paper | None) -> Path:
        layout.add_note(document, paper.note if paper else UNNUMBERED)
        layout.save(document, plain.path, title)
        return plain.path

    host = papers.host_of(campaign)
    printing = Printing(campaign, PaperKind.ASSESSMENT, title, host, filling.texts(document), is_whole=True)
    made = _made(printing, write, plain, actor, for_stamp)
    return replace(made, detail=made.detail + lacking)


def _made(
    printing: Printing, write: Callable[[Paper | None], Path], plain: Made, actor: Actor, for_stamp: bool
) -> Made:
    if not for_stamp:
        write(None)
        return plain
    return stamped(printing, write, plain, WORD, actor)


def stamped(printing: Printing, write: Callable[[Paper], Path], plain: Made, media_type: str, actor: Actor) -> Made:
    """The file as the papers keep it: the one of then, where the same was issued before."""
    paper = papers.issue(printing, write, plain.name, media_type, actor)
    return Made(papers.copy_to(paper, plain.path), paper.name, f"{plain.detail}，{paper.note}")


def completion_pictures(campaign: Campaign, actor: Actor) -> list[tuple[BinaryIO, str]]:
    """Completion by section, against the plan by day, and by unit; none on a machine without a Chinese font."""
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
        return drawn + _of_units(found.units)
    except LookupError:
        return []


def _of_units(found: Mapping[int, Figures]) -> list[tuple[BinaryIO, str]]:
    """As many bars a picture as fit a page."""
    units = Unit.objects.filter(pk__in=found).order_by("order", "pk")
    bars = [Bar(unit.short_name, found[unit.pk].approved, found[unit.pk].total) for unit in units]
    parts = list(batches(bars, BARS))
    numbers = [""] if len(parts) == 1 else [f"（{layout.chinese(number)}）" for number in range(1, len(parts) + 1)]
    return [
        (pictures.completion_bars(part), f"各单位办结情况{number}")
        for part, number in zip(parts, numbers, strict=False)
    ]


def make_paper(campaign: Campaign, kind: Kind, asked: Asked, actor: Actor, folder: Path, for_stamp: bool) -> Made:
    """A paper filled into its template. Raises LookupError when what it is about is gone."""
    with one_reading():
        values = kind.values(campaign, asked, actor)
    return _fill(campaign, kind, values, actor, folder, for_stamp, asked.get("task"))


def make_statement(task: Task, sheet: Sheet, actor: Actor, folder: Path) -> Made:
    """A statement as it is on screen, numbered for the seal of its unit."""
    kind, campaign = KINDS[PaperKind.STATEMENT], task.campaign
    values = Values(common(campaign, actor) | facts.statement(task, sheet))
    return _fill(campaign, kind, values, actor, folder, True, task)


def _fill(
    campaign: Campaign, kind: Kind, values: Values, actor: Actor, folder: Path, for_stamp: bool, task: Task | None
) -> Made:
    document, fields = templates.filled(campaign, kind, values), values.fields
    name = "_".join(filter(None, [kind.title, fields.get("单位", ""), f"{actor.today:%Y%m%d}"])) + ".docx"
    plain = Made(folder / "paper.docx", name, kind.title)
    unit = task.unit if task else papers.host_of(campaign)
    if kind.paper == PaperKind.STATEMENT:
        contents = statement_contents(fields)
    else:  # the same words in another template are another paper
        own = templates.current(campaign, kind)
        contents = [*filling.texts(document), own.sha256 if own else ""]

    def write(paper: Paper | None) -> Path:
        unnumbered = UNNUMBERED if kind.paper == PaperKind.STATEMENT else ""
        templates.finish(document, paper.note if paper else unnumbered, plain.path)
        return plain.path

    printing = Printing(campaign, kind.paper, _title(kind, fields), unit, contents, task, is_whole=task is None)
    return _made(printing, write, plain, actor, for_stamp)


def statement_contents(fields: Mapping[str, str]) -> list[str]:
    """As ``statements.Sheet.contents``: what the office's template says around it is not the unit's word."""
    return [fields["标题"], *fields["情况说明"].split("\n"), fields["单位"], fields["报送日期"]]


def _title(kind: Kind, fields: Mapping[str, str]) -> str:
    issue = fields.get("期号", "") and f"第{fields['期号']}期"
    return fields.get("标题") or " ".join(filter(None, [kind.title, issue, fields.get("单位", "")]))

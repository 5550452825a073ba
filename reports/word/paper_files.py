"""Word papers of a campaign: their data, charts, and the number of those to be stamped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from creation.audit.actor import Actor
from creation.lib.consistent_reads import consistent_snapshot
from creation.models import Campaign, Commendation, Paper, PaperKind, Task, Unit
from creation.papers import final_assessment, self_assessment
from creation.papers import stamped_papers as papers
from creation.papers.self_assessment import Assessment
from creation.papers.stamped_papers import PaperDraft
from creation.papers.statements import Statement
from reports.word import assessment as assessment_paper
from reports.word import charts, facts, layout, template_filling, templates
from reports.word.charts import Pictures
from reports.word.definition import PaperDefinition, PaperInputs, common
from reports.word.kinds import KINDS
from reports.word.template_filling import FieldValues

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNNUMBERED = "未编号，不用于盖章"


@dataclass(frozen=True, slots=True)
class PaperFile:
    path: Path
    name: str
    detail: str


def make_assessment(campaign: Campaign, actor: Actor, folder: Path, for_stamp: bool) -> PaperFile:
    """Make the current self-assessment. With ``for_stamp`` it gets a number and is stored among the papers."""
    with consistent_snapshot():
        report = self_assessment.load_assessment(campaign)
        images = _assessment_images(campaign, actor)
    draft, write, plain = _assessment_draft(campaign, report, images, actor, folder)
    return _finish(draft, write, plain, actor, for_stamp)


def make_final_assessment(campaign: Campaign, actor: Actor, folder: Path) -> PaperFile:
    """Make the current self-assessment, numbered, and record it as the final one. Raises Refusal."""
    with consistent_snapshot():
        report = self_assessment.load_assessment(campaign)
        images = _assessment_images(campaign, actor)
    final_assessment.require_changed(campaign, report)
    draft, write, plain = _assessment_draft(campaign, report, images, actor, folder)
    paper = papers.issue_paper(draft, write, plain.name, WORD, actor)
    final_assessment.make_final(campaign, report, paper, actor)
    return PaperFile(papers.copy_file(paper, plain.path), paper.name, f"{plain.detail}，定稿 {paper.note}")


def _assessment_draft(
    campaign: Campaign, report: Assessment, images: tuple[Pictures, Pictures], actor: Actor, folder: Path
) -> tuple[PaperDraft, Callable[[Paper | None], Path], PaperFile]:
    title = f"{campaign.district}法治政府建设示范创建自评报告"
    document = assessment_paper.document_of(report, campaign, actor.today, *images)
    lacking = f"，缺 {len(report.missing)} 处" if report.missing else ""
    name = f"自评报告_{campaign.year}_{actor.today:%Y%m%d}.docx"
    plain = PaperFile(folder / "assessment.docx", name, f"自评报告{lacking}")

    def write(paper: Paper | None) -> Path:
        layout.add_note(document, paper.note if paper else UNNUMBERED)
        layout.save(document, plain.path, title)
        return plain.path

    host = papers.host_of(campaign)
    draft = PaperDraft(
        campaign, PaperKind.ASSESSMENT, title, host, template_filling.document_texts(document), is_whole=True
    )
    return draft, write, plain


def _assessment_images(campaign: Campaign, actor: Actor) -> tuple[Pictures, Pictures]:
    """Return the charts of the whole, and those by unit."""
    return charts.overview(campaign, actor.today), charts.by_unit(campaign, actor.today)


def _finish(
    draft: PaperDraft, write: Callable[[Paper | None], Path], plain: PaperFile, actor: Actor, for_stamp: bool
) -> PaperFile:
    if not for_stamp:
        write(None)
        return plain
    return stamped_file(draft, write, plain, WORD, actor)


def stamped_file(
    draft: PaperDraft, write: Callable[[Paper], Path], plain: PaperFile, media_type: str, actor: Actor
) -> PaperFile:
    """Return the file from the papers: the earlier one if the same contents were issued before."""
    paper = papers.issue_paper(draft, write, plain.name, media_type, actor)
    return PaperFile(papers.copy_file(paper, plain.path), paper.name, f"{plain.detail}，{paper.note}")


def make_paper(
    campaign: Campaign, kind: PaperDefinition, inputs: PaperInputs, actor: Actor, folder: Path, for_stamp: bool
) -> PaperFile:
    """Make a paper from its template. Raises LookupError when what it is about no longer exists."""
    with consistent_snapshot():
        values = kind.values(campaign, inputs, actor)
    unit = inputs["unit"] if kind.of_unit else None
    about = {"task": inputs.get("task"), "unit": unit, "commendation": inputs.get("commendation")}
    return _fill(campaign, kind, values, actor, folder, for_stamp=for_stamp, **about)


def make_statement(task: Task, sheet: Statement, actor: Actor, folder: Path) -> PaperFile:
    """Make the statement shown on screen, numbered for the seal of its unit."""
    kind, campaign = KINDS[PaperKind.STATEMENT], task.campaign
    values = FieldValues(common(campaign, actor) | facts.statement(task, sheet))
    return _fill(campaign, kind, values, actor, folder, for_stamp=True, task=task)


def _fill(
    campaign: Campaign,
    kind: PaperDefinition,
    values: FieldValues,
    actor: Actor,
    folder: Path,
    *,
    for_stamp: bool,
    task: Task | None = None,
    unit: Unit | None = None,
    commendation: Commendation | None = None,
) -> PaperFile:
    document, fields = templates.filled_template(campaign, kind, values), values.fields
    name = "_".join(filter(None, [kind.title, fields.get("单位", ""), f"{actor.today:%Y%m%d}"])) + ".docx"
    plain = PaperFile(folder / "paper.docx", name, kind.title)
    own_unit = task.unit if task else unit
    if kind.paper == PaperKind.STATEMENT:
        contents = statement_contents(fields)
    else:  # the same texts in another template are another paper
        own = templates.current(campaign, kind)
        contents = [*template_filling.document_texts(document), own.sha256 if own else ""]

    def write(paper: Paper | None) -> Path:
        unnumbered = UNNUMBERED if kind.paper == PaperKind.STATEMENT else ""
        templates.finish(document, paper.note if paper else unnumbered, plain.path)
        return plain.path

    stamped_by = own_unit or papers.host_of(campaign)
    title, is_whole = _title(kind, fields), own_unit is None
    draft = PaperDraft(
        campaign, kind.paper, title, stamped_by, contents, task, is_whole=is_whole, commendation=commendation
    )
    return _finish(draft, write, plain, actor, for_stamp and kind.may_be_stamped)


def statement_contents(fields: Mapping[str, str]) -> list[str]:
    """Return the same texts as ``statements.Statement.contents``: text that the office's template adds is not part of the statement."""
    return [fields["标题"], *fields["情况说明"].split("\n"), fields["单位"], fields["报送日期"]]


def _title(kind: PaperDefinition, fields: Mapping[str, str]) -> str:
    issue = fields.get("期号", "") and f"第{fields['期号']}期"
    if title := fields.get("标题"):
        return f"{title} {issue}".strip()
    about = fields.get("评选名称", "") if kind.paper == PaperKind.DECISION else fields.get("单位", "")
    return " ".join(filter(None, [kind.title, issue, about]))

"""工作简报: a draft with pictures of its pages, packed in one file, and the issue that is made from the same draft.

The draft holds the document as it was filled, with the place of its number and check code still open: what goes out differs from what was
previewed in nothing but these.
"""

import json
import zipfile
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import docx

from creation.audit.actor import Actor
from creation.background import JobContext
from creation.evidence.previews import sandboxed_programs
from creation.lib.consistent_reads import consistent_snapshot
from creation.lib.refusals import Refusal
from creation.models import Campaign, Paper, PaperKind
from creation.papers import stamped_papers as papers
from creation.papers.bulletins import IssueDraft
from creation.papers.stamped_papers import PaperDraft
from reports.word import paper_files, template_filling, templates
from reports.word.definition import PaperInputs
from reports.word.kinds import KINDS
from reports.word.paper_files import PaperFile

KIND = KINDS[PaperKind.BULLETIN]
OPEN, SHOWN, FACTS = "open.docx", "shown.docx", "facts.json"
MAX_PAGES = 40
NUMBERED_LATER = "编号和校验码在发出时印上"


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """``pages``: pictures in the draft, of ``page_count`` pages; ``why_none`` says why there are none; ``contents``: its texts."""

    page_count: int
    pages: int
    why_none: str
    contents: list[str]


def make_draft(campaign: Campaign, inputs: PaperInputs, actor: Actor, for_stamp: bool, context: JobContext) -> Path:
    """Make the draft in the folder of the job. Raises LookupError and Refusal as papers do."""
    context.update_progress(0, 0, "正在汇总数字")
    with consistent_snapshot():
        values = KIND.values(campaign, inputs, actor)
    document, folder = templates.filled_template(campaign, KIND, values), context.folder
    own = templates.current(campaign, KIND)
    contents = [*template_filling.document_texts(document), own.sha256 if own else ""]
    document.save(str(folder / OPEN))
    templates.finish(document, NUMBERED_LATER if for_stamp else "", folder / SHOWN)
    page_count, pictures, why_none = _draw(folder, context)
    facts = DraftFacts(page_count, len(pictures), why_none, contents)
    path = folder / "draft.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(FACTS, json.dumps(asdict(facts), ensure_ascii=False))
        for file in (folder / OPEN, folder / SHOWN, *pictures):
            package.write(file, file.name)
    return path


def _draw(folder: Path, context: JobContext) -> tuple[int, list[Path], str]:
    """Return the number of pages, pictures of the first ones, and why there are none."""
    context.update_progress(0, 0, "正在转换为页面")
    pages = folder / "pages"
    pages.mkdir()
    found = {"pages": 0}
    try:
        pdf = sandboxed_programs.to_pdf(folder / SHOWN, "docx", folder)
        for found in sandboxed_programs.render_pages("pdf", pdf, pages, 1, MAX_PAGES):
            context.update_progress(found["done"], found["total"], "正在画页面")
    except Refusal as refused:
        return 0, [], str(refused)
    return found["pages"], [pages / f"{number}.jpg" for number in range(1, min(found["pages"], MAX_PAGES) + 1)], ""


def facts_of(file: BinaryIO) -> DraftFacts:
    with zipfile.ZipFile(file) as package:
        return DraftFacts(**json.loads(package.read(FACTS)))


def page_of(file: BinaryIO, number: int) -> bytes:
    """Return the picture of a page. Raises KeyError when there is none."""
    with zipfile.ZipFile(file) as package:
        return package.read(f"{number}.jpg")


def shown_document(file: BinaryIO) -> bytes:
    with zipfile.ZipFile(file) as package:
        return package.read(SHOWN)


def write_issue(file: BinaryIO, issue: IssueDraft, for_stamp: bool, folder: Path, actor: Actor) -> PaperFile:
    """Write the issue into ``folder``; one for the stamp is numbered and stored among the papers."""
    with zipfile.ZipFile(file) as package:
        document = docx.Document(BytesIO(package.read(OPEN)))
        contents = DraftFacts(**json.loads(package.read(FACTS))).contents
    plain = PaperFile(folder / "bulletin.docx", f"{KIND.title}_第{issue.number}期.docx", KIND.title)
    if not for_stamp:
        templates.finish(document, "", plain.path)
        return plain
    host = papers.host_of(issue.campaign)
    title = f"{issue.title} 第{issue.number}期"
    draft = PaperDraft(issue.campaign, PaperKind.BULLETIN, title, host, contents, is_whole=True)

    def write(paper: Paper) -> Path:
        templates.finish(document, paper.note, plain.path)
        return plain.path

    return paper_files.stamped_file(draft, write, plain, paper_files.WORD, actor)

"""The contents of a package: files, links, texts, statements, and what is shown on site. The number of queries is constant."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from creation.evidence import page_marks
from creation.evidence.library import secrecy_check
from creation.lib import filenames
from creation.lib.batches import batches
from creation.models import (
    AnswerMode,
    Evidence,
    EvidenceKind,
    EvidenceVersion,
    Paper,
    PaperKind,
    Submission,
    SubmittedCitation,
    Task,
    TaskStatus,
    User,
    marks_in_words,
)
from creation.models.task import TaskQuerySet
from creation.papers import statements
from creation.papers.statements import Statement

ACTIONS = "0 工作事项"  # folder of tasks without an indicator
FOLDER_CHARACTERS = 28
APPROVED = (TaskStatus.APPROVED,)
BATCH = 5000  # answers read at a time
NOT_CLEARED = "报送的这一版带有密级标志（{marks}），没有确认不涉密"
WITHHELD = "（不予显示）"  # instead of the title of a piece whose words are not for the reader
NOT_CHECKED = "正文还没有读完，密级未检查，请稍后重新生成"
STATEMENT_SIZE = 40 * 1024  # estimated bytes of a statement that is still to be made


@dataclass(frozen=True, slots=True)
class PackageItem:
    """One file of the package. ``key`` names the stored file; if it is "", the content is ``text`` or ``statement``.

    ``pages``: those that the office marked as proof; ``page_count``: how many it has, as the unit says. ``evidence``: the key of the piece;
    0 for a statement.
    """

    folder: str  # ends with "/"
    name: str
    section: str
    code: str
    checkpoint: str
    number: str
    unit: str
    title: str
    kind: str
    passage: str = ""
    pages: str = ""
    page_count: int | None = None
    doc_number: str = ""
    dated_on: date | None = None
    issuer: str = ""
    key: str = ""
    sha256: str = ""
    size: int = 0
    text: str = ""
    statement: tuple[Task, Statement] | None = None
    url: str = ""
    evidence: int = 0
    is_statement: bool = False

    @property
    def path(self) -> str:
        return self.folder + self.name

    @property
    def length(self) -> int:
        return self.size or len(self.text.encode())


@dataclass(frozen=True, slots=True)
class OnSiteItem:
    """An answer whose material is shown on site."""

    section: str
    code: str
    checkpoint: str
    unit: str
    keeper: str
    place: str


@dataclass(frozen=True, slots=True)
class WithheldItem:
    """A piece of evidence that was submitted but is not in the package."""

    number: str
    unit: str
    title: str
    why: str


@dataclass(slots=True)
class PackageContents:
    """The contents of a package, in the order of the indicators. ``unanswered``: tasks without an answer to include."""

    items: list[PackageItem] = field(default_factory=list)
    on_site: list[OnSiteItem] = field(default_factory=list)
    withheld: list[WithheldItem] = field(default_factory=list)
    unanswered: list[Task] = field(default_factory=list)

    @property
    def evidence(self) -> frozenset[int]:
        """The keys of the pieces that are included."""
        return frozenset(item.evidence for item in self.items if item.evidence)

    @property
    def size(self) -> int:
        return sum(item.length for item in self.items)


@dataclass(frozen=True, slots=True)
class _TaskFacts:
    """``pages`` by task and number; ``papers``: statements numbered for the stamp, by task."""

    pages: dict[tuple[int, str], str]
    papers: dict[int, Paper]


def read_contents(tasks: TaskQuerySet, reader: User | None, wanted: Collection[str] = APPROVED) -> PackageContents:
    """Read the latest answer of each task and the versions it cites, as far as ``reader`` may see them (None: all, for the operator).

    ``wanted``: the statuses of tasks whose answers are included.
    """
    contents, names = PackageContents(), UniqueNames()
    chosen = list(tasks.for_table().in_ledger_order())
    answers = latest_answers([task.pk for task in chosen if task.status in wanted])
    cited = _cited(answers.values(), reader)
    known = _TaskFacts(
        page_marks.page_texts_by_number(tasks.order_by().values("pk")),
        statements.issued_papers(tasks.order_by().values("pk")),
    )
    for task in chosen:
        if answer := answers.get(task.pk):
            _add(contents, names, task, answer, cited.get(answer.pk, []), known)
        else:
            contents.unanswered.append(task)
    return contents


def cited_versions(tasks: TaskQuerySet, wanted: Collection[str]) -> Iterator[EvidenceVersion]:
    """Yield the files that the latest answers of these tasks cite, each with its extract."""
    answers = latest_answers(list(tasks.order_by().filter(status__in=wanted).values_list("pk", flat=True)))
    for some in batches([answer.pk for answer in answers.values()], BATCH):
        cited = SubmittedCitation.objects.filter(submission__in=some).values("version")
        yield from EvidenceVersion.objects.filter(pk__in=cited).exclude(blob="").select_related("extract", "evidence")


def latest_answers(tasks: list[int]) -> dict[int, Submission]:
    newest = Submission.objects.filter(task=OuterRef("task")).order_by("-number").values("pk")[:1]
    found: dict[int, Submission] = {}
    for some in batches(tasks, BATCH):
        rows = Submission.objects.filter(task__in=some, pk=Subquery(newest))
        found.update({row.task_id: row for row in rows})
    return found


def _cited(answers: Iterable[Submission], reader: User | None) -> dict[int, list[tuple[SubmittedCitation, bool]]]:
    """Return for each answer its citations, each with whether the reader may see it."""
    found: dict[int, list[tuple[SubmittedCitation, bool]]] = {}
    every = EvidenceVersion.objects.filter(evidence__in=Evidence.objects.unrestricted())
    seen = EvidenceVersion.objects.visible_to(reader) if reader else every
    for some in batches([answer.pk for answer in answers], BATCH):
        rows = SubmittedCitation.objects.filter(submission__in=some)
        rows = rows.select_related("version__evidence__unit", "version__extract")
        rows = rows.prefetch_related("version__evidence__secrecy_marks", "version__declarations__marks")
        visible = set(seen.filter(submitted__submission__in=some).values_list("pk", flat=True))
        for row in rows.order_by("number", "pk"):
            found.setdefault(row.submission_id, []).append((row, row.version_id in visible))
    return found


def _add(
    contents: PackageContents,
    names: "UniqueNames",
    task: Task,
    answer: Submission,
    cited: list[Any],
    known: _TaskFacts,
) -> None:
    section, folders = folders_of(task)
    for row, visible in cited:
        unit = row.version.evidence.unit.short_name
        if not visible:
            evidence = row.version.evidence
            is_named = evidence.is_unrestricted and evidence.deleted_at is None
            title = row.title if is_named else WITHHELD
            contents.withheld.append(WithheldItem(row.number, unit, title, "不可查看（已隐藏或已删除）"))
        elif not row.version.is_secrecy_checked:
            contents.withheld.append(WithheldItem(row.number, unit, row.title, NOT_CHECKED))
        elif marks := secrecy_check.unconfirmed_marks(row.version):
            why = NOT_CLEARED.format(marks=marks_in_words(marks))
            contents.withheld.append(WithheldItem(row.number, unit, row.title, why))
        elif names.is_new(row.number, row.version_id):
            item = _item(row, task, section, folders, unit, names)
            contents.items.append(replace(item, pages=known.pages.get((task.pk, row.number), "")))
    if answer.mode == AnswerMode.STATEMENT:
        contents.items.append(_statement(answer, task, section, folders, names, known.papers.get(task.pk)))
    elif answer.mode == AnswerMode.ON_SITE:
        unit = task.unit.short_name
        contents.on_site.append(OnSiteItem(section, task.code, task.title, unit, answer.keeper, answer.place))


def folders_of(task: Task) -> tuple[str, list[str]]:
    """Return the section's heading, and the folders of section, item and checkpoint."""
    if task.indicator and task.indicator.parent and task.indicator.parent.parent:
        levels = [task.indicator.parent.parent, task.indicator.parent, task.indicator]
        return str(levels[0]), [folder_name(f"{each.code} {each.title}") for each in levels]
    return ACTIONS, [ACTIONS, folder_name(task.phase.name), folder_name(f"{task.code} {task.title}")]


def folder_name(text: str) -> str:
    """Return a name that is legal on Windows and short enough for paths of four levels."""
    return filenames.archive_name("", "", text, "")[:FOLDER_CHARACTERS].rstrip(" .")


def _item(
    row: SubmittedCitation, task: Task, section: str, folders: list[str], unit: str, names: "UniqueNames"
) -> PackageItem:
    version = row.version
    place = "/".join([*folders, folder_name(unit)]) + "/"
    ending = version.extension if version.blob else "txt"
    return PackageItem(
        folder=place,
        name=names.unique(place, filenames.archive_name(row.number, unit, row.title, ending)),
        section=section,
        code=task.code,
        checkpoint=task.title,
        number=row.number,
        unit=unit,
        title=row.title,
        kind=row.get_kind_display(),
        passage=row.passage,
        page_count=row.pages,
        doc_number=row.doc_number,
        dated_on=row.dated_on,
        issuer=row.issuer,
        key=version.blob,
        sha256=version.sha256,
        size=version.size or 0,
        text="" if version.blob else _as_text(row, version),
        url=version.url,
        evidence=version.evidence_id,
        is_statement=row.kind == EvidenceKind.STATEMENT,
    )


def _as_text(row: SubmittedCitation, version: EvidenceVersion) -> str:
    return "\n".join(filter(None, [f"{row.number} {row.title}", version.url, version.text])) + "\n"


def _statement(
    answer: Submission, task: Task, section: str, folders: list[str], names: "UniqueNames", paper: Paper | None
) -> PackageItem:
    """Return the file that was numbered for the stamp, or a statement that is still to be made."""
    unit = task.unit.short_name
    place = "/".join([*folders, folder_name(unit)]) + "/"
    title = PaperKind.STATEMENT.label
    sheet, paper = statements.match_paper(task, answer.statement, answer.handed_on, paper)
    item = PackageItem(
        folder=place,
        name=names.unique(place, filenames.archive_name(task.code, unit, title, "docx")),
        section=section,
        code=task.code,
        checkpoint=task.title,
        number=task.code,
        unit=unit,
        title=title,
        kind=title,
        dated_on=answer.handed_on,
        issuer=task.unit.name,
        is_statement=True,
    )
    if paper:
        return replace(item, key=paper.blob, sha256=paper.sha256, size=paper.size, doc_number=paper.number)
    return replace(item, statement=(task, sheet), size=STATEMENT_SIZE)


class UniqueNames:
    """Makes file names in a folder unique, ignoring case. ``is_new``: a version cited again under the same number is packed once."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()
        self._pieces: set[tuple[str, int]] = set()

    def is_new(self, number: str, version: int) -> bool:
        known = (number, version) in self._pieces
        self._pieces.add((number, version))
        return not known

    def unique(self, place: str, name: str) -> str:
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, dot + ending) if dot else (name, "")
        candidate, count = name, 1
        while (place.casefold(), candidate.casefold()) in self._taken:
            count += 1
            mark = f"({count})"
            candidate = stem[: filenames.ARCHIVE_CHARACTERS - len(mark) - len(ending)] + mark + ending
        self._taken.add((place.casefold(), candidate.casefold()))
        return candidate

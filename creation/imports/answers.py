"""Import of a ledger (台账) that was filled in offline: its text columns are saved in the drafts of the person who imports it.

The submissions say what a cell contained when the table was downloaded. So an unchanged cell can be told from one that was changed both in
the table and in the system, and only the latter is asked about.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from creation.audit.actor import Actor
from creation.imports import row_reader, values
from creation.imports.headings import ImportColumn
from creation.imports.import_plan import FieldChange, ImportPlan, ImportQuestion, PlanLine
from creation.imports.kinds import ImportContext
from creation.imports.row_reader import RowReader
from creation.imports.task_lookup import TaskLookup, writable_tasks
from creation.lib.refusals import Refusal
from creation.lib.strings import shorten
from creation.models import AnswerMode, Campaign, Draft, Submission, Task
from creation.tasks import answers, drafts, workflow

COLUMNS = (
    ImportColumn("code", "编号", ("任务编号",), required=True, own=True),
    ImportColumn("unit", "责任单位", ("单位", "填报单位")),
    # Tells tasks of one code apart, such as the reports of several weeks; shown among READ_ONLY.
    ImportColumn("title", "名称", ("任务名称", "三级指标（要点）"), own=True, exported=False),
    ImportColumn("mode", "提供方式"),
    ImportColumn("measures", "工作措施", ("工作举措", "措施")),
    ImportColumn("results", "完成情况", ("工作成效", "成效")),
    ImportColumn("highlights", "亮点", ("工作亮点", "特色亮点")),
    ImportColumn("statement", "情况说明"),
    ImportColumn("keeper", "保管人"),
    ImportColumn("place", "存放地点"),
)
TEXTS = tuple(column.key for column in COLUMNS if column.key in answers.FIELDS)
READ_ONLY = ("名称", "印证资料要求", "完成时限", "状态")  # shown for information beside the columns to fill in
MODES = {label: mode.value for mode in AnswerMode for label in (mode.label, mode.label[:2], mode.value)}
AS_OF = re.compile(r"数据截至\s*(\d{4}-\d{2}-\d{2} \d{2}:\d{2})(:\d{2})?")
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class _KnownTexts:
    """The texts of a task: now, when and by whom they were written, and what the downloaded table contained."""

    now: dict[str, str]
    at: datetime | None
    by: str
    exported: list[dict[str, str]]

    def is_untouched(self, key: str, text: str) -> bool:
        return any(text in (known, values.plain(known)) for known in self._texts(key))

    def _texts(self, key: str) -> list[str]:
        return [content.get(key, "") for content in (self.now, *self.exported)]


def plan(context: ImportContext) -> ImportPlan:
    planner = _AnswerPlanner(context)
    lines = [planner.line(reader) for reader in row_reader.readers(context, COLUMNS)]
    return ImportPlan(context.layout, lines, [*planner.tasks.names.questions.values(), *planner.questions.values()])


def _as_of(context: ImportContext) -> datetime:
    """Return the time the table was made, up to the end of the minute when it names no seconds."""
    found = next(filter(None, map(AS_OF.search, context.texts)), None)
    if found is None:
        raise Refusal(
            "表中没有“数据截至 …”一行，看不出是什么时候的内容。请下载填报表或台账，在其中填写后再导入，不要删去这一行。"
        )
    moment = datetime.fromisoformat(found[1] + (found[2] or ":59"))
    return timezone.make_aware(moment) + timedelta(microseconds=999_999)


def _texts(campaign: Campaign, actor: Actor, as_of: datetime) -> dict[int, _KnownTexts]:
    """Return task → its texts, with few queries, whatever the number of tasks."""
    chosen = writable_tasks(campaign, actor).order_by().values("pk")
    submissions: dict[int, list[Submission]] = defaultdict(list)
    for row in Submission.objects.filter(task__in=chosen).select_related("created_by").order_by("number"):
        submissions[row.task_id].append(row)
    drafts = {row.task_id: row for row in Draft.objects.filter(task__in=chosen, person=actor.human)}
    return {pk: _known_texts(drafts.get(pk), submissions[pk], as_of) for pk in {*drafts, *submissions}}


def _known_texts(draft: Draft | None, submissions: list[Submission], as_of: datetime) -> _KnownTexts:
    last = submissions[-1] if submissions else None
    before = [row for row in submissions if row.created_at <= as_of][-1:]
    shown = [each for row in before for each in (_content(row), _as_in_ledger(row))]
    if draft:
        return _KnownTexts(answers.content_of(draft.content), draft.saved_at, "您本人", shown)
    return _KnownTexts(
        _content(last) if last else {},
        last.created_at if last else None,
        last.created_by.name if last else "",
        shown or [{}],
    )


def _content(row: Submission) -> dict[str, str]:
    return answers.content_of(row.content())


def _as_in_ledger(row: Submission) -> dict[str, str]:
    """Return the texts as the ledger shows them, with the readings below the results."""
    readings = [f"{reading['measure']}：{reading['verdict']}" for reading in row.readings]
    content = _content(row)
    return content | {"results": "\n".join(filter(None, [content["results"], *readings]))}


class _AnswerPlanner:
    """Plans the rows of one table and collects the questions about cells that were changed in both places."""

    def __init__(self, context: ImportContext) -> None:
        self.context, self.as_of, self.tasks = context, _as_of(context), TaskLookup(context)
        self.texts = _texts(context.campaign, context.actor, self.as_of)
        self.seen: dict[int, str] = {}  # task → place of its row
        self.questions: dict[str, ImportQuestion] = {}

    def line(self, reader: RowReader) -> PlanLine:
        line = reader.line(reader.shown("code"))
        task = self.tasks.find(reader)
        if task is None:
            return line
        line.title = f"{task.code} {task.unit} {task.title}"
        if (first := self.seen.setdefault(task.pk, reader.place)) != reader.place:
            reader.add_error("code", f"与{first}是同一项任务")
            return line
        known = self.texts.get(task.pk, _KnownTexts({}, None, "", [{}]))
        wanted = dict(known.now)
        for key, text in _given(reader):
            if not known.is_untouched(key, text) and self._takes_from_table(task, key, text, known):
                wanted[key] = text
                before = _shown(key, known.now.get(key, ""))
                line.changes.append(FieldChange(answers.LABELS[key], before, _shown(key, text)))
        line.data = {"task": task, "content": wanted}
        if line.changes and not (task.campaign.is_open and workflow.accepts_answers(task)):
            reader.add_error("", f"任务现为“{task.get_status_display()}”，不能再修改答复")
        return line

    def _takes_from_table(self, task: Task, key: str, text: str, known: _KnownTexts) -> bool:
        """Return whether to use the cell's text: yes if nobody else has written since, else as answered."""
        if known.at is None or known.at <= self.as_of or not known.now.get(key):
            return True
        name = f"cell:{task.pk}:{key}"
        answer = self.context.answers.get(name)
        if answer not in (MINE, THEIRS):
            when = timezone.localtime(known.at)
            question = f"{task.code} {task.unit}“{answers.LABELS[key]}”两边都改过"
            theirs = f"保留现有的（{known.by}，{when:%m-%d %H:%M}）：{shorten(_shown(key, known.now[key]), 60)}"
            mine = f"改用表格中的：{shorten(_shown(key, text), 60)}"
            self.questions[name] = ImportQuestion(name, question, ((THEIRS, theirs), (MINE, mine)))
        return answer == MINE


def _given(reader: RowReader) -> Iterator[tuple[str, str]]:
    """Yield the filled cells of the text columns. An empty cell deletes nothing."""
    for key in answers.FIELDS:
        text = reader.text(key, answers.MAX_LENGTH) if reader.has(key) else ""
        if key == "mode" and text:
            if text not in MODES:
                reader.add_error("mode", f"“{text}”不是提供方式，可填：{'、'.join(mode.label for mode in AnswerMode)}")
                continue
            text = MODES[text]
        if text:
            yield key, text


def _shown(key: str, text: str) -> str:
    return AnswerMode(text).label if key == "mode" and text in AnswerMode.values else text


def apply(context: ImportContext, plan: ImportPlan) -> str:
    """Save the texts in the person's drafts; the former text can be restored. Submitting remains a separate step."""
    try:
        drafts.replace_many({line.data["task"].pk: line.data["content"] for line in plan.pending_lines}, context.actor)
    except Refusal as refused:
        raise Refusal(f"没有导入，一项也没有改。{refused}") from refused
    return f"写入 {len(plan.pending_lines)} 项任务的草稿，请逐项核对后报送"


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the table to be filled in offline: the person's draft, or the latest submission."""
    texts_of = _texts(campaign, actor, actor.at)
    for task in writable_tasks(campaign, actor):
        content = texts_of[task.pk].now if task.pk in texts_of else {}
        texts = [_shown(key, content.get(key, "")) for key in TEXTS]
        read_only = (task.title, task.requirement, task.due_on, task.get_status_display())
        yield task.code, task.unit.short_name, *read_only, *texts

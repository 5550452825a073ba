"""台账 filled in offline: the text columns come back into the drafts of the person who imports them.

What a cell said when the table left the house is known from the answers handed in until then, so that a cell nobody touched is
told from one that was changed on both sides: only that one is asked about.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from creation.audit.trail import Actor, shorten
from creation.imports.headings import Column
from creation.imports.kinds import Case
from creation.imports.plans import Change, Line, Plan, Question, Reader, rows_of
from creation.imports.writable import Tasks, tasks_of
from creation.lib.refusals import Refusal
from creation.models import AnswerMode, Campaign, Draft, Submission, Task
from creation.tasks import answers, drafting, workflow

COLUMNS = (
    Column("code", "编号", ("任务编号",), required=True),
    Column("unit", "责任单位", ("单位", "填报单位")),
    Column("mode", "提供方式"),
    Column("measures", "工作措施", ("工作举措", "措施")),
    Column("results", "完成情况", ("工作成效", "成效")),
    Column("highlights", "亮点", ("工作亮点", "特色亮点")),
    Column("statement", "情况说明"),
    Column("keeper", "保管人"),
    Column("place", "存放地点"),
)
READ_ONLY = ("名称", "印证资料要求", "完成时限", "状态")  # stand beside, for whoever fills in
MODES = {
    label: mode.value for mode in AnswerMode for label in (mode.label, mode.label.removesuffix("材料"), mode.value)
}
AS_OF = re.compile(r"数据截至\s*(\d{4}-\d{2}-\d{2} \d{2}:\d{2})(:\d{2})?")
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class _Texts:
    """What the system holds for a task: now, when that was written and by whom, and what it showed when the table was made."""

    now: dict[str, str]
    at: datetime | None
    by: str
    shown: list[dict[str, str]]

    def is_untouched(self, key: str, text: str) -> bool:
        return text == self.now.get(key, "") or any(text == shown.get(key, "") for shown in self.shown)


def plan(case: Case) -> Plan:
    as_of = _as_of(case)
    tasks, texts = Tasks(case), _texts(case.campaign, case.actor, as_of)
    questions: dict[str, Question] = {}
    seen: dict[int, int] = {}
    lines = []
    for row in rows_of(case.layout):
        reader = Reader(case.layout, COLUMNS, row)
        lines.append(_line(reader, case, tasks, texts, as_of, seen, questions))
    return Plan(case.layout, lines, [*tasks.names.questions.values(), *questions.values()])


def _as_of(case: Case) -> datetime:
    """The moment that the table shows, to the end of its minute where it names none."""
    found = next(filter(None, map(AS_OF.search, case.texts)), None)
    if found is None:
        raise Refusal(
            "表中没有“数据截至 …”一行，看不出是什么时候的内容。请下载填报表或台账，在其中填写后再导入，不要删去这一行。"
        )
    moment = datetime.fromisoformat(found[1] + (found[2] or ":59"))
    return timezone.make_aware(moment) + timedelta(microseconds=999_999)


def _texts(campaign: Campaign, actor: Actor, as_of: datetime) -> dict[int, _Texts]:
    """Of each task that has any; in few queries, whatever their number."""
    chosen = tasks_of(campaign, actor).order_by().values("pk")
    handed_in: dict[int, list[Submission]] = defaultdict(list)
    for row in Submission.objects.filter(task__in=chosen).select_related("by").order_by("number"):
        handed_in[row.task_id].append(row)
    drafts = {row.task_id: row for row in Draft.objects.filter(task__in=chosen, person=actor.human)}
    return {pk: _of(drafts.get(pk), handed_in[pk], as_of) for pk in {*drafts, *handed_in}}


def _of(draft: Draft | None, handed_in: list[Submission], as_of: datetime) -> _Texts:
    last = handed_in[-1] if handed_in else None
    before = [row for row in handed_in if row.at <= as_of][-1:]
    shown = [each for row in before for each in (_content(row), _as_in_ledger(row))]
    if draft:
        return _Texts(answers.content_of(draft.content), draft.saved_at, "您本人", shown)
    return _Texts(
        _content(last) if last else {}, last.at if last else None, last.by.name if last else "", shown or [{}]
    )


def _content(row: Submission) -> dict[str, str]:
    return answers.content_of(row.content())


def _as_in_ledger(row: Submission) -> dict[str, str]:
    """There the readings stand below the results."""
    readings = [f"{reading['measure']}：{reading['verdict']}" for reading in row.readings]
    content = _content(row)
    return content | {"results": "\n".join(filter(None, [content["results"], *readings]))}


def _line(
    reader: Reader,
    case: Case,
    tasks: Tasks,
    texts: dict[int, _Texts],
    as_of: datetime,
    seen: dict[int, int],
    questions: dict[str, Question],
) -> Line:
    line = Line(
        reader.row, str(reader.layout.sheet.at(reader.row, reader.layout.columns["code"]) or ""), errors=reader.errors
    )
    task = tasks.find(reader)
    if task is None:
        return line
    line.title = f"{task.code} {task.unit} {task.title}"
    if (first := seen.setdefault(task.pk, reader.row)) != reader.row:
        reader.wrong("code", f"与第 {first} 行是同一项任务")
        return line
    held = texts.get(task.pk, _Texts({}, None, "", [{}]))
    wanted = dict(held.now)
    for key, text in _given(reader):
        if held.is_untouched(key, text):
            continue
        if _take(case, task, key, text, held, as_of, questions):
            wanted[key] = text
            line.changes.append(Change(answers.LABELS[key], _shown(key, held.now.get(key, "")), _shown(key, text)))
    line.data = {"task": task, "content": wanted}
    if line.changes and not (task.campaign.is_open and workflow.takes_answers(task)):
        reader.wrong("", f"任务现为“{task.get_status_display()}”，不能再修改答复")
    return line


def _given(reader: Reader) -> Iterator[tuple[str, str]]:
    """The filled cells of the text columns; an empty one takes nothing away."""
    for key in answers.FIELDS:
        text = reader.text(key, answers.LONGEST) if reader.has(key) else ""
        if key == "mode" and text:
            if text not in MODES:
                reader.wrong("mode", f"“{text}”不是提供方式，可填：{'、'.join(mode.label for mode in AnswerMode)}")
                continue
            text = MODES[text]
        if text:
            yield key, text


def _take(
    case: Case, task: Task, key: str, text: str, held: _Texts, as_of: datetime, questions: dict[str, Question]
) -> bool:
    """Whether the cell's text is to be taken: yes where nobody else wrote since; otherwise as was answered."""
    if held.at is None or held.at <= as_of or not held.now.get(key):
        return True
    name = f"cell:{task.pk}:{key}"
    answer = case.answers.get(name)
    if answer not in (MINE, THEIRS):
        when = timezone.localtime(held.at)
        told = f"{task.code} {task.unit}“{answers.LABELS[key]}”两边都改过"
        theirs = f"保留系统中的（{held.by}，{when:%m-%d %H:%M}）：{shorten(_shown(key, held.now[key]), 60)}"
        mine = f"改用表格中的：{shorten(_shown(key, text), 60)}"
        questions[name] = Question(name, told, ((THEIRS, theirs), (MINE, mine)))
    return answer == MINE


def _shown(key: str, text: str) -> str:
    return AnswerMode(text).label if key == "mode" and text in AnswerMode.values else text


def apply(case: Case, plan: Plan) -> str:
    """Into the own drafts; what stood there is kept beside and can be brought back. Handing in stays an act of its own."""
    try:
        drafting.replace_many({line.data["task"].pk: line.data["content"] for line in plan.to_do}, case.actor)
    except Refusal as refused:
        raise Refusal(f"没有导入，一项也没有改。{refused}") from refused
    return f"写入 {len(plan.to_do)} 项任务的草稿，请逐项核对后报送"


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[Any, ...]]:
    """The table as it stands, to be filled in offline: the own draft, or what was handed in last."""
    texts_of = _texts(campaign, actor, actor.at)
    for task in tasks_of(campaign, actor):
        content = texts_of[task.pk].now if task.pk in texts_of else {}
        texts = [_shown(column.key, content.get(column.key, "")) for column in COLUMNS[2:]]
        beside = (task.title, task.requirement, task.due_on, task.get_status_display())
        yield task.code, task.unit.short_name, *beside, *texts

"""申报: what is entered on the national site for each checkpoint, ready to be copied, and a record of what has been entered."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import attachments
from creation.lib.refusals import Refusal
from creation.models import (
    ApplicationEntry,
    ApplicationReceipt,
    AssignmentRole,
    Campaign,
    Indicator,
    IndicatorLevel,
    Submission,
    SubmittedCitation,
    Task,
    TaskStatus,
    User,
)

NOT_OPEN = "不能再登记"
RECEIPT_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp"})
LABELS = (("measures", "工作措施"), ("results", "完成情况"), ("highlights", "亮点"), ("statement", "情况说明"))


@dataclass(frozen=True, slots=True)
class ApplicationField:
    """One field to copy."""

    label: str
    text: str


@dataclass(slots=True)
class ApplicationItem:
    """A checkpoint with the approved answer of its lead.

    ``entry`` records that it has been entered on the national site, ``receipts`` are the pictures that prove it.
    """

    indicator: Indicator
    task: Task | None = None
    answer: Submission | None = None
    fields: list[ApplicationField] = field(default_factory=list)
    cited: list[SubmittedCitation] = field(default_factory=list)
    entry: ApplicationEntry | None = None
    receipts: list[ApplicationReceipt] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        return self.answer is not None

    @property
    def change(self) -> str:
        """What became of the answer since it was entered, in a sentence; empty when it is the same, or was not noted."""
        if self.entry is None or self.entry.answer_id is None:
            return ""
        if self.answer is None:
            return "上传后，这项答复被撤销通过或退回"
        return "上传后，这项答复有改动" if self.answer.pk != self.entry.answer_id else ""

    @property
    def standing(self) -> str:
        if self.entry:
            return "已上传"
        return "可以上传" if self.is_ready else "不能上传"

    @property
    def searched(self) -> str:
        unit, note = self.task.unit if self.task else "", self.entry.note if self.entry else ""
        return f"{self.indicator} {unit} {note}".lower()

    @property
    def full_text(self) -> str:
        """All fields as one text."""
        return "\n\n".join(f"{each.label}：\n{each.text}" for each in self.fields)

    @property
    def evidence_list(self) -> str:
        """The evidence, one line with number and title for each piece."""
        return "\n".join(f"{row.number} {row.title}" for row in self.cited)


SHOWN: dict[str, tuple[str, Callable[[ApplicationItem], bool]]] = {
    "": ("全部", lambda item: True),
    "todo": ("未登记", lambda item: item.entry is None),
    "ready": ("可以上传", lambda item: item.entry is None and item.is_ready),
    "done": ("已登记", lambda item: item.entry is not None),
    "changed": ("登记后有变化", lambda item: bool(item.change)),
}


def narrowed(items: Iterable[ApplicationItem], conditions: Mapping[str, str]) -> list[ApplicationItem]:
    """Return those of the items that ``show`` (a key of ``SHOWN``) and the words in ``q`` leave: each in point, unit or note."""
    _, is_shown = SHOWN.get(conditions.get("show", ""), SHOWN[""])
    words = conditions.get("q", "").lower().split()
    return [item for item in items if is_shown(item) and all(word in item.searched for word in words)]


@dataclass(frozen=True, slots=True)
class ApplicationProgress:
    total: int
    entered: int
    ready: int

    @property
    def percent(self) -> int:
        return 100 * self.entered // self.total if self.total else 0


def application_items(campaign: Campaign, user: User) -> list[ApplicationItem]:
    """Return every checkpoint of the campaign in order, with a constant number of queries."""
    return _items_of(campaign.system.indicators.checkpoints(), campaign, user)


def application_item(campaign: Campaign, indicator: Indicator, user: User) -> ApplicationItem:
    return _items_of(Indicator.objects.filter(pk=indicator.pk), campaign, user)[0]


def application_progress(campaign: Campaign) -> ApplicationProgress:
    points = Indicator.objects.filter(system=campaign.system_id, level=IndicatorLevel.CHECKPOINT)
    approved = _leads(campaign).filter(status=TaskStatus.APPROVED).values("indicator")
    entries = ApplicationEntry.objects.filter(campaign=campaign, indicator__in=points)
    return ApplicationProgress(points.count(), entries.count(), points.filter(pk__in=approved).count())


def _items_of(points: QuerySet[Indicator], campaign: Campaign, user: User) -> list[ApplicationItem]:
    found = {point.pk: ApplicationItem(point) for point in points.select_related("parent__parent").order_by("order")}
    leads = _leads(campaign).filter(indicator__in=found, pk__in=Task.objects.visible_to(user).values("pk"))
    tasks = {task.pk: task for task in leads.select_related("unit", "campaign")}
    for task in tasks.values():
        found[task.indicator_id or 0].task = task
    answers = _approved(tasks)
    cited = defaultdict(list)
    rows = SubmittedCitation.objects.listed().filter(submission__in=[answer.pk for answer in answers])
    for row in rows.select_related("version").order_by("number", "pk"):
        cited[row.submission_id].append(row)
    for answer in answers:
        each = found[tasks[answer.task_id].indicator_id or 0]
        each.answer, each.fields, each.cited = answer, _fields_of(answer), cited[answer.pk]
    for entry in ApplicationEntry.objects.filter(campaign=campaign, indicator__in=found).select_related("created_by"):
        found[entry.indicator_id].entry = entry
    receipts = ApplicationReceipt.objects.filter(entry__campaign=campaign, entry__indicator__in=found)
    for receipt in receipts.select_related("entry", "created_by").order_by("created_at", "pk"):
        found[receipt.entry.indicator_id].receipts.append(receipt)
    return list(found.values())


def _leads(campaign: Campaign) -> QuerySet[Task]:
    return Task.objects.active().filter(campaign=campaign, role=AssignmentRole.LEAD, indicator__isnull=False)


def _approved(tasks: dict[int, Task]) -> list[Submission]:
    """Return the latest submission of each approved task: the one that was reviewed."""
    approved = [pk for pk, task in tasks.items() if task.status == TaskStatus.APPROVED]
    rows = Submission.objects.filter(task__in=approved).order_by("number")
    return list({row.task_id: row for row in rows}.values())


def _fields_of(answer: Submission) -> list[ApplicationField]:
    fields = [ApplicationField(label, getattr(answer, name)) for name, label in LABELS if getattr(answer, name)]
    if answer.keeper:
        fields.append(ApplicationField("现场提供", f"保管人：{answer.keeper}；存放地点：{answer.place}"))
    if answer.readings:
        lines = [
            f"{row['measure']}（{row['period']}）：{row['verdict']}，目标 {row['target']}" for row in answer.readings
        ]
        fields.append(ApplicationField("指标数据", "\n".join(lines)))
    return fields


def mark_entered(campaign: Campaign, indicator: Indicator, note: str, actor: Actor) -> None:
    """Record that a checkpoint has been entered; repeating it changes nothing. Raises Refusal when the campaign is not open."""
    campaign.require_open(NOT_OPEN)
    with transaction.atomic():
        leads = {task.pk: task for task in _leads(campaign).filter(indicator=indicator)}
        answer = next(iter(_approved(leads)), None)
        _, made = ApplicationEntry.objects.get_or_create(
            campaign=campaign,
            indicator=indicator,
            defaults={"note": note, "answer": answer, "created_by": actor.human, "created_at": actor.at},
        )
        if made:
            audit_log.record(
                actor, "application.enter", campaign, detail="；".join(filter(None, [str(indicator), note]))
            )


def add_receipt(campaign: Campaign, indicator: Indicator, file: "UploadedFile[Any]", actor: Actor) -> None:
    """Store a picture or PDF of what the national site showed. Raises Refusal when the checkpoint is not marked as entered."""
    campaign.require_open(NOT_OPEN)
    with attachments.stored_attachments([file]) as kept:
        row = kept[0]
        if row.media_type not in RECEIPT_TYPES:
            raise Refusal(f"“{row.name}”不是回执图片：请上传截图（jpg、png、webp）或 PDF。")
        with transaction.atomic():
            entries = ApplicationEntry.objects.select_for_update().filter(campaign=campaign, indicator=indicator)
            entry = entries.first()
            if entry is None:
                raise Refusal(f"{indicator.code} 还没有登记为已上传，请先点“已上传”，再上传回执。")
            values = {"blob": row.blob, "name": row.name, "media_type": row.media_type, "sha256": row.sha256}
            ApplicationReceipt.objects.create(
                entry=entry, size=row.size, created_by=actor.human, created_at=actor.at, **values
            )
            detail = f"{indicator}；{row.name}，sha256 {row.sha256}"
            audit_log.record(actor, "application.receipt", campaign, detail=detail)


def unmark_entered(campaign: Campaign, indicator: Indicator, actor: Actor) -> None:
    """Remove an entry that was made by mistake, with its receipts; the audit trail keeps both, and names the receipts."""
    campaign.require_open(NOT_OPEN)
    with transaction.atomic():
        receipts = ApplicationReceipt.objects.filter(entry__campaign=campaign, entry__indicator=indicator)
        names = [f"回执 {row.name}，sha256 {row.sha256}" for row in receipts]
        gone, _ = ApplicationEntry.objects.filter(campaign=campaign, indicator=indicator).delete()
        if gone:
            audit_log.record(actor, "application.take_back", campaign, detail="；".join([str(indicator), *names]))

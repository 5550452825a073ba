"""Changes to a piece of evidence itself: add, correct, replace its content, delete and restore it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import citing
from creation.evidence.citing import CitedEvidence
from creation.evidence.library import search_index, secrecy_check
from creation.lib.prepared import prepared
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import Citation, Evidence, EvidenceKind, EvidenceVersion, Task

Fields = Mapping[str, Any]
METADATA_FIELDS = ("title", "doc_number", "dated_on", "issuer", "place", "people", "confidentiality")
DECLARATION = "已声明不含国家秘密和工作秘密"
NOT_DECLARED = "没有声明所填内容不含国家秘密和工作秘密，没有保存。请刷新页面后重新填写。"
NO_TITLE, NO_TEXT, NO_DELETING = "请填写题名。", "请填写正文。", "请写明删除原因，审计时要用。"
NO_LINK = "链接须以 http:// 或 https:// 开头，请从浏览器地址栏完整复制。"
CHECK_LINK = URLValidator(schemes=["http", "https"])


class Duplicate(Refusal):
    """The unit already has the same content, in ``evidence``."""

    def __init__(self, evidence: Evidence, sentence: str) -> None:
        super().__init__(sentence)
        self.evidence = evidence


def add(task: Task, kind: EvidenceKind, payload: Fields, data: Fields, actor: Actor) -> Citation:
    """Add a link or a text as a new piece and cite it. ``payload`` is ``{"url": …}`` or ``{"text": …}``.

    ``data["declared"]`` is the declaration that it contains no secret. Raises Refusal.
    """
    if not data.get("declared"):
        raise Refusal(NOT_DECLARED)
    _require_title(data)
    _require_content(payload)
    with transaction.atomic():
        citing.lock_open_task(task)
        citing.lock_unit(task.unit_id)
        if existing := find_duplicate(task, **payload):
            raise Duplicate(existing, f"已有相同内容的资料“{existing}”（{existing.unit}），可以直接引用。")
        evidence = create(task, kind, data, actor)
        version = EvidenceVersion.objects.create(
            evidence=evidence, created_by=actor.human, created_at=actor.at, **payload
        )
        citation = citing.create_citation(task, evidence, actor, data.get("passage", ""), version)
        audit_log.record(actor, "evidence.add", task, detail=f"{citation}；{DECLARATION}")
    return citation


def find_duplicate(task: Task, **payload: str) -> Evidence | None:
    """Return the piece with the same content, of the unit or among what the task may cite. ``payload`` is one field of a version.

    Raises Refusal if the office has hidden it, so that it cannot be added again.
    """
    ((field, value),) = payload.items()
    found = _own_with(task.unit_id, value, field=field)
    if any(each.hidden_at for each in found):
        raise Refusal("这份内容已被创建办紧急隐藏，不能再次加入。请与创建办联系。")
    return next(iter(found or citing.citable_with(task, field, value)), None)


@prepared
def _own_with(unit: int, value: str, *, field: str) -> QuerySet[Evidence, Evidence]:
    return Evidence.objects.active().filter(unit=unit).with_content(field, value).select_related("unit")


def create(task: Task, kind: str, data: Fields, actor: Actor) -> Evidence:
    """Create the row of a new piece of the task's unit. For verbs that add its first version."""
    values = {name: data[name] for name in METADATA_FIELDS if data.get(name)}
    return Evidence.objects.create(unit=task.unit, kind=kind, created_by=actor.human, created_at=actor.at, **values)


def edit(evidence: Evidence, seen: int, data: Fields, actor: Actor) -> Evidence:
    """Correct the data of a piece. Raises Refusal without a title, Stale if the piece changed since version ``seen``."""
    values = {name: data[name] for name in METADATA_FIELDS if name in data}
    _require_title({"title": evidence.title} | values)
    with transaction.atomic():
        changed = [name for name, value in values.items() if getattr(evidence, name) != value]
        if not Evidence.objects.active().change(evidence.pk, seen, **values):
            raise Stale("这份资料刚刚被他人修改。请核对最新内容后再保存。")
        evidence.refresh_from_db()
        search_index.update_entries([evidence])
        secrecy_check.recheck_secrecy(evidence)
        audit_log.record(actor, "evidence.edit", evidence, detail="、".join(changed))
    return evidence


def revise_cited(cited: CitedEvidence, seen: int, data: Fields, payload: Fields, actor: Actor) -> None:
    """Save a row of the evidence area, all or nothing: data, passage, and a new address or body. Raises Refusal or Stale."""
    task, evidence = cited.citation.task, cited.evidence
    with transaction.atomic():
        if "passage" in data:
            citing.set_passage(cited.citation, data["passage"], actor)
        if "outside_reason" in data:
            citing.set_outside_reason(cited.citation, data["outside_reason"], actor)
        if any(getattr(evidence, name) != data[name] for name in METADATA_FIELDS if name in data):
            edit(evidence, seen, data, actor)
        if payload:
            replace(task, evidence, payload, actor)


def replace(task: Task, evidence: Evidence, payload: Fields, actor: Actor) -> EvidenceVersion:
    """Add a new version. Earlier versions, and the submissions that contain them, are not changed.

    ``payload`` holds the fields of the version: those of a stored file, ``url`` or ``text``. Raises Refusal.
    """
    _require_content(payload)
    with transaction.atomic():
        citing.lock_open_task(task)
        citing.lock_unit(evidence.unit_id)
        last = EvidenceVersion.objects.filter(evidence=evidence).order_by("-number")[0]
        if all(getattr(last, name) == payload[name] for name in ("sha256", "url", "text") if payload.get(name)):
            raise Refusal("新内容与现有版本完全相同，没有改动。")
        version = EvidenceVersion.objects.create(
            evidence=evidence, number=last.number + 1, created_by=actor.human, created_at=actor.at, **payload
        )
        Evidence.objects.filter(pk=evidence.pk).bump(pages=None)
        evidence.refresh_from_db()
        search_index.update_entries([evidence])
        secrecy_check.recheck_secrecy(evidence)
        audit_log.record(actor, "evidence.replace", evidence, detail=f"第 {version.number} 版 {version.sha256}".strip())
    return version


def delete(evidence: Evidence, seen: int, reason: str, actor: Actor) -> None:
    """Delete a piece with a reason; its content is kept. Raises Refusal while a submitted task cites it."""
    require_text(reason, NO_DELETING)
    with transaction.atomic():
        for citation in Citation.objects.active().filter(evidence=evidence, task__dropped_on=None).order_by("task"):
            _refuse_submitted(citation)
        values = {"deleted_at": actor.at, "deleted_by": actor.human, "delete_reason": reason}
        if not Evidence.objects.active().change(evidence.pk, seen, **values):
            raise Stale("这份资料刚刚被他人修改。请核对最新内容后再删除。")
        audit_log.record(actor, "evidence.delete", evidence, detail=reason)


def _require_title(data: Fields) -> None:
    if not str(data.get("title") or "").strip():
        raise Refusal(NO_TITLE)


def _require_content(payload: Fields) -> None:
    """Require content. Only http and https: addresses of other kinds can run programs or read local files."""
    if "text" in payload and not payload["text"].strip():
        raise Refusal(NO_TEXT)
    if "url" in payload:
        try:
            CHECK_LINK(payload["url"])
        except ValidationError:
            raise Refusal(NO_LINK) from None


def _refuse_submitted(citation: Citation) -> None:
    """Raise Refusal if the citing task was submitted. Locks the task, so that it cannot be submitted meanwhile."""
    task = Task.objects.select_for_update(of=("self",), no_key=True).for_table().get(pk=citation.task_id)
    if task.campaign.closed_message:
        raise Refusal(f"“{task.campaign}”的任务“{task}”引用了这份资料；活动已结束，不能删除。")
    if task.status not in citing.CHANGEABLE_STATUSES:
        raise Refusal(f"任务“{task}”正在引用这份资料且已报送，不能删除。请先撤回该任务，或请创建办退回。")


def restore(evidence: Evidence, actor: Actor) -> None:
    """Undo a deletion. Its citations are active again."""
    with transaction.atomic():
        rows = Evidence.objects.filter(pk=evidence.pk).exclude(deleted_at=None)
        if rows.bump(deleted_at=None, deleted_by=None, delete_reason=""):
            audit_log.record(actor, "evidence.restore", evidence)

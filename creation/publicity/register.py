"""The register of what was published: recording, removing, and counting by unit and level. Counts only: nothing is scored or ranked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.evidence import citing
from creation.evidence.items import CHECK_LINK, NO_LINK
from creation.evidence.library import search_index, secrecy_check
from creation.lib.refusals import Refusal, require_text
from creation.models import (
    ActionFile,
    Campaign,
    Citation,
    Evidence,
    EvidenceKind,
    EvidenceVersion,
    PhaseKind,
    Publicity,
    PublicityFile,
    PublicityLevel,
    Task,
    Unit,
)

NO_TITLE, NO_MEDIUM = "请填写标题。", "请写明发表在哪个媒体或平台。"
NOTHING_SHOWN = "请填写链接，或上传剪报、截图、照片，评审时要能看到。"
TWICE = "这个链接本单位已经登记过，不用再登记。"
NOT_OPEN = "这项任务已经报送，或不是本单位的宣传任务，请重新选择。"


@dataclass(frozen=True, slots=True)
class NewPublicity:
    """See the fields of ``Publicity``. ``task``: the unit's task that is to cite the link; without a link there is nothing to cite."""

    title: str
    medium: str
    kind: str
    level: str
    published_on: date
    url: str = ""
    note: str = ""
    task: Task | None = None


def record_publicity(
    campaign: Campaign, unit: Unit, new: NewPublicity, actor: Actor, files: Sequence[ActionFile] = ()
) -> Publicity:
    """Record what was published. A link becomes a piece of the unit's library, so that it is checked and can be cited. Raises Refusal."""
    _require_valid(new, actor.today, files)
    try:
        with transaction.atomic():
            lock_open(campaign, "不能登记宣传报道")
            item = Publicity.objects.create(
                campaign=campaign,
                unit=unit,
                title=new.title.strip(),
                medium=new.medium.strip(),
                kind=new.kind,
                level=new.level,
                published_on=new.published_on,
                url=new.url,
                note=new.note.strip(),
                evidence=_link_of(campaign, unit, new, actor) if new.url else None,
                created_by=actor.human,
                created_at=actor.at,
            )
            for file in files:
                facts = {name: getattr(file, name) for name in ("name", "blob", "sha256", "size", "media_type")}
                PublicityFile.objects.create(item=item, **facts)
            audit_log.record(actor, "publicity.record", item, detail=f"{item.get_level_display()} {item.url}")
    except IntegrityError:
        raise Refusal(TWICE, field="url") from None
    return item


def remove_publicity(item: Publicity, actor: Actor) -> None:
    """Take an entry out of the register. Its link stays in the library. Raises Refusal."""
    with transaction.atomic():
        lock_open(item.campaign, "宣传报道不能再改动")
        if Publicity.objects.active().filter(pk=item.pk).bump(removed_at=actor.at):
            audit_log.record(actor, "publicity.remove", item)


def _require_valid(new: NewPublicity, today: date, files: Sequence[ActionFile]) -> None:
    require_text(new.title, NO_TITLE, "title")
    require_text(new.medium, NO_MEDIUM, "medium")
    if new.published_on > today:
        raise Refusal(f"发布日期 {new.published_on:%Y-%m-%d} 还没有到，请改正。", field="published_on")
    if not new.url and not files:
        raise Refusal(NOTHING_SHOWN, field="url")
    if new.url:
        try:
            CHECK_LINK(new.url)
        except ValidationError:
            raise Refusal(NO_LINK, field="url") from None


def _link_of(campaign: Campaign, unit: Unit, new: NewPublicity, actor: Actor) -> Evidence:
    """Return the unit's piece with this address, a new one if there is none; cite it in the task that was chosen."""
    citing.lock_unit(unit.pk)
    same = Evidence.objects.active().filter(unit=unit, kind=EvidenceKind.LINK, versions__url=new.url).first()
    if same is None:
        same = Evidence.objects.create(
            unit=unit,
            kind=EvidenceKind.LINK,
            title=new.title.strip(),
            issuer=new.medium.strip(),
            dated_on=new.published_on,
            created_by=actor.human,
            created_at=actor.at,
        )
        stamp = {"created_by": actor.human, "created_at": actor.at}
        EvidenceVersion.objects.create(evidence=same, number=1, url=new.url, **stamp)
        search_index.update_entries([same])
        secrecy_check.recheck_secrecy(same)
    if new.task:
        task = next((each for each in open_tasks(campaign, [unit]) if each.pk == new.task.pk), None)
        if task is None:
            raise Refusal(NOT_OPEN, field="task")
        if not Citation.objects.active().filter(task=task, evidence=same).exists():
            citing.cite(task, same, actor)
    return same


def open_tasks(campaign: Campaign, units: Iterable[Unit]) -> list[Task]:
    """Return the units' tasks of the publicity phase whose answers may change: they may cite what is registered."""
    tasks = Task.objects.active().filter(campaign=campaign, unit__in=units, phase__kind=PhaseKind.PUBLICITY)
    rows = tasks.filter(finding=None, status__in=citing.CHANGEABLE_STATUSES).exclude(action=None).for_table()
    return [task for task in rows.order_by("unit__order", "unit", "pk") if citing.accepts_changes(task)]


@dataclass(frozen=True, slots=True)
class PublicityCount:
    """How much a unit has registered, by level in the order of ``PublicityLevel``."""

    unit: Unit
    levels: list[int]

    @property
    def total(self) -> int:
        return sum(self.levels)


def count_by_unit(campaign: Campaign, units: Sequence[Unit]) -> list[PublicityCount]:
    """Return the counts of each unit, also of those with none, in the given order."""
    rows = Publicity.objects.active().filter(campaign=campaign).order_by()
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for unit, level, count in rows.values_list("unit", "level").annotate(Count("pk")):
        counts[unit][level] = count
    return [PublicityCount(unit, [counts[unit.pk].get(level, 0) for level in PublicityLevel.values]) for unit in units]

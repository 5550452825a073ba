"""Where findings come from: the list that the office keeps."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import CharField, Max, Value
from django.db.models.functions import Concat

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import District, FindingSource

MAX_NAME = 40
BAD_NAME = f"问题来源须写 1 到 {MAX_NAME} 个字。"


@dataclass(frozen=True, slots=True)
class SourceChange:
    """What somebody wants a source to be, having seen ``seen`` (``state_of``)."""

    source: FindingSource
    name: str
    order: int
    active: bool
    seen: str


def add_source(district: District, name: str, actor: Actor) -> FindingSource:
    """Add a source at the end of the list, or take one of this name into use again. Raises Refusal."""
    plain = _require_name(name)
    with transaction.atomic():
        District.objects.select_for_update().get(pk=district.pk)
        kept = FindingSource.objects.filter(district=district)
        source = kept.filter(name=plain).first()
        if source and source.active:
            return source
        if source:
            kept.filter(pk=source.pk).update(active=True)
            source.active = True
        else:
            last = kept.aggregate(last=Max("order"))["last"] or 0
            source = FindingSource.objects.create(district=district, name=plain, order=last + 1)
        audit_log.record(actor, "finding.source", source, detail=plain)
    return source


def state_of(name: str, order: int, active: bool) -> str:
    """Return what the page showed of a source, so that two who change it do not overwrite each other."""
    return f"{order}|{active:d}|{name}"


def change_sources(district: District, changes: Collection[SourceChange], actor: Actor) -> int:
    """Rename, order, stop or use again; return the number of sources changed. None is ever deleted: findings keep theirs.

    Raises Refusal and Stale, with nothing changed.
    """
    with transaction.atomic():
        District.objects.select_for_update().get(pk=district.pk)
        kept = {source.pk: source for source in FindingSource.objects.filter(district=district)}
        changed = []
        for change in changes:
            name, source = _require_name(change.name), kept[change.source.pk]
            if state_of(name, change.order, change.active) == change.seen:
                continue
            if state_of(source.name, source.order, source.active) != change.seen:
                raise Stale(f"“{source}”刚刚被他人修改，您的修改没有保存。请核对后再改。")
            changed.append((source, f"{source}{'' if source.active else '（停用）'}"))
            source.name, source.order, source.active = name, change.order, change.active
        _require_list(list(kept.values()))
        keys = [source.pk for source, _ in changed]
        FindingSource.objects.filter(pk__in=keys).update(name=Concat(Value("#"), "pk", output_field=CharField()))
        for source, before in changed:  # two of them may have exchanged their names
            source.save(update_fields=["name", "order", "active"])
            now = f"{source}{'' if source.active else '（停用）'}"
            audit_log.record(actor, "finding.source_change", source, detail=f"{before} → {now}，第 {source.order} 位")
    return len(changed)


def _require_list(sources: list[FindingSource]) -> None:
    names = [source.name for source in sources]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise Refusal(f"有两个来源都叫“{twice}”，请改一个。")
    if not any(source.active for source in sources):
        raise Refusal("至少要有一个在用的来源，否则不能登记问题。")


def _require_name(name: str) -> str:
    plain = name.strip()
    if not plain or len(plain) > MAX_NAME:
        raise Refusal(BAD_NAME, field="name")
    return plain

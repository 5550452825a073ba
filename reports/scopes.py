"""Which part of a campaign a ledger holds: the same filter as the task list, said in words for the cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from creation.deadlines import SOON
from creation.filters import TaskFilter
from creation.models import Campaign, Holiday, Task, Unit, User
from creation.models.task import TaskQuerySet
from reports.ledger import Cover

WORDS = ("section", "item", "unit", "phase", "role", "owner", "status", "light", "late", "q")


@dataclass(frozen=True, slots=True)
class Part:
    """``tasks`` are ready for the ledger; ``words`` say what was chosen, label by label."""

    tasks: TaskQuerySet
    words: list[tuple[str, str]]
    unit: Unit | None
    form: Any

    @property
    def scope(self) -> str:
        return "；".join(f"{label}：{value}" for label, value in self.words) or "全部任务"


def part_of(campaign: Campaign, tasks: TaskQuerySet, data: Mapping[str, Any], now: datetime) -> Part:
    """``tasks``: what the person may see. Conditions that cannot be read narrow nothing and are not named."""
    today = timezone.localdate(now)
    soon = Holiday.objects.calendar().shift(today, SOON)
    lit = tasks.filter(campaign=campaign).with_light(today, soon).with_late()
    found = TaskFilter(data, lit, campaign=campaign)
    chosen: TaskQuerySet = found.qs
    valid = found.form.cleaned_data if found.form.is_valid() else {}
    words = [
        (found.form.fields[name].label, _words(found.form, name, valid[name])) for name in WORDS if valid.get(name)
    ]
    return Part(chosen, words, valid.get("unit") or _only_unit(chosen), found.form)


def _words(form: Any, name: str, value: Any) -> str:
    if name == "late":
        return "是"
    choices = dict(_flat(getattr(form.fields[name], "choices", ())))
    return str(choices.get(str(value), value)) if isinstance(value, str) else str(value)


def _flat(choices: Any) -> list[tuple[str, str]]:
    """Choices without their groups."""
    rows: list[tuple[str, str]] = []
    for key, label in choices:
        rows.extend(label if isinstance(label, (list, tuple)) else [(str(key), str(label))])
    return rows


def _only_unit(tasks: TaskQuerySet) -> Unit | None:
    """The unit a ledger is of, when all its tasks are one unit's."""
    found = list(Unit.objects.filter(pk__in=tasks.order_by().values("unit"))[:2])
    return found[0] if len(found) == 1 else None


def cover_of(campaign: Campaign, part: Part, now: datetime) -> Cover:
    unit = part.unit or campaign.host
    return Cover(title=f"{campaign.district}法治政府建设示范创建工作台账", unit=unit.name, scope=part.scope, as_of=now)


def file_name(campaign: Campaign, part: Part, now: datetime) -> str:
    """创建工作台账_区城管局_20260731.xlsx; without what file systems refuse."""
    of = part.unit.short_name if part.unit else "筛选" if part.words else "全区"
    return f"创建工作台账_{of}_{timezone.localtime(now):%Y%m%d}.xlsx".replace("/", "_").replace("\\", "_")


def everything(user: User | None) -> TaskQuerySet:
    """All live tasks for the operator, what may be seen for a person."""
    return Task.objects.visible_to(user) if user else Task.objects.live()

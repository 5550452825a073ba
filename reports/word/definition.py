"""What a paper with a template is: its fields, its inputs, and the function that reads its values."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from creation.audit.actor import Actor
from creation.models import Campaign, PaperKind
from reports.word.template_filling import FieldDictionary, FieldValues

PaperInputs = Mapping[str, Any]
COMMON = {
    "活动名称": "创建活动的名称",
    "行政区": "如：源汇区",
    "年度": "如：2026",
    "主办单位": "创建办所在单位",
    "日期": "生成当天，如：2026年7月31日",
    "经办人": "生成文件的人",
    "编号": "用于盖章的文件才有：编号和校验码",
}


@dataclass(frozen=True, slots=True)
class PaperDefinition:
    """``inputs`` names the inputs of its form (``reports.forms``); ``values`` reads the data and returns the value of each field.

    ``labels`` are other names for inputs, ``optional`` those that may stay empty. ``of_unit``: the unit that is asked for stamps it.
    ``may_be_stamped``: it can be numbered and is then kept; one with words about a person is not.
    ``is_issued``: it is previewed page by page and then goes out under a number of its own (``reports.bulletins``).
    """

    paper: PaperKind
    about: str
    dictionary: FieldDictionary
    inputs: Sequence[str]
    values: Callable[[Campaign, PaperInputs, Actor], FieldValues]
    labels: Mapping[str, str] = field(default_factory=dict)
    optional: Collection[str] = ()
    of_unit: bool = False
    is_issued: bool = False
    may_be_stamped: bool = True

    @property
    def title(self) -> str:
        return self.paper.label


def common(campaign: Campaign, actor: Actor) -> dict[str, str]:
    host = campaign.host.name if campaign.host else campaign.district.name
    return {
        "活动名称": campaign.name,
        "行政区": str(campaign.district),
        "年度": str(campaign.year),
        "主办单位": host,
        "日期": date_text(actor.today),
        "经办人": actor.person.name if actor.person else "",
        "编号": "",
    }


def date_text(value: date | None) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if value else "待定"

"""Settings of a campaign that the office may change while it is open."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import Campaign, CampaignState


def update_settings(campaign: Campaign, values: Mapping[str, Any], seen: int, actor: Actor) -> None:
    """Save the settings. Raises Refusal, and Stale when the campaign has changed since version ``seen``."""
    _check(campaign, values)
    with transaction.atomic():
        if not Campaign.objects.exclude(state=CampaignState.CLOSED).change(campaign.pk, seen, **values):
            Campaign.objects.get(pk=campaign.pk).require_not_closed()
            raise Stale("您填写期间，有人修改了活动设置，所以没有保存。请对照两边内容后重新填写。")
        campaign.refresh_from_db()
        audit_log.record(actor, "campaign.settings", campaign, detail=describe_settings(values))


def _check(campaign: Campaign, values: Mapping[str, Any]) -> None:
    wanted = {name: getattr(campaign, name) for name in ("name", "window_from", "window_to")} | dict(values)
    require_text(wanted["name"], "请填写活动的名称。")
    if wanted["window_from"] and wanted["window_to"] and wanted["window_to"] < wanted["window_from"]:
        raise Refusal("材料截止日期不能早于起始日期。")


def describe_settings(values: Mapping[str, Any]) -> str:
    """Return one line for each setting, with the labels of the form."""
    lines = []
    for name, value in values.items():
        shown = {True: "是", False: "否", None: "未填"}.get(value, value) if not isinstance(value, str) else value
        lines.append(f"{_field_label(name)}：{shown}")
    return "\n".join(lines)


def _field_label(name: str) -> str:
    field = Campaign._meta.get_field(name)
    return str(getattr(field, "verbose_name", name))

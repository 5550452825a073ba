"""办结归档: the archive packages that are made of a campaign after it was closed."""

from django.db import transaction
from django.db.models import QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import Campaign, CampaignArchive, CampaignState


def archives(campaign: Campaign) -> QuerySet[CampaignArchive]:
    return CampaignArchive.objects.filter(campaign=campaign).select_related("created_by")


def require_closed(campaign: Campaign) -> None:
    """Raise Refusal unless the campaign is closed: an archive of a campaign that goes on would be out of date at once."""
    if campaign.state != CampaignState.CLOSED:
        raise Refusal(f"“{campaign}”{campaign.get_state_display()}，结束活动以后才能生成归档包。")


def register_archive(
    campaign: Campaign, items: int, lacking: int, size: int, digest: str, actor: Actor
) -> CampaignArchive:
    """Register a package that was made, so that it can be told later which one it is. Raises Refusal when the campaign was reopened."""
    with transaction.atomic():
        require_closed(Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk))
        row = CampaignArchive.objects.create(
            campaign=campaign,
            items=items,
            lacking=lacking,
            size=size,
            digest=digest,
            created_by=actor.human,
            created_at=actor.at,
        )
        audit_log.record(actor, "campaign.archive", campaign, detail=f"{items} 件，未收录 {lacking}，目录摘要 {digest}")
    return row

"""Locks a campaign before something of it changes, and refuses to change one that is read only."""

from creation.models import Campaign


def lock_open(campaign: Campaign, cannot: str) -> Campaign:
    """Lock the campaign until the end of the transaction and return it as it is now.

    Raises Refusal unless it is open; its sentence ends with ``cannot``.
    """
    now = _locked(campaign.pk)
    now.require_open(cannot)
    return now


def lock_not_closed(campaign_id: int) -> Campaign:
    """Lock the campaign until the end of the transaction and return it as it is now. Raises Refusal if it is closed."""
    now = _locked(campaign_id)
    now.require_not_closed()
    return now


def _locked(campaign_id: int) -> Campaign:
    return Campaign.objects.select_for_update(of=("self",)).select_related("district", "system").get(pk=campaign_id)

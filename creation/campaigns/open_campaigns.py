"""A campaign that is not open is read only: what its rooms ask before they change anything."""

from creation.models import Campaign


def lock_open(campaign: Campaign, cannot: str) -> Campaign:
    """Lock the campaign until the end of the transaction and return it as it is now.

    Raises Refusal unless it is open; its sentence ends with ``cannot``.
    """
    now = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    now.require_open(cannot)
    return now

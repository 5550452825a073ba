"""Find the campaign that a command names."""

from django.core.management.base import CommandError

from creation.models import Campaign


def find_campaign(given: str) -> Campaign:
    """Return the campaign of this number, or the only one of this year. Raises CommandError."""
    if not given.isdigit():
        raise CommandError(f"活动“{given}”不正确，请填活动编号或年度。")
    campaigns = Campaign.objects.select_related("district", "host", "system")
    found = campaigns.filter(pk=given) or campaigns.filter(year=given)
    if len(found) != 1:
        known = "、".join(f"{each.pk}（{each}）" for each in Campaign.objects.all())
        raise CommandError(f"没有唯一的活动“{given}”。现有活动：{known or '无'}。")
    return found[0]

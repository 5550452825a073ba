"""How far a coordinator reaches in appointing people: one whose role is for a campaign changes nothing in the others."""

from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import Campaign, Membership
from creation.rules.policy import Permission

BEYOND = "{person}在其他活动中也任职，您的角色只限一个活动。请由负责全区的综合协调组或系统管理员办理。"


def limiting_campaign(campaign: Campaign, actor: Actor) -> Campaign | None:
    """Return the campaign to which the actor's appointments are limited, or None if the actor reaches every campaign."""
    return campaign if actor.person and not _reaches(actor, campaign.district_id, None) else None


def require_reach(membership: Membership, actor: Actor) -> None:
    """Raise Refusal if the membership also applies to a campaign that the actor does not reach."""
    if actor.person and not _reaches(actor, membership.district_id, membership.campaign_id):
        raise Refusal(BEYOND.format(person=membership.user.name))


def _reaches(actor: Actor, district: int, campaign: int | None) -> bool:
    grants = [
        grant
        for permission in (Permission.LIAISONS_MANAGE, Permission.ACCOUNTS_MANAGE)
        for grant, _ in actor.human.grants_for(permission)
    ]
    return any(
        grant.district == district and (grant.campaign is None or grant.campaign == campaign) for grant in grants
    )

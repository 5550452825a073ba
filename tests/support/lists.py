"""Which rows a list shows."""

from collections.abc import Sequence

from django.urls import reverse

from tests.support.world import World


def narrowed(
    world: World, route: str, said: dict[str, str], names: Sequence[str], who: str = "coordinator"
) -> list[str]:
    """Return those of the names that the list of the campaign links to when it is narrowed like this."""
    page = world.client(who).get(reverse(route, args=[world.campaign.pk]), said).content.decode()
    return [name for name in names if f">{name}</a>" in page]

"""More tasks, for tests with large numbers."""

from datetime import date

from creation.models import Indicator, Task
from tests.support.world import World


def many_tasks(world: World, count: int) -> None:
    """Create so many tasks of 城管局, all due on 2026-08-10."""
    points = Indicator.objects.bulk_create(
        Indicator(system=world.campaign.system, parent=world.indicators["4-3"], level=3, code=f"9-9-{n}", key=f"9-9-{n}",
                  order=n, title="要点")
        for n in range(count)
    )  # fmt: skip
    Task.objects.bulk_create(
        Task(campaign=world.campaign, unit=world.units["城管局"], indicator=point, phase=world.phases["evidence"],
             owner=world.people["liaison"], due_on=date(2026, 8, 10))
        for point in points
    )  # fmt: skip

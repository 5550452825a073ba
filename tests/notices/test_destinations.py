"""A notice links to the page of its subject, for people who may see it."""

import pytest
from django.urls import resolve

from creation.models import Notice, NoticeKind
from creation.notices.destinations import DESTINATIONS
from tests.support.world import NOW, World


def opened(world: World, who: str, subject: str) -> str:
    notice = Notice.objects.create(
        person=world.people[who], kind=NoticeKind.CHANGED, subject=subject, slot="one", text="说明", created_at=NOW
    )
    response = world.client(who).get(f"/notices/{notice.pk}/")
    return response.headers["Location"] if response.status_code == 302 else ""


def subjects(world: World) -> dict[str, tuple[str, str, str]]:
    piece = world.cite("lead").evidence
    unit, phase = world.units["城管局"], world.task("lead").phase
    return {
        "evidence": ("liaison", f"evidence/{piece.pk}", f"/evidence/{piece.pk}/"),
        "own unit": ("liaison", f"unit/{unit.pk}", "/"),
        "a unit of the office": ("coordinator", f"unit/{unit.pk}", f"/units/{unit.pk}/"),
        "phase": ("liaison", f"phase/{phase.pk}", f"/c/{world.campaign.pk}/tasks/?phase={phase.pk}"),
        "phase of a rule": (
            "coordinator", f"phase/{phase.pk}/unanswered/{unit.pk}",
            f"/c/{world.campaign.pk}/tasks/?phase={phase.pk}&unit={unit.pk}",
        ),
        "a phase without dates": ("coordinator", f"phase/{phase.pk}/undated", f"/c/{world.campaign.pk}/phases/"),
        "checkpoints to enter": ("reviewer", f"phase/{phase.pk}/not_entered", f"/c/{world.campaign.pk}/application/"),
        "the same without the right": (
            "liaison", f"phase/{phase.pk}/undated", f"/c/{world.campaign.pk}/tasks/?phase={phase.pk}"
        ),
        "phase of before": ("liaison", "phase", "/"),
        "task": ("liaison", f"task/{world.task('lead').pk}", world.task("lead").get_absolute_url()),
    }  # fmt: skip


@pytest.mark.parametrize(
    "what",
    [
        "evidence",
        "own unit",
        "a unit of the office",
        "phase",
        "phase of a rule",
        "a phase without dates",
        "checkpoints to enter",
        "the same without the right",
        "phase of before",
        "task",
    ],
)
def test_a_notice_leads_to_a_page_that_opens(world: World, what: str) -> None:
    who, subject, address = subjects(world)[what]
    assert opened(world, who, subject) == address
    assert world.client(who).get(address).status_code == 200


@pytest.mark.parametrize("kind", sorted(set(DESTINATIONS) - {"health", "calls", "urged"}))
def test_a_hidden_or_missing_object_has_no_destination(world: World, kind: str) -> None:
    assert opened(world, "outsider", f"{kind}/999999") == ""
    assert opened(world, "liaison", f"{kind}/x/") == ""


def test_pages_of_rows_exist(world: World) -> None:
    rows = [
        world.task("lead"),
        world.campaign,
        world.units["城管局"],
        world.people["liaison"],
        world.task("lead").phase,
    ]
    for row in rows:
        assert resolve(row.get_absolute_url()).kwargs["pk" if row is not world.campaign else "campaign_id"] == row.pk

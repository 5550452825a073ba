"""The list of sources of findings, which the office keeps: added, renamed, ordered, stopped, never deleted."""

from typing import Any

import pytest
from django.urls import reverse

from creation.lib.refusals import Refusal, Stale
from creation.models import AuditEntry, FindingSource
from creation.supervision import findings, sources
from creation.supervision.findings import FindingText
from creation.supervision.sources import SourceChange, state_of
from tests.support.world import World


@pytest.fixture
def three(world: World) -> list[FindingSource]:
    return [
        FindingSource.objects.create(district=world.district, name=name, order=order)
        for order, name in enumerate(("集中督导", "审计", "自查"), 1)
    ]


def seen(source: FindingSource) -> str:
    return state_of(source.name, source.order, source.active)


def change(source: FindingSource, **wanted: Any) -> SourceChange:
    now = {"name": source.name, "order": source.order, "active": source.active, "seen": seen(source)}
    return SourceChange(source, **(now | wanted))


def names(world: World) -> list[str]:
    return [f"{row.name}{'' if row.active else '×'}" for row in FindingSource.objects.filter(district=world.district)]


def test_sources_are_renamed_ordered_and_stopped_on_the_page(world: World, three: list[FindingSource]) -> None:
    text = FindingText(title="案卷没有评查记录", source=three[1])
    made = findings.record_finding(world.campaign, text, {world.units["城管局"]: None}, world.actor("inspector"))
    client, address = world.client("inspector"), reverse("finding_sources", args=[world.campaign.pk])
    assert address in client.get(reverse("findings", args=[world.campaign.pk])).content.decode()
    sent: dict[str, Any] = {}
    for source, order, name in zip(three, (3, 1, 2), ("集中督导", "审计监督", "自查"), strict=True):
        sent |= {
            f"s{source.pk}-{key}": value for key, value in {"order": order, "name": name, "seen": seen(source)}.items()
        }
    sent[f"s{three[0].pk}-active"] = sent[f"s{three[2].pk}-active"] = "on"
    assert "改动 3 个来源" in client.post(address, sent, follow=True).content.decode()
    assert names(world) == ["审计监督×", "自查", "集中督导"]
    assert "审计监督" in client.get(made.get_absolute_url()).content.decode()
    form = client.get(reverse("finding_new", args=[world.campaign.pk])).content.decode()
    assert ">自查</option>" in form
    assert "审计监督" not in form
    assert AuditEntry.objects.filter(act="finding.source_change").count() == 3
    assert "被他人修改" in client.post(address, sent, follow=True).content.decode()
    again = client.post(reverse("finding_source_add", args=[world.campaign.pk]), {"name": "审计监督"}, follow=True)
    assert "在用" in again.content.decode()
    assert names(world) == ["审计监督", "自查", "集中督导"]
    refused = client.post(reverse("finding_source_add", args=[world.campaign.pk]), {"name": " "})
    assert refused.status_code == 422
    assert "问题来源须写" in refused.content.decode()


def test_names_may_be_exchanged_and_not_be_given_twice(world: World, three: list[FindingSource]) -> None:
    first, second, third = three
    actor = world.actor("inspector")
    assert (
        sources.change_sources(world.district, [change(first, name="审计"), change(second, name="集中督导")], actor)
        == 2
    )
    assert names(world) == ["审计", "集中督导", "自查"]
    with pytest.raises(Refusal, match="有两个来源都叫“审计”"):
        sources.change_sources(world.district, [change(third, name="审计")], actor)
    with pytest.raises(Refusal, match="1 到 40 个字"):
        sources.change_sources(world.district, [change(third, name=" ")], actor)
    assert names(world) == ["审计", "集中督导", "自查"]


def test_the_last_one_in_use_stays_and_the_second_of_two_is_told(world: World, three: list[FindingSource]) -> None:
    actor = world.actor("inspector")
    with pytest.raises(Refusal, match="至少要有一个在用的来源"):
        sources.change_sources(world.district, [change(each, active=False) for each in three], actor)
    assert sources.change_sources(world.district, [change(three[0])], actor) == 0
    with pytest.raises(Stale, match="“集中督导”刚刚被他人修改"):
        sources.change_sources(world.district, [change(three[0], name="督导", seen="9|1|别的")], actor)
    assert names(world) == ["集中督导", "审计", "自查"]

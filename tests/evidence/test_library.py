"""印证资料库: visibility, filters, and citing one piece in many tasks."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from creation.evidence import citing
from creation.evidence.library import search_index
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Citation, Evidence, EvidenceVersion
from tests.support.many_tasks import many_tasks
from tests.support.query_counts import page_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")


def piece(world: World, title: str, unit: str = "城管局", text: str = "正文", **more: Any) -> Evidence:
    person = world.people["liaison" if unit == "城管局" else "rival"]
    values = {"kind": "brief", "title": title, "created_by": person, "created_at": NOW} | more
    made = Evidence.objects.create(unit=world.units[unit], **values)
    EvidenceVersion.objects.create(evidence=made, text=f"{title}{text}", created_by=person, created_at=NOW)
    search_index.update_entries([made])
    return made


def listed(world: World, who: str = "liaison", **asked: Any) -> set[str]:
    """Return the titles that the library's table shows."""
    page = world.client(who).get(reverse("library", args=[world.campaign.pk]), asked)
    assert page.status_code == 200
    return {row.record.title for row in page.context["table"].page.object_list}


def cite(world: World, task: str, made: Evidence, by: str = "liaison", passage: str = "") -> Citation:
    return citing.cite(world.task(task), made, world.actor(by), passage)


# Visibility


def test_a_unit_finds_its_own_and_the_office_what_is_cited(world: World) -> None:
    cited, loose, theirs = piece(world, "已引用"), piece(world, "未引用"), piece(world, "街道的", "老街街道")
    cite(world, "lead", cited)
    cite(world, "other", theirs, "rival")
    assert listed(world) == listed(world, "leader") == {"已引用", "未引用"}
    assert listed(world, "rival") == {"街道的"}
    for who in ("coordinator", "reviewer", "inspector", "chief", "assessor"):
        assert listed(world, who) == {"已引用", "街道的"}
    assert loose.title in listed(world, q="引用")
    assert listed(world, "rival", q="引用") == set()


def test_a_lead_finds_what_its_assists_cite_and_can_choose_by_unit(world: World) -> None:
    piece(world, "自己的")
    cite(world, "assist", piece(world, "配合的", "老街街道"), "rival")
    assert listed(world) == {"自己的", "配合的"}
    assert listed(world, unit=world.units["老街街道"].pk) == {"配合的"}
    assert listed(world, "rival", unit=world.units["城管局"].pk) == {"配合的"}  # an invalid choice is ignored


def test_deleted_pieces_and_those_of_dropped_tasks_do_not_stand_in_the_library(world: World) -> None:
    gone, dropped = piece(world, "已删"), piece(world, "撤销任务的")
    cite(world, "action", dropped)
    Evidence.objects.filter(pk=gone.pk).update(deleted_at=NOW, delete_reason="重复")
    world.tasks["action"].dropped_on = NOW.date()
    world.tasks["action"].save()
    assert listed(world) == {"撤销任务的"}
    assert listed(world, "reviewer") == set()


# Filters


def test_each_filter_and_all_of_them_together(world: World) -> None:
    photo = piece(world, "评查现场", kind="image", dated_on=date(2026, 7, 1))
    paper = piece(
        world, "评查通报", dated_on=date(2023, 5, 1), confidentiality="internal", doc_number="源城管〔2023〕5号"
    )
    news = piece(world, "评查简报", text="整改时限")
    cite(world, "lead", photo)
    cite(world, "action", news)
    every = {"评查现场", "评查通报", "评查简报"}
    table: list[tuple[dict[str, Any], set[str]]] = [
        ({}, every),
        ({"q": "评查"}, every),
        ({"q": "评查 整改"}, {"评查简报"}),
        ({"q": "〔2023〕5号"}, {"评查通报"}),
        ({"q": "4-3-3"}, {"评查现场"}),
        ({"q": "4-3-3-01"}, {"评查现场"}),
        ({"q": "4-3-3-02"}, set()),
        ({"q": "4-3 评查"}, {"评查现场"}),
        ({"q": "D-3"}, {"评查简报"}),
        ({"kind": "image"}, {"评查现场"}),
        ({"kind": "nonsense"}, every),
        ({"cited": "yes"}, {"评查现场", "评查简报"}),
        ({"cited": "no"}, {"评查通报"}),
        ({"section": "4"}, {"评查现场"}),
        ({"section": "action"}, {"评查简报"}),
        ({"item": "4-3"}, {"评查现场"}),
        ({"item": "1-1"}, set()),
        ({"confidentiality": "internal"}, {"评查通报"}),
        ({"since": "2026-01-01"}, {"评查现场"}),
        ({"until": "2023-05-01"}, {"评查通报"}),
        ({"since": "0001-01-01"}, every),
        ({"outside": "1"}, {"评查通报"}),
        ({"q": "评查", "kind": "image", "section": "4", "cited": "yes"}, {"评查现场"}),
        ({"page": "99"}, every),
        ({"sort": "nonsense"}, every),
    ]
    assert paper
    wrong = {str(asked): got for asked, found in table if (got := listed(world, **asked)) != found}
    assert not wrong


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", ["乙", "甲", "丙"]),
        ("-dated_on", ["甲", "乙", "丙"]),
        ("dated_on", ["乙", "甲", "丙"]),
        ("-places", ["丙", "乙", "甲"]),
    ],
)
def test_sorting_puts_what_is_empty_last(world: World, sort: str, order: list[str]) -> None:
    made = {name: piece(world, name, dated_on=day) for name, day in
            {"甲": date(2026, 5, 1), "丙": None, "乙": date(2025, 1, 1)}.items()}  # fmt: skip
    cite(world, "lead", made["丙"])
    page = world.client("liaison").get(reverse("library", args=[world.campaign.pk]), {"sort": sort})
    titles = [row.record.title for row in page.context["table"].page.object_list]
    if sort == "title":
        assert sorted(titles) == sorted(order)  # the databases order Chinese text differently
    else:
        assert titles == order


def test_the_page_shows_thumbnails_citations_and_days_outside_the_window(world: World) -> None:
    made = piece(world, "评查通报", dated_on=date(2020, 5, 1))
    cite(world, "lead", made)
    text = world.client("liaison").get(reverse("library", args=[world.campaign.pk])).content.decode()
    assert "范围外" in text
    assert "4-3-3-01" in text
    assert "清除条件" not in text
    part = world.client("liaison").get(
        reverse("library", args=[world.campaign.pk]), {"q": "没有这个词"}, headers={"HX-Request": "true"}
    )
    assert "<html" not in part.content.decode()
    assert "没有符合条件的资料" in part.content.decode()


def queries(client: Client, address: str) -> int:
    return page_queries(client, address)


def test_two_hundred_pieces_need_as_many_queries_as_one(world: World) -> None:
    clients = [world.client(who) for who in ("liaison", "coordinator")]
    address = reverse("library", args=[world.campaign.pk]) + "?q=评查&section=4"
    cite(world, "lead", piece(world, "评查通报"))
    for client in clients:
        client.get(address)
    few = [queries(client, address) for client in clients]
    for number in range(199):
        cite(world, "lead", piece(world, f"评查通报{number}"))
    assert [queries(client, address) for client in clients] == few


# One piece in many tasks


def test_one_piece_is_cited_for_many_tasks_each_with_its_passage(world: World) -> None:
    many_tasks(world, 3)
    made, client = piece(world, "工作报告"), world.client("liaison")
    address = reverse("library_cite", args=[world.campaign.pk, made.pk])
    rows = client.get(address).context["rows"]
    tasks = [task for task, _, _ in rows]
    assert {task.code for task in tasks} == {"4-3-3", "D-3", "9-9-0", "9-9-1", "9-9-2"}
    chosen = tasks[:2]
    sent = {"task": [task.pk for task in chosen], f"passage-{chosen[0].pk}": "第 3 页"}
    assert client.post(address, sent).status_code == 302
    made_rows = Citation.objects.filter(evidence=made)
    assert {row.task_id for row in made_rows} == {task.pk for task in chosen}
    assert made_rows.get(task=chosen[0]).passage == "第 3 页"
    assert len(client.get(address).context["rows"]) == 3
    assert AuditEntry.objects.filter(act="evidence.cite").count() == 2


def test_no_choice_and_a_task_submitted_meanwhile_are_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, client = piece(world, "工作报告"), world.client("liaison")
    address = reverse("library_cite", args=[world.campaign.pk, made.pk])
    empty = client.post(address, {})
    assert empty.status_code == 422
    assert "没有勾选任务" in empty.content.decode()
    tasks = citing.open_tasks_for(made, world.actor("liaison").human, world.campaign)
    world.tasks["lead"].status, world.tasks["lead"].first_submitted_at = "submitted", NOW
    world.tasks["lead"].save()
    with pytest.raises(Refusal, match="全部没有引用"):
        citing.cite_many(made, dict.fromkeys(reversed(tasks), ""), world.actor("liaison"))
    assert not Citation.objects.filter(evidence=made).exists()


def test_the_office_cites_for_the_unit_and_a_closed_campaign_takes_nothing(world: World) -> None:
    made = piece(world, "工作报告")
    cite(world, "lead", made)
    address = reverse("library_cite", args=[world.campaign.pk, made.pk])
    assert [task.code for task, _, _ in world.client("coordinator").get(address).context["rows"]] == ["D-3"]
    world.campaign.state = "closed"
    world.campaign.save()
    assert world.client("liaison").get(address).context["rows"] == []

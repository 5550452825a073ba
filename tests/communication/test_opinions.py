"""专家意见: an assessor says what an answer lacks, the office settles it, the unit sees nothing of it."""

from typing import Any

import pytest
from django.urls import reverse

from creation.communication import opinions
from creation.models import AuditEntry, Campaign, Membership, Notice, Opinion, User
from creation.rules.policy import Role
from tests.support.query_counts import page_queries
from tests.support.world import World, add_person

pytestmark = pytest.mark.usefixtures("at_now")

SAID = "评查通报没有整改结果，实地评估时会被追问。"


def post(world: World, who: str, name: str, key: int, **data: Any) -> Any:
    return world.client(who).post(reverse(name, args=[world.campaign.pk, key]), data)


def give(world: World, text: str = SAID, by: str = "assessor") -> Opinion:
    made = opinions.give_opinion(world.task("lead"), text, world.actor(by))
    return Opinion.objects.for_table().get(pk=made.pk)


def task_page(world: World, who: str) -> str:
    return str(
        world.client(who).get(reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])).content.decode()
    )


def office_page(world: World, query: str = "") -> str:
    return str(world.client("reviewer").get(reverse("opinions", args=[world.campaign.pk]) + query).content.decode())


def test_an_opinion_from_the_task_page_reaches_the_office_and_not_the_unit(world: World) -> None:
    assert post(world, "assessor", "opinion_new", world.tasks["lead"].pk, text=SAID).status_code == 302
    assert SAID in Notice.objects.get(person=world.people["coordinator"], kind="opinion").text
    assert AuditEntry.objects.filter(act="opinion.write", detail=SAID).exists()
    for who in ("assessor", "coordinator", "reviewer", "inspector"):
        assert SAID in task_page(world, who)
    for who in ("liaison", "clerk", "leader", "chief"):
        assert SAID not in task_page(world, who)
        assert "专家意见" not in task_page(world, who)
    assert SAID in office_page(world)
    assert "1 条专家意见待处理" in world.client("coordinator").get("/").content.decode()
    assert SAID in world.client("assessor").get("/").content.decode()


def test_an_empty_or_repeated_opinion_comes_back(world: World) -> None:
    lead = world.tasks["lead"].pk
    assert "请写下意见" in post(world, "assessor", "opinion_new", lead, text=" ").content.decode()
    give(world)
    again = post(world, "assessor", "opinion_new", lead, text=SAID)
    assert again.status_code == 422
    assert "不必重复提交" in again.content.decode()
    assert Opinion.objects.count() == 1


def test_the_office_says_what_was_done_and_the_assessor_reads_it(world: World) -> None:
    made = give(world)
    assert "请填写处理情况" in post(world, "reviewer", "opinion_settle", made.pk, answer="").content.decode()
    assert post(world, "reviewer", "opinion_settle", made.pk, answer="已退回补充整改材料。").status_code == 302
    assert "已退回补充整改材料。" in task_page(world, "assessor")
    assert "已退回补充整改材料。" in Notice.objects.get(person=world.people["assessor"]).text
    assert SAID not in office_page(world)
    assert SAID in office_page(world, "?show=all")
    assert AuditEntry.objects.filter(act="opinion.settle").exists()


def test_the_second_who_settles_it_is_told_and_loses_no_word(world: World) -> None:
    made = give(world)
    opinions.answer_opinion(made, "已处理", world.actor("coordinator"))
    late = post(world, "reviewer", "opinion_settle", made.pk, answer="我写的处理情况").content.decode()
    assert "宗协调 已经处理了这条意见" in late
    assert "我写的处理情况" in late


def test_an_assessor_reads_only_the_own_opinions(world: World) -> None:
    second = add_person("second", "第二专家", None, world.units["政府办"])
    Membership.objects.create(
        user=second, role=Role.ASSESSOR, district=world.district, campaign=world.campaign, expires="2030-12-31"
    )
    world.people["second"] = User.objects.get(pk=second.pk)
    give(world)
    assert SAID not in task_page(world, "second")


@pytest.mark.parametrize(("who", "code"), [("reviewer", 403), ("chief", 403), ("liaison", 403), ("rival", 404)])
def test_only_assessors_give_opinions(world: World, who: str, code: int) -> None:
    assert post(world, who, "opinion_new", world.tasks["lead"].pk, text=SAID).status_code == code


def test_a_closed_campaign_takes_no_opinion(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert "已结束" in post(world, "assessor", "opinion_new", world.tasks["lead"].pk, text=SAID).content.decode()
    assert not Opinion.objects.exists()


def test_forty_opinions_cost_as_many_queries_as_one(world: World) -> None:
    def cost(who: str, name: str) -> int:
        client = world.client(who)
        address = {
            "home": "/",
            "list": reverse("opinions", args=[world.campaign.pk]),
            "task": reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]),
        }[name]
        client.get(address)
        return page_queries(client, address)

    pages = [("assessor", "home"), ("reviewer", "list"), ("assessor", "task"), ("reviewer", "task")]
    give(world)
    few = [cost(*each) for each in pages]
    for number in range(39):
        give(world, f"意见{number}")
    assert [cost(*each) for each in pages] == few

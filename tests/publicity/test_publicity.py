"""The register of publicity: a link is entered once, becomes evidence and is checked; units see their own, and nobody is ranked."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.evidence.library import visibility
from creation.evidence.links import link_checks
from creation.lib.refusals import Refusal
from creation.models import Action, Citation, Evidence, Job, LinkWatch, Phase, Publicity, SecrecyMark, Task
from creation.publicity import register
from creation.publicity.register import NewPublicity
from tests.support import evidence_files
from tests.support.world import NOW, TODAY, World

URL = "https://www.example.gov.cn/2026/0730.html"


def new(**more: Any) -> NewPublicity:
    values = {"title": "城管进社区", "medium": "河南日报", "kind": "news", "level": "province", "url": URL}
    return NewPublicity(**{"published_on": TODAY} | values | more)


def record(world: World, unit: str = "城管局", **more: Any) -> Publicity:
    return register.record_publicity(world.campaign, world.units[unit], new(**more), world.actor("liaison"))


@pytest.fixture
def publicity_task(world: World) -> Task:
    return open_task(world)


def open_task(world: World) -> Task:
    phase = Phase.objects.create(campaign=world.campaign, kind="publicity", name="营造氛围", order=6)
    action = Action.objects.create(phase=phase, code="X-1", title="宣传本单位创建工作", audience="every_unit")
    return Task.objects.create(campaign=world.campaign, unit=world.units["城管局"], action=action, phase=phase)


def test_a_link_becomes_evidence_that_the_chosen_task_cites(world: World, publicity_task: Task) -> None:
    made = record(world, task=publicity_task)
    citation = Citation.objects.get(task=publicity_task)
    assert citation.evidence == made.evidence
    assert str(citation.number) == "X-1-01"
    again = record(world, url="https://www.example.gov.cn/2.html", title="第二篇", task=publicity_task)
    assert Citation.objects.filter(task=publicity_task).count() == 2
    assert again.evidence != made.evidence


def test_a_link_is_cited_nowhere_unless_a_task_is_chosen(world: World, publicity_task: Task) -> None:
    assert record(world).evidence
    assert not Citation.objects.exists()


def test_a_task_of_another_unit_or_one_that_was_submitted_cites_nothing(world: World, publicity_task: Task) -> None:
    with pytest.raises(Refusal, match="不是本单位的宣传任务"):
        register.record_publicity(
            world.campaign, world.units["老街街道"], new(task=publicity_task), world.actor("rival")
        )
    Task.objects.filter(pk=publicity_task.pk).update(status="submitted", first_submitted_at=NOW)
    with pytest.raises(Refusal, match="已经报送"):
        record(world, task=publicity_task)
    assert not Publicity.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_the_form_offers_the_open_tasks_of_publicity_to_choose_from(world_at_work: World, fresh_data_dir: Any) -> None:
    world, client, publicity_task = world_at_work, world_at_work.client("liaison"), open_task(world_at_work)
    address = reverse("publicity_new", args=[world.campaign.pk])
    page = client.get(address).content.decode()
    assert f'<option value="{publicity_task.pk}" selected>城管局：X-1 宣传本单位创建工作</option>' in page
    sent = {"unit": world.units["城管局"].pk, "title": "报道", "medium": "日报", "kind": "print", "level": "city"}
    sent |= {"published_on": TODAY.isoformat(), "url": URL}
    assert "链接已引用" not in client.post(address, sent | {"task": ""}, follow=True).content.decode()
    assert not Citation.objects.exists()
    again = sent | {"url": URL + "2", "task": publicity_task.pk}
    assert "链接已引用到任务“X-1 宣传本单位创建工作”" in client.post(address, again, follow=True).content.decode()
    cutting = SimpleUploadedFile("剪报.png", evidence_files.png(), "image/png")
    cut = sent | {"url": "", "task": publicity_task.pk, "files": cutting}
    assert "没有链接可以引用" in client.post(address, cut, follow=True).content.decode()
    assert Citation.objects.get().task == publicity_task
    wall = client.get(reverse("publicity_wall", args=[world.campaign.pk])).content.decode()
    assert wall.count("<article") == 3
    assert wall.count('<img class="img-fluid') == 1


def test_a_link_that_the_unit_has_already_is_used(world: World) -> None:
    first = record(world)
    register.remove_publicity(first, world.actor("liaison"))
    assert record(world).evidence == first.evidence
    assert Evidence.objects.count() == 1


def test_its_link_is_checked_while_the_campaign_runs(world: World) -> None:
    made = record(world)
    link_checks.create_watches(NOW)
    assert [watch.version.url for watch in LinkWatch.objects.due(NOW)] == [made.url]
    register.remove_publicity(made, world.actor("liaison"))
    assert not LinkWatch.objects.due(NOW).exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": " "}, "请填写标题"),
        ({"medium": ""}, "哪个媒体"),
        ({"published_on": TODAY + timedelta(days=1)}, "还没有到"),
        ({"url": ""}, "请填写链接，或上传"),
        ({"url": "javascript:alert(1)"}, "http"),
    ],
)
def test_what_is_wrong_is_refused_and_leaves_nothing(world: World, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        record(world, **change)
    assert (Publicity.objects.count(), Evidence.objects.count()) == (0, 0)
    assert record(world).pk


def test_the_same_link_is_registered_once_a_unit(world: World) -> None:
    record(world)
    with pytest.raises(Refusal, match="已经登记过"):
        record(world)
    assert register.record_publicity(world.campaign, world.units["老街街道"], new(), world.actor("rival")).pk


def test_counts_are_by_unit_and_level_in_the_offices_order(world: World) -> None:
    record(world)
    record(world, url="https://www.example.gov.cn/2.html", level="city")
    rows = register.count_by_unit(world.campaign, [world.units["老街街道"], world.units["城管局"]])
    assert [(row.unit.short_name, row.levels, row.total) for row in rows] == [
        ("老街街道", [0, 0, 0, 0, 0], 0),
        ("城管局", [0, 1, 1, 0, 0], 2),
    ]


@time_machine.travel(NOW, tick=False)
def test_it_is_registered_with_a_cutting_and_seen_by_its_unit_and_the_office(
    world_at_work: World, fresh_data_dir: Any
) -> None:
    world = world_at_work
    client = world.client("liaison")
    address = reverse("publicity_new", args=[world.campaign.pk])
    sent = {
        "unit": world.units["城管局"].pk,
        "title": "普法专版",
        "medium": "漯河日报",
        "kind": "print",
        "level": "city",
        "published_on": TODAY.isoformat(),
    }
    assert "请填写链接，或上传" in client.post(address, sent).content.decode()
    cutting = SimpleUploadedFile("剪报.png", evidence_files.png(), "image/png")
    page = client.post(address, sent | {"files": cutting}, follow=True).content.decode()
    assert "已登记：普法专版（漯河日报）" in page
    item = Publicity.objects.get()
    assert "剪报.png" in client.get(item.get_absolute_url()).content.decode()
    assert world.client("rival").get(item.get_absolute_url()).status_code == 404
    listed = world.client("chief").get(reverse("publicity", args=[world.campaign.pk])).content.decode()
    assert "普法专版" in listed
    assert "各单位登记数" in listed
    own = world.client("rival").get(reverse("publicity", args=[world.campaign.pk])).content.decode()
    assert "普法专版" not in own
    other = sent | {"unit": world.units["老街街道"].pk, "url": URL}
    assert client.post(address, other).status_code == 422


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("stop", ["hidden", "blocked"])
def test_a_stopped_link_is_named_nowhere_in_the_register(world_at_work: World, fresh_data_dir: Any, stop: str) -> None:
    world, words = world_at_work, "绿茵场上的暗语"
    item = record(world, title=words)
    assert item.evidence
    pages = [reverse(name, args=[world.campaign.pk]) for name in ("publicity", "publicity_wall")]
    pages.append(item.get_absolute_url())
    export = reverse("list_export", args=[world.campaign.pk, "publicity"])
    assert all(words in world.client("chief").get(page).content.decode() for page in pages)
    world.client("chief").post(export)
    older = Job.objects.get(kind="publicity")
    assert world.client("chief").get(reverse("job_file", args=[older.pk])).getvalue()
    if stop == "hidden":
        visibility.hide(item.evidence, "待核对", world.actor("coordinator"))
    else:
        SecrecyMark.objects.create(
            evidence=item.evidence, version=item.evidence.versions.get(), place="text", word="机密"
        )
    for who in ("reviewer", "inspector", "chief", "assessor"):
        assert not [page for page in pages if words in world.client(who).get(page).content.decode()], who
    assert world.client("chief").get(pages[2]).status_code == 404
    assert world.client("chief").get(reverse("job_file", args=[older.pk])).status_code == 403
    assert all(words in world.client("coordinator").get(page).content.decode() for page in pages)
    assert world.client("liaison").get(pages[2]).status_code == (404 if stop == "hidden" else 200)


def test_the_list_costs_the_same_for_one_and_for_many(world: World, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, address = world.client("chief"), reverse("publicity", args=[world.campaign.pk])
    record(world)
    link_checks.create_watches(NOW)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(20):
        record(world, url=f"https://www.example.gov.cn/n{number}.html", title=f"报道{number}")
    link_checks.create_watches(NOW)
    with django_assert_num_queries(len(one)):
        assert "报道19" in client.get(address).content.decode()

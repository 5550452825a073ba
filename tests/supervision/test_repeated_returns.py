"""A task that was returned twice can be made a finding by the reviewer: offered, never done by itself."""

import pytest
from django.urls import reverse

from creation.lib.refusals import Refusal
from creation.models import Finding, FindingSource, Notice, Review, Task
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import workflow
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")


@pytest.fixture
def source(world: World) -> FindingSource:
    return FindingSource.objects.create(district=world.district, name="自查")


def move(world: World, name: str, who: str, **said: str) -> None:
    task = world.task("lead")
    workflow.perform(workflow.MOVES[name], task, world.actor(who), task.version, said)


def returned(world: World, times: int) -> None:
    for number in range(times):
        move(world, "submit", "liaison", mode="statement", statement=f"第 {number} 稿")
        move(world, "return", "reviewer", reason="weak", comment=f"缺评查表 {number}")
    move(world, "submit", "liaison", mode="statement", statement="又一稿")


def pages(world: World, who: str) -> str:
    client, task = world.client(who), world.task("lead")
    review = client.get(reverse("review", args=[task.campaign_id, task.pk]))
    return (client.get(task.get_absolute_url()).content + review.content).decode()


def test_it_is_offered_from_the_second_return_on_to_the_office(world: World, source: FindingSource) -> None:
    address = reverse("finding_of_task", args=[world.campaign.pk, world.tasks["lead"].pk])
    returned(world, 1)
    assert address not in pages(world, "reviewer")
    assert world.client("reviewer").get(address).status_code == 302
    move(world, "return", "reviewer", reason="weak", comment="缺评查表")
    move(world, "submit", "liaison", mode="statement", statement="又一稿")
    assert pages(world, "reviewer").count(address) == 2
    assert pages(world, "inspector").count(address) == 1
    assert address not in pages(world, "liaison")
    assert not Finding.objects.exists()


def test_it_begins_with_the_reasons_and_the_two_know_of_each_other(world: World, source: FindingSource) -> None:
    returned(world, 2)
    client, task = world.client("reviewer"), world.task("lead")
    address = reverse("finding_of_task", args=[task.campaign_id, task.pk])
    form = client.get(address).content.decode()
    assert "第 2 次退回，证明力不足：缺评查表 1" in form
    assert "第 1 次退回，证明力不足：缺评查表 0" in form
    assert f'<option value="{source.pk}" selected>自查</option>' in form
    sent = {"title": "评查材料两次退回", "source": source.pk, "severity": "general", "units": [task.unit_id]}
    page = client.post(address, sent | {"indicator": task.indicator_id}, follow=True).content.decode()
    assert task.get_absolute_url() in page
    made = Finding.objects.get()
    assert made.task == task
    rectification = made.rectifications.get()
    for who in ("reviewer", "liaison"):
        shown = world.client(who).get(task.get_absolute_url()).content.decode()
        assert rectification.get_absolute_url() in shown
        assert address not in shown  # it is a finding now
    assert task.get_absolute_url() in world.client("liaison").get(made.get_absolute_url()).content.decode()
    assert Notice.objects.filter(person=world.people["liaison"], text__startswith="督导问题：").exists()
    assert client.post(address, sent).status_code == 422
    assert Finding.objects.count() == 1


def test_a_task_of_another_unit_is_not_named_to_who_shares_the_finding(world: World, source: FindingSource) -> None:
    returned(world, 2)
    task, text = world.task("lead"), FindingText(title="评查材料两次退回", source=source)
    units = {world.units[name]: None for name in ("城管局", "老街街道")}
    made = findings.record_finding_of_task(task, text, units, world.actor("reviewer"))
    assert task.get_absolute_url() not in world.client("rival").get(made.get_absolute_url()).content.decode()
    findings.withdraw_finding(made, "登记有误", world.actor("inspector"))
    assert findings.record_finding_of_task(task, text, units, world.actor("reviewer")).serial == 2


def test_what_the_form_begins_with_fits_its_fields(world: World, source: FindingSource) -> None:
    for district, active in ((world.district, False), (world.elsewhere.district, True)):
        FindingSource.objects.create(district=district, name="自查" if active else "停用的", active=active)
    returned(world, 2)
    task = world.task("lead")
    values = findings.finding_from_task(task, TODAY)
    assert (values["source"], values["units"], values["found_on"]) == (source, [task.unit_id], TODAY)
    assert values["title"].endswith("报送的材料 2 次退回")
    Review.objects.update(comment="缺" * 3000)
    task.indicator.title = "长" * 200  # type: ignore[union-attr]
    values = findings.finding_from_task(task, TODAY)
    assert (len(values["title"]), len(values["text"])) == (100, 4000)
    FindingSource.objects.filter(pk=source.pk).update(active=False)
    assert "source" not in findings.finding_from_task(task, TODAY)


def test_a_rectification_that_was_returned_twice_is_no_new_finding(world: World, source: FindingSource) -> None:
    units = {world.units["城管局"]: None}
    made = findings.record_finding(
        world.campaign, FindingText(title="x", source=source), units, world.actor("inspector")
    )
    again = Task.objects.for_table().get(finding=made)
    for number in range(2):
        answer = again.submissions.create(
            number=number + 1,
            mode="statement",
            statement="x",
            created_by=world.people["liaison"],
            created_at=NOW,
            handed_on=TODAY,
        )
        Review.objects.create(
            submission=answer, verdict="return", reason="weak", created_by=world.people["reviewer"], created_at=NOW
        )
    with pytest.raises(Refusal, match="没有退回两次，或者已经列为问题"):
        findings.record_finding_of_task(again, FindingText(title="y", source=source), units, world.actor("reviewer"))


def test_a_task_returned_once_is_refused(world: World, source: FindingSource) -> None:
    returned(world, 1)
    units = {world.units["城管局"]: None}
    with pytest.raises(Refusal, match="没有退回两次"):
        findings.record_finding_of_task(
            world.task("lead"), FindingText(title="x", source=source), units, world.actor("reviewer")
        )
    assert not Finding.objects.exists()

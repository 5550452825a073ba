"""四个亲自: what the head of a unit did in person is recorded with day and proof, fills the answer, and is listed for the office."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.lib.refusals import Refusal
from creation.models import Action, AuditEntry, PersonalAct, Task
from creation.tasks import drafts, personal_acts, workflow
from reports import supervision_lists
from tests.support.job_files import download_result
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")


JULY_3 = TODAY.replace(day=3)


@pytest.fixture
def task(world: World) -> Task:
    Action.objects.filter(pk=world.tasks["action"].action_id).update(personal_act="deploy")
    return world.task("action")


def send(world: World, task: Task, who: str = "liaison", **said: Any) -> Any:
    values = {"done_on": JULY_3, "what": "主持召开党组会，部署创建任务", "where": "", "citation": ""} | said
    return world.client(who).post(reverse("personal_act", args=[world.campaign.pk, task.pk]), values, follow=True)


def test_an_act_fills_the_answer_until_it_is_told_in_other_words(world: World, task: Task) -> None:
    proof = world.cite("action", "党组会议纪要")
    page = send(world, task, citation=proof.pk).content.decode()
    line = f"2026年7月3日，主持召开党组会，部署创建任务（证明：{proof.number}）。"
    assert "已写进答复的“工作措施”" in page
    assert page.index('id="personal-acts"') < page.index('id="answer-area"'), "on a phone too it comes first"
    assert line in page
    person = world.people["liaison"]
    said = {"mode": "upload", "measures": "2026年7月3日开党组会部署。"}
    drafts.save(task, world.actor("liaison"), said, seen=0)
    assert drafts.initial_answer(world.task("action"), person).content["measures"] == "2026年7月3日开党组会部署。"
    personal_acts.record_act(task, TODAY, "再次部署", world.actor("liaison"), where="办公室三号柜")
    content = drafts.initial_answer(world.task("action"), person).content
    assert content["measures"] == "2026年7月3日开党组会部署。\n2026年7月31日，再次部署（证明：办公室三号柜）。"
    now = world.task("action")
    workflow.perform(workflow.MOVES["submit"], now, world.actor("liaison"), now.version, content)
    assert now.submissions.get().measures == content["measures"]
    assert [entry.detail for entry in AuditEntry.objects.filter(act="personal_act.record").order_by("pk")] == [
        f"2026年7月3日，主持召开党组会，部署创建任务；证明 {proof.number}",
        "2026年7月31日，再次部署；证明 办公室三号柜",
    ]


def test_what_is_wrong_is_refused_with_nothing_changed(world: World, task: Task) -> None:
    for said, sentence in (
        ({}, personal_acts.NO_PROOF),
        ({"where": "三号柜", "done_on": TODAY + timedelta(days=1)}, personal_acts.AHEAD),
        ({"where": "三号柜", "what": " "}, personal_acts.NO_WHAT),
        ({"where": "三号柜", "done_on": ""}, "请填写日期。"),
    ):
        response = send(world, task, **said)
        assert (response.status_code, sentence in response.content.decode()) == (422, True), said
    assert send(world, task, citation=world.cite("lead").pk).status_code == 422
    with pytest.raises(Refusal, match="不登记"):
        personal_acts.record_act(world.task("lead"), JULY_3, "开会", world.actor("liaison"), where="柜")
    assert not PersonalAct.objects.exists()
    assert send(world, task, where="三号柜").status_code == 200
    assert personal_acts.SAME in send(world, task, where="三号柜").content.decode()
    assert send(world, task, "rival", where="三号柜").status_code == 404
    assert send(world, task, "leader", where="三号柜").status_code == 403
    assert PersonalAct.objects.count() == 1


def test_one_is_removed_until_the_answer_is_submitted(world: World, task: Task) -> None:
    send(world, task, where="三号柜")
    send(world, task, what="听取汇报", where="三号柜")
    wrong, kept = PersonalAct.objects.order_by("pk")
    client = world.client("liaison")
    remove = [reverse("personal_act_remove", args=[world.campaign.pk, task.pk, act.pk]) for act in (wrong, kept)]
    assert "删除" in client.get(task.get_absolute_url()).content.decode()
    assert "已删除这一条" in client.post(remove[0], follow=True).content.decode()
    now = world.task("action")
    answer = {"mode": "statement", "statement": "见登记"}
    workflow.perform(workflow.MOVES["submit"], now, world.actor("liaison"), now.version, answer)
    assert personal_acts.SUBMITTED in client.post(remove[1], follow=True).content.decode()
    assert list(PersonalAct.objects.all()) == [kept]
    assert "只作登记" in send(world, task, what="又一次", where="三号柜").content.decode()


def test_the_list_and_its_workbook(world: World, task: Task, fresh_data_dir: Path) -> None:
    other = Task.objects.create(
        campaign=world.campaign, unit=world.units["老街街道"], action=task.action, phase=task.phase, due_on=TODAY
    )
    proof = world.cite("action", "党组会议纪要")
    personal_acts.record_act(task, JULY_3, "部署创建任务", world.actor("liaison"), proof)
    personal_acts.record_act(task, TODAY, "再次部署", world.actor("liaison"), where="三号柜")
    address = reverse("personal_acts", args=[world.campaign.pk])

    def names(who: str = "coordinator", **query: str) -> set[str]:
        return {row.record.unit.short_name for row in world.client(who).get(address, query).context["table"].rows}

    assert names() == {"城管局", "老街街道"}
    assert names(state="none") == names(unit=str(other.unit_id)) == {"老街街道"}
    assert names(state="unproved") == names(q="三号柜") == names(state="some", act="deploy") == {"城管局"}
    assert names("liaison") == {"城管局"}
    assert names("leader") == {"城管局"}
    page = world.client("chief").get(address).content.decode()
    assert f'部署创建任务 <span class="muted">（<span class="code">{proof.number}</span>）' in page
    export = reverse("list_export", args=[world.campaign.pk, "personal_acts"])
    content, name = download_result(world.client("coordinator"), export, {})
    sheet: Any = openpyxl.load_workbook(io.BytesIO(content)).active
    found = [list(row)[2:6] for row in sheet.iter_rows(values_only=True) if str(row[0]).isdigit()]
    assert name.startswith("四个亲自登记表")
    told = {(row[1], row[2], row[3]) for row in found}
    assert ("2026-07-03", "部署创建任务", str(proof.number)) in told
    assert ("2026-07-31", "再次部署", "三号柜") in told
    assert any(row[2] == "没有登记" for row in found)


def test_the_list_costs_the_same_for_one_act_and_for_many(world: World, task: Task) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            list(supervision_lists.personal_acts(world.campaign, world.people["coordinator"], {}, NOW).contents)
            world.client("coordinator").get(reverse("personal_acts", args=[world.campaign.pk]))
        return len(found)

    personal_acts.record_act(task, JULY_3, "部署", world.actor("liaison"), where="三号柜")
    queries()
    before = queries()
    for number in range(12):
        personal_acts.record_act(task, JULY_3, f"部署{number}", world.actor("liaison"), where="三号柜")
    assert queries() == before

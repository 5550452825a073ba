"""Dates of phases: the effect is shown before they are saved; tasks with a due day of their own keep it."""

from datetime import date

import pytest
import time_machine

from creation.campaigns import phase_dates
from creation.lib.refusals import Refusal
from creation.models import Notice, Phase, Task
from creation.tasks import workflow
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
LATER = (date(2026, 7, 11), date(2026, 8, 20))


def redate(
    world: World, kind: str = "evidence", starts: date | None = LATER[0], ends: date | None = LATER[1]
) -> phase_dates.DueDayChanges:
    phase = Phase.objects.get(pk=world.phases[kind].pk)
    return phase_dates.set_dates(phase, starts, ends, phase.version, world.actor("coordinator"))


def test_tasks_born_with_the_phase_follow_it(world: World) -> None:
    redate(world)
    assert world.task("lead").due_on == date(2026, 8, 20)
    assert world.task("assist").due_on == date(2026, 8, 17)  # three workdays earlier
    assert world.task("lead").events.get(move="due").note.endswith("时限改为 2026-08-20（原时限 2026-08-10）")


def test_a_day_set_by_hand_and_an_answer_stay(world: World) -> None:
    Task.objects.filter(pk=world.tasks["other"].pk).update(due_on=date(2026, 8, 1))
    world.cite("lead")
    task = world.task("lead")
    workflow.perform(
        workflow.MOVES["submit"],
        task,
        world.actor("liaison"),
        task.version,
        {"mode": "upload", "measures": "", "results": "", "highlights": ""},
    )
    shift = redate(world)
    assert [kept.pk for kept in shift.set_by_hand] == [world.tasks["other"].pk]
    assert [kept.pk for kept in shift.answered] == [world.tasks["lead"].pk]
    assert world.task("other").due_on == date(2026, 8, 1)
    assert world.task("lead").due_on == date(2026, 8, 10)


def test_a_phase_can_be_announced_and_taken_back(world: World) -> None:
    redate(world, "application", date(2026, 9, 1), date(2026, 9, 30))
    assert Phase.objects.get(kind="application", campaign=world.campaign).announced
    redate(world, "application", None, None)
    assert not Phase.objects.get(kind="application", campaign=world.campaign).announced


@pytest.mark.parametrize(
    ("starts", "ends", "sentence"),
    [(date(2026, 8, 2), date(2026, 8, 1), "早于开始日期"), (date(2026, 8, 2), None, "同时填写")],
)
def test_dates_out_of_order_get_a_sentence_and_change_nothing(
    world: World, starts: date, ends: date | None, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        redate(world, "evidence", starts, ends)
    assert world.task("lead").due_on == date(2026, 8, 10)


def test_each_owner_gets_one_notice(world: World) -> None:
    redate(world)
    assert Notice.objects.filter(person=world.people["rival"]).count() == 1
    assert Notice.objects.filter(person=world.people["liaison"]).count() == 1


def test_the_page_shows_first_and_does_second(world: World) -> None:
    client, phase = world.client("coordinator"), world.phases["evidence"]
    address = f"/c/{world.campaign.pk}/phases/{phase.pk}/"
    typed = {"starts": "2026-07-11", "ends": "2026-08-20", "seen": phase.version}
    with time_machine.travel(NOW, tick=False):
        shown = client.post(address, typed)
        assert "3 项未报送的任务时限随之调整" in shown.content.decode()
        assert world.task("lead").due_on == date(2026, 8, 10)
        assert client.post(address, typed | {"confirmed": "1"}).status_code == 302
        assert world.task("lead").due_on == date(2026, 8, 20)
        stale = client.post(address, typed | {"ends": "2026-08-25", "confirmed": "1"})
    assert stale.status_code == 409
    assert "2026-08-25" in stale.content.decode()
    assert world.task("lead").due_on == date(2026, 8, 20)

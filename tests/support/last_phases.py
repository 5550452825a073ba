"""What the last phases of a campaign leave behind: visits, orders, meetings, publicity, cases, surveys."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from creation.lib import storage
from creation.models import (
    ActionFile,
    Publicity,
    SupervisionOrder,
    Survey,
    SurveyAnswer,
    TypicalCase,
    Visit,
    VisitPhoto,
)
from creation.publicity import register
from creation.publicity.register import NewPublicity
from creation.supervision import checks, meetings, orders, visit_plan, visits
from creation.supervision.checks import Noted
from creation.supervision.meetings import MeetingText
from creation.supervision.orders import OrderText
from tests.supervision.conftest import make_round, make_team
from tests.support import evidence_files
from tests.support.world import NOW, TODAY, World


def stored(name: str) -> dict[str, Any]:
    path = Path(storage.settings.INCOMING_ROOT) / "x"
    path.write_bytes(evidence_files.pdf() + name.encode())
    size, blob = path.stat().st_size, storage.save_blob(path)
    return {
        "name": name, "blob": blob, "sha256": storage.blob_sha256(blob), "size": size, "media_type": "application/pdf",
    }  # fmt: skip


def visit(world: World, unit: str, recorded: bool = True) -> Visit:
    by = world.actor("inspector")
    row = world.campaign.rounds.first() or make_round(world)
    made = make_team(world, row, unit, name=f"{unit}组").visits.get()
    visit_plan.set_days(row, [visit_plan.PlannedDay(made, TODAY, "am", made.version)], by)
    visit_plan.announce(row, by)
    made.refresh_from_db()
    if recorded:
        note = Noted(task=None, about="公示栏", verdict="not_seen", remark="没有更新")
        check = checks.note_check(made, UUID(int=made.pk), note, by)
        VisitPhoto.objects.create(
            line=check, key=UUID(int=made.pk), created_by=by.human, created_at=NOW, **stored("IMG_1.pdf")
        )
        visits.record_visit(made, "请补齐公示。", by, made.version)
        made.refresh_from_db()
    return made


def meet(world: World) -> None:
    text = MeetingText(
        "weekly", "第三次周例会", TODAY, "三楼", "甲主任", "各成员单位", "一、通报进度", "会议听取了汇报。"
    )
    made = meetings.record_meeting(
        world.campaign, text, world.actor("coordinator"), [ActionFile(**stored("签到表.pdf"))]
    )
    meetings.decide(
        made, "补齐案卷", "", [world.units["城管局"]], TODAY + timedelta(days=9), world.actor("coordinator")
    )


def survey(world: World, title: str, answers: int, ends: int = -1) -> Survey:
    made = Survey.objects.create(
        campaign=world.campaign, title=title, questions=["您对执法满意吗"], starts=TODAY - timedelta(days=9),
        ends=TODAY + timedelta(days=ends), created_by=world.people["coordinator"], created_at=NOW,
    )  # fmt: skip
    for number in range(answers):
        SurveyAnswer.objects.create(
            survey=made, unit=world.units["老街街道"], choices=[5 if number else 2], comment=f"原话{number}", day=TODAY
        )
    return made


def case(world: World, title: str, state: str) -> TypicalCase:
    return TypicalCase.objects.create(
        campaign=world.campaign, unit=world.units["城管局"], title=title, practice="一线做法", results="办结提速",
        insight="可复制", state=state, comment="改" if state == "returned" else "", created_by=world.people["liaison"],
        created_at=NOW, submitted_at=NOW,
    )  # fmt: skip


def publish(world: World, title: str, url: str = "", files: tuple[str, ...] = ()) -> Publicity:
    new = NewPublicity(title, "漯河日报", "print", "city", TODAY, url)
    attached = [ActionFile(**stored(name)) for name in files]
    return register.record_publicity(world.campaign, world.units["城管局"], new, world.actor("liaison"), attached)


def issue_order(world: World) -> SupervisionOrder:
    said = OrderText("限期补齐案卷", world.units["城管局"], due_on=TODAY + timedelta(days=5), instruction="一周内办结")
    return orders.issue_order(world.campaign, said, world.actor("inspector"))

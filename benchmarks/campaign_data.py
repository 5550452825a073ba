"""Create a campaign with any number of tasks for benchmarks, each with an answer, evidence and events; rows are inserted directly."""

from datetime import UTC, date, datetime

from creation.models import (
    Campaign,
    Citation,
    District,
    Evidence,
    EvidenceNumber,
    Indicator,
    IndicatorSystem,
    Phase,
    Submission,
    Task,
    TaskEvent,
    Unit,
    User,
)

AT = datetime(2026, 7, 20, 2, tzinfo=UTC)
TEXT = "对照要点组织自查，补齐制度文件和过程记录，发现的问题列出清单、逐项整改。"
POINTS = 92


def fill(count: int) -> None:
    district = District.objects.create(name="源汇区")
    system = IndicatorSystem.objects.create(district=district, name="示范创建指标体系", edition="2021")
    names = [f"单位{n}" for n in range(-(-count // POINTS))]
    units = Unit.objects.bulk_create(
        Unit(district=district, name=f"源汇区{name}", short_name=name, order=n, kind="department", leader="张甲子")
        for n, name in enumerate(names)
    )
    campaign = Campaign.objects.create(
        district=district, system=system, host=units[0], name="示范创建", year=2026, state="open"
    )
    phase = Phase.objects.create(
        campaign=campaign,
        kind="evidence",
        name="收集印证资料",
        order=3,
        starts=date(2026, 7, 11),
        ends=date(2026, 8, 10),
    )
    people = User.objects.bulk_create(
        User(username=f"u{n}", name=f"人员{n}", unit=unit) for n, unit in enumerate(units)
    )
    points = _points(system)
    tasks = Task.objects.bulk_create(
        (
            Task(
                campaign=campaign, unit=units[n // POINTS], indicator=points[n % POINTS], phase=phase, owner=people[n // POINTS],
                due_on=date(2026, 8, 10), status="submitted", first_submitted_at=AT,
            )
            for n in range(count)
        ),
        batch_size=500,
    )  # fmt: skip
    _answers(tasks)


def _points(system: IndicatorSystem) -> list[Indicator]:
    made = []
    section = Indicator.objects.create(
        system=system, level=1, code="4", key="4", order=0, title="行政执法严格规范公正文明"
    )
    for n in range(POINTS):
        if n % 10 == 0:
            code = f"4-{n // 10 + 1}"
            item = Indicator.objects.create(
                system=system, parent=section, level=2, code=code, key=code, order=n * 2 + 1, title="落实行政执法责任制"
            )
        code = f"{item.code}-{n % 10 + 1}"
        made.append(
            Indicator.objects.create(
                system=system,
                parent=item,
                level=3,
                code=code,
                key=code,
                order=n * 2 + 2,
                title="每年组织案卷评查",
                proof=TEXT,
            )
        )
    return made


def _answers(tasks: list[Task]) -> None:
    Submission.objects.bulk_create(
        (
            Submission(
                task=task, number=1, mode="upload", measures=TEXT, results=TEXT * 2, handed_on=AT.date(),
                created_by=task.owner, created_at=AT,
                due_on=task.due_on, digest="0",
            )
            for task in tasks
        ),
        batch_size=500,
    )  # fmt: skip
    TaskEvent.objects.bulk_create(
        (
            TaskEvent(
                task=task,
                move="submit",
                label="报送",
                source="open",
                target="submitted",
                created_by=task.owner,
                created_at=AT,
            )
            for task in tasks
        ),
        batch_size=500,
    )
    pieces = Evidence.objects.bulk_create(
        (
            Evidence(unit=task.unit, kind="document", title="评查通报", created_by=task.owner, created_at=AT)
            for task in tasks
        ),
        batch_size=500,
    )
    numbers = EvidenceNumber.objects.bulk_create(
        (
            EvidenceNumber(campaign=task.campaign, point=task.indicator.code, serial=n, evidence=piece)
            for n, (task, piece) in enumerate(zip(tasks, pieces, strict=True), 1)
        ),
        batch_size=500,
    )
    Citation.objects.bulk_create(
        (
            Citation(task=task, evidence=piece, number=number, created_by=task.owner, created_at=AT)
            for task, piece, number in zip(tasks, pieces, numbers, strict=True)
        ),
        batch_size=500,
    )

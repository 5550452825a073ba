"""The demonstration campaign, loaded on four difficult days, is plausible on each. The days are months apart and cross the year.

A normal run tries one of the four: ``tests/support/sampling.py``.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import Max, Min
from django.test import override_settings
from django.utils import timezone

from creation import demo
from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle
from creation.demo import accounts, final_report, loading
from creation.demo.evidence_items import EvidenceItems
from creation.demo.papers import MAKERS
from creation.demo.sentences import Sentences, answer_of
from creation.demo.storylines import ANSWERED, Storyline, draw_storylines
from creation.demo.timeline import DemoTimeline
from creation.evidence import uploads
from creation.lib import filetypes, storage
from creation.models import (
    ActionFile,
    AnswerMode,
    ApplicationReceipt,
    AuditEntry,
    Campaign,
    Citation,
    Draft,
    Evidence,
    EvidenceKind,
    EvidenceVersion,
    FinalAssessment,
    Finding,
    Membership,
    Notice,
    PersonalAct,
    PersonalActKind,
    PhaseKind,
    Progress,
    Publicity,
    Reading,
    Review,
    Snapshot,
    Submission,
    SupervisionOrder,
    Survey,
    Task,
    TaskEvent,
    TaskRequest,
    TaskStatus,
    TypicalCase,
    Unit,
    User,
)
from creation.papers import application_entries, final_assessment
from creation.rules.policy import SEPARATE_ROLES, Role
from creation.survey import survey_results
from creation.tasks import personal_acts, repeated_returns
from tests.support.sampling import in_turn

pytestmark = pytest.mark.django_db
SMALL = demo.Scale(share=0.06, pictures=8)
DAYS = [date(2026, 11, 22), date(2028, 2, 29), date(2026, 1, 5), date(2027, 12, 28)]
BESIDE_A_DRAFT = DAYS[0]  # here the first start has prepared the year's campaign before


@dataclass(frozen=True)
class LoadedDemo:
    loaded: demo.Loaded
    now: datetime

    @property
    def campaign(self) -> Campaign:
        return self.loaded.campaign

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def phase(self, kind: PhaseKind) -> Any:
        return self.campaign.phases.get(kind=kind)


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


@pytest.fixture(
    scope="module",
    params=[pytest.param(day, marks=[pytest.mark.long] * (day != in_turn(DAYS))) for day in DAYS],
    ids=str,
)
def loaded_demo(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LoadedDemo]:
    """Load it once for the whole file; roll back afterwards."""
    now = noon(request.param)
    folders = {name: tmp_path_factory.mktemp(name) for name in ("FILES_ROOT", "INCOMING_ROOT")}
    with override_settings(**folders), django_db_blocker.unblock(), transaction.atomic():
        if request.param == BESIDE_A_DRAFT:
            campaign_lifecycle.prepare_campaign(loading.PRESET, now.year, Actor(None, now), draft=True)
        yield LoadedDemo(demo.load(now, SMALL), now)
        transaction.set_rollback(True)


def latest(task: Task) -> Submission | None:
    return task.submissions.order_by("-number").first()


# Dates


def test_today_is_ten_days_before_the_evidence_deadline(loaded_demo: LoadedDemo) -> None:
    evidence, mobilization = loaded_demo.phase(PhaseKind.EVIDENCE), loaded_demo.phase(PhaseKind.MOBILIZATION)
    assert evidence.ends - loaded_demo.today == timedelta(days=10)
    assert evidence.ends - evidence.starts == date(2026, 8, 10) - date(2026, 7, 11)
    assert mobilization.ends < evidence.starts <= loaded_demo.today
    assert loaded_demo.campaign.year == loaded_demo.today.year
    assert loaded_demo.campaign.is_open


def test_the_window_reaches_to_the_last_phase(loaded_demo: LoadedDemo) -> None:
    last = max(phase.ends for phase in loaded_demo.campaign.phases.exclude(ends=None))
    assert loaded_demo.campaign.window_from <= loaded_demo.phase(PhaseKind.MOBILIZATION).starts
    assert last <= loaded_demo.campaign.window_to


def test_phases_without_dates_stay_to_be_announced(loaded_demo: LoadedDemo) -> None:
    undated = loaded_demo.campaign.phases.filter(starts=None).values_list("kind", flat=True)
    assert set(undated) == {PhaseKind.APPLICATION, PhaseKind.PUBLICITY}


def test_history_begins_six_weeks_ago_and_ends_before_now(loaded_demo: LoadedDemo) -> None:
    for model, name in (
        (TaskEvent, "created_at"),
        (Submission, "created_at"),
        (Review, "created_at"),
        (Notice, "created_at"),
        (Evidence, "created_at"),
    ):
        times = model.objects.aggregate(first=Min(name), last=Max(name))
        assert loaded_demo.now - timedelta(days=46) < times["first"] < times["last"] <= loaded_demo.now, model
    assert AuditEntry.objects.filter(at__gt=loaded_demo.now).count() == 0
    assert Submission.objects.filter(handed_on__gt=loaded_demo.today).count() == 0


def test_every_past_day_since_the_opening_has_its_snapshot(loaded_demo: LoadedDemo) -> None:
    days = list(Snapshot.objects.order_by("day").values_list("day", flat=True))
    assert days == [loaded_demo.today - timedelta(days=n) for n in range(40, 0, -1)]
    approved = [
        figures["all"]["approved"] for figures in Snapshot.objects.order_by("day").values_list("figures", flat=True)
    ]
    assert approved[0] == 0 < approved[-1]


# Tasks and answers


def test_every_state_of_a_task_is_there(loaded_demo: LoadedDemo) -> None:
    found = set(Task.objects.active().of_plan().values_list("status", flat=True))
    assert found == {TaskStatus.OPEN, TaskStatus.SUBMITTED, TaskStatus.RETURNED, TaskStatus.APPROVED}
    rectified = set(Task.objects.active().rectifications().values_list("status", flat=True))
    assert rectified == set(TaskStatus) - {TaskStatus.SIGNING}
    assert Task.objects.rectifications().overdue(loaded_demo.today).exists()
    assert TaskEvent.objects.filter(move="relapse").exists()
    assert Task.objects.active().overdue(loaded_demo.today).filter(phase__kind=PhaseKind.MOBILIZATION).exists()
    assert Task.objects.with_late().filter(late=True).exists()


def test_rectifications_are_in_every_state_and_one_came_back(loaded_demo: LoadedDemo) -> None:
    rows = Task.objects.active().rectifications().filter(campaign=loaded_demo.campaign)
    states = {task.get_status_display() for task in rows}
    assert states == {"待整改", "已报整改", "退回整改", "部分整改", "长期坚持", "已销号"}
    assert rows.filter(events__move="relapse", status=TaskStatus.RETURNED).exists()
    assert rows.overdue(loaded_demo.today).exists()
    assert Finding.objects.filter(visit=None).count() == 20
    assert Finding.objects.exclude(visit=None).exists()  # as many as there were workdays for visits
    assert Finding.objects.exclude(withdrawn_on=None).count() == 1


def test_units_registered_what_was_published_and_a_case_waits(loaded_demo: LoadedDemo) -> None:
    assert Publicity.objects.filter(campaign=loaded_demo.campaign).count() == 4
    assert set(TypicalCase.objects.values_list("state", flat=True)) == {"selected", "submitted"}


def test_a_survey_is_going_on_and_one_township_has_too_few_answers(loaded_demo: LoadedDemo) -> None:
    survey = Survey.objects.get(campaign=loaded_demo.campaign)
    found = survey_results.results_of(survey, loaded_demo.today)
    assert survey.is_open(loaded_demo.today)
    assert (found.answered, found.by_hand) == (166, 40)
    assert 100 < found.whole.forms < 160  # some wait for the next step
    assert {each.unit.short_name: each.why_withheld for each in found.units if each.why_withheld} == {
        "阴阳赵镇": "尚未计入",
        "空冢郭镇": "不足 5 份",
        "问十乡": "不足 5 份",
    }
    assert len(survey_results.comments_of(survey, loaded_demo.today)) > 5


def test_the_report_is_final_differs_meanwhile_and_is_entered_in_part(loaded_demo: LoadedDemo) -> None:
    final = FinalAssessment.objects.get(campaign=loaded_demo.campaign)
    assert final.paper.blob
    assert final_assessment.differences(final).counts
    entered = application_entries.application_progress(loaded_demo.campaign).entered
    assert 0 < entered <= final_report.ENTERED
    assert ApplicationReceipt.objects.count() == min(entered, final_report.WITH_RECEIPT)


def test_supervision_orders_are_answered_closed_and_missed(loaded_demo: LoadedDemo) -> None:
    rows = SupervisionOrder.objects.with_counts(loaded_demo.today)
    assert rows.count() == 3
    assert rows.open().filter(cycle="weekly", answered=1, missed__gt=0).exists()
    assert rows.exclude(closed_on=None).filter(answered=1).exists()


def test_what_the_inspection_group_is_offered_is_there(loaded_demo: LoadedDemo) -> None:
    """A task that was returned twice, a finding of a visit that the unit reported, and personal acts that stand in the answers."""
    twice = [task for task in Task.objects.of_plan().for_table() if repeated_returns.offers_finding(task)]
    assert twice
    reported = Task.objects.rectifications().filter(finding__visit__isnull=False, status=TaskStatus.SUBMITTED)
    assert reported.exists()
    acts = PersonalAct.objects.select_related("task", "citation__number", "citation__evidence")
    kinds = {act.task.action.personal_act for act in acts if act.task.action}
    assert kinds
    assert kinds <= set(PersonalActKind.values)  # a small demonstration does not always have all four
    for act in acts:
        assert personal_acts.line_of(act) in act.task.submissions.earliest("number").measures


def test_the_queue_goes_back_four_days(loaded_demo: LoadedDemo) -> None:
    waiting = Submission.objects.filter(task__status=TaskStatus.SUBMITTED, task__finding=None, review=None)
    oldest = timezone.localdate(min(waiting.values_list("created_at", flat=True)))
    assert 1 <= (loaded_demo.today - oldest).days <= 4
    assert waiting.filter(task__status=TaskStatus.SUBMITTED).values("task__unit").distinct().count() > 1


def test_a_full_demonstration_approves_two_fifths_and_leaves_half_a_hundred_to_review(loaded_demo: LoadedDemo) -> None:
    lots = Counter({storyline: sum(storyline.numbers.values()) for storyline in Storyline})
    approved = sum(lots[storyline] for storyline in (Storyline.APPROVED, Storyline.LATE, Storyline.MENDED))
    assert 0.35 <= approved / Task.objects.active().of_plan().count() <= 0.45
    assert 40 <= lots[Storyline.WAITING] + lots[Storyline.AGAIN] <= 60
    assert {storyline for storyline in Storyline if lots[storyline]} | {Storyline.BEHALF} == set(Storyline)


def test_the_status_of_a_task_matches_its_last_review(loaded_demo: LoadedDemo) -> None:
    for task in Task.objects.active().of_plan().exclude(status=TaskStatus.OPEN).for_table():
        submission = latest(task)
        assert submission is not None, task
        verdict = getattr(getattr(submission, "review", None), "verdict", None)
        reopened = task.events.filter(move="reopen").exists()
        expected = {TaskStatus.SUBMITTED: None, TaskStatus.APPROVED: "approve", TaskStatus.RETURNED: "return"}
        assert verdict == ("approve" if reopened else expected[TaskStatus(task.status)]), task
        assert task.first_submitted_at == task.submissions.order_by("number")[0].created_at


def test_the_history_of_a_task_is_a_chain(loaded_demo: LoadedDemo) -> None:
    moves = TaskEvent.objects.exclude(source=TaskStatus.OPEN, target=TaskStatus.OPEN).order_by(
        "task", "created_at", "id"
    )
    standing: dict[int, tuple[str, datetime]] = {}
    for event in moves:
        source, since = standing.get(event.task_id, (TaskStatus.OPEN, event.created_at))
        assert event.source == source, event
        assert event.created_at >= since, event
        standing[event.task_id] = event.target, event.created_at


def test_nobody_reviews_their_own(loaded_demo: LoadedDemo) -> None:
    assert all(
        review.created_by_id != review.submission.created_by_id
        for review in Review.objects.select_related("submission")
    )


def test_answers_of_every_mode_name_what_they_must(loaded_demo: LoadedDemo) -> None:
    modes = Counter(Submission.objects.values_list("mode", flat=True))
    assert modes[AnswerMode.UPLOAD] > modes[AnswerMode.STATEMENT] >= 1
    assert not Submission.objects.filter(mode=AnswerMode.UPLOAD, cited=None).exists()
    assert not Submission.objects.filter(mode=AnswerMode.STATEMENT, statement="").exists()
    assert Submission.objects.filter(on_behalf=True).exists()


def test_requests_notes_drafts_readings_and_notices_are_there(loaded_demo: LoadedDemo) -> None:
    decided = Counter(TaskRequest.objects.values_list("kind", "granted"))
    assert set(decided) == {(kind, granted) for kind in ("extension", "objection") for granted in (True, False, None)}
    assert Draft.objects.exists()
    assert Reading.objects.exists()
    assert Progress.objects.exclude(problem="").exists()
    assert {"reminder", "approved", "returned", "request", "assigned"} <= set(
        Notice.objects.values_list("kind", flat=True)
    )
    assert Notice.objects.unread().exists()
    assert Notice.objects.exclude(read_at=None).exists()


def test_the_office_has_given_two_orders_with_a_file_each(loaded_demo: LoadedDemo) -> None:
    files = ActionFile.objects.filter(action__phase__campaign=loaded_demo.campaign)
    assert files.count() == 2
    for file in files:
        assert hashlib.sha256(storage.blob_path(file.blob).read_bytes()).hexdigest() == file.sha256
        assert file.action.tasks.count() == file.action.units.count() > 5


def test_a_paper_older_than_the_window_is_the_exception(loaded_demo: LoadedDemo) -> None:
    outside = Evidence.objects.filter(dated_on__lt=loaded_demo.campaign.window_from).count()
    assert outside <= Evidence.objects.count() * 0.05
    assert not Evidence.objects.filter(dated_on__gt=loaded_demo.today).exists()


# Evidence


def test_every_kind_of_evidence_and_every_form_of_file_is_there(loaded_demo: LoadedDemo) -> None:
    assert set(Evidence.objects.values_list("kind", flat=True)) == set(EvidenceKind.values)
    assert set(EvidenceVersion.objects.exclude(extension="").values_list("extension", flat=True)) == set(MAKERS)


def test_one_set_of_minutes_proves_two_of_the_heads_acts(loaded_demo: LoadedDemo) -> None:
    untouched = Task.objects.active().filter(status=TaskStatus.OPEN, citations=None, owner__isnull=False)
    unit = untouched.filter(action__code="D-4", unit__in=untouched.filter(action__code="D-5").values("unit"))[0].unit
    tasks = [untouched.for_table().get(action__code=code, unit=unit) for code in ("D-4", "D-5")]
    rng = Random(1)
    items = EvidenceItems(rng, Sentences(rng), pictures=0)
    for task in tasks:
        items.gather(task, Actor(task.owner, loaded_demo.now))
    first, second = (set(Citation.objects.filter(task=task).values_list("evidence", flat=True)) for task in tasks)
    assert first & second


def test_pieces_say_that_they_are_examples(loaded_demo: LoadedDemo) -> None:
    assert all(title.endswith("（示例）") for title in Evidence.objects.values_list("title", flat=True))
    assert all(".example/" in url for url in EvidenceVersion.objects.exclude(url="").values_list("url", flat=True))


def test_files_are_what_their_digests_say_and_would_be_taken_in(loaded_demo: LoadedDemo) -> None:
    versions = list(EvidenceVersion.objects.exclude(blob=""))
    assert len({version.sha256 for version in versions}) == len(versions)
    for version in versions:
        path = storage.blob_path(version.blob)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == version.sha256
        assert path.stat().st_size == version.size
        found = filetypes.inspect(path, version.given_name, uploads.limits())
        assert (found.extension, found.media_type, found.kind) == (
            version.extension,
            version.media_type,
            version.evidence.kind,
        )


# People


def test_names_are_invented(loaded_demo: LoadedDemo) -> None:
    invented = re.compile(f"[{accounts.SURNAMES}][{accounts.STEMS}][{accounts.BRANCHES}]")
    names = [*User.objects.values_list("name", flat=True), *Unit.objects.values_list("leader", flat=True)]
    assert all(invented.fullmatch(name) for name in names)
    assert len(set(User.objects.values_list("name", flat=True))) == User.objects.count()
    assert all(mobile.startswith("1380000") for mobile in User.objects.values_list("mobile", flat=True))


def test_every_unit_but_two_has_its_liaison_and_every_role_its_holder(loaded_demo: LoadedDemo) -> None:
    held = Membership.objects.active(loaded_demo.today)
    assert set(held.values_list("role", flat=True)) == set(Role)
    without = Unit.objects.exclude(pk__in=held.of_role(Role.LIAISON).values("unit"))
    assert {unit.short_name for unit in without} == set(accounts.WITHOUT_LIAISON)
    both = held.of_role(Role.LIAISON).filter(user__in=held.of_role(Role.COORDINATOR).values("user"))
    assert [membership.unit.short_name for membership in both if membership.unit] == [accounts.TWO_HATS]
    assert held.get(role=Role.ASSESSOR).expires == loaded_demo.today + timedelta(days=60)
    assert not held.of_role(*SEPARATE_ROLES).filter(user__memberships__role=Role.COORDINATOR).exists()


def test_the_accounts_listed_are_the_accounts_there_are(loaded_demo: LoadedDemo) -> None:
    accounts = loaded_demo.loaded.accounts
    assert {account.login for account in accounts} == set(User.objects.values_list("username", flat=True))
    assert len({account.password for account in accounts}) == len(accounts)
    first = accounts[0]
    assert User.objects.get(username=first.login).check_password(first.password)


# Repeated loading


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in apps.get_app_config("creation").get_models()}


# Models without a row in the demonstration, by reason.
NOT_IN_THE_DEMONSTRATION = {
    "made when the site runs": {"Extract", "Heartbeat", "ImportUpload", "Scan", "UserSession", "Viewing"},
    "made when a person tries it out": {
        "ActionChange", "AnnouncementFile", "AnnouncementVersion",
        "CampaignArchive", "CasePicture", "OwnerChange",
        "Bulletin", "PaperScan", "PaperTemplate", "PublicityFile", "ReadingChange", "ReplyVersion", "SecrecyDeclaration",
    },
    "a setting that nobody has changed": {"Channel", "FeedToken", "OneTimeLink", "Preference"},
    "belongs to another year or edition": {"EditionChange", "RejectedSuggestion", "RolloverGap", "Succession", "TaskCarry"},
    "the audit trail of six weeks is too young to be archived": {"AuditArchive"},
}  # fmt: skip


def test_every_model_has_a_row_or_a_reason(loaded_demo: LoadedDemo) -> None:
    empty = {name for name, count in rows().items() if not count}
    assert empty - {"Holiday"} == set().union(
        *NOT_IN_THE_DEMONSTRATION.values()
    )  # no days off are published for 2028 yet


def test_loading_again_changes_nothing(loaded_demo: LoadedDemo) -> None:
    before = rows()
    again = demo.load(loaded_demo.now + timedelta(days=1), SMALL)
    assert again.campaign == loaded_demo.campaign
    assert again.accounts == []
    assert rows() == before


def test_the_command_says_that_it_is_loaded_and_lists_new_passwords_on_request(loaded_demo: LoadedDemo) -> None:
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert "已经装入，未作改动" in out.getvalue()
    call_command("load_demo", reset_passwords=True, stdout=out)
    line = next(line for line in out.getvalue().splitlines() if line.startswith("demo.sifa "))
    login, name, roles, unit, password = line.split()
    assert (roles, unit) == ("联络员、综合协调组", "区司法局")
    person = User.objects.get(username=login)
    assert person.name == name
    assert person.check_password(password)


def test_the_same_day_draws_the_same_fates(loaded_demo: LoadedDemo) -> None:
    tasks = [task for task in Task.objects.active().of_plan().for_table().order_by("pk") if answer_of(task)]
    first, second = (list(draw_storylines(tasks, DemoTimeline(loaded_demo.now), demo.Scale())) for _ in range(2))
    assert first == second
    assert Counter(storyline for _, storyline in first if storyline in ANSWERED)[Storyline.APPROVED] > 500

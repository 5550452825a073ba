"""Fill a database for browser tests: `python -m tests.support.populated_site` prints its content as JSON.

It has two independent districts: a small demonstration with pages of every kind, which no test changes; and the test data of
``tests/support/world.py`` in 双河区, ten days before its deadline, for tests that change data. ``people`` maps names to login and password,
``urls`` names to URLs: those of ``SHOWN`` for the demonstration, those of ``World`` for the other.
"""

import json
import os
from datetime import date, timedelta
from typing import Any

import django
from django.core.management import call_command
from django.utils import timezone

DISTRICT = "双河区"
PASSWORD = "correct horse battery"
CITY_LEADER = "demo.shenhe2"  # of no other page
DEMO = {
    "office": "demo.xietiao", "reviewer": "demo.shenhe1", "inspector": "demo.ducha", "chief": "demo.lingdao",
    "assessor": "demo.zhuanjia", "administrator": "demo.guanli", "auditor": "demo.anquan",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    shown, acting = load_demonstration(), add_cast()
    print(json.dumps({"shown": shown, "acting": acting}, ensure_ascii=False))


# The demonstration


def load_demonstration() -> dict[str, Any]:
    from creation import demo
    from creation.models import Upload

    loaded = demo.load(timezone.now(), demo.Scale(share=0.06, pictures=8))
    passwords = {account.login: account.password for account in loaded.accounts}
    tasks = shown_tasks(loaded.campaign)
    render_previews(tasks["submitted"])
    begin_new_edition(loaded.campaign)
    draft = bulletins_of(loaded.campaign)
    let_read_the_city(loaded.campaign)
    people = DEMO | {f"{name} liaison": task.owner.username for name, task in tasks.items()}
    people |= {"visited liaison": visited_liaison(), "asked liaison": asked_liaison(), "city leader": CITY_LEADER}
    people |= {f"{name} unit": task.owner.username for name, task in rectifications(loaded.campaign).items()}
    people |= colleagues(passwords) | {"uploader": Upload.objects.filter(finished_at=None)[0].person.username}
    return {
        "people": {name: (login, passwords[login]) for name, login in people.items()},
        "urls": addresses(loaded.campaign, tasks) | {"bulletin_preview": f"/bulletins/{draft.pk}/"},
    }


def shown_tasks(campaign: Any) -> dict[str, Any]:
    """Return a task for each status, the ones with the most data: evidence, notes, readings."""
    from django.db.models import Count

    from creation.models import Task

    rich = sum(Count(many, distinct=True) for many in ("citations", "progress", "indicator__measures"))
    tasks = (
        Task.objects.of_plan()
        .for_table()
        .filter(campaign=campaign, owner__isnull=False)
        .annotate(rich=rich)
        .order_by("-rich", "pk")
    )
    return {status: tasks.filter(status=status)[0] for status in ("open", "returned", "submitted", "approved")}


def rectifications(campaign: Any) -> dict[str, Any]:
    """Return a rectification that the unit has reported, and one that came back after it was closed."""
    from creation.models import Task

    rows = Task.objects.active().rectifications().for_table().filter(campaign=campaign).order_by("pk")
    return {"reported": rows.filter(status="submitted")[0], "relapsed": rows.filter(events__move="relapse")[0]}


def colleagues(passwords: dict[str, str]) -> dict[str, str]:
    """Return a clerk and a unit leader, of any unit that has one."""
    found = {"clerk": ".cb", "leader": ".fg"}
    return {name: next(login for login in passwords if login.endswith(end)) for name, end in found.items()}


def visited_liaison() -> str:
    """Return the login of the liaison whose unit has not signed for the feedback of a visit."""
    from creation.models import Membership, Visit
    from creation.rules.policy import Role

    unit = Visit.objects.to_sign().earliest("pk").unit
    return str(Membership.objects.get(unit=unit, role=Role.LIAISON, ended_on=None).user.username)


def asked_liaison() -> str:
    """Return the login of the liaison of whom a mock assessment asks for more."""
    from creation.models import AppraisalRequest, Membership
    from creation.rules.policy import Role

    unit = AppraisalRequest.objects.filter(answered_at=None)[0].unit
    return str(Membership.objects.get(unit=unit, role=Role.LIAISON, ended_on=None).user.username)


def let_read_the_city(campaign: Any) -> None:
    from creation.audit.actor import Actor
    from creation.models import User
    from creation.people import accounts
    from creation.rules.policy import Role

    person, actor = User.objects.get(username=CITY_LEADER), Actor(None, timezone.now())
    accounts.add_membership(person, Role.LEADING_GROUP, actor, district=campaign.district.parent)


def render_previews(task: Any) -> None:
    """Do what the worker would do: render pages and photos of this task's evidence."""
    from creation import background
    from creation.evidence import previews
    from creation.models import EvidenceVersion

    for version in EvidenceVersion.objects.filter(evidence__citations__task=task):
        if previews.preview_mode(version) == "image" or version.extension == "pdf":
            previews.request_preview(version, None, timezone.now())
    background.run_queued(timezone.now, previews.KIND)


def bulletins_of(campaign: Any) -> Any:
    """Let one issue of the bulletin go out; return the job that made the draft of the next one."""
    from creation import background
    from creation.audit.actor import Actor
    from creation.models import Bulletin, User

    actor, day = Actor(User.objects.get(username=DEMO["office"]), timezone.now()), timezone.localdate()
    asked = {"issue": 2, "first": day.isoformat(), "last": day.isoformat(), "title": "工作简报", "text": ""}
    file = {"name": "简报.docx", "blob": "", "sha256": "", "size": 1, "media_type": "x/y"}
    Bulletin.objects.create(
        campaign=campaign,
        number=1,
        title="工作简报",
        first=day,
        last=day,
        created_by=actor.human,
        created_at=actor.at,
        **file,
    )
    params = {"campaign": campaign.pk, "kind": "bulletin", "asked": asked, "stamp": False}
    background.run_now(job := background.request_job("bulletin", params, actor), timezone.now)
    return job


def begin_new_edition(campaign: Any) -> None:
    """Import a new edition that is not confirmed: one checkpoint removed, one renamed, one uncertain."""
    from dataclasses import asdict

    from creation.audit.actor import Actor
    from creation.campaigns.editions import compared_checkpoints, comparison_draft
    from creation.models import User

    rows = [{name: value for name, value in asdict(each).items() if name not in ("pk", "key")} for each in
            compared_checkpoints.checkpoints_of(campaign.system)[1:]]  # fmt: skip
    rows[0]["title"] += "并向社会公开"
    rows[1]["title"] = "全新的一项要求"
    comparison_draft.start_comparison(
        campaign, "附件1 2026年版.xlsx", rows, Actor(User.objects.get(username=DEMO["office"]), timezone.now())
    )


def addresses(campaign: Any, tasks: dict[str, Any]) -> dict[str, str]:
    from django.urls import reverse

    from creation.models import Announcement, Evidence, Finding, Indicator, Question, Reply, Task, Unit, User, Visit

    inside = [
        "task_list", "review_queue", "requests", "progress", "ledger", "liaisons", "campaign_setup", "campaign_edit",
        "campaign_new", "campaign_roll", "campaign_distribute", "phases", "assignments", "actions", "action_new",
        "questions", "calls", "on_site", "editions", "edition_compare", "library", "library_bin", "links", "announcements",
        "announcement_new", "papers", "paper_check", "assessment", "application", "rules", "reports", "documents", "package",
        "instructions", "opinions", "rounds", "round_new", "visits", "measures", "measure_new", "board", "orders", "order_new",
        "finding_sources",
        "appraisals", "appraisal_new", "publicity", "publicity_new", "cases", "case_new", "surveys", "survey_new",
        "findings", "finding_new", "rectifications", "rectification_figures", "rectification_book", "rectification_report",
        "meetings", "meeting_new", "personal_acts",
        "campaign_closing", "final_assessment",
    ]  # fmt: skip
    alone = [
        "todo",
        "login",
        "notices",
        "profile",
        "password_change",
        "accounts",
        "account_new",
        "units",
        "unit_new",
        "audit",
        "holidays",
        "unfinished",
        "preferences",
        "jobs",
        "channels",
        "proof",
        "health",
        "storage_use",
    ]
    lead = tasks["open"].indicator or Indicator.objects.filter(level=3, tasks__campaign=campaign)[0]
    one = {
        "phase": campaign.phases.all()[2].pk, "action": campaign.phases.exclude(actions=None)[0].actions.all()[0].pk,
        "assignment": lead.pk, "assignment_item": lead.parent_id, "review": tasks["submitted"].pk,
        "question": Question.objects.waiting()[0].pk, "reply": Reply.objects.published()[0].pk,
        "statement": tasks["submitted"].pk, "finding": Finding.objects.filter(campaign=campaign)[0].pk,
    }  # fmt: skip
    announcement = Announcement.objects.get(campaign=campaign)
    one |= {"announcement": announcement.pk, "announcement_print": announcement.pk, "rule": campaign.rules.all()[0].pk}
    visit, recorded = Visit.objects.get(day=timezone.localdate()), Visit.objects.to_sign().earliest("pk")
    one |= {"visit": visit.pk, "visit_feedback": visit.pk, "visit_print": recorded.pk}
    one |= dict.fromkeys(("round", "round_edit", "team_new"), visit.round_id)
    common = campaign.findings.active().filter(is_common=True).order_by("-serial")[0]
    one |= {"finding": common.pk, "finding_edit": common.pk, "order": campaign.orders.get(cycle="weekly").pk}
    one["order_edit"] = one["order"]
    one |= dict.fromkeys(("meeting", "meeting_edit"), campaign.meetings.get(kind="weekly").pk)
    evidence = Evidence.objects.filter(citations__task=tasks["submitted"])[0]
    return {
        **{name: reverse(name, args=[campaign.pk]) for name in inside},
        **{name: reverse(name) for name in alone},
        **{name: reverse(name, args=[campaign.pk, pk]) for name, pk in one.items()},
        **{f"{name} task": reverse("task", args=[campaign.pk, task.pk]) for name, task in tasks.items()},
        "bulletin": reverse("document", args=[campaign.pk, "bulletin"]),
        **{f"{name} rectification": task.get_absolute_url() for name, task in rectifications(campaign).items()},
        "holiday_paste": reverse("holiday_paste", args=[timezone.localdate().year + 1]),
        "unit_progress": reverse("unit_progress", args=[campaign.pk, tasks["submitted"].unit_id]),
        "liaison_appoint": reverse("liaison_appoint", args=[campaign.pk, tasks["submitted"].unit_id]),
        "evidence": reverse("evidence", args=[evidence.pk]),
        "recorded visit": recorded.get_absolute_url(),
        "exhibit": reverse(
            "exhibit",
            args=[campaign.pk, tasks["submitted"].pk, evidence.citations.filter(task=tasks["submitted"])[0].pk],
        ),
        "evidence_versions": reverse("evidence_versions", args=[evidence.pk]),
        "channel_new": reverse("channel_new", args=["smtp"]),
        "rule_new": reverse("rule_new", args=[campaign.pk, "mobilization", "undated"]),
        "rectification task": Task.objects.rectifications().filter(status="submitted")[0].get_absolute_url(),
        "import_findings": reverse("import_new", args=[campaign.pk, "findings"]),
        "paper of supervision": reverse("document", args=[campaign.pk, "inspection"]),
        "paper of a round": reverse("document", args=[campaign.pk, "round_report"]) + f"?round={visit.round_id}",
        "import_new": reverse("import_new", args=[campaign.pk, "liaisons"]),
        **year_end_addresses(campaign),
        "account": reverse("account", args=[User.objects.get(username=DEMO["reviewer"]).pk]),
        "unit": reverse("unit", args=[Unit.objects.filter(pk=tasks["open"].unit_id)[0].pk]),
        "unit_merge": reverse("unit_merge", args=[tasks["open"].unit_id]),
        **last_phases(campaign),
    }


def last_phases(campaign: Any) -> dict[str, str]:
    """Return the pages of the end of the year of one object each: closed or under way as their names say."""
    from django.urls import reverse

    from creation.survey import codes

    closed, scored = (campaign.appraisals.get(closed_at__isnull=given) for given in (False, True))
    survey = campaign.surveys.get()
    unanswered = survey.batches.latest("last").last
    voting = campaign.commendations.get(voting_at__isnull=False, closed_at=None)
    unit = scored.units.earliest("order")
    return {
        "appraisal": closed.get_absolute_url(),
        "score_unit": reverse("score_unit", args=[campaign.pk, scored.pk, unit.pk]),
        "survey": survey.get_absolute_url(),
        "survey_answer": reverse("survey_answer", args=[codes.code_of(survey, unanswered)]),
        "commendation": voting.get_absolute_url(),
        "ballot": reverse("ballot", args=[campaign.pk, voting.pk]),
        "nomination": voting.nominations.earliest("serial").get_absolute_url(),
        "unit_year": reverse("unit_year", args=[campaign.pk, unit.pk]),
    }


def year_end_addresses(campaign: Any) -> dict[str, str]:
    """Return the pages of mock assessments, publicity, surveys and commendations, and that of the city."""
    from django.urls import reverse

    from creation.models import AppraisalRequest
    from creation.survey import codes

    asked = AppraisalRequest.objects.filter(answered_at=None)[0]
    survey, done = campaign.surveys.get(), campaign.commendations.exclude(decided_on=None)[0]
    batch = survey.batches.order_by("pk")[0]
    taking = campaign.commendations.filter(voting_at=None).order_by("-pk")[0]
    voting = campaign.commendations.filter(closed_at=None).exclude(voting_at=None)[0]
    one = {
        "appraisal": campaign.appraisals.exclude(closed_at=None)[0].pk, "appraisal_request": asked.pk,
        "survey": survey.pk, "publicity_item": campaign.publicity.all()[0].pk, "case": campaign.cases.all()[0].pk,
        "commendation": done.pk, "nomination": done.nominations.all()[0].pk, "nomination_new": taking.pk,
        "consultations": voting.pk, "ballot": voting.pk,
    }  # fmt: skip
    return {
        **{name: reverse(name, args=[campaign.pk]) for name in ("publicity_wall", "commendations", "commendation_new")},
        **{name: reverse(name, args=[campaign.pk, pk]) for name, pk in one.items()},
        "score_unit": reverse("score_unit", args=[campaign.pk, asked.seat.appraisal_id, asked.unit_id]),
        "survey_slips": reverse("survey_slips", args=[campaign.pk, survey.pk, batch.pk]),
        "survey_answer": reverse("survey_answer", args=[codes.code_of(survey, batch.last)]),
        "districts": reverse("districts", args=[campaign.district.parent_id]),
    }


# The test data


def add_cast() -> dict[str, Any]:
    from django.urls import reverse

    from tests.support.world import make_world

    today = timezone.localdate()
    world = make_world(DISTRICT, today.year)
    shift_deadlines(world, today)
    add_statement_task(world, today)
    at = {name: reverse("task", args=[task.campaign_id, task.pk]) for name, task in world.tasks.items()}
    pages = {name: reverse(name, args=[world.campaign.pk]) for name in ("review_queue", "progress", "ledger")}
    return {"people": {name: (name, PASSWORD) for name in world.people}, "urls": at | pages | {"todo": "/"}}


def shift_deadlines(world: Any, today: date) -> None:
    """Shift the dates of ``world`` so that the deadline is as many days ahead, counted from today."""
    from creation.models import Task

    for name, first, last in (("mobilization", 40, -21), ("evidence", -20, 10)):
        begins = today - timedelta(days=abs(first))
        world.phases[name].starts, world.phases[name].ends = begins, today + timedelta(days=last)
        world.phases[name].save()
    for name, days in (("lead", 10), ("assist", 5), ("other", 10), ("action", -21)):
        Task.objects.filter(pk=world.tasks[name].pk).update(due_on=today + timedelta(days=days))


def add_statement_task(world: Any, today: date) -> None:
    """Create a task for one test, ``paper``: with a statement, never submitted."""
    from creation.models import Action, Task

    phase = world.phases["evidence"]
    action = Action.objects.create(
        phase=phase, code="D-9", title="开展专项自查", audience="every_unit", modes=["upload", "statement"]
    )
    world.tasks["paper"] = Task.objects.create(
        campaign=phase.campaign, unit=world.units["老街街道"], action=action, phase=phase, owner=world.people["rival"],
        due_on=today + timedelta(days=10),
    )  # fmt: skip


if __name__ == "__main__":
    main()

"""The people and tasks in the pictures, chosen by what a picture is to show, not by number."""

from string import Formatter
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.test import Client
from django.utils import timezone

from creation import jobs
from creation.audit.actor import Actor
from creation.campaigns import task_assignment
from creation.communication import questions
from creation.communication.questions import ReplyText
from creation.evidence import previews
from creation.models import (
    Campaign,
    Evidence,
    Indicator,
    IndicatorLevel,
    Job,
    JobState,
    Membership,
    Question,
    Reading,
    Reply,
    Task,
    TaskStatus,
    Unit,
    User,
    Visit,
)
from creation.people.credentials import issue_link, link_url
from creation.rules.policy import Role
from creation.tasks import workflow

ROLES = {
    "office": Role.COORDINATOR,
    "reviewer": Role.REVIEWER,
    "inspector": Role.INSPECTOR,
    "leader": Role.LEADING_GROUP,
    "assessor": Role.ASSESSOR,
    "administrator": Role.ADMINISTRATOR,
    "auditor": Role.AUDITOR,
}


class PictureSubjects:
    """The people by the names that pictures use, and the values of the placeholders in their URLs."""

    def __init__(self) -> None:
        self.campaign = Campaign.objects.get()
        User.objects.update(toured_at=timezone.now())  # the tour of the first login is no part of the pages
        self.returned = self._returned()
        self.people = {name: holder(role) for name, role in ROLES.items()}
        self.people["liaison"] = owner(self.returned)
        self.reading = self._measured()
        self.people["measured"] = owner(self.reading)
        self.marked = Evidence.objects.active().flagged().order_by("pk")[0]
        self.people["marked"] = self.marked.created_by
        self.to_sign = self._to_sign()
        self.people["unit_leader"] = holder(Role.UNIT_LEADER, unit=self.to_sign.unit)

    def run_clock_jobs(self) -> None:
        """Run what Celery would have run by now."""
        jobs.seal_audit()
        jobs.back_up()

    def login(self, name: str) -> str:
        """Return a session key for one of the people."""
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(self.people[name])
        return client.cookies["sessionid"].value

    def address_values(self, path: str) -> dict[str, Any]:
        """Return the values of the placeholders in the path, each looked up when it is needed."""
        names = {name for _, name, _, _ in Formatter().parse(path) if name}
        return {name: getattr(self, f"place_{name}")() for name in names}

    def render_previews(self) -> bool:
        """Render the waiting previews; return whether there were any."""
        waits = Job.objects.filter(kind=previews.KIND, state=JobState.QUEUED).exists()
        jobs.make_previews()
        return waits

    def tasks(self, **conditions: Any) -> QuerySet[Task]:
        """Return the active tasks for indicators, those with the most evidence first."""
        found = Task.objects.active().filter(campaign=self.campaign, indicator__isnull=False, **conditions)
        live = Count("citations", filter=Q(citations__removed_at=None), distinct=True)
        return found.annotate(pieces=live).for_table().order_by("-pieces", "pk")

    def _returned(self) -> Task:
        """Return a returned task with evidence, in a unit with other tasks in every status, whose liaison has no other role."""
        double = Membership.objects.filter(unit=None, ended_on=None).values("user__unit")
        units = (
            Task.objects.active()
            .exclude(unit__in=double)
            .values("unit")
            .annotate(
                back=Count("pk", filter=Q(status=TaskStatus.RETURNED)),
                drafts=Count("drafts", distinct=True),
            )
            .filter(back__gte=1, drafts__gte=1)
            .order_by("-back", "-drafts", "unit")
        )
        for row in units:
            if task := self.tasks(unit=row["unit"], status=TaskStatus.RETURNED, owner__isnull=False).first():
                return task
        return self.tasks(status=TaskStatus.RETURNED, owner__isnull=False)[0]

    def _measured(self) -> Task:
        """Return an open task for an indicator with a reading."""
        read = Reading.objects.values_list("measure__indicator", "unit")
        mine = Q()
        for indicator, unit in read:
            mine |= Q(indicator=indicator, unit=unit)
        return self.tasks(status__in=(TaskStatus.OPEN, TaskStatus.RETURNED), owner__isnull=False).filter(mine)[0]

    def _to_sign(self) -> Task:
        """Return an unsubmitted task with evidence, in a unit whose leader has an account."""
        led = Membership.objects.filter(role=Role.UNIT_LEADER, ended_on=None).values("unit")
        return self.tasks(status__in=(TaskStatus.OPEN, TaskStatus.RETURNED), unit__in=led, owner__isnull=False)[0]

    def place_marked(self) -> int:
        return self.marked.pk

    def place_piece(self) -> int:
        """A piece of evidence of the liaison's unit."""
        return Evidence.objects.active().unrestricted().filter(unit=self.returned.unit, kind="document")[0].pk

    def place_campaign(self) -> int:
        return self.campaign.pk

    def place_returned(self) -> int:
        return self.returned.pk

    def place_reading(self) -> int:
        return self.reading.pk

    def place_unit(self) -> int:
        return self.returned.unit_id

    def place_bare(self) -> int:
        """A unit without a liaison."""
        held = Membership.objects.filter(role=Role.LIAISON, ended_on=None).values("unit")
        return Unit.objects.filter(district=self.campaign.district).exclude(pk__in=held).order_by("order")[0].pk

    def place_begun(self) -> int:
        """A task of the same liaison without evidence, for uploads."""
        return self.tasks(status=TaskStatus.OPEN, owner=self.people["liaison"]).filter(pieces=0)[0].pk

    def place_question(self) -> int:
        return Question.objects.waiting().order_by("created_at")[0].pk

    def place_answered(self) -> int:
        """A task of this liaison whose work item has a published reply; publishes one if there is none."""
        task = self.returned
        if not Reply.objects.of_point(task).published().exists():
            asked = questions.ask_question(task, "单位自己组织的评查能不能报？", Actor(owner(task), timezone.now()))
            said = ReplyText(
                "可以。附方案、评分表和整改材料，各合订成一份。", "单位自己组织的评查能不能报？", publish=True
            )
            questions.reply_to(asked, said, Actor(self.people["reviewer"], timezone.now()))
        return task.pk

    def place_submitted(self) -> int:
        """A task awaiting review, with a paper that can be shown as pages."""
        waiting = self.tasks(status=TaskStatus.SUBMITTED)
        pages = waiting.filter(citations__evidence__versions__extension="pdf", submissions__number=2)
        return (pages.first() or waiting.filter(citations__evidence__versions__extension="pdf")[0]).pk

    def place_approved(self) -> int:
        return self.tasks(status=TaskStatus.APPROVED)[0].pk

    def place_signing(self) -> int:
        """A task submitted while the campaign requires the unit leader's signature. Done here, since the demonstration does not."""
        Campaign.objects.filter(pk=self.campaign.pk).update(sign_off=True)
        task = self.to_sign
        task.refresh_from_db()
        answer = {
            "mode": "upload",
            "measures": "对照要点逐项自查，补齐制度文件和过程记录。",
            "results": "相关制度已修订印发，过程记录齐全。",
        }
        workflow.perform(workflow.MOVES["submit"], task, Actor(owner(task), timezone.now()), task.version, answer)
        return task.pk

    def place_finding(self) -> int:
        """A finding that several units rectify."""
        return self.campaign.findings.active().filter(is_common=True).order_by("-serial")[0].pk

    def place_reported(self) -> int:
        """A rectification that the unit has reported."""
        waiting = Task.objects.active().rectifications().filter(campaign=self.campaign, status=TaskStatus.SUBMITTED)
        return waiting.order_by("pk")[0].pk

    def place_order(self) -> int:
        return self.campaign.orders.get(cycle="weekly").pk

    def place_visit(self) -> int:
        return self._visit_of_today().pk

    def place_round(self) -> int:
        return self._visit_of_today().round_id

    def _visit_of_today(self) -> Visit:
        return Visit.objects.active().filter(day__lte=timezone.localdate()).latest("day", "pk")

    def place_changed(self) -> int:
        """The campaign, after a unit was added to an item and before the change was published."""
        points = Indicator.objects.filter(system=self.campaign.system, level=IndicatorLevel.CHECKPOINT)
        involved = self.campaign.assignments.filter(indicator__parent=points[0].parent).values("unit")
        unit = Unit.objects.filter(district=self.campaign.district).exclude(pk__in=involved)[0]
        task_assignment.add_assists_to_item(
            self.campaign, points[0].parent, [unit], Actor(self.people["office"], timezone.now())
        )
        return self.campaign.pk

    def place_person(self) -> int:
        return self.people["liaison"].pk

    def place_link(self) -> str:
        """The path of an invitation, for a person without a password."""
        person = self.people["measured"]
        person.set_unusable_password()
        person.save(update_fields=["password"])
        token = issue_link(person, Actor(None, timezone.now()))
        return "/" + link_url(token).split("/", 3)[3]


def holder(role: Role, **conditions: Any) -> User:
    """Return a person with this role and a password; the first administrator of a new installation has none yet."""
    held = Membership.objects.filter(role=role, ended_on=None, **conditions).select_related("user__unit").order_by("pk")
    return next(each.user for each in held if each.user.has_usable_password())


def owner(task: Task) -> User:
    if task.owner is None:
        raise LookupError(f"{task} has no owner.")
    return task.owner

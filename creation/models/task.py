from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.urls import reverse

from creation.models.campaign import Action, AnswerMode, AssignmentRole, Campaign, CampaignState, Phase
from creation.models.district import Unit
from creation.models.indicator import Indicator
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.deadlines import Light
from creation.rules.periods import period_name
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.finding import Finding
    from creation.models.user import User


class TaskStatus(models.TextChoices):
    OPEN = "open", "待办"
    SIGNING = "signing", "待审签"
    SUBMITTED = "submitted", "已报送"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "已通过"
    PARTIAL = "partial", "部分整改"
    LONG_TERM = "long_term", "长期坚持"


UNANSWERED = (TaskStatus.OPEN, TaskStatus.SIGNING, TaskStatus.RETURNED, TaskStatus.PARTIAL)
ANSWERED = (TaskStatus.SUBMITTED, TaskStatus.APPROVED, TaskStatus.LONG_TERM)
# What a unit may work on: its answer is neither on its way nor accepted.
CHANGEABLE = (TaskStatus.OPEN, TaskStatus.RETURNED, TaskStatus.PARTIAL)
# The same states in the words of a rectification (整改).
RECTIFICATION_STATES = {
    TaskStatus.OPEN: "待整改",
    TaskStatus.SIGNING: "待审签",
    TaskStatus.SUBMITTED: "已报整改",
    TaskStatus.RETURNED: "退回整改",
    TaskStatus.APPROVED: "已销号",
    TaskStatus.PARTIAL: "部分整改",
    TaskStatus.LONG_TERM: "长期坚持",
}


_LISTED = (
    *("campaign_id", "status", "role", "period", "due_on", "version"),
    *("unit__name", "unit__short_name", "indicator__code", "indicator__title", "action__code", "action__title"),
    *("finding__code", "finding__title"),
    *("phase__name", "owner__name"),
)


class TaskQuerySet(VersionedQuerySet["Task"]):
    def active(self) -> Self:
        """Return tasks that were not dropped. A task dropped from the distribution keeps its row and history."""
        return self.filter(dropped_on=None)

    def existing_on(self, day: date) -> Self:
        """Return tasks that had been assigned by the end of that day and were not dropped by then."""
        return self.filter(Q(given_on=None) | Q(given_on__lte=day), Q(dropped_on=None) | Q(dropped_on__gt=day))

    def visible_to(self, user: "User") -> Self:
        """Return the active tasks that this person may read. Units see tasks of opened campaigns only."""
        return self.active().visible_or_dropped(user)

    def visible_or_dropped(self, user: "User") -> Self:
        """Like ``visible_to``, but including dropped tasks. For pages that show the past."""
        places: dict[str, Any] = {"district": "campaign__district", "campaign": "campaign", "unit": "unit"}
        early = user.permission_filter(Permission.TASK_READ, beyond_unit=True, **places)
        opened = ~Q(campaign__state=CampaignState.DRAFT)
        return self.filter(user.permission_filter(Permission.TASK_READ, **places)).filter(early | opened)

    def of_plan(self) -> Self:
        """Return the tasks of indicators and actions. Progress, ledger and package count these; rectifications are counted apart."""
        return self.filter(finding=None)

    def rectifications(self) -> Self:
        """Return the tasks of findings (整改)."""
        return self.filter(finding__isnull=False)

    def ended_by_edition(self) -> Self:
        """Return tasks whose checkpoint a new edition removed. Their answers remain readable."""
        return self.exclude(ended="")

    def in_open_campaigns(self) -> Self:
        """Return tasks of open campaigns. The queryset can be used for a conditional UPDATE.

        It has no join: with one, Django would choose the rows in a subquery. PostgreSQL checks only the outer conditions again
        on a row that it had to wait for, so two people changing the same version would both succeed.
        """
        opened = Campaign.objects.filter(pk=OuterRef("campaign"), state=CampaignState.OPEN)
        return self.filter(Exists(opened))

    def never_submitted(self) -> Self:
        """Return tasks without any submission.

        The queryset can be used for a conditional UPDATE: the status is checked again after a wait.
        """
        from creation.models.answer import Submission

        return self.filter(~Exists(Submission.objects.filter(task=OuterRef("pk"))), status=TaskStatus.OPEN)

    def unanswered(self) -> Self:
        return self.filter(status__in=UNANSWERED)

    def answered(self) -> Self:
        return self.filter(status__in=ANSWERED)

    def overdue(self, on: date) -> Self:
        return self.unanswered().filter(due_on__lt=on)

    def with_light(self, today: date, soon: date) -> Self:
        """Annotate ``light``. ``soon`` is the last day that counts as near (three workdays ahead). The first matching case wins."""
        begun = Q(phase__starts__lte=today)
        return self.annotate(
            light=Case(
                When(status=TaskStatus.APPROVED, then=Value(Light.GREEN.value)),
                When(status=TaskStatus.SUBMITTED, then=Value(Light.BLUE.value)),
                When(due_on__lt=today, then=Value(Light.RED.value)),
                When(due_on__lte=soon, then=Value(Light.YELLOW.value)),
                When(~begun | Q(due_on=None) | Q(phase__starts=None), then=Value(Light.GREY.value)),
                default=Value(Light.NONE.value),
                output_field=models.CharField(),
            )
        )

    def with_late(self) -> Self:
        """Annotate ``late``: whether an answer was submitted after the due day that applied at that time (逾期报送)."""
        from creation.models.answer import Submission

        late = Submission.objects.filter(task=OuterRef("pk"), handed_on__gt=F("due_on"))
        return self.annotate(late=Exists(late))

    def with_counts(self) -> Self:
        """Annotate ``citation_count``, the number of active citations."""
        from creation.models.citation import Citation

        counted = Citation.objects.filter(task=OuterRef("pk"), removed_at=None).order_by()
        counts = counted.values("task").annotate(n=models.Count("pk")).values("n")
        return self.annotate(citation_count=models.functions.Coalesce(Subquery(counts), 0))

    def with_urges(self) -> Self:
        """Annotate ``urge_count`` and ``urged_on``, the last day on which the office urged the task (or None)."""
        from creation.models.urge import Urge

        rows = Urge.objects.filter(task=OuterRef("pk")).order_by().values("task")
        counted = rows.annotate(n=models.Count("pk"), last=models.Max("day"))
        count = models.functions.Coalesce(Subquery(counted.values("n")), 0)
        return self.annotate(urge_count=count, urged_on=Subquery(counted.values("last")))

    def with_parts(self) -> Self:
        """Annotate what the page of a task asks for only where there is any (``Task.has``)."""
        from creation.models.answer import Draft, Progress, Submission
        from creation.models.citation import Citation
        from creation.models.indicator import Measure
        from creation.models.mark import PageMark
        from creation.models.opinion import Opinion
        from creation.models.question import Question, Reply
        from creation.models.upload import Upload
        from creation.models.visit import VisitCheck

        of_task: dict[str, type[models.Model]] = {
            "submissions": Submission,
            "drafts": Draft,
            "citations": Citation,
            "uploads": Upload,
            "requests": TaskRequest,
            "notes": Progress,
            "visits": VisitCheck,
            "questions": Question,
            "opinions": Opinion,
        }
        parts = {f"has_{name}": model._default_manager.filter(task=OuterRef("pk")) for name, model in of_task.items()}
        parts["has_marks"] = PageMark.objects.filter(citation__task=OuterRef("pk"))
        same_point = Q()
        for name in ("indicator", "action", "finding"):
            same_point |= Q(**{name: OuterRef(name)})
        parts["has_replies"] = Reply.objects.filter(same_point, campaign=OuterRef("campaign"))
        parts["has_measures"] = Measure.objects.filter(indicator=OuterRef("indicator"))
        parts["has_rectifications"] = Task.objects.rectifications().filter(
            campaign=OuterRef("campaign"), unit=OuterRef("unit")
        )
        return self.annotate(**{name: Exists(rows) for name, rows in parts.items()})

    def unanswered_after_urging(self, since: date, urges: int = 0, before: date | None = None) -> Self:
        """Return unanswered tasks that were last urged on ``since`` or earlier.

        With ``urges``, also tasks urged at least so many times, the last time before the day ``before``. Annotates
        ``urge_count`` and ``urged_on``.
        """
        from creation.models.urge import Urge

        urged = self.unanswered().filter(Exists(Urge.objects.filter(task=OuterRef("pk")))).with_urges()
        late = Q(urged_on__lte=since)
        return urged.filter(late | Q(urge_count__gte=urges, urged_on__lt=before) if urges else late)

    def for_table(self) -> Self:
        """Join what a row of a list needs."""
        return self.select_related(
            "campaign", "unit", "indicator__parent__parent", "action", "finding__indicator", "phase", "owner"
        )

    def for_list(self) -> Self:
        """Join and read only what a row of a list shows: of some 110 columns of ``for_table`` a fifth."""
        joined = ("unit", "indicator", "action", "finding", "phase", "owner")
        return self.select_related(None).select_related(*joined).only(*_LISTED)

    def by_urgency(self) -> Self:
        """Order by due day (overdue first, undated last), then by the office's order of items."""
        return self.order_by(
            F("due_on").asc(nulls_last=True), "phase__order", "indicator__order", "action_id", "finding__serial", "pk"
        )

    def in_ledger_order(self) -> Self:
        """Order as in the ledger: by indicator number, leading unit first, then by the order of units; actions last."""
        return self.order_by(
            F("indicator__order").asc(nulls_last=True),
            "phase__order",
            "action_id",
            "-role",
            "unit__order",
            "period",
            "pk",
        )


class Task(Versioned):
    """One unit's duty on one indicator, action or finding. Answers, reminders and the ledger are all per task.

    The task of a finding is its rectification (整改) by that unit.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tasks", verbose_name="创建活动")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="tasks", verbose_name="单位")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name="指标"
    )
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name="事项")
    finding = models.ForeignKey(
        "creation.Finding",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rectifications",
        verbose_name="督导问题",
    )
    period = models.CharField("期间", max_length=8, default="", blank=True)
    role = models.CharField("分工", max_length=6, choices=AssignmentRole.choices, default=AssignmentRole.LEAD)
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="tasks", verbose_name="阶段")
    owner = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="owned_tasks", verbose_name="责任人"
    )
    due_on = models.DateField("完成时限", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    first_submitted_at = models.DateTimeField("首次报送时间", null=True, blank=True)
    given_on = models.DateField("下发日期", null=True, blank=True)
    dropped_on = models.DateField("撤销日期", null=True, blank=True)
    ended = models.CharField("终止原因", max_length=200, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = "任务"
        constraints = [
            models.CheckConstraint(
                condition=Q(indicator__isnull=False, action=None, finding=None)
                | Q(indicator=None, action__isnull=False, finding=None)
                | Q(indicator=None, action=None, finding__isnull=False),
                name="task_is_for_one_thing",
                violation_error_message="任务须对应一个指标、一个事项或一个督导问题。",
            ),
            models.UniqueConstraint(
                fields=["campaign", "unit", "indicator", "period"],
                condition=Q(indicator__isnull=False),
                name="indicator_task_once",
                violation_error_message="该单位已有此指标的任务。",
            ),
            models.UniqueConstraint(
                fields=["campaign", "unit", "action", "period"],
                condition=Q(action__isnull=False),
                name="action_task_once",
                violation_error_message="该单位已有此事项的任务。",
            ),
            models.UniqueConstraint(
                fields=["finding", "unit"],
                condition=Q(finding__isnull=False),
                name="rectification_once_a_unit",
                violation_error_message="该单位已有此问题的整改任务。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(TaskStatus.PARTIAL, TaskStatus.LONG_TERM)) | Q(finding__isnull=False),
                name="only_rectifications_are_partial_or_long_term",
                violation_error_message="只有整改任务可以部分整改或长期坚持。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=TaskStatus.values),
                name="task_status_is_known",
                violation_error_message="任务状态不在可选范围。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=ANSWERED) | Q(first_submitted_at__isnull=False),
                name="answered_tasks_were_submitted",
                violation_error_message="已报送的任务必须有报送时间。",
            ),
            models.CheckConstraint(
                condition=Q(ended="") | Q(dropped_on__isnull=False),
                name="an_ended_task_is_dropped",
                violation_error_message="已终止的任务须有撤销日期。",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "unit", "status"]),
            models.Index(fields=["campaign", "status", "due_on"]),
            models.Index(fields=["owner", "status"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("task", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id, unit=self.unit_id)

    @property
    def subject(self) -> "Indicator | Action | Finding | None":
        """What the task is about: an indicator, an action or a finding. None only before it is saved."""
        return self.indicator or self.action or self.finding

    @property
    def code(self) -> str:
        return self.subject.code if self.subject else ""

    @property
    def title(self) -> str:
        """The title of the subject; of what is reported again and again, with the period."""
        title = self.subject.title if self.subject else ""
        return f"{title}（{period_name(self.period)}）" if self.period else title

    @property
    def requirement(self) -> str:
        if self.finding:
            return self.finding.demand or self.finding.text
        return self.indicator.proof if self.indicator else self.action.text if self.action else ""

    def has(self, part: str) -> bool:
        """Return whether ``with_parts`` found any of this part when the task was read; True if nobody has looked."""
        return bool(getattr(self, f"has_{part}", True))

    @property
    def is_rectification(self) -> bool:
        return self.finding_id is not None

    def get_status_display(self) -> str:  # type: ignore[no-redef]  # Django leaves one that is written here alone
        """Return the name of the status. A rectification has words of its own (待整改, 已销号)."""
        return RECTIFICATION_STATES[TaskStatus(self.status)] if self.is_rectification else TaskStatus(self.status).label

    @property
    def modes(self) -> list[str]:
        """The answer modes available for this task. Indicators allow all three."""
        return list(self.action.modes) if self.action and self.action.modes else list(AnswerMode.values)

    @property
    def is_lead(self) -> bool:
        return self.role == AssignmentRole.LEAD

    def days_left(self, today: date) -> int | None:
        return (self.due_on - today).days if self.due_on else None


class TaskEvent(models.Model):
    """A change of a task's status: who, when, from which status to which. Append-only."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="events", verbose_name="任务")
    move = models.CharField("操作", max_length=20)
    label = models.CharField("操作名称", max_length=20)
    source = models.CharField("原状态", max_length=10, choices=TaskStatus.choices)
    target = models.CharField("新状态", max_length=10, choices=TaskStatus.choices)
    note = models.TextField("说明", blank=True)
    on_behalf = models.BooleanField("代填", default=False)
    created_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="操作人"
    )
    created_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "任务动态"
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.label} {self.created_at:%Y-%m-%d %H:%M}"


class RequestKind(models.TextChoices):
    EXTENSION = "extension", "延期申请"
    OBJECTION = "objection", "分工异议"


class TaskRequest(models.Model):
    """A unit's request for more time, or its objection that the task is not its duty. The office decides."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="requests", verbose_name="任务")
    kind = models.CharField("类型", max_length=10, choices=RequestKind.choices)
    reason = models.TextField("理由")
    wanted_on = models.DateField("申请延至", null=True, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="申请人")
    created_at = models.DateTimeField("申请时间")
    granted = models.BooleanField("同意", null=True)
    answer = models.TextField("答复", blank=True)
    decided_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        verbose_name = "延期与异议"
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=RequestKind.OBJECTION) | Q(wanted_on__isnull=False),
                name="an_extension_names_a_day",
                violation_error_message="延期申请须填写希望延至的日期。",
            ),
            models.UniqueConstraint(
                fields=["task", "kind"],
                condition=Q(granted=None),
                name="one_open_request_a_kind",
                violation_error_message="已有一份同类申请等待答复。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.task}"


class Viewing(models.Model):
    """A reviewer has a task open. Shown to other reviewers for ten minutes, so that two people do not review the same task."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="viewings", verbose_name="任务")
    person = models.ForeignKey("creation.User", models.CASCADE, related_name="+", verbose_name="审核人")
    until = models.DateTimeField("有效至")

    class Meta:
        verbose_name = "正在审核"
        constraints = [models.UniqueConstraint(fields=["task", "person"], name="viewing_once_a_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.task}"

from typing import Any, Self

from django.db import models
from django.db.models import Q

from creation.models.campaign import AnswerMode, EvidenceKind
from creation.models.evidence import is_flagged
from creation.models.task import Task
from creation.models.versioned import Versioned, VersionedQuerySet


class Draft(Versioned):
    """The unsaved answer that a person is typing, stored automatically.

    ``content`` maps the names of the answer form's fields to values.
    """

    task = models.ForeignKey(Task, models.CASCADE, related_name="drafts", verbose_name="任务")
    person = models.ForeignKey("creation.User", models.CASCADE, related_name="drafts", verbose_name="起草人")
    content = models.JSONField("内容", default=dict)
    saved_at = models.DateTimeField("保存时间")

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = "草稿"
        constraints = [models.UniqueConstraint(fields=["task", "person"], name="draft_once_a_person")]

    def __str__(self) -> str:
        return f"{self.task} {self.person}"


class Progress(models.Model):
    """A dated progress note; the latest one fills 进展情况 and 存在问题 in the ledger."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="progress", verbose_name="任务")
    day = models.DateField("日期")
    text = models.TextField("进展情况")
    problem = models.TextField("存在问题", blank=True)
    help_wanted = models.TextField("需协调事项", blank=True)
    next_step = models.TextField("下一步安排", blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="填写人")
    created_at = models.DateTimeField("填写时间")

    class Meta:
        verbose_name = "工作进展"
        ordering = ["day", "id"]

    def __str__(self) -> str:
        return f"{self.day} {self.text[:20]}"


class Submission(models.Model):
    """An answer that was submitted. Immutable, with a digest of its text and of the versions it cites."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="submissions", verbose_name="任务")
    number = models.PositiveSmallIntegerField("次数")
    mode = models.CharField("提供方式", max_length=10, choices=AnswerMode.choices)
    measures = models.TextField("工作措施", blank=True)
    results = models.TextField("完成情况", blank=True)
    highlights = models.TextField("亮点", blank=True)
    keeper = models.CharField("保管人", max_length=40, blank=True)
    place = models.CharField("存放地点", max_length=100, blank=True)
    statement = models.TextField("情况说明", blank=True)
    readings = models.JSONField("指标数据", default=list)
    due_on = models.DateField("当时时限", null=True, blank=True)
    handed_on = models.DateField("报送日期")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="报送人")
    on_behalf = models.BooleanField("代填", default=False)
    created_at = models.DateTimeField("报送时间")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "报送"
        ordering = ["task", "number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="submission_number_once"),
            models.CheckConstraint(
                condition=~Q(mode=AnswerMode.ON_SITE) | (~Q(keeper="") & ~Q(place="")),
                name="on_site_names_keeper_and_place",
                violation_error_message="现场提供须写明保管人和存放地点。",
            ),
            models.CheckConstraint(
                condition=~Q(mode=AnswerMode.STATEMENT) | ~Q(statement=""),
                name="a_statement_has_text",
                violation_error_message="情况说明不能为空。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} 第{self.number}次"

    @property
    def verdict_given(self) -> "Review | None":
        """The review of this answer, or None while there is none."""
        return getattr(self, "review", None)

    def content(self) -> dict[str, Any]:
        """The initial values of the answer form for a correction."""
        names = ("mode", "measures", "results", "highlights", "keeper", "place", "statement")
        return {name: getattr(self, name) for name in names}


class SubmittedCitationQuerySet(models.QuerySet["SubmittedCitation"]):
    def unrestricted(self) -> Self:
        """Exclude evidence that the office has hidden or that a secrecy mark blocks."""
        return self.filter(~is_flagged("version__evidence"), version__evidence__hidden_at=None)

    def listed(self) -> Self:
        """Return unrestricted evidence that is not deleted: what pages list beside an answer."""
        return self.unrestricted().filter(version__evidence__deleted_at=None)


class SubmittedCitation(models.Model):
    """A version of evidence that a submission cites, with its number, passage and description as they were at that time."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="cited", verbose_name="报送")
    version = models.ForeignKey(
        "creation.EvidenceVersion", models.PROTECT, related_name="submitted", verbose_name="资料版本"
    )
    number = models.CharField("编号", max_length=30)
    title = models.CharField("题名", max_length=200)
    kind = models.CharField("类型", max_length=10, choices=EvidenceKind.choices)
    passage = models.CharField("证明段落", max_length=100, blank=True)
    doc_number = models.CharField("文号", max_length=60, blank=True)
    dated_on = models.DateField("成文日期", null=True, blank=True)
    issuer = models.CharField("责任者", max_length=80, blank=True)
    pages = models.PositiveIntegerField("页数", null=True, blank=True)
    outside_reason = models.CharField("时间范围外的理由", max_length=200, blank=True)

    objects = SubmittedCitationQuerySet.as_manager()

    class Meta:
        verbose_name = "报送引用"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["submission", "version"], name="submitted_version_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ReturnReason(models.TextChoices):
    MISSING = "missing", "材料不全"
    WEAK = "weak", "证明力不足"
    WRONG = "wrong", "材料与要点不符"
    OUT_OF_WINDOW = "out_of_window", "不在规定时间范围"
    UNREADABLE = "unreadable", "无法打开或看不清"
    NARRATIVE = "narrative", "文字说明需完善"
    OTHER = "other", "其他"


class ReviewVerdict(models.TextChoices):
    APPROVE = "approve", "通过"
    RETURN = "return", "退回"
    PART = "part", "部分整改"
    LONG_TERM = "long_term", "长期坚持"


class Review(models.Model):
    """The office's review of one submission. Immutable."""

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="review", verbose_name="报送")
    verdict = models.CharField("结论", max_length=10, choices=ReviewVerdict.choices)
    reason = models.CharField("退回原因", max_length=14, choices=ReturnReason.choices, blank=True)
    comment = models.TextField("意见", blank=True)
    new_due_on = models.DateField("整改时限", null=True, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="审核人")
    created_at = models.DateTimeField("审核时间")

    class Meta:
        verbose_name = "审核"
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(verdict=ReviewVerdict.RETURN) & Q(reason=""))
                | (Q(verdict=ReviewVerdict.RETURN) & ~Q(reason="")),
                name="a_return_has_a_reason",
                violation_error_message="退回须选择原因。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} {self.submission}"

"""Changes of tasks and actions. Rows are only added, so that the state on a past day can be reconstructed."""

from django.db import models
from django.db.models import F, Q

from creation.models.campaign import Action
from creation.models.task import Task


class DueDateOrigin(models.TextChoices):
    BULK = "bulk", "调整时限"
    IMPORT = "import", "导入任务分解表"
    EXTENSION = "extension", "同意延期"
    RETURN = "return", "退回"
    REOPEN = "reopen", "撤销通过"
    PHASE = "phase", "调整阶段时间"
    ACTION = "action", "修改事项"


class DueDateChange(models.Model):
    """A change of a task's due date: old day, new day, reason, person and time. None as a day means open (待定)."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="due_date_changes", verbose_name="任务")
    old_due_on = models.DateField("原时限", null=True, blank=True)
    new_due_on = models.DateField("新时限", null=True, blank=True)
    origin = models.CharField("缘由", max_length=10, choices=DueDateOrigin.choices)
    reason = models.TextField("理由", blank=True)
    changed_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="操作人"
    )
    changed_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "时限变动"
        ordering = ["changed_at", "id"]
        indexes = [models.Index(fields=["task", "changed_at"], name="due_dates_of_a_task")]
        constraints = [
            models.CheckConstraint(
                condition=Q(origin__in=DueDateOrigin.values),
                name="due_date_origin_is_known",
                violation_error_message="时限变动的缘由不在可选范围。",
            ),
            models.CheckConstraint(
                condition=~Q(old_due_on=F("new_due_on")) & ~Q(old_due_on=None, new_due_on=None),
                name="a_due_date_change_changes_the_day",
                violation_error_message="新时限与原时限相同。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_due_on or '待定'} → {self.new_due_on or '待定'}"


class OwnerChange(models.Model):
    """The office named another owner of a task. A handover to the next liaison is not recorded here.

    ``old_owner`` is None if there was no owner, or if the text that this row was read from does not identify one person.
    """

    task = models.ForeignKey(Task, models.CASCADE, related_name="owner_changes", verbose_name="任务")
    old_owner = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原责任人"
    )
    new_owner = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="新责任人")
    changed_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="操作人"
    )
    changed_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "责任人变动"
        ordering = ["changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.old_owner or '（空）'} → {self.new_owner}"


class ActionChange(models.Model):
    """A change of an action's text: the old wording and the new one."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="changes", verbose_name="事项")
    old_title = models.CharField("原事项", max_length=100)
    old_text = models.TextField("原要求", blank=True)
    old_due_on = models.DateField("原完成时限", null=True, blank=True)
    new_title = models.CharField("现事项", max_length=100)
    new_text = models.TextField("现要求", blank=True)
    new_due_on = models.DateField("现完成时限", null=True, blank=True)
    changed_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="修改人"
    )
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = "事项变动"
        ordering = ["changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.old_title} → {self.new_title}"

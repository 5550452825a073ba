from datetime import date

from django.db import models
from django.db.models import Q

from creation.models.campaign import PersonalActKind
from creation.models.citation import Citation
from creation.models.task import Task


class PersonalAct(models.Model):
    """What the head of a unit did in person (四个亲自), on a day and with its proof. ``task`` asks for it, and its action says which of
    the four it is.

    The proof is material that the task cites, or a paper that can be seen at ``where``.
    """

    task = models.ForeignKey(Task, models.CASCADE, related_name="personal_acts", verbose_name="任务")
    done_on = models.DateField("日期")
    what = models.CharField("内容", max_length=300)
    citation = models.ForeignKey(
        Citation, models.PROTECT, null=True, blank=True, related_name="proved_acts", verbose_name="证明材料"
    )
    where = models.CharField("证明存放处", max_length=100, blank=True)
    recorded_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "亲自事项"
        ordering = ["done_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "done_on", "what"],
                name="a_personal_act_is_recorded_once",
                violation_error_message="这一条已经登记过。",
            ),
            models.CheckConstraint(
                condition=Q(citation__isnull=False) | ~Q(where=""),
                name="a_personal_act_has_a_proof",
                violation_error_message="请选证明材料，或写明证明存放在哪里。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day_text}，{self.what}"

    @property
    def day_text(self) -> str:
        return in_words(self.done_on)

    @property
    def proof(self) -> str:
        """The number of the material, or where the paper is; "" if the material was taken away."""
        if self.citation and self.citation.removed_at is None and self.citation.evidence.deleted_at is None:
            return str(self.citation.number)
        return self.where

    @property
    def kind(self) -> str:
        return PersonalActKind(self.task.action.personal_act).label if self.task.action else ""


def in_words(day: date) -> str:
    """Return the day as an answer says it: ``2026年7月3日``."""
    return f"{day.year}年{day.month}月{day.day}日"

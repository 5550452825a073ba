from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from creation.models.attached import AttachedFile
from creation.models.campaign import Action, Campaign
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class MeetingKind(models.TextChoices):
    MOBILIZATION = "mobilization", "动员会"
    PROGRESS = "progress", "推进会"
    WEEKLY = "weekly", "周例会"
    JOINT = "joint", "联席会议"


class MeetingQuerySet(VersionedQuerySet["Meeting"]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(
            user.permission_filter(
                Permission.MEETING_READ, district="campaign__district", campaign="campaign", unit=None
            )
        )

    def for_table(self) -> Self:
        """Join what a row shows, and annotate ``decided``, the number of decisions."""
        rows = self.select_related("campaign", "recorded_by").annotate(decided=Count("decisions"))
        return rows.order_by("-held_on", "-pk")


class Meeting(Versioned):
    """A meeting of the campaign. What it decided are actions: work of the units, with a due day."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="meetings", verbose_name="创建活动")
    kind = models.CharField("会议类型", max_length=12, choices=MeetingKind.choices)
    title = models.CharField("会议名称", max_length=100)
    held_on = models.DateField("日期")
    place = models.CharField("地点", max_length=100, blank=True)
    chair = models.CharField("主持人", max_length=60, blank=True)
    present = models.TextField("参会", blank=True)
    agenda = models.TextField("议程", blank=True)
    minutes = models.TextField("会议纪要", blank=True)
    recorded_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "会议"
        ordering = ["campaign", "-held_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MeetingKind.values),
                name="meeting_kind_is_known",
                violation_error_message="会议类型不在可选范围。",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)


class MeetingFile(AttachedFile):
    """The sign-in sheet of a meeting, or another file about it."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="files", verbose_name="会议")

    class Meta:
        verbose_name = "会议附件"


class MeetingDecision(models.Model):
    """What a meeting decided: an action, whose tasks are the units' work."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions", verbose_name="会议")
    action = models.OneToOneField(Action, models.PROTECT, related_name="decision", verbose_name="事项")

    class Meta:
        verbose_name = "会议议定事项"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.meeting}：{self.action}"

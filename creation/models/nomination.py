from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from creation.models.commendation import Commendation, CommitteeSeat, NominationKind
from creation.models.district import Unit
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User

PURGED = "（已清除）"


class NominationQuerySet(VersionedQuerySet["Nomination"]):
    def active(self) -> Self:
        """Return nominations that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: "User") -> Self:
        """Return the nominations that this person may know of: the office all; a unit its own and those of the public notice, without
        those that an objection took off the list.
        """
        places: dict[str, Any] = {"district": "commendation__campaign__district", "campaign": "commendation__campaign"}
        near = user.permission_filter(Permission.COMMENDATION_READ, **places, unit="unit")
        public = user.permission_filter(Permission.COMMENDATION_READ, **places, unit=None)
        return self.filter(near | (Q(~_upheld(), proposed=True, withdrawn_at=None) & public))

    def proposed(self) -> Self:
        """Return those of the public notice (拟表彰对象)."""
        return self.active().filter(proposed=True)

    def commended(self) -> Self:
        """Return those of the public notice against whom no objection was upheld."""
        return self.proposed().filter(~_upheld())

    def for_table(self) -> Self:
        """Join what a row needs, in the order of the office: collectives before people, then by unit. Annotate ``is_struck``: taken off
        the list by an objection."""
        rows = self.select_related("commendation__campaign", "unit", "created_by").annotate(is_struck=_upheld())
        return rows.order_by("kind", "unit__order", "unit", "serial")


def _upheld() -> Exists:
    return Exists(Objection.objects.filter(nomination=OuterRef("pk"), upheld=True))


class Nomination(Versioned):
    """A unit nominates a collective (itself or a part of it) or one of its people. Nothing else personal is kept than name and post.

    ``serial`` names the nomination in the audit log, in notices and in messages, where a name could not be removed later.
    """

    commendation = models.ForeignKey(Commendation, models.CASCADE, related_name="nominations", verbose_name="评选表彰")
    serial = models.PositiveIntegerField("序号")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="nominations", verbose_name="单位")
    kind = models.CharField("类别", max_length=10, choices=NominationKind.choices)
    name = models.CharField("名称或姓名", max_length=60, blank=True)
    post = models.CharField("职务", max_length=40, blank=True)
    merits = models.TextField("主要事迹", blank=True)
    reason = models.TextField("推荐理由", blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="提名人")
    created_at = models.DateTimeField("提名时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    proposed = models.BooleanField("列入公示", default=False)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = "提名"
        ordering = ["commendation", "serial"]
        constraints = [
            models.UniqueConstraint(fields=["commendation", "serial"], name="nomination_number_once"),
            models.UniqueConstraint(
                fields=["commendation", "unit", "kind", "name"],
                condition=Q(withdrawn_at=None) & ~Q(name=""),
                name="nominated_once",
                violation_error_message="本单位已提名过。",
            ),
            models.CheckConstraint(
                condition=Q(kind=NominationKind.PERSON) | Q(kind=NominationKind.COLLECTIVE, post=""),
                name="only_a_person_has_a_post",
                violation_error_message="集体不填职务。",
            ),
            models.CheckConstraint(
                condition=Q(proposed=False) | Q(withdrawn_at=None), name="what_is_withdrawn_is_not_proposed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit.short_name}{self.get_kind_display()}提名 {self.serial} 号"

    def get_absolute_url(self) -> str:
        return reverse("nomination", args=[self.commendation.campaign_id, self.pk])

    def scope(self) -> Scope:
        campaign = self.commendation.campaign
        return Scope(campaign.district_id, campaign=campaign.pk, unit=self.unit_id)

    @property
    def shown_name(self) -> str:
        return self.name or PURGED


class ConsultedOpinion(models.TextChoices):
    CLEAR = "clear", "无不同意见"
    OBJECTS = "objects", "有不同意见"


class Consultation(models.Model):
    """The office asks another organ for its opinion on a nominee (征求意见): of whom, when, by when, and what was answered."""

    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="consultations", verbose_name="提名")
    organ = models.CharField("征求意见的部门", max_length=40)
    asked_on = models.DateField("征求日期")
    answer_by = models.DateField("要求答复日期")
    asked_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="登记人")
    opinion = models.CharField("意见", max_length=7, choices=ConsultedOpinion.choices, blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    answer = models.TextField("答复内容", blank=True)

    class Meta:
        verbose_name = "征求意见"
        ordering = ["nomination", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["nomination", "organ"],
                name="an_organ_is_asked_once",
                violation_error_message="已向这个部门征求过意见。",
            ),
            models.CheckConstraint(
                condition=Q(answered_on=None, opinion="")
                | Q(answered_on__gte=F("asked_on"), opinion__in=ConsultedOpinion.values),
                name="an_answer_has_an_opinion_and_follows_the_question",
                violation_error_message="答复日期不能早于征求日期。",
            ),
            models.CheckConstraint(
                condition=Q(answer_by__gte=F("asked_on")),
                name="an_answer_is_asked_for_by_a_later_day",
                violation_error_message="要求答复日期不能早于征求日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nomination} {self.organ}"

    def scope(self) -> Scope:
        return self.nomination.scope()


class VoteChoice(models.TextChoices):
    YES = "yes", "同意"
    NO = "no", "不同意"
    ABSTAIN = "abstain", "弃权"


class Vote(models.Model):
    """What a member voted on one nomination. Pages only show sums, after the close: the vote is secret."""

    seat = models.ForeignKey(CommitteeSeat, models.CASCADE, related_name="votes", verbose_name="委员")
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="votes", verbose_name="提名")
    choice = models.CharField("表决", max_length=7, choices=VoteChoice.choices)

    class Meta:
        verbose_name = "表决票"
        constraints = [models.UniqueConstraint(fields=["seat", "nomination"], name="vote_once")]

    def __str__(self) -> str:
        return f"表决票 {self.pk}"


class Objection(models.Model):
    """An objection (异议) to a nominee of the public notice, and how it was handled. One that is upheld takes the nominee off the list."""

    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="objections", verbose_name="提名")
    raised_by = models.CharField("提出人", max_length=60, blank=True)
    received_on = models.DateField("收到日期")
    text = models.TextField("异议内容", blank=True)
    recorded_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    upheld = models.BooleanField("异议成立", null=True, blank=True)
    handling = models.TextField("处理情况", blank=True)
    handled_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人"
    )
    handled_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = "异议"
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at=None, upheld=None) | Q(handled_at__isnull=False, upheld__isnull=False),
                name="a_handled_objection_has_a_result",
            )
        ]

    def __str__(self) -> str:
        return f"{self.nomination} 异议 {self.pk}"

    def scope(self) -> Scope:
        return self.nomination.scope()

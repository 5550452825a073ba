from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from creation.models.campaign import Campaign
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User

KEEP_DAYS = 180  # after the decision: so long the words about a nominee are kept


class CommendationStage(models.TextChoices):
    """Where a commendation stands. It follows from what was done, and is not stored."""

    NOMINATING = "nominating", "提名"
    VOTING = "voting", "表决"
    VOTED = "voted", "表决结束，待公示"
    PUBLIC = "public", "公示"
    DECIDED = "decided", "已决定"
    ENDED = "ended", "已终止"
    PURGED = "purged", "已清除个人信息"


class NominationKind(models.TextChoices):
    COLLECTIVE = "collective", "集体"
    PERSON = "person", "个人"


STEPS = (  # a commendation stands at the first of these whose field is filled, else its nominations are made
    ("purged_at", CommendationStage.PURGED),
    ("decided_on", CommendationStage.DECIDED),
    ("ended_on", CommendationStage.ENDED),
    ("public_from", CommendationStage.PUBLIC),
    ("closed_at", CommendationStage.VOTED),
    ("voting_at", CommendationStage.VOTING),
)


class CommendationQuerySet(models.QuerySet["Commendation"]):
    def visible_to(self, user: "User") -> Self:
        """Return the commendations whose call this person may read. Which nominations is another matter, see ``NominationQuerySet``."""
        places: dict[str, Any] = {"district": "campaign__district", "campaign": "campaign", "unit": None}
        return self.filter(user.permission_filter(Permission.COMMENDATION_READ, **places))

    def in_stage(self, stage: CommendationStage) -> Self:
        rows = self
        for name, reached in STEPS:
            rows = rows.filter(**{f"{name}__isnull": reached != stage})
            if reached == stage:
                break
        return rows

    def running(self) -> Self:
        """Return those in which something is still to be done."""
        return self.filter(decided_on=None, ended_on=None, purged_at=None)

    def for_table(self) -> Self:
        return self.select_related("campaign", "created_by").order_by("-nominate_until", "-pk")


class Commendation(models.Model):
    """A call for nominations (评选表彰) and what became of it, up to the decision.

    ``quorum``: so many members of the committee must vote. ``closed_at``: the vote ended; only then its result is known.
    ``public_until`` is the last day of the public notice (公示期), which begins on ``public_from``. ``ended_on``: it ended without a
    decision (终止), for the reason given.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="commendations", verbose_name="创建活动")
    name = models.CharField("名称", max_length=60)
    collectives = models.PositiveSmallIntegerField("集体名额")
    people = models.PositiveSmallIntegerField("个人名额")
    conditions = models.TextField("评选条件")
    nominate_until = models.DateField("提名截止")
    quorum = models.PositiveSmallIntegerField("投票有效人数")
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="发起人")
    created_at = models.DateTimeField("发起时间")
    voting_at = models.DateTimeField("开始表决时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束表决时间", null=True, blank=True)
    public_from = models.DateField("公示开始", null=True, blank=True)
    public_until = models.DateField("公示结束", null=True, blank=True)
    decided_on = models.DateField("决定日期", null=True, blank=True)
    decision_number = models.CharField("决定文号", max_length=40, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=200, blank=True)
    purged_at = models.DateTimeField("清除个人信息时间", null=True, blank=True)

    objects = CommendationQuerySet.as_manager()

    class Meta:
        verbose_name = "评选表彰"
        ordering = ["campaign", "nominate_until", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name"],
                name="commendation_name_once",
                violation_error_message="已有同名的评选表彰。",
            ),
            models.CheckConstraint(
                condition=Q(collectives__gt=0) | Q(people__gt=0),
                name="a_commendation_has_a_quota",
                violation_error_message="集体名额和个人名额至少填一个。",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(voting_at__isnull=False),
                name="a_vote_is_opened_before_it_is_closed",
            ),
            models.CheckConstraint(
                condition=Q(public_from=None, public_until=None)
                | Q(closed_at__isnull=False, public_from__isnull=False, public_until__gt=F("public_from")),
                name="a_public_notice_follows_the_vote",
            ),
            models.CheckConstraint(
                condition=Q(decided_on=None, decision_number="")
                | (Q(decided_on__gt=F("public_until")) & ~Q(decision_number="")),
                name="a_decision_follows_the_public_notice",
                violation_error_message="公示期满后才能作出决定，并须写明文号。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, end_reason="")
                | (Q(ended_on__isnull=False, decided_on=None) & ~Q(end_reason="")),
                name="what_ends_without_a_decision_has_a_reason",
                violation_error_message="终止评选须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("commendation", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id)

    @property
    def stage(self) -> CommendationStage:
        return next((stage for name, stage in STEPS if getattr(self, name)), CommendationStage.NOMINATING)

    def takes_nominations(self, today: date) -> bool:
        return self.stage == CommendationStage.NOMINATING and today <= self.nominate_until

    def quota_of(self, kind: str) -> int:
        return self.collectives if kind == NominationKind.COLLECTIVE else self.people

    @property
    def purge_from(self) -> date:
        """The first day on which what is personal may be removed."""
        return (self.decided_on or self.ended_on or self.public_until or self.nominate_until) + timedelta(
            days=KEEP_DAYS
        )


class CommitteeSeat(models.Model):
    """A member of the committee (评选委员会) of one commendation. ``voted_at``: the ballot was handed in, once and whole."""

    commendation = models.ForeignKey(Commendation, models.CASCADE, related_name="seats", verbose_name="评选表彰")
    person = models.ForeignKey("creation.User", models.PROTECT, related_name="committee_seats", verbose_name="委员")
    voted_at = models.DateTimeField("投票时间", null=True, blank=True)

    class Meta:
        verbose_name = "评选委员"
        ordering = ["commendation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commendation", "person"],
                name="committee_seat_once_a_person",
                violation_error_message="此人已在委员中。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.commendation}"

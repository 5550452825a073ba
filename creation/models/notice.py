from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from creation.models.channel import Channel
from creation.models.evidence import Evidence
from creation.models.task import Task
from creation.models.user import User
from creation.rules.policy import Permission, Scope

# Slots of the notices with which a unit hears that the office has hidden a piece, without its title, or shown it again, with its title.
HIDING_SLOT, SHOWING_SLOT = "hidden/", "shown/"
WITHHELD = "（涉及的印证资料已隐藏、停用或删除，内容不予显示）"


class NoticeKind(models.TextChoices):
    REMINDER = "reminder", "到期提醒"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "通过"
    ASSIGNED = "assigned", "新任务"
    CHANGED = "changed", "任务变更"
    REQUEST = "request", "申请"
    URGE = "urge", "催办"
    ANNOUNCEMENT = "announce", "通知公告"
    LINK = "link", "链接失效"
    QUESTION = "question", "提问答复"
    VIRUS = "virus", "查毒"
    HEALTH = "health", "系统告警"
    INSTRUCTION = "instruct", "领导批示"
    OPINION = "opinion", "专家意见"


class Urgency(models.TextChoices):
    DAILY = "daily", "每日汇总"
    AT_ONCE = "at_once", "立即"


class Digest(models.Model):
    """The notices that a person receives together: one digest a day, and as many as needed for urgent ones. ``number`` counts those."""

    person = models.ForeignKey(User, models.CASCADE, related_name="digests", verbose_name="收件人")
    day = models.DateField("日期")
    urgency = models.CharField("缓急", max_length=8, choices=Urgency.choices)
    number = models.PositiveSmallIntegerField("序号", default=1)
    created_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "通知汇总"
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "day", "urgency", "number"], name="one_digest_a_person_day_urgency_and_number"
            ),
            models.CheckConstraint(
                condition=Q(number=1) | Q(urgency="at_once"), name="only_what_is_urgent_speaks_twice_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.day}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(person=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def with_words_for(self, user: User) -> Self:
        """Annotate ``is_withheld``: whether the notice names a piece of evidence whose words this person may not read now."""
        named = Evidence.objects.filter(pk=OuterRef("evidence"))
        withheld = Q(Exists(named) & ~Exists(named.words_visible_to(user)))
        # Says that a piece was hidden and why, without its title.
        own_hiding = Q(slot__startswith=HIDING_SLOT, person=user)
        return self.annotate(
            is_withheld=models.ExpressionWrapper(withheld & ~own_hiding, output_field=models.BooleanField())
        )

    def for_inbox(self) -> Self:
        """Order unread notices first, then by time, newest first."""
        unread = models.ExpressionWrapper(Q(read_at=None), output_field=models.BooleanField())
        return self.annotate(is_unread=unread).order_by("-is_unread", "-created_at", "-pk")

    def on_same_subject(self, notice: "Notice") -> Self:
        """Return this notice and the earlier ones on the same subject."""
        return self.filter(subject=notice.subject, pk__lte=notice.pk)

    def mark_read(self, at: datetime) -> int:
        """Mark unread notices as read and return their number. Notices already read keep their time."""
        return self.unread().update(read_at=at)


class Notice(models.Model):
    """A message to one person. The row is the inbox message, the log and the queue; its slot makes it unique."""

    person = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name="收件人")
    kind = models.CharField("类型", max_length=10, choices=NoticeKind.choices)
    subject = models.CharField("对象", max_length=40)
    slot = models.CharField("时点", max_length=40)
    task = models.ForeignKey(Task, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name="任务")
    evidence = models.ForeignKey(
        Evidence, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name="印证资料"
    )
    urgency = models.CharField("缓急", max_length=8, choices=Urgency.choices, default=Urgency.DAILY)
    text = models.CharField("内容", max_length=400)
    created_at = models.DateTimeField("时间")
    digest = models.ForeignKey(
        Digest, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name="汇总"
    )
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["person", "read_at"]), models.Index(fields=["subject", "slot"])]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "subject", "slot"], name="a_notice_is_given_once")
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("notice", args=[self.pk])

    @property
    def words(self) -> str:
        """The text for the reader named in ``with_words_for``; a sentence in its place while they may not read it."""
        notice: Any = self
        return WITHHELD if notice.is_withheld else self.text


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "待发送"
    SENT = "sent", "已送达"
    FAILED = "failed", "失败"
    CARRIED = "carried", "并入另一封"
    STOPPED = "stopped", "不再发送"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def claimable(self, at: datetime) -> Self:
        """Return deliveries that are due and not leased. An expired lease belonged to a sender that died."""
        free = Q(lease_until=None) | Q(lease_until__lte=at)
        return self.filter(free, state=DeliveryState.WAITING, outlet__enabled=True, next_try_at__lte=at)

    def for_table(self, reader: User) -> Self:
        """Join what a row of the proof of delivery needs; ``said`` are the digest's notices, with their words for the reader."""
        notices = Notice.objects.with_words_for(reader).order_by("created_at", "pk")
        said = models.Prefetch("digest__notices", notices, to_attr="said")
        rows = self.select_related("digest__person__unit", "outlet", "carried_by").prefetch_related(said)
        return rows.order_by("-digest__created_at", "-pk")

    def read_by(self, user: User) -> Self:
        """Return deliveries to people of the districts whose proof of delivery this person may read."""
        return self._within(user, Permission.PROOF_READ)

    def managed_by(self, user: User) -> Self:
        """Return the deliveries that this person may send again."""
        return self._within(user, Permission.CHANNELS_MANAGE)

    def _within(self, user: User, permission: Permission) -> Self:
        return self.filter(
            user.permission_filter(permission, district="digest__person__unit__district", campaign=None, unit=None)
        )


class Delivery(models.Model):
    """The delivery of a digest through one channel: leased, sent, then marked.

    ``carried_by`` is the delivery whose message also contains this digest: deliveries that are due together make one message.
    ``doubtful`` means that the response to an attempt never arrived, so that the message may exist twice with the same
    Message-ID.
    """

    digest = models.ForeignKey(Digest, models.CASCADE, related_name="deliveries", verbose_name="汇总")
    channel = models.CharField("渠道", max_length=20)
    outlet = models.ForeignKey(
        Channel, models.SET_NULL, null=True, blank=True, related_name="deliveries", verbose_name="外部渠道"
    )
    address = models.CharField("地址", max_length=254, blank=True)
    message_id = models.CharField("邮件编号", max_length=120, blank=True)
    state = models.CharField("状态", max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    carried_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="carries", verbose_name="并入"
    )
    lease_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_try_at = models.DateTimeField("下次尝试", null=True, blank=True)
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)
    answer = models.CharField("对方答复", max_length=400, blank=True)
    doubtful = models.BooleanField("可能重复", default=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "投递"
        indexes = [models.Index(fields=["state", "next_try_at"])]
        constraints = [
            models.UniqueConstraint(fields=["digest", "channel"], name="one_delivery_a_channel"),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="a_sent_delivery_has_its_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.digest} {self.channel}"

    def scope(self) -> Scope:
        return self.digest.person.scope()

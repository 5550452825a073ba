from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from creation.models.task import Task
from creation.models.user import User


class NoticeKind(models.TextChoices):
    REMINDER = "reminder", "到期提醒"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "通过"
    ASSIGNED = "assigned", "新任务"
    CHANGED = "changed", "任务变更"
    REQUEST = "request", "申请"
    URGE = "urge", "催办"


class Urgency(models.TextChoices):
    DAILY = "daily", "每日汇总"
    AT_ONCE = "at_once", "立即"


class Digest(models.Model):
    """What a person hears in one go: one a day, and one for what is urgent that day."""

    person = models.ForeignKey(User, models.CASCADE, related_name="digests", verbose_name="收件人")
    day = models.DateField("日期")
    urgency = models.CharField("缓急", max_length=8, choices=Urgency.choices)
    created_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "通知汇总"
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["person", "day", "urgency"], name="one_digest_a_person_day_and_urgency")
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.day}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(person=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def for_inbox(self) -> Self:
        """Unread ones first, then the newest."""
        unread = models.ExpressionWrapper(Q(read_at=None), output_field=models.BooleanField())
        return self.annotate(is_unread=unread).order_by("-is_unread", "-at", "-pk")

    def beside(self, notice: "Notice") -> Self:
        """This notice and what else was said about the same thing until then."""
        return self.filter(subject=notice.subject, pk__lte=notice.pk)

    def mark_read(self, at: datetime) -> int:
        """Gives the number marked; what was read before keeps its time."""
        return self.unread().update(read_at=at)


class Notice(models.Model):
    """One thing one person is told. The row is the inbox message, the log and the queue; its slot makes it unique."""

    person = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name="收件人")
    kind = models.CharField("类型", max_length=10, choices=NoticeKind.choices)
    subject = models.CharField("对象", max_length=40)
    slot = models.CharField("时点", max_length=40)
    task = models.ForeignKey(Task, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name="任务")
    urgency = models.CharField("缓急", max_length=8, choices=Urgency.choices, default=Urgency.DAILY)
    text = models.CharField("内容", max_length=400)
    at = models.DateTimeField("时间")
    digest = models.ForeignKey(
        Digest, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name="汇总"
    )
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["person", "read_at"]), models.Index(fields=["subject", "slot"])]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "subject", "slot"], name="a_notice_is_given_once")
        ]

    def __str__(self) -> str:
        return self.text


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "待发送"
    SENT = "sent", "已送达"
    FAILED = "failed", "失败"


class Delivery(models.Model):
    """A digest on its way through one channel: claimed with a lease, sent, marked."""

    digest = models.ForeignKey(Digest, models.CASCADE, related_name="deliveries", verbose_name="汇总")
    channel = models.CharField("渠道", max_length=20)
    state = models.CharField("状态", max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    lease_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_try_at = models.DateTimeField("下次尝试", null=True, blank=True)
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)
    answer = models.CharField("对方答复", max_length=400, blank=True)

    class Meta:
        verbose_name = "投递"
        constraints = [
            models.UniqueConstraint(fields=["digest", "channel"], name="one_delivery_a_channel"),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="a_sent_delivery_has_its_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.digest} {self.channel}"

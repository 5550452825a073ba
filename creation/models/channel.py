from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from creation.models.district import District
from creation.models.user import User
from creation.models.versioned import Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope


class ChannelKind(models.TextChoices):
    SMTP = "smtp", "电子邮件"
    WECOM = "wecom", "企业微信群机器人"
    DINGTALK = "dingtalk", "钉钉群机器人"
    FEISHU = "feishu", "飞书群机器人"
    SMS = "sms", "短信网关"
    APPRISE = "apprise", "其他（Apprise）"


class Rhythm(models.TextChoices):
    """How often a person receives outside messages, most frequent first."""

    AT_ONCE = "at_once", "紧急的立即发送，其余每日汇总"
    DAILY = "daily", "每个工作日汇总一次"
    WEEKLY = "weekly", "每周一汇总一次"


KINDS = list(ChannelKind.values)
RHYTHMS = list(Rhythm.values)


class ChannelQuerySet(VersionedQuerySet["Channel"]):
    def managed_by(self, user: User) -> Self:
        return self.filter(
            user.permission_filter(Permission.CHANNELS_MANAGE, district="district", campaign=None, unit=None)
        )

    def open_to(self, user: User) -> Self:
        """Return the channels that can reach this person: those of the person's district that are enabled."""
        district = user.unit.district_id if user.unit else None
        return self.filter(enabled=True, district=district)


class Channel(Versioned):
    """A channel to the outside. Its address and secrets are encrypted in ``sealed`` (see ``creation.notices.channels.encryption``)."""

    district = models.ForeignKey(District, models.PROTECT, related_name="channels", verbose_name="区")
    kind = models.CharField("类型", max_length=10, choices=ChannelKind.choices)
    name = models.CharField("名称", max_length=40)
    enabled = models.BooleanField("启用", default=True)
    required = models.BooleanField("必选", default=False, help_text="勾选后，个人不能关闭此渠道。")
    slowest = models.CharField(
        "允许的最慢频次",
        max_length=8,
        choices=Rhythm.choices,
        default=Rhythm.WEEKLY,
        help_text="个人选得更慢时，按此频次发送。",
    )
    sealed = models.TextField("设置（加密）")

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = "通知渠道"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name"],
                name="a_channel_name_is_used_once",
                violation_error_message="已有同名的渠道，请换一个名称。",
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="a_channel_has_a_known_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("channel", args=[self.pk])

    def scope(self) -> Scope:
        return Scope(self.district_id)

    @property
    def key(self) -> str:
        """The channel's part of the key of a delivery; the digest is the other part."""
        return f"{self.kind}/{self.pk}"


class Preference(models.Model):
    """How one person wants to be notified outside the application. Without a row: by every e-mail channel, at once."""

    person = models.OneToOneField(User, models.CASCADE, related_name="preference", verbose_name="人员")
    rhythm = models.CharField("频次", max_length=8, choices=Rhythm.choices, default=Rhythm.AT_ONCE)
    channels = models.ManyToManyField(Channel, blank=True, related_name="+", verbose_name="渠道")
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = "通知偏好"

    def __str__(self) -> str:
        return f"{self.person} {self.get_rhythm_display()}"


class FeedToken(models.Model):
    """The key to a person's calendar feed. Only its digest is stored; a new key invalidates the old one."""

    person = models.OneToOneField(User, models.CASCADE, related_name="feed", verbose_name="人员")
    digest = models.CharField("摘要", max_length=64, unique=True)
    made_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "日历订阅"

    def __str__(self) -> str:
        return str(self.person)

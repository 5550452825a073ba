from datetime import datetime
from typing import Self

from django.db import models

from creation.models.reference import ReferenceVersion
from creation.models.user import User


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    def active(self) -> Self:
        return self.filter(ended_at=None)

    def with_reference_version(self) -> Self:
        """Annotate ``reference_version``, the version of the tables that are kept in memory."""
        return self.annotate(reference_version=ReferenceVersion.objects.current())


class UserSession(models.Model):
    """A login session of a person: people can list and end their own sessions, and disabling an account ends its sessions at once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", verbose_name="人员")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField("地址", null=True, blank=True)
    agent = models.CharField("浏览器", max_length=200, blank=True)
    started_at = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近活动")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = UserSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "登录会话"
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.user} {self.started_at:%Y-%m-%d %H:%M}"


class FormerPassword(models.Model):
    """The hash of a former password, so that the profile `dengbao` can refuse the last five."""

    user = models.ForeignKey(User, models.CASCADE, related_name="former_passwords", verbose_name="人员")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField("设置时间")

    class Meta:
        verbose_name = "历史密码"
        ordering = ["-set_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user} {self.set_at:%Y-%m-%d}"


class LinkPurpose(models.TextChoices):
    INVITE = "invite", "启用账号"
    RESET = "reset", "重设密码"


class OneTimeLink(models.Model):
    """A link to set a password once, within 24 hours. Only the token's digest is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="links", verbose_name="人员")
    purpose = models.CharField("用途", max_length=8, choices=LinkPurpose.choices)
    token_digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签发人")
    issued_at = models.DateTimeField("签发时间")
    expires_at = models.DateTimeField("有效期至")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "一次性链接"

    def __str__(self) -> str:
        return f"{self.user} {self.get_purpose_display()}"

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from creation.models.attached import AttachedFile
from creation.models.campaign import Campaign
from creation.models.district import Unit
from creation.models.evidence import Evidence
from creation.models.versioned import Row, Versioned, VersionedQuerySet
from creation.rules.policy import Permission, Scope

if TYPE_CHECKING:
    from creation.models.user import User


class PublicityLevel(models.TextChoices):
    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区级"
    UNIT = "unit", "本单位"


class PublicityKind(models.TextChoices):
    NEWS = "news", "新闻报道"
    POST = "post", "公众号、短视频"
    BROADCAST = "broadcast", "广播电视"
    PRINT = "print", "报刊"
    EVENT = "event", "宣传活动"
    BOARD = "board", "宣传栏、展板"


class _OfUnitQuerySet(VersionedQuerySet[Row]):
    def visible_to(self, user: "User") -> Self:
        """Return the rows of the person's own units, or all of the campaigns that the person reads as a whole."""
        places: dict[str, Any] = {"district": "campaign__district", "campaign": "campaign", "unit": "unit"}
        return self.filter(user.permission_filter(Permission.PUBLICITY_READ, **places))


class PublicityQuerySet(_OfUnitQuerySet["Publicity"]):
    def visible_to(self, user: "User") -> Self:
        """Also leave out what is registered with a link that is a piece of evidence stopped for this person: it would say its words."""
        readable = Evidence.objects.words_visible_to(user).filter(pk=OuterRef("evidence"))
        return super().visible_to(user).filter(Q(evidence=None) | Exists(readable))

    def active(self) -> Self:
        return self.filter(removed_at=None)

    def for_table(self) -> Self:
        joined = self.select_related("campaign", "unit", "created_by")
        return joined.prefetch_related("files", "evidence__versions__watch").order_by("-published_on", "-pk")


class Publicity(Versioned):
    """Something published about the campaign (宣传报道). ``evidence``: its link as a piece of the unit's library, which is checked."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="publicity", verbose_name="创建活动")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="publicity", verbose_name="单位")
    title = models.CharField("标题", max_length=200)
    medium = models.CharField("媒体或平台", max_length=80)
    kind = models.CharField("形式", max_length=9, choices=PublicityKind.choices, default=PublicityKind.NEWS)
    level = models.CharField("级别", max_length=8, choices=PublicityLevel.choices)
    published_on = models.DateField("发布日期")
    url = models.URLField("链接", max_length=500, blank=True)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="publicity", verbose_name="印证资料"
    )
    note = models.CharField("说明", max_length=300, blank=True)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)

    objects = PublicityQuerySet.as_manager()

    class Meta:
        verbose_name = "宣传报道"
        ordering = ["-published_on", "-pk"]
        indexes = [models.Index(fields=["campaign", "unit", "level"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=PublicityLevel.values),
                name="publicity_level_is_known",
                violation_error_message="级别不在可选范围。",
            ),
            models.UniqueConstraint(
                fields=["campaign", "unit", "url"],
                condition=Q(removed_at=None) & ~Q(url=""),
                name="a_link_is_registered_once_a_unit",
                violation_error_message="这个链接已经登记过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.medium}）"

    def get_absolute_url(self) -> str:
        return reverse("publicity_item", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id, unit=self.unit_id)

    @property
    def link_watch(self) -> Any:
        """The watch of the newest version of the link, or None. Lists prefetch ``evidence__versions__watch``."""
        versions = sorted(self.evidence.versions.all(), key=lambda each: each.number) if self.evidence else []
        return versions[-1].link_watch if versions else None


class PublicityFile(AttachedFile):
    """A cutting or a photo of what was published."""

    item = models.ForeignKey(Publicity, models.CASCADE, related_name="files", verbose_name="宣传报道")

    class Meta:
        verbose_name = "宣传报道附件"


class CaseState(models.TextChoices):
    DRAFT = "draft", "起草中"
    SUBMITTED = "submitted", "已报送"
    RETURNED = "returned", "退回修改"
    SELECTED = "selected", "已采用"


class TypicalCaseQuerySet(_OfUnitQuerySet["TypicalCase"]):
    def selected(self) -> Self:
        return self.filter(state=CaseState.SELECTED)

    def for_table(self) -> Self:
        joined = self.select_related("campaign", "unit", "created_by", "judged_by").prefetch_related("pictures")
        return joined.order_by("unit__order", "pk")


class TypicalCase(Versioned):
    """A typical case (典型经验): written by a unit in one form, judged by the office, and collected into one booklet."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="cases", verbose_name="创建活动")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="cases", verbose_name="单位")
    title = models.CharField("题目", max_length=100)
    background = models.TextField("背景", blank=True)
    practice = models.TextField("主要做法")
    results = models.TextField("成效")
    insight = models.TextField("经验启示", blank=True)
    state = models.CharField("状态", max_length=9, choices=CaseState.choices, default=CaseState.DRAFT)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="起草人")
    created_at = models.DateTimeField("起草时间")
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True)
    comment = models.TextField("审核意见", blank=True)
    judged_by = models.ForeignKey(
        "creation.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    judged_at = models.DateTimeField("审核时间", null=True, blank=True)

    objects = TypicalCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "典型经验"
        ordering = ["unit__order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CaseState.values),
                name="case_state_is_known",
                violation_error_message="典型经验的状态不在可选范围。",
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.RETURNED) | ~Q(comment=""),
                name="a_returned_case_has_a_comment",
                violation_error_message="退回须写明意见。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("case", args=[self.campaign_id, self.pk])

    def scope(self) -> Scope:
        return Scope(self.campaign.district_id, campaign=self.campaign_id, unit=self.unit_id)


class CasePicture(AttachedFile):
    """A photo that is printed with a typical case."""

    case = models.ForeignKey(TypicalCase, models.CASCADE, related_name="pictures", verbose_name="典型经验")

    class Meta:
        verbose_name = "典型经验的照片"
        ordering = ["pk"]

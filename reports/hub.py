"""报表: every paper and export of a campaign on one page, according to a person's rights."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from creation import access
from creation.models import Campaign, Unit, User
from creation.rules.policy import UNIT_ROLES, Permission
from creation.web import shortcuts


@dataclass(frozen=True, slots=True)
class Card:
    """A card on the page. ``permission`` is the right it needs in the campaign."""

    title: str
    icon: str
    route: str
    permission: Permission
    about: str


CARDS = (
    Card(
        "创建工作台账",
        "file-earmark-spreadsheet",
        "ledger",
        Permission.LEDGER_EXPORT,
        "Excel 台账，A3 横向，可直接打印盖章；也可按条件筛选。",
    ),
    Card(
        "两清单一台账",
        "file-earmark-ruled",
        "rectification_book",
        Permission.FINDING_READ,
        "督导的问题清单、责任清单和整改台账，未销号的在前，可取任何一天的。",
    ),
    Card(
        "材料包",
        "file-earmark-zip",
        "package",
        Permission.PACKAGE_EXPORT,
        "按指标分文件夹的全部印证资料，带目录和校验清单。",
    ),
    Card(
        "自评报告",
        "file-earmark-text",
        "assessment",
        Permission.ASSESSMENT_READ,
        "按指标汇总各单位答复，创建办撰写引言和结语，生成 Word。",
    ),
    Card(
        "简报和文书",
        "file-earmark-word",
        "documents",
        Permission.PAPER_MAKE,
        "工作简报、通报、督办单、督导通知、督导通报、反馈意见书、整改报告、现场核查清单、情况说明、表彰审批表和决定。",
    ),
    Card(
        "申报登记",
        "check2-all",
        "application",
        Permission.APPLICATION_ENTER,
        "在申报平台逐项填报时，从这里复制文字、下载资料、逐项勾对。",
    ),
    Card(
        "用印文件", "file-earmark-check", "papers", Permission.PAPER_READ, "盖章文件的编号和校验码，盖章扫描件的收集。"
    ),
    Card(
        "办结归档",
        "archive",
        "campaign_closing",
        Permission.CAMPAIGN_MANAGE,
        "结束活动前的未办事项，结束后移交档案部门的归档包。",
    ),
)


@require_GET
def reports(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.LEDGER_EXPORT)
    user = shortcuts.current_user(request)
    cards = [
        (card, reverse(card.route, args=[campaign.pk])) for card in CARDS if access.may(user, card.permission, campaign)
    ]
    cards += _of_own_units(campaign, user)
    return render(request, "reports/hub.html", {"campaign": campaign, "cards": cards})


def _of_own_units(campaign: Campaign, user: User) -> list[tuple[Card, str]]:
    """Return the page of year-end figures of each unit that the person works for. Of other units it is reached from 进度."""
    own = {grant.unit for grant in user.grants if grant.role in UNIT_ROLES and grant.unit is not None}
    about = "任务、整改、指标数据、宣传的数字，一页，可打印。"
    return [
        (
            Card(f"{unit.short_name}年底考核数据", "card-checklist", "unit_year", Permission.LEDGER_EXPORT, about),
            reverse("unit_year", args=[campaign.pk, unit.pk]),
        )
        for unit in Unit.objects.filter(pk__in=own, district=campaign.district_id).order_by("order")
    ]

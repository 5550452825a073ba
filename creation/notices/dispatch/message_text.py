"""Builds the messages of deliveries: as text, as HTML and as one line."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone

from creation.lib.strings import shorten
from creation.models import Delivery, Notice
from creation.notices.channels import OutgoingMessage
from creation.notices.dispatch.current_text import OpenItem, open_items
from creation.notices.dispatch.digest_lines import lines_of

SITE_NAME = "法治政府建设示范创建"
INACTIVE_ACCOUNT = "账号已停用，不再发送。"
NOTHING_OPEN = "所列事项都已办理，不再发送。"
NOTHING_LEFT = "通知已撤销，不再发送。"


def build_messages(deliveries: list[Delivery], at: datetime) -> dict[int, OutgoingMessage | str]:
    """Return, by delivery, the message or the reason why none is sent.

    The number of queries does not depend on the number of deliveries.
    """
    notices_by_delivery, pages = (
        _notices_by_delivery(deliveries),
        {name: settings.SITE_URL + reverse(name) for name in ("notices", "preferences")},
    )
    every = {notice.pk: notice for notices in notices_by_delivery.values() for notice in notices}
    items = open_items(every.values(), timezone.localdate(at))
    return {each.pk: _build_message(each, notices_by_delivery[each.pk], items, pages, at) for each in deliveries}


def _notices_by_delivery(deliveries: list[Delivery]) -> dict[int, list[Notice]]:
    """Return, by delivery, the notices of its digest and of those it carries, in the order of their creation."""
    digests_by_delivery = {each.pk: {each.digest_id} for each in deliveries}
    for merged in Delivery.objects.filter(carried_by__in=deliveries).only("carried_by", "digest"):
        digests_by_delivery[merged.carried_by_id or 0].add(merged.digest_id)
    by_digest = defaultdict(list)
    joins = ("person", "task__campaign", "task__indicator", "task__action", "task__finding")
    rows = Notice.objects.filter(digest__in=set().union(*digests_by_delivery.values())).select_related(*joins)
    for notice in rows.order_by("created_at", "pk"):
        by_digest[notice.digest_id].append(notice)
    return {
        pk: sorted(
            (notice for digest in digests for notice in by_digest[digest]), key=lambda each: (each.created_at, each.pk)
        )
        for pk, digests in digests_by_delivery.items()
    }


def _build_message(
    delivery: Delivery, notices: list[Notice], items: Mapping[int, OpenItem], pages: dict[str, str], at: datetime
) -> OutgoingMessage | str:
    person = delivery.digest.person
    if not person.is_active:
        return INACTIVE_ACCOUNT
    if not notices:
        return NOTHING_LEFT
    lines = lines_of([items[each.pk] for each in notices if each.pk in items])
    if not lines:
        return NOTHING_OPEN
    count = sum(line.count for line in lines)
    context = {"person": person, "lines": lines, "pages": pages, "contact": settings.OFFICE_CONTACT}
    context["site"] = settings.SITE_URL
    first = shorten(" ".join(lines[0].text.split()), 60)
    return OutgoingMessage(
        name=person.name,
        to=delivery.address,
        mobile=person.mobile,
        subject=f"【{SITE_NAME}】" + (first if len(lines) == 1 else f"您有 {count} 条通知"),
        text=get_template("creation/notices/mail/digest.txt").render(context),
        html=get_template("creation/notices/mail/digest.html").render(context),
        brief=f"【{SITE_NAME}】{person.name}：您有 {count} 条通知，请登录查看：{pages['notices']}",
        short=f"{person.name[:20]}：您有 {count} 条创建工作通知，请登录系统查看。",
        message_id=delivery.message_id,
        at=at,
    )

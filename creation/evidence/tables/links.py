"""The table of links: whether they open, since when they do not, and who checked."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import LinkState, LinkWatch
from creation.web.cells import cell

COLOURS = {
    LinkState.ALIVE: "success",
    LinkState.SEEN: "success",
    LinkState.DEAD: "danger",
    LinkState.FAILING: "warning",
}


class LinkTable(tables.Table):
    """Expects ``LinkWatch.objects.cited_in(…).for_table()``."""

    state = tables.Column("状态", attrs=cell("状态"))
    title = tables.Column("链接", accessor="version", attrs={"td": {"class": "title text-break"}})
    unit = tables.Column("单位", accessor="version__evidence__unit__short_name", attrs=cell("单位"))
    published_on = tables.Column("网页日期", attrs=cell("网页日期"))
    checked_at = tables.Column("上次核查", empty_values=(), attrs=cell("上次核查"))
    good_at = tables.Column("上次能打开", attrs=cell("上次能打开"))
    seen = tables.Column("人工核查", empty_values=(), attrs=cell("人工核查"))

    class Meta:
        orderable = False
        default = ""

    def __init__(self, data: Any, campaign_id: int) -> None:
        super().__init__(data)
        self.campaign_id = campaign_id

    def render_state(self, record: LinkWatch) -> SafeString:
        return badge(record)

    def render_title(self, record: LinkWatch) -> SafeString:
        address = reverse("link", args=[self.campaign_id, record.pk])
        return markup(
            '<a href="{}">{}</a><div class="small muted">{}</div>', address, record.evidence.title, record.version.url
        )

    def render_published_on(self, value: Any) -> str:
        return f"{value:%Y-%m-%d}"

    def render_checked_at(self, record: LinkWatch) -> SafeString:
        return markup('{} <span class="small muted">{}</span>', time_text(record.checked_at), record.said)

    def render_good_at(self, value: Any) -> str:
        return time_text(value)

    def render_seen(self, record: LinkWatch) -> str:
        last = next(iter(record.sightings.all()), None)
        return f"{last.seen_on:%Y-%m-%d} {'能打开' if last.opens else '打不开'}（{last.created_by}）" if last else ""


def badge(watch: LinkWatch) -> SafeString:
    colour = COLOURS.get(LinkState(watch.state), "secondary")
    return markup('<span class="badge text-bg-{}">{}</span>', colour, watch.get_state_display())


def time_text(value: Any) -> str:
    return date_format(timezone.localtime(value), "Y-m-d H:i") if value else ""

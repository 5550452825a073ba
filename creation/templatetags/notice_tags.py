"""How notices look in a page."""

from django import template
from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import Notice

register = template.Library()

BADGES = {"returned": "danger", "urge": "danger", "health": "danger", "reminder": "warning", "approved": "success"}


@register.simple_tag
def notice_badge(notice: Notice) -> SafeString:
    colour = BADGES.get(notice.kind, "secondary")
    return markup('<span class="badge text-bg-{}">{}</span>', colour, notice.get_kind_display())

"""Formatting functions for tables and templates."""

from datetime import date
from functools import cache

from django.utils.safestring import SafeString

from creation.lib.markup import markup
from creation.models import EvidenceKind
from creation.rules.deadlines import LIGHT_NAMES, RECTIFICATION_LIGHTS, Light

LIGHT_ICONS: dict[Light, str] = {
    Light.GREEN: "check-circle-fill",
    Light.BLUE: "hourglass-split",
    Light.RED: "exclamation-octagon-fill",
    Light.YELLOW: "clock-fill",
    Light.GREY: "circle",
    Light.NONE: "dash-circle",
}


@cache
def light(value: str, rectification: bool = False) -> SafeString:
    """Return a light as colour, icon and word, so that it can be read without distinguishing colours. That of a ``rectification`` has
    words of its own (已销号)."""
    kind = Light(value or Light.NONE)
    return markup(
        '<span class="light light-{}"><i class="bi bi-{}" aria-hidden="true"></i> {}</span>',
        kind.value,
        LIGHT_ICONS[kind],
        (RECTIFICATION_LIGHTS if rectification else LIGHT_NAMES)[kind],
    )


def days_left(due_on: date | None, today: date) -> str:
    """Return 还有 3 天, 今天到期, 逾期 2 天 or 时限待定."""
    if due_on is None:
        return "时限待定"
    left = (due_on - today).days
    return "今天到期" if left == 0 else f"还有 {left} 天" if left > 0 else f"逾期 {-left} 天"


def filesize(size: int | None) -> str:
    """Return a number of bytes in B, KB, MB or GB."""
    if size is None:
        return ""
    for unit, step in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if size >= step:
            return f"{size / step:.1f} {unit}".replace(".0 ", " ")
    return f"{size} B"


ICONS: dict[str, str] = {
    EvidenceKind.DOCUMENT: "file-earmark-text",
    EvidenceKind.IMAGE: "file-earmark-image",
    EvidenceKind.VIDEO: "file-earmark-play",
    EvidenceKind.LINK: "link-45deg",
    EvidenceKind.BRIEF: "card-text",
    EvidenceKind.STATEMENT: "card-text",
}


def kind_icon(kind: str) -> str:
    return ICONS.get(kind, "file-earmark")

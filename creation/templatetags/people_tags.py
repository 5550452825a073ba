"""Template tags for the pages with one-time links."""

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def qr_code(address: str) -> SafeString:
    """Return the address as a QR code, drawn in the page itself, so that a phone opens the link from the printed slip.

    Without a size of its own, so that the style sheet scales it: a longer address has more modules, and none may be cut off.
    """
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        border=2, svgclass="qr", lineclass=None, omitsize=True
    )
    return mark_safe(f'<div class="qr-code">{drawn}<span class="small muted">用手机扫码打开</span></div>')  # noqa: S308 - drawn here

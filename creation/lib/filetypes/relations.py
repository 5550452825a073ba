"""Checks the external references of an Office document: a link to click is allowed, a template to fetch is not."""

import re

from .refusals import InvalidFile, Reason
from .xmlparts import Element

CLICKED = ("hyperlink",)  # not fetched until somebody clicks
SEEN = ("image", "audio", "video", "media")  # a web page pasted into Word: left blank on an intranet
LOCAL = re.compile(r"(?:file:/{0,3})?[A-Z]:[/\\](?![/\\])", re.IGNORECASE)  # Normal.dotm, the author's other workbooks
WEB = re.compile(r"https?://", re.IGNORECASE)
HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", re.IGNORECASE)


def check_relations(elements: list[Element]) -> None:
    """Raise InvalidFile for a relation that makes the reader's computer fetch or run something external."""
    for _, attributes, _ in elements:
        if attributes.get("TargetMode", "").lower() == "external":
            _check(attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", "").strip())


def _check(kind: str, target: str) -> None:
    if kind in CLICKED or LOCAL.match(target) or not HAS_SCHEME.match(target):
        return
    if kind in SEEN and WEB.match(target):
        return
    raise InvalidFile(Reason.REMOTE, "外部模板" if kind == "attachedTemplate" else f"外部链接 {target[:60]}")

"""Template tags for the evidence area: permitted file types and their sizes."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from creation.evidence import pending_uploads, uploads
from creation.evidence.forms.evidence import NEW_EVIDENCE_FORMS
from creation.lib import filetypes
from creation.lib.filetypes.allowed import ALLOWED, SAME_TYPES
from creation.models import Unit
from creation.units import quotas
from creation.web.display import kind_icon

register = template.Library()
register.filter(kind_icon)


@register.simple_tag
def upload_rules() -> dict[str, Any]:
    """Return ``limits`` (image, document, video in bytes), ``accept`` for a file input, ``sizes`` (extension → limit) for the script."""
    limits = uploads.limits()
    kinds = {extension: form.type.kind for extension, form in ALLOWED.items()}
    kinds |= {extension: kinds[same] for extension, same in SAME_TYPES.items()}
    sizes = {extension: limits.for_kind(kind) for extension, kind in kinds.items()}
    return {"limits": limits, "accept": filetypes.ACCEPT, "sizes": sizes, "names": "、".join(ALLOWED)}


@register.simple_tag
def new_evidence_forms() -> list[dict[str, str]]:
    """Return ``kind`` and ``offer`` of each form for evidence that is typed in."""
    return [{"kind": kind, "offer": form.offer} for kind, form in NEW_EVIDENCE_FORMS.items()]


@register.simple_tag
def unit_usage(unit: Unit) -> quotas.StorageUsage:
    return quotas.storage_usage_of(unit)


@register.filter
def for_script(pending: list[pending_uploads.PendingUpload]) -> list[dict[str, Any]]:
    """Return unfinished uploads in the form that the upload script reads."""
    return [
        {
            "url": reverse("upload_bytes", args=[each.upload.token]),
            "name": each.upload.name,
            "folder": each.upload.folder,
            "size": each.upload.size,
            "changed": each.upload.changed,
            "offset": each.offset,
            "until": date_format(timezone.localtime(each.expires_at), "n月j日 H:i"),
        }
        for each in pending
    ]

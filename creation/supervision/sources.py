"""Where findings come from: the list that the office keeps."""

from django.db import transaction
from django.db.models import Max

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import District, FindingSource

MAX_NAME = 40


def add_source(district: District, name: str, actor: Actor) -> FindingSource:
    """Add a source at the end of the list, or take one of this name into use again. Raises Refusal."""
    plain = name.strip()
    if not plain or len(plain) > MAX_NAME:
        raise Refusal(f"问题来源须写 1 到 {MAX_NAME} 个字。", field="name")
    with transaction.atomic():
        District.objects.select_for_update().get(pk=district.pk)
        kept = FindingSource.objects.filter(district=district)
        source = kept.filter(name=plain).first()
        if source and source.active:
            return source
        if source:
            kept.filter(pk=source.pk).update(active=True)
            source.active = True
        else:
            last = kept.aggregate(last=Max("order"))["last"] or 0
            source = FindingSource.objects.create(district=district, name=plain, order=last + 1)
        audit_log.record(actor, "finding.source", source, detail=plain)
    return source

"""A secrecy mark blocks a piece until a person of its unit declares it not secret, or purges it."""

import shutil
from collections.abc import Iterator
from itertools import groupby

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import storage
from creation.lib.refusals import Refusal, require_text
from creation.models import (
    Citation,
    Evidence,
    EvidenceVersion,
    Extract,
    MarkPlace,
    NoticeKind,
    SearchEntry,
    SecrecyDeclaration,
    SecrecyMark,
    SubmittedCitation,
    Upload,
    Urgency,
    marks_in_words,
)
from creation.people import notifications
from creation.rules import secrecy

PURGED_TITLE = "（已清除的资料）"


NO_CLEARING, NO_PURGING = (
    "请写明为什么不涉密，如：标志属于引用的法规原文。",
    "请写明清除原因，审计时要用。",
)


def recheck_secrecy(evidence: Evidence, actor: Actor | None = None) -> str:
    """Block the piece if its name or content has a mark that nobody has cleared. Return those marks in words.

    ``actor`` is given if this happens after the upload; the uploader is then notified. None while the uploader is at the page.
    """
    with transaction.atomic():
        Evidence.objects.select_for_update(no_key=True).get(pk=evidence.pk)
        versions = EvidenceVersion.objects.filter(evidence=evidence).select_related("extract")
        version = versions.prefetch_related("declarations__marks").order_by("-number").first()
        found = unconfirmed_marks(version, evidence) if version else []
        before = list(SecrecyMark.objects.waiting().filter(evidence=evidence))
        if [(mark.version, mark.place, mark.word) for mark in before] != [(version, *mark) for mark in found]:
            SecrecyMark.objects.filter(pk__in=[mark.pk for mark in before]).delete()
            _create_marks(evidence, version, found)
        labelled = marks_in_words(found)
        if labelled and actor and labelled != marks_in_words((mark.place, mark.word) for mark in before):
            audit_log.record(actor, "evidence.hold", evidence, detail=labelled)
            _notify_uploader(evidence, labelled, actor)
    return labelled


def mark_new(evidence: Evidence, version: EvidenceVersion) -> None:
    """Block a piece that was created just now if its description, name or text has a mark. Nothing can have been read or cleared yet."""
    texts = _texts_to_check(evidence, version, None)
    _create_marks(
        evidence, version, [(label.value, word) for label, text in texts for word in secrecy.find_marks(text)]
    )


def _create_marks(evidence: Evidence, version: EvidenceVersion | None, found: list[tuple[str, str]]) -> None:
    SecrecyMark.objects.bulk_create(
        SecrecyMark(evidence=evidence, version=version, place=label, word=word) for label, word in found
    )


def unconfirmed_marks(version: EvidenceVersion, evidence: Evidence | None = None) -> list[tuple[str, str]]:
    """Return place and word of each mark, except in places whose present marks were cleared for this version.

    Of any version, also one that was replaced; the description of ``evidence``, its piece, is judged with the newest only. Lists should
    select ``extract`` and prefetch ``declarations__marks``.
    """
    confirmed = [[(mark.place, mark.word) for mark in each.marks.all()] for each in version.declarations.all()]
    extract: Extract | None = getattr(version, "extract", None)
    texts = _texts_to_check(evidence, version, extract)
    found = [[(label.value, word) for word in secrecy.find_marks(text)] for label, text in texts]
    elsewhere = groupby(extract.marks if extract else (), key=lambda mark: mark[0])
    found += [[(place, word) for _, word in marks] for place, marks in elsewhere]
    return [mark for marks in found if marks not in confirmed for mark in marks]


def marks_elsewhere(places: dict[str, str]) -> list[tuple[str, str]]:
    """Return place and word of the marks in what was read beside the first page: all places of the reading program and ``rest``."""
    full = (MarkPlace.MARGIN, MarkPlace.BOX, MarkPlace.NOTES, MarkPlace.PROPERTIES)
    found = [(place.value, word) for place in full for word in secrecy.find_marks(places.get(place.value, ""))]
    for place, name in ((MarkPlace.HIDDEN, "hidden"), (MarkPlace.TEXT, "rest")):
        found += [(place.value, word) for word in secrecy.find_stamped_marks(places.get(name, ""))]
    return found


def _texts_to_check(
    evidence: Evidence | None, version: EvidenceVersion, extract: Extract | None
) -> Iterator[tuple[MarkPlace, str]]:
    if evidence:
        yield MarkPlace.TITLE, evidence.title
        yield MarkPlace.DESCRIPTION, f"{evidence.doc_number}\n{evidence.issuer}\n{evidence.place}\n{evidence.people}"
    yield MarkPlace.FILE_NAME, version.given_name.rpartition(".")[0] or version.given_name
    yield MarkPlace.TEXT, version.text
    yield MarkPlace.FIRST_PAGE, extract.first_page if extract else ""


def _notify_uploader(evidence: Evidence, marks: str, actor: Actor) -> None:
    text = f"资料“{evidence.title}”带有密级标志（{marks}），确认前不能报送，其他单位看不到它。请打开资料页确认不涉密，或清除文件。"
    dedup_key = f"held/{evidence.pk}/{evidence.version}"
    notifications.notify(
        evidence.created_by,
        NoticeKind.CHANGED,
        text,
        actor,
        subject=f"evidence/{evidence.pk}",
        dedup_key=dedup_key,
        evidence=evidence,
        urgency=Urgency.AT_ONCE,
    )


def citation_obstacle(evidence: Evidence) -> str:
    """Return the sentence that says why a piece cannot be cited; empty if it can."""
    if evidence.hidden_at:
        return "这份资料已被创建办紧急隐藏，不能引用。请与创建办联系。"
    if marks := evidence.flagged_marks:
        return f"“{evidence}”带有密级标志（{marks}）。请先在资料页确认不涉密，或清除文件。"
    return ""


def declare_not_secret(evidence: Evidence, reason: str, actor: Actor) -> None:
    """Declare that the piece contains no state secret. The declaration is kept with the version and cannot be withdrawn.

    Raises Refusal without a reason and for a deleted piece.
    """
    require_text(reason, NO_CLEARING)
    with transaction.atomic():
        now = Evidence.objects.active().select_for_update(of=("self",)).filter(pk=evidence.pk).first()
        if now is None:
            raise Refusal("这份资料已删除。请先恢复，再确认不涉密。")
        version = EvidenceVersion.objects.filter(evidence=now).order_by("-number")[0]
        marks = now.flagged_marks
        for _, waiting in groupby(SecrecyMark.objects.waiting().filter(evidence=now), key=lambda mark: mark.place):
            declared = SecrecyDeclaration.objects.create(
                version=version, reason=reason, created_by=actor.human, created_at=actor.at
            )
            SecrecyMark.objects.filter(pk__in=[mark.pk for mark in waiting]).update(declaration=declared)
        audit_log.record(actor, "evidence.clear", evidence, detail=f"{marks}；理由：{reason}")


def purge(evidence: Evidence, reason: str, actor: Actor) -> None:
    """Remove the content, previews and text from this server. Only for a blocked or hidden piece that was never submitted.

    The row is kept without its title, so that its number is not reused. Files are deleted after the commit; after a crash the
    sweeper deletes them. Raises Refusal.
    """
    require_text(reason, NO_PURGING)
    with transaction.atomic():
        now = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
        if not now.flagged_marks and not now.hidden_at:
            raise Refusal("只有带密级标志的资料才能清除。其他资料请用“删除”，可以恢复。")
        if SubmittedCitation.objects.filter(version__evidence=now).exists():
            raise Refusal("这份资料已经报送过，记录须保留。请联系创建办紧急隐藏。")
        versions = EvidenceVersion.objects.filter(evidence=now)
        files = [(version.blob, version.sha256) for version in versions if version.blob]
        Citation.objects.filter(evidence=now, removed_at=None).update(removed_at=actor.at)
        SearchEntry.objects.filter(evidence=now).delete()
        Upload.objects.filter(evidence=now).update(name=PURGED_TITLE)
        versions.delete()
        _blank_row(now, reason, actor)
        audit_log.record(actor, "evidence.purge", now, detail=f"{reason}；{'、'.join(digest for _, digest in files)}")
    for key, digest in files:
        storage.delete_blob(key)
        if not EvidenceVersion.objects.filter(sha256=digest).exists():
            shutil.rmtree(storage.preview_folder(digest), ignore_errors=True)


def _blank_row(evidence: Evidence, reason: str, actor: Actor) -> None:
    blank = dict.fromkeys(("doc_number", "issuer", "place", "people"), "")
    values = blank | {"title": PURGED_TITLE, "deleted_at": actor.at, "deleted_by": actor.human, "delete_reason": reason}
    for name, value in values.items():
        setattr(evidence, name, value)
    evidence.version += 1
    evidence.save(update_fields=[*values, "version"])

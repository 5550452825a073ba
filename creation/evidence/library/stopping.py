"""A mark of secrecy stops a piece until a person of its unit has answered for it, or taken it away for good."""

import shutil
from collections.abc import Iterator

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import (
    Citation,
    Clearance,
    Evidence,
    EvidenceVersion,
    Extract,
    NoticeKind,
    SearchEntry,
    SubmittedCitation,
    Upload,
    Urgency,
)
from creation.rules import secrecy

GONE = "（已清除的资料）"


def look(piece: Evidence, actor: Actor | None = None) -> str:
    """Hold the piece when its name, its text or its first page bears a mark that nobody has answered for. Gives what is held.

    ``actor``: whoever learns of it later than the uploader, who is then told; None while the uploader is at the page.
    """
    version = EvidenceVersion.objects.filter(evidence=piece).order_by("-number").first()
    held = _marks(piece, version)[:60] if version else ""
    if held == piece.held:
        return held
    Evidence.objects.filter(pk=piece.pk).update(held=held)
    piece.held = held
    if held and actor:
        trail.audit(actor, "evidence.hold", piece, detail=held)
        _tell(piece, actor)
    return held


def _marks(piece: Evidence, version: EvidenceVersion) -> str:
    """首页：机密；文件名：内部 — without the marks that somebody has answered for in this version."""
    cleared = set(Clearance.objects.filter(version=version).values_list("marks", flat=True))
    found = {place: marks for place, text in _texts(piece, version) if (marks := secrecy.marks(text))}
    told = [f"{place}：{'、'.join(marks)}" for place, marks in found.items()]
    return "；".join(each for each in told if each not in cleared)


def _texts(piece: Evidence, version: EvidenceVersion) -> Iterator[tuple[str, str]]:
    yield "题名", piece.title
    yield "文件名", version.given_name.rpartition(".")[0] or version.given_name
    yield "正文", version.text
    yield "首页", Extract.objects.filter(version=version).values_list("first_page", flat=True).first() or ""


def _tell(piece: Evidence, actor: Actor) -> None:
    text = f"资料“{piece.title}”带有密级标志（{piece.held}），确认前不能报送，其他单位看不到它。请打开资料页确认不涉密，或清除文件。"
    slot = f"held/{piece.pk}/{piece.version}"
    trail.notify(
        piece.created_by,
        NoticeKind.CHANGED,
        text,
        actor,
        subject=f"evidence/{piece.pk}",
        slot=slot,
        urgency=Urgency.AT_ONCE,
    )


def why_not(piece: Evidence) -> str:
    """The sentence that keeps a piece from being cited; empty when it may be."""
    if piece.hidden_at:
        return "这份资料已被创建办紧急隐藏，不能引用。请与创建办联系。"
    if piece.held:
        return f"“{piece}”带有密级标志（{piece.held}）。请先在资料页确认不涉密，或清除文件。"
    return ""


def clear(piece: Evidence, reason: str, actor: Actor) -> None:
    """Somebody answers for it that the piece carries no state secret; kept with the version, beyond recall."""
    with transaction.atomic():
        now = Evidence.objects.kept().select_for_update(of=("self",)).get(pk=piece.pk)
        version = EvidenceVersion.objects.filter(evidence=now).order_by("-number")[0]
        for mark in filter(None, now.held.split("；")):
            Clearance.objects.create(version=version, marks=mark, reason=reason, by=actor.human, at=actor.at)
        Evidence.objects.filter(pk=now.pk).update(held="")
        trail.audit(actor, "evidence.clear", piece, detail=f"{now.held}；理由：{reason}")
    piece.held = ""


def purge(piece: Evidence, reason: str, actor: Actor) -> None:
    """Take the bytes, their pictures and their words off this server. Only for a stopped piece that was never handed in.

    The row stays without its title, so that no number is given again. Bytes go after the commit; what a crash leaves the sweeper takes.
    """
    with transaction.atomic():
        now = Evidence.objects.select_for_update(of=("self",)).get(pk=piece.pk)
        if not now.held and not now.hidden_at:
            raise Refusal("只有带密级标志的资料才能清除。其他资料请用“删除”，可以恢复。")
        if SubmittedCitation.objects.filter(version__evidence=now).exists():
            raise Refusal("这份资料已经报送过，记录须保留。请联系创建办紧急隐藏。")
        versions = EvidenceVersion.objects.filter(evidence=now)
        files = [(version.blob, version.sha256) for version in versions if version.blob]
        Citation.objects.filter(evidence=now, removed_at=None).update(removed_at=actor.at)
        SearchEntry.objects.filter(evidence=now).delete()
        Upload.objects.filter(evidence=now).update(name=GONE)
        versions.delete()
        _forget(now, reason, actor)
        trail.audit(actor, "evidence.purge", now, detail=f"{reason}；{'、'.join(digest for _, digest in files)}")
    for key, digest in files:
        storage.delete_blob(key)
        if not EvidenceVersion.objects.filter(sha256=digest).exists():
            shutil.rmtree(storage.preview_folder(digest), ignore_errors=True)


def _forget(piece: Evidence, reason: str, actor: Actor) -> None:
    blank = dict.fromkeys(("doc_number", "issuer", "place", "people", "held"), "")
    values = blank | {"title": GONE, "deleted_at": actor.at, "deleted_by": actor.human, "delete_reason": reason}
    for name, value in values.items():
        setattr(piece, name, value)
    piece.version += 1
    piece.save(update_fields=[*values, "version"])

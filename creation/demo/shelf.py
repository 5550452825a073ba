"""Puts a drawn file where an uploaded one would lie, and names it in the database as an upload does.

Not through ``uploads``: that has every PDF judged by a process of its own, which takes minutes for some hundred files; a test judges them.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.demo import papers
from creation.demo.papers import Paper
from creation.evidence import citing, pieces
from creation.lib import filenames, storage
from creation.lib.filetypes.allowed import ALLOWED
from creation.models import ActionFile, Citation, EvidenceVersion, Task


def put(task: Task, paper: Paper, data: Mapping[str, Any], actor: Actor) -> Citation:
    """Draw, keep and cite. A load that fails leaves the bytes to the sweeper."""
    payload = _kept(paper)
    with transaction.atomic():
        citing.lock_open(task)
        citing.lock_unit(task.unit_id)
        evidence = pieces.create(task, ALLOWED[paper.form].type.kind, data, actor)
        EvidenceVersion.objects.create(evidence=evidence, by=actor.human, at=actor.at, **payload)
        citation = citing.put(task, evidence, actor)
        said = f"{citation}；{payload['given_name']}，{payload['size']} 字节，sha256 {payload['sha256']}；{pieces.DECLARED}"
        trail.audit(actor, "evidence.upload", task, detail=said)
    return citation


def attachment(paper: Paper) -> ActionFile:
    """A file to go along with an action, kept but not saved."""
    kept = _kept(paper)
    return ActionFile(
        name=kept["given_name"], **{name: kept[name] for name in ("blob", "sha256", "size", "media_type")}
    )


def _kept(paper: Paper) -> dict[str, Any]:
    content, kind = papers.make(paper), ALLOWED[paper.form].type
    return {
        "blob": lay(content, uuid4()),
        "given_name": filenames.clean(f"{paper.title}.{paper.form}"),
        "extension": kind.extension,
        "media_type": kind.media_type,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def lay(content: bytes, name: UUID) -> str:
    """Keep the bytes and give the key; ``settle`` brings all of them to the disk at once."""
    key = f"{name.hex[:2]}/{name.hex}"
    with tempfile.NamedTemporaryFile(dir=settings.INCOMING_ROOT) as file:
        file.write(content)
        file.flush()
        storage.put(Path(file.name), key, durable=False)
    return key


def settle() -> None:
    """Some hundred files need one sync, not one each; call it before the rows that name them are committed."""
    os.sync()

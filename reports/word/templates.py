"""The template of a paper: the one that the office uploaded, or the default. A new template is checked before it is used."""

import json
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from docx.document import Document

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.evidence import attachments
from creation.lib import sandbox, storage
from creation.lib.refusals import Refusal
from creation.models import Campaign, PaperTemplate
from reports.word import defaults, layout, template_filling, template_reader
from reports.word.definition import PaperDefinition

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NUMBER = "编号"
MAX_BYTES = 5 * 2**20  # of a template
MEMORY_MB, CPU_SECONDS, TIMEOUT = 600, 5, 30  # for checking one; papers are filled from it in the same time
READER = Path(template_reader.__file__)


def current(campaign: Campaign, kind: PaperDefinition) -> PaperTemplate | None:
    """Return the office's own template, None while the default is used."""
    newest = campaign.templates.filter(kind=kind.paper).select_related("created_by").first()
    return newest if newest and newest.blob else None


def document(campaign: Campaign, kind: PaperDefinition) -> Document:
    """Return the template as a document to fill. Raises FileNotFoundError when the office's file is missing."""
    own = current(campaign, kind)
    if own is None:
        return defaults.document_of(kind.paper, campaign.ranking)
    with storage.open_blob(own.blob) as file:
        return docx.Document(file)


def as_file(campaign: Campaign, kind: PaperDefinition) -> BytesIO:
    """Return the template as it is stored. Raises FileNotFoundError when the office's file is missing."""
    if own := current(campaign, kind):
        with storage.open_blob(own.blob) as stored:
            return BytesIO(stored.read())
    file = BytesIO()
    defaults.document_of(kind.paper, campaign.ranking).save(file)
    file.seek(0)
    return file


def replace(campaign: Campaign, kind: PaperDefinition, file: "UploadedFile[Any]", actor: Actor) -> None:
    """Check a template (like evidence; then its fields) and use it from now on. Raises Refusal."""
    if (file.size or 0) > MAX_BYTES:
        raise Refusal(f"模板不能超过 {MAX_BYTES // 2**20} MB。请删去图片等内容后再上传。")
    with attachments.stored_attachments([file]) as kept:
        row = kept[0]
        if row.media_type != MEDIA_TYPE:
            raise Refusal(f"“{row.name}”不是 Word 文档（.docx）。请在 Word 或 WPS 中另存为 .docx 后再上传。")
        if found := _faults(row.blob, kind):
            raise Refusal(f"模板没有更换。{''.join(found[:8])}")
        _save(campaign, kind, {"blob": row.blob, "name": row.name, "sha256": row.sha256}, actor)


def _faults(blob: str, kind: PaperDefinition) -> list[str]:
    """Return the faults of the template, also when it cannot be opened. It is read in a child process with limits."""
    fields, lists, pictures = kind.dictionary.fields, kind.dictionary.lists, kind.dictionary.pictures
    known = {"fields": [*fields], "lists": {name: [*parts] for name, parts in lists.items()}, "pictures": [*pictures]}
    with tempfile.TemporaryDirectory(dir=settings.INCOMING_ROOT) as folder, storage.open_blob(blob) as file:
        path = Path(folder) / "template.docx"
        path.write_bytes(file.read())
        path.with_name(template_reader.FIELDS).write_text(json.dumps(known), "utf-8")
        output = sandbox.run(MEMORY_MB, CPU_SECONDS, TIMEOUT, READER, str(path))
    if output is None:
        return ["文件内容过多，没有读完（例如表格有上万个单元格）。请删去不需要的内容后再上传。"]
    return list(json.loads(output))


def restore(campaign: Campaign, kind: PaperDefinition, actor: Actor) -> None:
    """Use the default again; the office's templates stay on record."""
    if current(campaign, kind):
        _save(campaign, kind, {}, actor)


def _save(campaign: Campaign, kind: PaperDefinition, values: dict[str, str], actor: Actor) -> None:
    with transaction.atomic():
        Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        rows = campaign.templates.filter(kind=kind.paper)
        number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
        PaperTemplate.objects.create(
            campaign=campaign, kind=kind.paper, number=number, created_by=actor.human, created_at=actor.at, **values
        )
        detail = values.get("name", "恢复为系统模板")
        audit_log.record(actor, "template.replace", campaign, detail=f"{kind.title}：{detail}")


def filled_template(campaign: Campaign, kind: PaperDefinition, values: template_filling.FieldValues) -> Document:
    """Return the template with every field filled in except the number, which depends on the resulting text.

    Raises Refusal if a field is left: nothing that still holds one gets a number.
    """
    made = document(campaign, kind)
    fill_in(made, values)
    if left := template_filling.unfilled(made, {NUMBER}):
        raise Refusal(f"模板里有填不上的字段：{'、'.join(left[:8])}。请在“模板”页对照字段表改正模板，或恢复系统模板。")
    return made


def fill_in(made: Document, values: template_filling.FieldValues) -> None:
    without = {name: text for name, text in values.fields.items() if name != NUMBER}
    template_filling.fill_document(made, template_filling.FieldValues(without, values.lists, values.pictures))


def finish(made: Document, note: str, target: Path | BytesIO) -> None:
    """Save with ``note`` (number and check code) in its placeholder or, if there is none, below the last line."""
    template_filling.fill_document(made, template_filling.FieldValues({NUMBER: note}))
    if note and not any(note in text for text in template_filling.document_texts(made)):
        layout.add_note(made, note)
    layout.finish_layout(made)
    made.save(str(target) if isinstance(target, Path) else target)

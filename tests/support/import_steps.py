"""Upload and import workbooks as the browser does."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan
from creation.imports.registry import KINDS
from creation.models import ImportUpload
from tests.support.world import World


def post_workbook(world: World, who: str, kind: str, content: bytes, name: str = "表.xlsx") -> Any:
    address = reverse("import_new", args=[world.campaign.pk, kind])
    return world.client(who).post(address, {"workbook": SimpleUploadedFile(name, content)})


def receive(world: World, who: str, kind: str, content: bytes, name: str = "表.xlsx") -> ImportUpload:
    """Return an accepted upload."""
    return import_uploads.receive(KINDS[kind], world.campaign, name, content, world.actor(who))


def plan_of_workbook(world: World, who: str, kind: str, content: bytes, **answers: str) -> ImportPlan:
    upload = receive(world, who, kind, content)
    upload.answers = {key.replace("__", ":"): value for key, value in answers.items()}
    return import_uploads.plan_of(upload, world.actor(who))


def apply_workbook(world: World, who: str, kind: str, content: bytes) -> str:
    """Upload a workbook, open the plan, and import it; return the result."""
    upload = receive(world, who, kind, content)
    return import_uploads.apply(upload, import_uploads.plan_of(upload, world.actor(who)).digest, world.actor(who))


def address(world: World, upload: ImportUpload, name: str = "import") -> str:
    return reverse(name, args=[world.campaign.pk, upload.pk])


def confirm(world: World, who: str, upload: ImportUpload, seen: str, lines: int = 1, **more: Any) -> Any:
    """Press the button below the plan, which sends how many lines were shown."""
    address_ = address(world, upload, "import_apply")
    return world.client(who).post(address_, {"seen": seen, "lines": lines}, **more)

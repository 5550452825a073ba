"""Workbooks handed in as the browser does."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.imports import keeping
from creation.imports.plans import Plan
from creation.imports.registry import KINDS
from creation.models import Intake
from tests.world import World


def send(world: World, who: str, kind: str, content: bytes, name: str = "表.xlsx") -> Any:
    address = reverse("import_new", args=[world.campaign.pk, kind])
    return world.client(who).post(address, {"workbook": SimpleUploadedFile(name, content)})


def of(world: World, who: str, kind: str, content: bytes, name: str = "表.xlsx") -> Intake:
    """A workbook that was taken."""
    return keeping.receive(KINDS[kind], world.campaign, name, content, world.actor(who))


def plan(world: World, who: str, kind: str, content: bytes, **answers: str) -> Plan:
    intake = of(world, who, kind, content)
    intake.answers = {key.replace("__", ":"): value for key, value in answers.items()}
    return keeping.plan_of(intake, world.actor(who))


def do(world: World, who: str, kind: str, content: bytes) -> str:
    """Taken, looked at, carried out."""
    intake = of(world, who, kind, content)
    return keeping.apply(intake, keeping.plan_of(intake, world.actor(who)).digest, world.actor(who))


def address(world: World, intake: Intake, name: str = "import") -> str:
    return reverse(name, args=[world.campaign.pk, intake.pk])


def confirm(world: World, who: str, intake: Intake, seen: str, lines: int = 1, **more: Any) -> Any:
    """The button under the preview, which says how many lines were shown."""
    address_ = address(world, intake, "import_apply")
    return world.client(who).post(address_, {"seen": seen, "lines": lines}, **more)

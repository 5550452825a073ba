"""Plans of tables that are given as rows, without a file and the program that reads it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan
from creation.imports.registry import KINDS
from tests.support.import_accounts import sheet_of
from tests.support.world import World

Merges = Iterable[tuple[int, int, int, int]]  # first row and column, last row and column, from 1


def plan_of(
    world: World,
    kind: str,
    rows: Sequence[Sequence[Any]],
    merges: Merges = (),
    answers: Mapping[str, str] | None = None,
    more: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    name: str = "表",
) -> ImportPlan:
    """Return the plan of a table on the sheet ``name``, and of those on ``more`` sheets."""
    actor = world.actor("coordinator")
    upload = import_uploads.prepare(KINDS[kind], world.campaign, "表.xlsx", b"", actor)
    upload.answers = dict(answers or {})
    sheets = [replace(sheet_of([list(row) for row in rows], merges), name=name)]
    sheets += [replace(sheet_of([list(row) for row in each]), name=other) for other, each in (more or {}).items()]
    return import_uploads.plan_of_sheets(upload, sheets, actor)


def changes(found: ImportPlan) -> list[tuple[str, str, str]]:
    """Return code or name, heading and new value of each change."""
    return [(line.title.split(" ")[0], change.heading, change.after) for line in found.lines for change in line.changes]


def sentences(found: ImportPlan) -> list[str]:
    return [error.sentence for error in found.errors]

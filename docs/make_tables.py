"""Write two tables from the code: the moves of a task into README, and the rights of roles into docs/rights.md.

.venv/bin/python docs/make_tables.py
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAPERS = (ROOT / "README.md", ROOT / "docs" / "rights.md")


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    for paper in PAPERS:
        paper.write_text(filled(paper.read_text("utf-8")), "utf-8")


def filled(text: str) -> str:
    """Return the text with both tables updated, each between its pair of markers."""
    for name, rows in (("moves", moves()), ("rights", rights())):
        table = "\n".join([f"<!-- {name} -->", *rows, f"<!-- /{name} -->"])
        text = re.sub(f"<!-- {name} -->.*<!-- /{name} -->", lambda _, table=table: table, text, flags=re.DOTALL)
    return text


def moves() -> list[str]:
    """Return a row for each move: its name in the code, its button, the statuses before and after, and the roles with the right."""
    from creation.models import TaskStatus
    from creation.rules.policy import PERMISSION_MATRIX, ROLE_NAMES
    from creation.tasks.workflow import MOVES

    rows = ["| Move | Button | From | To | Right | Who |", "|---|---|---|---|---|---|"]
    for move in MOVES.values():
        sources = "、".join(status.label for status in TaskStatus if status in move.sources)
        signed = f"（审签开启时：{TaskStatus(move.target_if_signed).label}）" if move.target_if_signed else ""
        who = "、".join(ROLE_NAMES[role] for role in PERMISSION_MATRIX[move.permission])
        target = TaskStatus(move.target).label + signed
        rows.append(f"| `{move.name}` | {move.label} | {sources} | {target} | `{move.permission}` | {who} |")
    return rows


def rights() -> list[str]:
    """Return the output of ``manage.py rights``."""
    from creation.management.commands.rights import table

    return table()


if __name__ == "__main__":
    main()

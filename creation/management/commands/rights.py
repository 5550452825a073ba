"""`manage.py rights`: print the table of rights for docs/rights.md, generated from the policy."""

from typing import Any

from django.core.management.base import BaseCommand

from creation.rules.policy import PERMISSION_MATRIX, ROLE_NAMES, Permission, Reach, Role

REACHES = {Reach.UNIT: "本单位", Reach.CAMPAIGN: "本活动", Reach.DISTRICT: "本区"}


class Command(BaseCommand):
    help = "打印权限表（Markdown）：角色 × 行为。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(table()))


def table() -> list[str]:
    """Return the rows in Markdown; an empty cell means that the role lacks the right."""
    roles = list(Role)
    head = ["| 行为 | " + " | ".join(ROLE_NAMES[role] for role in roles) + " |", "|---|" + "---|" * len(roles)]
    return head + [row(permission, roles) for permission in PERMISSION_MATRIX]


def row(permission: Permission, roles: list[Role]) -> str:
    cells = [
        REACHES[PERMISSION_MATRIX[permission][role]] if role in PERMISSION_MATRIX[permission] else "" for role in roles
    ]
    return f"| {permission.label} | {' | '.join(cells)} |"

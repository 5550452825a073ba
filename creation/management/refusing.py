from typing import Any

from django.core.management.base import BaseCommand, CommandError

from creation.lib.refusals import Refusal


class RefusingCommand(BaseCommand):
    """A refusal of the verb is the error of the command, in the same words."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal

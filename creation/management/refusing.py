from typing import Any

from django.core.management.base import BaseCommand, CommandError

from creation.lib.refusals import Refusal


class RefusingCommand(BaseCommand):
    """Command that reports a Refusal as a CommandError with the same message."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal

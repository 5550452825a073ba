"""What keeps a workbook, or one cell of it, from being taken."""

from creation.lib.refusals import Refusal


class InvalidCell(Refusal):
    """A cell cannot be taken; the argument says why and what to do, without its place."""

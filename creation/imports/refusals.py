"""Exceptions for workbooks and cells that cannot be imported."""

from creation.lib.refusals import Refusal


class InvalidCell(Refusal):
    """A cell is invalid. The argument says why and what to do, without the cell's position."""

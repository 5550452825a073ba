"""What keeps a workbook, or one cell of it, from being taken."""


class Unreadable(Exception):
    """The workbook is not taken; the argument is the sentence to show."""


class Wrong(Exception):
    """A cell cannot be taken; the argument says why and what to do, without its place."""


class Stale(Exception):
    """What would be done now is not what was shown; the argument is the sentence to show."""

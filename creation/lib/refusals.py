"""What a person is told when what they asked for cannot be done. Every verb raises these; ``creation.web.refusals`` answers them."""

from typing import Any


class Refusal(Exception):
    """``sentence`` is Chinese and says what is wrong, where, and what to do. Nothing was changed.

    ``status``: the HTTP status where the refusal becomes a page of its own. ``field``: the field of the form that it belongs to, "" for
    the form as a whole. ``theirs``: what the system holds instead of what the person wanted to save, where that is to be shown.
    """

    def __init__(self, sentence: str, status: int = 422, theirs: Any = None, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.theirs, self.field = sentence, status, theirs, field


class Stale(Refusal):
    """Somebody changed what the person had on the screen; shown beside what the person wrote (409)."""

    def __init__(self, sentence: str, theirs: Any = None) -> None:
        super().__init__(sentence, 409, theirs)

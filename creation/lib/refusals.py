"""Exceptions for requests that cannot be carried out. Verbs raise them; ``creation.web.refusals`` turns them into responses."""

from typing import Any


class Refusal(Exception):
    """A verb could not do what the person asked for.

    ``sentence`` is Chinese and says what is wrong, where, and what to do. Nothing was changed. ``status`` is the HTTP status if
    the refusal has its own page. ``field`` is the form field that it belongs to, "" for the form as a whole. ``theirs`` is the
    current value in the system, where it is to be shown beside the person's.
    """

    def __init__(self, sentence: str, status: int = 422, theirs: Any = None, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.theirs, self.field = sentence, status, theirs, field


class Stale(Refusal):
    """Somebody else changed the object since the person opened it. Shown beside what the person wrote (409)."""

    def __init__(self, sentence: str, theirs: Any = None) -> None:
        super().__init__(sentence, 409, theirs)


def require_text(text: str, sentence: str, field: str = "") -> None:
    """Raise Refusal with the sentence if a text that has to be there is blank."""
    if not text.strip():
        raise Refusal(sentence, field=field)

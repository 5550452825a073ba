"""Which columns point at a model, and what a verb that replaces its rows decides about each of them.

A verb that puts one row in the place of another (units merge, an edition succeeds another, a campaign is rolled forward)
must decide about every foreign key to it. It keeps its decisions in one table, and ``tests/models/test_relations.py``
fails for a key that is missing there.
"""

from dataclasses import dataclass

from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Stays:
    """The decision to leave the rows of a key as they are, and the reason."""

    reason: str


def relations_to(model: type[Model]) -> set[str]:
    """Every foreign key and many-to-many field that points at the model, as ``Model.field``; automatic tables left out."""
    fields = model._meta.get_fields(include_hidden=True)
    reverse = [each for each in fields if each.auto_created and not each.concrete]
    return {
        f"{each.related_model.__name__}.{each.field.name}"  # type: ignore[union-attr]
        for each in reverse
        if not each.related_model._meta.auto_created  # type: ignore[union-attr]
    }

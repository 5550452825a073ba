"""Lists the foreign keys to a model, and what a verb that replaces its rows decides about each of them.

A verb that replaces one row by another (merging units, changing the edition, rolling a campaign forward) must decide about
every foreign key to it. It keeps its decisions in a table, and ``tests/models/test_relations.py`` fails if a key is missing
there.
"""

from dataclasses import dataclass

from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Stays:
    """The decision not to change the rows of a key, with the reason."""

    reason: str


def relations_to(model: type[Model]) -> set[str]:
    """Return every foreign key and many-to-many field that points at the model, as ``Model.field``, without automatic tables."""
    fields = model._meta.get_fields(include_hidden=True)
    reverse = [each for each in fields if each.auto_created and not each.concrete]
    return {
        f"{each.related_model.__name__}.{each.field.name}"  # type: ignore[union-attr]
        for each in reverse
        if not each.related_model._meta.auto_created  # type: ignore[union-attr]
    }


def models_below(model: type[Model]) -> set[str]:
    """Return the models that hang on this one: by a foreign key or many-to-many field of their own, directly or through others."""
    found, waiting = {model}, [model]
    while waiting:
        for each in waiting.pop()._meta.get_fields(include_hidden=True):
            if each.auto_created and not each.concrete and each.related_model not in found:
                found.add(each.related_model)  # type: ignore[arg-type]
                waiting.append(each.related_model)  # type: ignore[arg-type]
    return {each.__name__ for each in found - {model} if not each._meta.auto_created}

"""Call verbs without a form, with valid and invalid arguments, to test that each verb enforces its own rules."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from django.apps import apps

from creation.models import ReferenceVersion
from tests.support.world import TODAY, World

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
DUE, NEW = date(2026, 8, 10), date(2026, 8, 20)  # due day of the tasks in the evidence phase, and a later day
Refusal = tuple[dict[str, Any], str]  # the arguments that differ from the valid call, and the sentence expected


@dataclass(frozen=True)
class Verb:
    """``call`` takes the world as ``prepare`` left it and the arguments; ``good`` are valid arguments.

    A refused call changes one of them, so that the refusal cannot be caused by the setup.
    """

    name: str
    call: Callable[..., Any]
    good: dict[str, Any]
    refused: list[Refusal]
    prepare: Callable[[World], None] = field(default=lambda world: None)


@pytest.mark.usefixtures("fresh_data_dir", "at_now")
class VerbTests:
    """The tests of the verbs of a room, at ``NOW``: each does what is right, and refuses what is wrong with nothing changed."""

    verbs: ClassVar[list[Verb]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "sentence" in metafunc.fixturenames:
            metafunc.parametrize(("verb", "changes", "sentence"), refusals(self.verbs))
        else:
            metafunc.parametrize("verb", self.verbs, ids=lambda verb: verb.name)

    def test_the_verb_does_what_is_right(self, world: World, verb: Verb) -> None:
        verb.prepare(world)
        before = everything()
        verb.call(world, **verb.good)
        assert everything() != before

    def test_the_verb_refuses_what_is_wrong_and_changes_nothing(
        self, world: World, verb: Verb, changes: dict[str, Any], sentence: str
    ) -> None:
        verb.prepare(world)
        before = everything()
        with pytest.raises(Exception, match=sentence) as refused:
            verb.call(world, **verb.good | changes)
        assert type(refused.value).__module__.startswith("creation."), "a refusal of ours, no accident"
        assert everything() == before


def refusals(verbs: Iterable[Verb]) -> list[Any]:
    """Return arguments for ``parametrize``: each verb with each invalid call."""
    return [
        pytest.param(verb, changes, sentence, id=f"{verb.name}, {next(iter(changes))}, {sentence}")
        for verb in verbs
        for changes, sentence in verb.refused
    ]


def everything() -> dict[str, list[Any]]:
    """Return every row of each of our tables; the version that triggers write is another one after each change."""
    models = apps.get_app_config("creation").get_models(include_auto_created=True)
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for model in models
        if model is not ReferenceVersion
    }

"""Every template compiles, and those that it names exist: a cheap check of all of them, also on days on which few are rendered."""

import re
from pathlib import Path

from django.template.engine import Engine
from django.template.loader_tags import ExtendsNode, IncludeNode

ROOT = Path(__file__).resolve().parents[2] / "templates"


def test_every_template_compiles_and_so_do_those_that_it_names() -> None:
    engine = Engine.get_default()
    for path in [path for path in ROOT.rglob("*") if path.is_file()]:
        nodes = engine.get_template(path.relative_to(ROOT).as_posix()).nodelist
        parents = [node.parent_name for node in nodes.get_nodes_by_type(ExtendsNode)]
        for named in [*parents, *(node.template for node in nodes.get_nodes_by_type(IncludeNode))]:
            if isinstance(named.var, str):  # else a variable chooses
                engine.get_template(named.var)


def test_what_must_break_is_not_held_in_one_line() -> None:
    """The class ``code`` keeps a number in one line; a digest of 64 letters must break on a phone."""
    classes = [found for path in ROOT.rglob("*.html") for found in re.findall(r'class="([^"]*)"', path.read_text())]
    assert len(classes) > 1000
    assert [each for each in classes if {"code", "text-break"} <= set(each.split())] == []

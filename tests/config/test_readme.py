"""Compare README and docs with the code: links, paths, words, commands, tables, settings and dependencies."""

import ast
import re
import tomllib
from functools import cache
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import call_command, get_commands

from docs import make_tables

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:bin|benchmarks|config|creation|deploy|docs|reports|templates|tests)/[^`\s*<>]*)`")
ASKED = re.compile(r"(?:text|number|flag|comma_separated|environ\.get)\(\s*\"([A-Z_]+)\"")


def name_of(paper: Path) -> str:
    return paper.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_link_leads_somewhere(paper: Path) -> None:
    targets = [unquote(link.partition("#")[0]) for link in LINK.findall(paper.read_text("utf-8"))]
    places = [target for target in targets if target and "://" not in target]
    assert [place for place in places if not (paper.parent / place).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_heading_that_is_linked_exists(paper: Path) -> None:
    text = paper.read_text("utf-8")
    linked = [unquote(link).partition("#") for link in LINK.findall(text) if "#" in link and "://" not in link]
    missing = [
        f"{target}#{anchor}"
        for target, _, anchor in linked
        if anchor not in anchors_of(paper.parent / target if target else paper)
    ]
    assert missing == []


def anchors_of(paper: Path) -> set[str]:
    return {anchor_of(line) for line in paper.read_text("utf-8").splitlines() if line.startswith("#")}


def anchor_of(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.lstrip("#").strip().lower())
    return words.replace(" ", "-")


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(unquote(link)).name for paper in PAPERS for link in LINK.findall(paper.read_text("utf-8"))}
    assert {picture.name for picture in ROOT.glob("docs/pictures/*.png")} - shown == set()


def test_every_command_that_is_named_exists() -> None:
    named = {name for paper in PAPERS for name in re.findall(r"manage\.py ([a-z_]+)", paper.read_text("utf-8"))}
    assert len(named) > 8
    assert named - set(get_commands()) == set()


def test_every_command_of_ours_is_named() -> None:
    ours = {name for name, app in get_commands().items() if app in ("creation", "reports")}
    commands = text_of("docs/operations.md")
    assert {name for name in ours if f"manage.py {name}" not in commands} == set()


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_path_that_is_named_exists(paper: Path) -> None:
    """A module may be named without its ending: ``creation/access`` is a file or a folder."""
    named = PATH.findall(paper.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists() and not (ROOT / f"{name}.py").exists()] == []


def test_paths_are_named_at_all() -> None:
    assert len({name for paper in PAPERS for name in PATH.findall(paper.read_text("utf-8"))}) > 150


def test_every_word_of_the_glossary_is_in_the_code() -> None:
    rows = re.findall(r"^\|[^|]*\|([^|]*)\|", text_of("docs/glossary.md"), re.MULTILINE)
    words = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    assert len(words) > 100
    assert words - names_in_code() == set()


def names_in_code() -> set[str]:
    """Modules, packages, classes, functions, variables, fields and arguments of ours."""
    paths = [path for room in ("creation", "reports") for path in (ROOT / room).rglob("*.py")]
    found = {part for path in paths for part in path.relative_to(ROOT).with_suffix("").parts}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (getattr(node, attribute, None) for attribute in ("name", "id", "attr", "arg"))
            found |= {name for name in names if isinstance(name, str)}
    return found


def test_a_class_name_is_used_once() -> None:
    """Except where a framework finds classes by their name, and in tests that are read alone."""
    found: dict[str, list[str]] = {}
    for path in [each for folder in ("config", "creation", "reports") for each in (ROOT / folder).rglob("*.py")]:
        if path.parent.name not in {"migrations", "commands"}:
            for name in re.findall(r"^class (\w+)", path.read_text("utf-8"), re.MULTILINE):
                found.setdefault(name, []).append(name_of(path))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_the_map_has_the_rooms_in_their_order() -> None:
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    named = {contract["name"]: contract for contract in contracts}
    layers = [layer for layer in named["Rooms of creation, high to low"]["layers"] if layer.isidentifier()]
    mapped = re.findall(r"^\| `(\w+)/?` \|", text_of("README.md").partition("| `creation/` |")[2], re.MULTILINE)
    assert len(layers) > 15
    assert mapped[: len(layers)] == layers[::-1]


@pytest.mark.parametrize("paper", sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")), ids=name_of)
def test_a_decision_is_short_and_in_the_index(paper: Path) -> None:
    text = paper.read_text("utf-8")
    assert len(text.splitlines()) <= 25
    assert re.findall(r"^## (.+)", text, re.MULTILINE) == ["Context", "Choice", "Consequence"]
    number, title = text.splitlines()[0].removeprefix("# ").split(" ", 1)
    assert paper.name.startswith(f"{number}-")
    assert f"\n- [{number}]({paper.name}) {title}\n" in text_of("docs/decisions/README.md")


def test_the_index_of_decisions_is_in_order_and_names_the_numbers_that_are_free() -> None:
    head, *sections = text_of("docs/decisions/README.md").split("\n## ")
    numbers = [[int(number) for number in re.findall(r"^- \[(\d{4})\]", section, re.MULTILINE)] for section in sections]
    assert numbers == [sorted(section) for section in numbers]
    given = [number for section in numbers for number in section]
    free = [range(int(first), int(last or first) + 1) for first, last in re.findall(r"(\d{4})(?: to (\d{4}))?", head)]
    assert sorted([*given, *(number for each in free for number in each)]) == [*range(1, max(given) + 1)]


def test_the_rights_are_those_of_the_policy() -> None:
    printed = StringIO()
    call_command("rights", stdout=printed)
    assert between("docs/rights.md", "rights") == printed.getvalue().strip().splitlines()


def test_the_moves_are_those_of_the_code() -> None:
    assert between("README.md", "moves") == make_tables.moves()


def between(paper: str, name: str) -> list[str]:
    return text_of(paper).partition(f"<!-- {name} -->\n")[2].partition(f"\n<!-- /{name} -->")[0].splitlines()


@cache
def dependencies() -> dict[str, str]:
    rows = re.findall(r"^\| ([\w.-]+) \| (.+) \|$", text_of("docs/dependencies.md"), re.MULTILINE)
    return {name: reason for name, reason in rows if name != "Package"}


def test_every_requirement_has_its_reason() -> None:
    lines = [line for path in sorted(ROOT.glob("requirements*.txt")) for line in path.read_text().splitlines()]
    required = {re.split(r"[=\[;]", line)[0].strip() for line in lines if line and not line.startswith(("-r", "#"))}
    assert set(dependencies()) == required


def test_the_example_environment_names_every_setting() -> None:
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    sources = [*(ROOT / "config").glob("*.py"), ROOT / "bin" / "launcher.py"]
    asked = {name for source in sources for name in ASKED.findall(source.read_text("utf-8"))}
    assert asked - offered == set()
    assert offered - asked == set()


def test_nothing_in_docs_is_large() -> None:
    files = [path for path in (ROOT / "docs").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    sizes = {path.name: path.stat().st_size for path in files}
    assert {name for name, size in sizes.items() if size > 150 * 1024} == set()
    assert sum(sizes.values()) < 8 * 2**20

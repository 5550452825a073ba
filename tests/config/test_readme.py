"""Compare README and the guides with the code: links, commands, tables, settings and dependencies."""

import re
from functools import cache
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import call_command, get_commands

from docs import make_tables

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
ASKED = re.compile(r"(?:text|number|flag|words|environ\.get)\(\s*\"([A-Z_]+)\"")


def name_of(paper: Path) -> str:
    return paper.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_link_leads_somewhere(paper: Path) -> None:
    targets = [unquote(link.partition("#")[0]) for link in LINK.findall(paper.read_text("utf-8"))]
    places = [target for target in targets if target and "://" not in target]
    assert [place for place in places if not (paper.parent / place).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_heading_that_is_linked_exists(paper: Path) -> None:
    text = paper.read_text("utf-8")
    headings = {anchor_of(line) for line in text.splitlines() if line.startswith("#")}
    assert {unquote(link[1:]) for link in LINK.findall(text) if link.startswith("#")} <= headings


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
    assert {name for name in ours if f"manage.py {name}" not in README} == set()


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:creation|reports|config|tests|docs|benchmarks|deploy)/[\w/.-]+\.\w+)`", README))
    assert len(named) > 25
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_the_rights_are_those_of_the_policy() -> None:
    printed = StringIO()
    call_command("rights", stdout=printed)
    assert between("rights") == printed.getvalue().strip().splitlines()


def test_the_moves_are_those_of_the_code() -> None:
    assert between("moves") == make_tables.moves()


def between(name: str) -> list[str]:
    return README.partition(f"<!-- {name} -->\n")[2].partition(f"\n<!-- /{name} -->")[0].splitlines()


@cache
def dependencies() -> dict[str, str]:
    rows = re.findall(r"^\| ([\w.-]+) \| (.+) \|$", README.partition("## Dependencies")[2], re.MULTILINE)
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

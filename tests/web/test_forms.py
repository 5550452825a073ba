"""Forms show the refusals of verbs; messages of their own are only about the format or choice of a value."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRESENTATION = {
    "creation/imports/forms/imports.py",  # a column of the sheet chosen twice
    "creation/notices/forms/holidays.py",  # the lines of the pasted notice that could not be read
    "creation/notices/forms/rules.py",  # days before the due day that are not numbers
    "creation/people/forms/accounts.py",  # a field that the role does or does not need; the verb checks it too
    "reports/forms.py",  # the first day of a period after the last
}


def sentences_of(path: Path) -> Iterator[ast.Call]:
    """Return the calls with which a form raises an error of its own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(("ValidationError", "add_error")):
            continue
        if any(isinstance(each, ast.Constant | ast.JoinedStr) for each in node.args[-1:]):
            yield node


def test_forms_refuse_with_the_sentences_of_verbs() -> None:
    paths = [*(ROOT / "creation").glob("*/forms/*.py"), ROOT / "reports" / "forms.py"]
    assert {str(path.relative_to(ROOT)) for path in paths if list(sentences_of(path))} == PRESENTATION

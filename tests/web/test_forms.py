"""Forms show the refusals of verbs; a sentence of their own is only about how something is written or chosen."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRESENTATION = {
    "creation/campaigns/forms/setup.py",  # a key that no row can have
    "creation/imports/forms/imports.py",  # a column of the sheet chosen twice
    "creation/notices/forms/holidays.py",  # what of the pasted notice could not be read
    "creation/notices/forms/rules.py",  # days before the due day that are no numbers
    "creation/people/forms/accounts.py",  # a field of the page that the role does or does not need; the verb says the same
    "reports/forms.py",  # the days that a paper covers, the wrong way round
}


def sentences_of(path: Path) -> Iterator[ast.Call]:
    """Calls by which a form refuses with a sentence of its own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(("ValidationError", "add_error")):
            continue
        if any(isinstance(each, ast.Constant | ast.JoinedStr) for each in node.args[-1:]):
            yield node


def test_forms_refuse_with_the_sentences_of_verbs() -> None:
    paths = [*(ROOT / "creation").glob("*/forms/*.py"), ROOT / "reports" / "forms.py"]
    assert {str(path.relative_to(ROOT)) for path in paths if list(sentences_of(path))} == PRESENTATION

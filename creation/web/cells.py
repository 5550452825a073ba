"""Cells of tables."""


def cell(label: str, classes: str = "") -> dict[str, dict[str, str]]:
    """On a phone a row becomes a card, and each cell carries its own heading."""
    return {"td": {"data-label": label, "class": classes}}

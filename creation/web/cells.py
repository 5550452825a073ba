"""Attributes of table cells."""


def cell(label: str, classes: str = "") -> dict[str, dict[str, str]]:
    """Return the attributes of a cell. On a phone a row becomes a card, so each cell carries its heading."""
    return {"td": {"data-label": label, "class": classes}}

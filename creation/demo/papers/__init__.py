"""Real files for the demonstration: pages that look scanned, photos with a caption, office documents, a film. Each says 示例材料.

No two are alike, so that each has its own digest.
"""

from collections.abc import Callable

from creation.demo.papers import films, office, photos, scans
from creation.demo.papers.sheet import Paper

__all__ = ["MAKERS", "Paper", "make"]

MAKERS: dict[str, Callable[[Paper], bytes]] = {
    "pdf": scans.pdf,
    "jpg": photos.photo,
    "png": photos.screenshot,
    "docx": office.document,
    "xlsx": office.workbook,
    "mp4": films.film,
}


def make(paper: Paper) -> bytes:
    """The bytes of the file. Raises KeyError for a form that is not drawn."""
    return MAKERS[paper.form](paper)

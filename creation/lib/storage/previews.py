"""Previews drawn from kept files: always on this machine's disk; what is lost is drawn again."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from creation.lib.storage.incoming import is_older


def preview_folder(digest: str) -> Path:
    """Where the pages drawn from the file with this SHA-256 lie. Raises ValueError for what is no digest."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(f"Not a digest: {digest!r}")
    return previews_root() / digest[:2] / digest


def previews_root() -> Path:
    return Path(settings.DATA_DIR) / "previews"


def old_previews(before: float) -> Iterator[list[Path]]:
    """Folders of previews, finished or given up, written before ``before``; in lists of a folder each."""
    root = previews_root()
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        yield [path for path in folder.iterdir() if is_older(path, before)]

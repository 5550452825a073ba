"""Previews of stored files: always on this machine's disk. Lost previews are made again."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from creation.lib.storage.incoming import is_older


def preview_folder(digest: str) -> Path:
    """Return the folder of the pages rendered from the file with this SHA-256. Raises ValueError if it is not a digest."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(f"Not a digest: {digest!r}")
    return previews_root() / digest[:2] / digest


def previews_root() -> Path:
    return Path(settings.DATA_DIR) / "previews"


def old_previews(before: float) -> Iterator[list[Path]]:
    """Yield, one folder at a time, preview folders written before ``before``, finished or not."""
    root = previews_root()
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        yield [path for path in folder.iterdir() if is_older(path, before)]

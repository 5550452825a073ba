"""Result files of background jobs: always on this machine's disk, kept for a day."""

import re
import shutil
import uuid
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from creation.lib import disks
from creation.lib.storage.incoming import is_older


def results_root() -> Path:
    return Path(settings.DATA_DIR) / "results"


def result_work_folder(name: str) -> Path:
    """Create and return the folder in which a result is made. It is on the same file system as the final place."""
    folder = results_root() / "making" / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def delete_work_folders(prefix: str, except_name: str = "") -> None:
    """Remove the working folders whose names begin with ``prefix``, except ``except_name``."""
    for folder in (results_root() / "making").glob(f"{prefix}*"):
        if folder.name != except_name:
            shutil.rmtree(folder, ignore_errors=True)


def save_result(path: Path) -> str:
    """Move a complete file to the results and return its key."""
    key = uuid.uuid4().hex
    disks.fsync_path(path)
    path.chmod(0o600)
    path.rename(result_path(key))
    disks.fsync_path(results_root())
    return key


def result_path(key: str) -> Path:
    """Return the path of a result. Raises ValueError if the key is malformed."""
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise ValueError(f"Not a key: {key!r}")
    return results_root() / key


def open_result(key: str) -> BinaryIO:
    """Open a result for reading. Raises FileNotFoundError if it is missing."""
    return result_path(key).open("rb")


def delete_result(key: str) -> None:
    result_path(key).unlink(missing_ok=True)


def old_results(before: float) -> tuple[list[Path], list[Path]]:
    """Return results written before ``before``, and working folders of that age."""
    root = results_root()
    files = [path for path in root.iterdir() if path.is_file()] if root.is_dir() else []
    folders = list((root / "making").iterdir()) if (root / "making").is_dir() else []
    return [path for path in files if is_older(path, before)], [path for path in folders if is_older(path, before)]

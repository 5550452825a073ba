"""The data folder, which holds everything that must survive a restart."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SUBFOLDERS = ("db", "files", "incoming", "logs", "broker", "static")


def create_data_folder(root: Path) -> Path:
    """Create the folder and its parents, readable by their owner only. Exits with a message if that fails."""
    try:
        for folder in (root, *(root / name for name in SUBFOLDERS)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"数据目录 {root} 无法建立或写入（{error.strerror}）：请检查目录权限，或用 DATA_DIR 指定另一个目录。"
        ) from error
    return root


def load_or_create_key(path: Path) -> str:
    """Return the random key in this file, created on first use. Of several processes that start at once, one creates it."""
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
        return path.read_text("ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"密钥文件 {path} 无法读写（{error.strerror}）：请检查其属主和权限。") from error


def _write_once(path: Path, key: str) -> None:
    """Write to a temporary file and link it, so that nobody reads a partial key and the first writer wins."""
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(aside)

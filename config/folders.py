"""The data folder: one place for everything that must outlive a restart."""

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SUBFOLDERS = ("db", "files", "incoming", "logs", "broker", "static")


def create_data_folder(root: Path) -> Path:
    """Make the folder and its parts, readable by their owner alone; a folder that cannot be made is a sentence."""
    try:
        for folder in (root, *(root / name for name in SUBFOLDERS)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"数据目录 {root} 无法建立或写入（{error.strerror}）：请检查目录权限，或用 DATA_DIR 指定另一个目录。"
        ) from error
    return root


def load_or_create_key(path: Path) -> str:
    """The random key in this file, made at first use; of several processes that start at once, one makes it."""
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
        return path.read_text("ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"密钥文件 {path} 无法读写（{error.strerror}）：请检查其属主和权限。") from error


def _write_once(path: Path, key: str) -> None:
    """Write aside and link into place: nobody ever reads half a key, and the first writer wins."""
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

"""The keys of the installation, and what a backup stores about them.

``secret_key`` is never backed up: it signs logins, and after its loss people only have to log in again.
"""

import hashlib
import shutil
from pathlib import Path

from django.conf import settings

from creation.lib.refusals import Refusal
from creation.operations.backup.manifest import Manifest

MAX_KEY_BYTES = 4096
SETTINGS = {"audit_key": "AUDIT_KEY", "channel_key": "CHANNEL_KEY"}


def key_path(name: str) -> Path:
    return Path(settings.DATA_DIR) / name


def is_in_its_file(name: str) -> bool:
    """Return whether the key in use is in its file. One from the environment is for the operator to back up."""
    return key_path(name).exists() and key_path(name).read_text("ascii").strip() == getattr(settings, SETTINGS[name])


def copy_keys(folder: Path) -> list[str]:
    """Copy the key files in use into the folder; return their names."""
    folder.mkdir(mode=0o700)
    names = [name for name in SETTINGS if is_in_its_file(name)]
    for name in names:
        shutil.copyfile(key_path(name), folder / name)
        (folder / name).chmod(0o600)
    return names


def fingerprints() -> dict[str, str]:
    """Return a fingerprint of each key, by which it can be recognized without being disclosed."""
    return {name: fingerprint(getattr(settings, setting)) for name, setting in SETTINGS.items()}


def read_key(path: Path) -> str:
    """Return the key in a file. Raises Refusal."""
    try:
        with path.open("rb") as file:
            key = file.read(MAX_KEY_BYTES + 1).decode("ascii").strip()
    except (OSError, ValueError):
        key = ""
    if not key or len(key) > MAX_KEY_BYTES:
        raise Refusal(f"{path} 不是密钥文件：请检查后再试。")
    return key


def require_matching_keys(manifest: Manifest) -> None:
    """Raise Refusal unless each key is in the backup or already in use here."""
    here = fingerprints()
    for name, setting in SETTINGS.items():
        comes = name in manifest.keys and (is_in_its_file(name) or not key_path(name).exists())
        if not comes and here[name] != manifest.prints.get(name):
            raise Refusal(
                f"{name} 与备份时的不同：请先把备份时使用的密钥放到 {key_path(name)}（或设为环境变量 {setting}），再恢复。"
            )


def fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]

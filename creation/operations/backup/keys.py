"""The keys of the installation, and what a backup knows of them.

``secret_key`` is never backed up: it signs logins, and losing it only means to log in again.
"""

import hashlib
import shutil
from pathlib import Path

from django.conf import settings

from creation.lib.refusals import Refusal
from creation.operations.backup.manifest import Manifest

SETTINGS = {"audit_key": "AUDIT_KEY", "channel_key": "CHANNEL_KEY"}


def key_path(name: str) -> Path:
    return Path(settings.DATA_DIR) / name


def is_in_its_file(name: str) -> bool:
    """False for a key that comes from the environment: that is for its keeper to keep."""
    return key_path(name).exists() and key_path(name).read_text("ascii").strip() == getattr(settings, SETTINGS[name])


def copy_keys(folder: Path) -> list[str]:
    """The key files in use, into the folder; gives their names."""
    folder.mkdir(mode=0o700)
    names = [name for name in SETTINGS if is_in_its_file(name)]
    for name in names:
        shutil.copyfile(key_path(name), folder / name)
        (folder / name).chmod(0o600)
    return names


def fingerprints() -> dict[str, str]:
    """By which a key is known again without being told."""
    return {name: _fingerprint(getattr(settings, setting)) for name, setting in SETTINGS.items()}


def require_matching_keys(manifest: Manifest) -> None:
    """Raises Refusal unless each key comes with the backup or is here already."""
    here = fingerprints()
    for name, setting in SETTINGS.items():
        comes = name in manifest.keys and (is_in_its_file(name) or not key_path(name).exists())
        if not comes and here[name] != manifest.prints.get(name):
            raise Refusal(
                f"{name} 与备份时的不同：请先把备份时使用的密钥放到 {key_path(name)}（或设为环境变量 {setting}），再恢复。"
            )


def _fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]

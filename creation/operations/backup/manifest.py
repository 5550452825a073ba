"""The manifest of a backup. A folder without it is an unfinished backup.

The manifest bears a code made with ``audit_key``, so that nobody without this key can change what a restore takes.
"""

import hashlib
import hmac
import json
import os
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from creation.lib.refusals import Refusal
from creation.lib.strings import is_encodable

FORMAT, FORMAT_WITHOUT_MAC = 2, 1  # the latter was written until version 0.1.0
MANIFEST = "manifest.json"
LARGEST = 64 * 2**20  # bytes of a manifest
# What a backup's own folder may hold. Whatever else a manifest names is refused.
PARTS = re.compile(r"database\.(sqlite3|dump)|files\.tsv|keys/(audit_key|channel_key)|audit/heads\.txt")
DIGEST = re.compile(r"[0-9a-f]{64}")
PURPOSE = b"creation backup manifest\n"  # the key also signs the audit trail, whose codes are not valid here


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A file in the backup's own folder."""

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        with path.open("rb") as file:
            return cls(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


@dataclass(frozen=True)
class Manifest:
    """``files`` is None for a backup of the database alone. ``missing``: files named in the database that were missing or altered.
    ``prints``: fingerprints of the keys in use, including those not in the backup. ``head_seq`` and ``head_mac``: the end of the
    audit chain in the copied database. ``mac`` is "" in a backup of version 0.1.0."""

    made_at: datetime
    vendor: str
    migrations: list[str]
    counts: dict[str, int]
    parts: dict[str, ManifestFile]
    files: int | None = None
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    prints: dict[str, str] = field(default_factory=dict)
    head_seq: int = 0
    head_mac: str = ""
    mac: str = ""

    def expected_mac(self, key: str) -> str:
        """Return the code over everything else in the manifest."""
        values = asdict(self)
        del values["mac"]
        text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
        return hmac.new(key.encode(), PURPOSE + text.encode(), hashlib.sha256).hexdigest()

    def is_signed_with(self, key: str) -> bool:
        return hmac.compare_digest(self.mac, self.expected_mac(key))

    def write(self, folder: Path) -> None:
        text = json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False, indent=1, default=_plain)
        with (folder / MANIFEST).open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest. Raises Refusal when it is missing, cannot be read or names a file that is no part of a backup."""
        values = _load(folder)
        try:
            found = values.pop("format")
            if found not in (FORMAT, FORMAT_WITHOUT_MAC):
                raise Refusal(f"{folder} 是另一个版本的程序做的备份：请用那个版本恢复。")
            values["made_at"] = datetime.fromisoformat(values["made_at"])
            values["parts"] = {name: ManifestFile(**part) for name, part in values["parts"].items()}
            manifest = cls(**values)
            well_formed = _is_well_formed(manifest) and bool(manifest.mac) == (found == FORMAT)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            raise _unreadable(folder) from None
        if not well_formed:
            raise _unreadable(folder)
        if strange := [name for name in manifest.parts if not PARTS.fullmatch(name)]:
            raise Refusal(f"{folder} 的清单里有不属于备份的文件（{strange[0][:80]}），没有恢复任何内容：请换一份备份。")
        return manifest


def _load(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        if path.stat().st_size > LARGEST:
            raise _unreadable(folder)
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise _unreadable(folder) from None
    if not isinstance(values, dict):
        raise _unreadable(folder)
    return values


def _unreadable(folder: Path) -> Refusal:
    return Refusal(f"{folder} 不是完整的备份（没有可读的 {MANIFEST}）：请换一份备份。")


def _is_well_formed(manifest: Manifest) -> bool:
    """Return whether every value has its type. JSON from elsewhere may hold anything."""
    lists = (manifest.migrations, manifest.missing, manifest.keys)
    texts = [manifest.vendor, manifest.head_mac, manifest.mac, *manifest.prints.values(), *manifest.counts]
    texts += [each for values in lists for each in values]
    numbers = [manifest.bytes, manifest.head_seq, manifest.files or 0, *manifest.counts.values()]
    parts = manifest.parts.values()
    return (
        manifest.made_at.tzinfo is not None
        and all(isinstance(each, list) for each in lists)
        and all(isinstance(each, str) and is_encodable(each) for each in texts)
        and all(type(each) is int and 0 <= each < 2**63 for each in (*numbers, *(part.size for part in parts)))
        and all(isinstance(part.sha256, str) and DIGEST.fullmatch(part.sha256) for part in parts)
    )


def _plain(value: Any) -> str:
    assert isinstance(value, datetime)  # noqa: S101 - the one thing in a manifest that JSON does not know
    return value.isoformat()

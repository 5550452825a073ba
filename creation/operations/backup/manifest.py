"""The manifest of a backup. A folder without it is an unfinished backup."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from creation.lib.refusals import Refusal

FORMAT = 1
MANIFEST = "manifest.json"


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
    ``prints``: fingerprints of the keys in use, including those not in the backup."""

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

    def write(self, folder: Path) -> None:
        text = json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False, indent=1, default=_plain)
        with (folder / MANIFEST).open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest. Raises Refusal when it is missing or cannot be read."""
        try:
            values = json.loads((folder / MANIFEST).read_text("utf-8"))
            if values.pop("format") != FORMAT:
                raise Refusal(f"{folder} 是另一个版本的程序做的备份：请用那个版本恢复。")
            values["made_at"] = datetime.fromisoformat(values["made_at"])
            values["parts"] = {name: ManifestFile(**part) for name, part in values["parts"].items()}
            return cls(**values)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Refusal(f"{folder} 不是完整的备份（没有可读的 {MANIFEST}）：请换一份备份。") from None


def _plain(value: Any) -> str:
    assert isinstance(value, datetime)  # noqa: S101 - the one thing in a manifest that JSON does not know
    return value.isoformat()

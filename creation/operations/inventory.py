"""Compare the stored files with the database: read every byte and report files that are missing, altered, or without a row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from creation.lib import storage
from creation.lib.blobs import models_with_files, referenced_keys

CHUNK = 500
PROGRESS_STEP = 1000


class StoredFile(NamedTuple):
    """A file as its row describes it. ``row`` names the row for a person."""

    blob: str
    sha256: str
    row: str


@dataclass
class Inventory:
    count: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)

    @property
    def is_consistent(self) -> bool:
        return not (self.missing or self.altered or self.orphans)


def take_inventory(say: Callable[[str], None]) -> Inventory:
    """Take the inventory. A file uploaded meanwhile that has a row in the end is not an orphan. Raises storage.StoreUnavailable."""
    found, unnamed = Inventory(), [key for keys in storage.all_keys() for key in set(keys) - referenced_keys(keys)]
    for stored in _stored_files():
        _check_file(stored, found)
        if found.count % PROGRESS_STEP == 0:
            say(f"已核对 {found.count} 个文件 …")
    found.orphans = sorted(set(unnamed) - referenced_keys(unnamed))
    return found


def _check_file(stored: StoredFile, found: Inventory) -> None:
    found.count += 1
    try:
        found.size += storage.blob_size(stored.blob)
        if storage.blob_sha256(stored.blob) != stored.sha256:
            found.altered.append(f"{stored.row}：{stored.blob}")
    except FileNotFoundError:
        found.missing.append(f"{stored.row}：{stored.blob}")


def _stored_files() -> Iterator[StoredFile]:
    for model in models_with_files():
        rows = model._default_manager.exclude(blob="").order_by("pk").values_list("pk", "blob", "sha256")
        for pk, blob, sha256 in rows.iterator(chunk_size=CHUNK):
            yield StoredFile(blob, sha256, f"{model._meta.verbose_name} {pk}")

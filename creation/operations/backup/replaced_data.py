"""What a restore replaces. It lies in a folder of its own until the restore has ended, and is put back from there when it fails."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from creation.lib import disks, storage
from creation.operations.backup import databases


class ReplacedData:
    """The folder with the old data, and the steps that lead back.

    ``in_use``: there was data before, whose folder stays after the restore. The folder also stays while not all is put back.
    """

    def __init__(self, now: datetime, *, in_use: bool) -> None:
        self.in_use = in_use
        self.folder = Path(settings.DATA_DIR) / f"before-restore-{timezone.localtime(now):%Y%m%d-%H%M%S}"
        self.folder.mkdir(mode=0o700)
        self._steps_back: list[Callable[[], object]] = []

    @property
    def dump(self) -> Path:
        return self.folder / databases.FILE_NAMES["postgresql"]

    def add_step_back(self, step: Callable[[], object]) -> None:
        self._steps_back.append(step)

    def move(self, path: Path) -> None:
        """Move a file here, if it exists."""
        kept = self.folder / path.name
        if path.exists():
            path.rename(kept)
            self.add_step_back(lambda: kept.rename(path))

    def keep(self, path: Path, within: str = "") -> None:
        """Copy a small file here, if it exists."""
        kept = self.folder / within / path.name
        if not path.exists():
            self.add_step_back(lambda: path.unlink(missing_ok=True))
            return
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        install(path, kept)
        self.add_step_back(lambda: install(kept, path))

    def keep_blob(self, key: str) -> None:
        """Copy a blob here, if it exists, and remove it from the store."""
        if storage.blob_exists(key):
            kept = self.folder / "files" / key
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with storage.blob_as_file(key) as path:
                shutil.copyfile(path, kept)
            disks.fsync_path(kept)
            self.add_step_back(lambda: storage.save_blob_as(kept, key))
        self.add_step_back(lambda: storage.delete_blob(key))
        storage.delete_blob(key)

    def put_back(self) -> list[Exception]:
        """Take the steps back, the last one first. Return what failed; if nothing did, the folder is removed."""
        failures: list[Exception] = []
        for step in reversed(self._steps_back):
            try:
                step()
            except Exception as error:  # noqa: BLE001 - the other steps are taken in any case
                failures.append(error)
        if not failures:
            shutil.rmtree(self.folder, ignore_errors=True)
        return failures

    def close(self) -> Path | None:
        """End after success. Return the folder, if there was data before."""
        if self.in_use:
            return self.folder
        shutil.rmtree(self.folder, ignore_errors=True)
        return None


def install(path: Path, target: Path) -> None:
    """Copy a file to a place where it is complete or not there at all."""
    aside = target.with_name(f"{target.name}.restored")
    shutil.copyfile(path, aside)
    aside.chmod(0o600)
    disks.fsync_path(aside)
    aside.rename(target)
    disks.fsync_path(target.parent)

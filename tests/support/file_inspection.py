"""Fixtures for file checks: `inspect_file` accepts a file, `refuse_file` expects a reason and a whole sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from creation.lib import filetypes
from creation.lib.filetypes import FileRefused, FileType, Limits, Reason

LIMITS = Limits(image=20 << 20, document=200 << 20, video=2 << 30)
InspectFile = Callable[..., FileType]
RefuseFile = Callable[..., str]


@pytest.fixture
def inspect_file(tmp_path: Path) -> InspectFile:
    """Return a function that checks these bytes under this name."""

    def inspect(content: bytes, name: str, limits: Limits = LIMITS, exact: bool = False) -> FileType:
        path = tmp_path / "incoming"
        path.write_bytes(content)
        return filetypes.inspect(path, name, limits, exact=exact)

    return inspect


@pytest.fixture
def refuse_file(inspect_file: InspectFile) -> RefuseFile:
    """Return a function that expects a refusal for this reason and returns its sentence."""

    def inspect(reason: Reason, content: bytes, name: str, limits: Limits = LIMITS, exact: bool = False) -> str:
        with pytest.raises(FileRefused) as refused:
            inspect_file(content, name, limits, exact)
        assert refused.value.reason == reason
        assert refused.value.sentence.endswith("。")
        assert name in refused.value.sentence
        return refused.value.sentence

    return inspect

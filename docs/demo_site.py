"""Load a demonstration into a temporary folder, for the scripts beside this file. The user's own data is not touched."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

DOCS = Path(__file__).absolute().parent
ROOT = DOCS.parent


@contextmanager
def demonstration(share: float = 1, **environment: str) -> Iterator[Path]:
    """Load the demonstration, or a share of its events, and yield the data folder, which is deleted afterwards.

    Call it once in a process, since settings are read once.
    """
    folder = Path(tempfile.mkdtemp(prefix="creation-docs-"))
    os.environ |= {"DATA_DIR": str(folder), "DATABASE_URL": "", "REDIS_URL": "", "HTTPS": "", **environment}
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # playwright's event loop runs in the thread that queries the database
    )
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    try:
        from config import prepare

        with redirect_stdout(sys.stderr if "--verbose" in sys.argv else open(os.devnull, "w", encoding="utf-8")):
            prepare.main([])
            load(share)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load(share: float) -> None:
    from django.utils import timezone

    from creation import demo

    demo.load(timezone.now(), demo.Scale(share=share, pictures=int(demo.Scale().pictures * share)))

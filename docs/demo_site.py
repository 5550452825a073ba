"""A demonstration in a folder of its own, for the scripts beside this file. Nothing of the user's own data is touched."""

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
    """Loads the demonstration, or a share of its acts; gives its data folder, which goes away afterwards. Once a process: settings are
    read once.
    """
    folder = Path(tempfile.mkdtemp(prefix="creation-docs-"))
    os.environ |= {"DATA_DIR": str(folder), "DATABASE_URL": "", "REDIS_URL": "", "HTTPS": "", **environment}
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop lives in the thread that asks the database
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    try:
        from config import prepare

        with redirect_stdout(sys.stderr if "--verbose" in sys.argv else open(os.devnull, "w")):
            prepare.main([])
            load(share)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load(share: float) -> None:
    from django.utils import timezone

    from creation import demo

    demo.load(timezone.now(), demo.Scale(share=share, pictures=int(demo.Scale().pictures * share)))

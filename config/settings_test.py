"""Settings with a temporary data folder, deleted after the tests, and without the operator's environment."""

import atexit
import logging
import os
import shutil
import tempfile
from pathlib import Path

OPERATOR_VARIABLES = (
    "SECRET_KEY", "AUDIT_KEY", "REDIS_URL", "OFFICE_CONTACT", "PASSWORD_PROFILE", "EMAIL_URL", "SITE_URL",
    "S3_BUCKET", "ACCEL_REDIRECT",
)  # fmt: skip
DATA_DIR = Path(tempfile.mkdtemp(prefix="creation-tests-"))

os.environ.update(dict.fromkeys(OPERATOR_VARIABLES, ""))
os.environ.update(DATA_DIR=str(DATA_DIR), DEBUG="0", HTTPS="0", ALLOWED_HOSTS="localhost,127.0.0.1,[::1],testserver")

from config.settings import *  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, for tests only
logging.getLogger("axes").setLevel(logging.WARNING)  # else four lines for each login
VERIFY_PREPARED_QUERIES = True
AUDIT_TRIGGERS = False  # they would keep tests from emptying the tables; tests about them install them
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "db" / "test.sqlite3")}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, because an in-memory database has no WAL and no second writer; not synced to the disk.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["TEST"] = {}


def _remove(made_by: int = os.getpid()) -> None:
    """Remove the folder, only in the process that created it, not in its forks."""
    if os.getpid() == made_by:
        shutil.rmtree(DATA_DIR, ignore_errors=True)


atexit.register(_remove)

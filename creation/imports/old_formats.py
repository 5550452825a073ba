"""Files in formats that our readers do not know, such as .doc and .ods: turned into .docx and .xlsx by LibreOffice, if installed."""

import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from creation.evidence.previews import sandboxed_programs
from creation.lib import filenames
from creation.lib.refusals import Refusal

STARTS = {
    "doc": b"\xd0\xcf\x11\xe0",
    "wps": b"\xd0\xcf\x11\xe0",
    "rtf": b"{\\rtf",
    "odt": b"PK\3\4",
    "ods": b"PK\3\4",
}  # first bytes
DOCUMENTS = frozenset({"doc", "wps", "rtf", "odt"})
SECONDS = 60


def as_readable(name: str, content: bytes) -> tuple[str, bytes]:
    """Return name and content in a format that is read; unchanged if the format is read anyway, or cannot be turned into one."""
    stem, _, extension = filenames.clean(name).rpartition(".")
    start = STARTS.get(extension.lower())
    if not start or not content.startswith(start) or sandboxed_programs.libreoffice_path() is None:
        return name, content
    target = "docx" if extension.lower() in DOCUMENTS else "xlsx"
    with tempfile.TemporaryDirectory(dir=settings.INCOMING_ROOT, ignore_cleanup_errors=True) as folder:
        plain = sandboxed_programs.OFFICE_EXTENSION_OF.get(extension.lower(), extension.lower())
        source = Path(folder) / f"source.{plain}"
        source.write_bytes(content)
        with suppress(Refusal):  # the reader says what to do instead
            made = sandboxed_programs.converted(source, target, Path(folder), SECONDS)
            return f"{stem}.{target}", made.read_bytes()
    return name, content

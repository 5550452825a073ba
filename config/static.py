"""Static files: our own whole, and of the packages only what a page asks for."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class NamedFilesFinder(AppDirectoriesFinder):
    """Serves the files of `creation` and `reports`, and from packages those named in settings.PACKAGE_FILES.

    The packages hold some two thousand icons and source maps; collecting them all takes minutes.
    """

    def list(self, ignore_patterns: Any) -> Iterable[tuple[str, Storage]]:
        return ((path, storage) for path, storage in super().list(ignore_patterns) if is_served(path))

    def find_in_app(self, app: str, path: str) -> Any:
        return super().find_in_app(app, path) if is_served(path) else None


def is_served(path: str) -> bool:
    return path in settings.PACKAGE_FILES or path.startswith(("creation/", "reports/"))


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Names carry a digest, so that browsers may keep them for ever; imports between our modules are rewritten to match.

    Django's search for source maps is left out.
    """

    support_js_module_import_aggregation = True
    patterns: ClassVar[Any] = (("*.css", CompressedManifestStaticFilesStorage.patterns[0][1][:2]),)

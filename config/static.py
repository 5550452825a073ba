"""Static files: all of our own, and of packages only those that pages use."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class NamedFilesFinder(AppDirectoriesFinder):
    """Finds the files of `creation` and `reports`, and those of packages named in settings.PACKAGE_FILES.

    The packages contain two thousand icons and source maps, which take minutes to collect.
    """

    def list(self, ignore_patterns: Any) -> Iterable[tuple[str, Storage]]:
        return ((path, storage) for path, storage in super().list(ignore_patterns) if is_served(path))

    def find_in_app(self, app: str, path: str) -> Any:
        return super().find_in_app(app, path) if is_served(path) else None


def is_served(path: str) -> bool:
    return path in settings.PACKAGE_FILES or path.startswith(("creation/", "reports/"))


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Adds a digest to file names, so that browsers may cache them forever; imports between our modules are rewritten to match.

    Source maps, which Django would look for, are ignored.
    """

    support_js_module_import_aggregation = True
    patterns: ClassVar[Any] = (("*.css", CompressedManifestStaticFilesStorage.patterns[0][1][:2]),)

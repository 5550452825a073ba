#!/usr/bin/env python3
"""The operator's door: every command of the product, on the data folder that DATA_DIR names."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

# Commands that an older program may run on a newer database: restoring is the way back.
WITHOUT_DATABASE = {"restore", "help", "version", "collectstatic"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        if len(sys.argv) > 1 and not sys.argv[1].startswith("-") and sys.argv[1] not in WITHOUT_DATABASE:
            django.setup()
            from creation.operations import upgrading  # needs the settings

            upgrading.require_known_database()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()

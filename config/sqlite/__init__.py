"""Django's backend for SQLite, with writers that take turns: ``DATABASES["default"]["ENGINE"] = "config.sqlite"``."""

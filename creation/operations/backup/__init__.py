"""Backup and restore. A backup is a consistent copy of the database, the files that it refers to, and a manifest."""

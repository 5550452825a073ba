"""Backup and restore: a consistent copy of the database, the files that it lists, a manifest; and the way back."""

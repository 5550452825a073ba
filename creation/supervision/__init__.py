"""Supervision (督导检查): findings, the rectifications that units owe for them, and what the inspection group does about it."""

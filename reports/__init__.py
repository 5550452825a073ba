"""Everything that leaves as a file."""

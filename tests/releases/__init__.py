"""Data folders of releases, one an archive, and what makes and reads them."""

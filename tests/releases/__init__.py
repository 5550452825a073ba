"""Data folders of releases, one in each archive, and scripts that create and read them."""

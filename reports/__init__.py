"""Papers and exports: everything that the application creates as a file."""

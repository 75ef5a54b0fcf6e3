"""One resource per file; the folder is the list."""

"""One condition per file; the folder is the list."""

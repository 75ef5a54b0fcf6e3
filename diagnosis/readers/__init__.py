"""One log format per file; the folder is the list."""

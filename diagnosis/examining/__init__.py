"""The check of a model: what was asked of it, what it measured, and how that is judged."""

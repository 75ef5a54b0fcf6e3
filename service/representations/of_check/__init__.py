"""How a check of a model is answered: one media type per file, as for a curve."""

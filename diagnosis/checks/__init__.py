"""Conditions of a model: one a file, found by walking the folder."""

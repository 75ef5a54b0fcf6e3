"""Strangers' models, run in a jail: another process that can compute and answer, and nothing else.

A web worker holds a `Jail` and never imports torch. One warm process for the whole service has imported it, and forks
a child for each check; the child gives everything up before it reads the first byte of the upload.
"""

"""What can be advised, with its numbers: verbs, fixes, their order, and what is of no use to a run."""

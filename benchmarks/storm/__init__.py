"""A hundred clients of every kind, and faults on purpose: what the service answers meanwhile, and what it leaves behind."""

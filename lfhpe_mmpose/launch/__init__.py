"""From a config to a run: checks before it, training, testing, resuming."""

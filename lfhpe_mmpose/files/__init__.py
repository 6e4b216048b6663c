"""Files: ``images`` are read as training reads them, ``writing`` writes files whole."""

"""Files: ``images`` reads images as training does, ``writing`` writes files whole."""

"""Files: :mod:`~.images` reads images as training does, :mod:`~.writing` writes files whole."""

"""A model's maps of the persons of a plan, as a file, so that asking needs no model."""

from pathlib import Path


class ModelMaps:
    """Maps by person; see ``write_maps``."""

    def __init__(self, path: str | Path, keypoints: tuple[str, ...]) -> None:
        raise NotImplementedError

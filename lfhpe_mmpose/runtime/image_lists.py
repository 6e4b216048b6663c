"""The images of a prediction, and the pictures that are drawn of them."""

import sys
from collections.abc import Sequence
from pathlib import Path

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import find_images, unread_images


def list_images(given: Sequence[str]) -> dict[str, str]:
    """List the images of files and folders.

    Returns:
        dict[str, str]: Each image, once, and its name below the folder that was given.

    Raises:
        UserError: If something given does not exist, or a folder contains no image.
    """
    images: dict[str, str] = {}
    for path in given:
        if Path(path).is_dir():
            images.update({(Path(path) / name).as_posix(): name for name in find_images(path)})
            skipped = unread_images(path)
            if skipped:
                print(f'warning: {path}: {skipped}', file=sys.stderr)
        elif Path(path).is_file():
            images[Path(path).as_posix()] = Path(path).name
        else:
            fault = 'There is no such image or folder.'
            raise UserError('missing-image', path, fault, 'Check the name.')
    return images


def output_path(out: str | None, draw: str | None) -> Path:
    """The file of predictions: ``out``, or ``keypoints.jsonl`` in the folder of the pictures.

    Raises:
        UserError: 'no-output' if neither is given.
    """
    if out is not None:
        return Path(out)
    if draw is not None:
        return Path(draw) / 'keypoints.jsonl'
    raise UserError('no-output', '--out', 'Give --out FILE or --draw FOLDER.')


def picture_paths(images: dict[str, str], folder: str) -> dict[str, Path]:
    """The picture to write for each image.

    Raises:
        UserError: 'same-picture' if two images would give one picture.
    """
    paths: dict[str, Path] = {}
    owners: dict[Path, str] = {}
    for image, name in images.items():
        paths[image] = Path(folder) / name
        owner = owners.setdefault(paths[image], image)
        if owner != image:
            raise UserError(
                'same-picture',
                str(paths[image]),
                f'{owner} and {image} would both give this picture.',
                'Give a folder that holds both, or rename one.',
            )
    return paths

"""What a converter is given, what it returns, and the few things that all converters do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile


@dataclass(frozen=True)
class Job:
    """One preparation, as the command line asks for it.

    Attributes:
        source (Path): Folder of the data set's own files.
        out (Path): Folder that the configs will read.
        images (str): ``'link'`` (a link to the folder of images) or ``'copy'``.
        missing (str): ``'error'`` or ``'skip'``: what to do where an image is not there.
        val_list (Path, optional): The validation images, for data sets that come without a
            split. Defaults to None: a fixed split.
        persons (str): MPII: ``'all'`` or ``'single'``. Defaults to 'all'.
        progress (bool): Show bars. Defaults to True.
    """

    source: Path
    out: Path
    images: str = 'link'
    missing: str = 'error'
    val_list: Path | None = None
    persons: str = 'all'
    progress: bool = True


@dataclass
class Part:
    """One annotation file of the result.

    Attributes:
        file (str): Where it goes below ``out``.
        tags (TagFile): Its content.
        image_folder (Path): Where the images are now.
        image_prefix (str): Where the configs expect them below ``out``.
        left_out (Counter): Persons, keypoints and images that were left out, by reason.
    """

    file: str
    tags: TagFile
    image_folder: Path
    image_prefix: str
    left_out: Counter = field(default_factory=Counter)


@dataclass(frozen=True)
class OriginalPart:
    """An annotation file of the data set that is linked or copied as it is.

    Attributes:
        file (str): Where it goes below ``out``.
        original (Path): The file.
        image_folder (Path): Where the images are now.
        image_prefix (str): Where the configs expect them below ``out``.
    """

    file: str
    original: Path
    image_folder: Path
    image_prefix: str


def find_file(source: Path, names: Sequence[str], remedy: str) -> Path:
    """Look for a file in a folder and two levels below it.

    Args:
        source (Path): The folder.
        names (Sequence[str]): Its possible names, or patterns with ``*``; the first that is
            found counts.
        remedy (str): Where to get it, for the message.

    Returns:
        Path: The file.

    Raises:
        UserError: If there is none, or several of one name.
    """
    for name in names:
        found = [p for depth in ('', '*/', '*/*/') for p in source.glob(depth + name)]
        files = {p.resolve(): p for p in sorted(found) if p.is_file()}
        if len(files) > 1:
            listed = ', '.join(map(str, files.values()))
            raise UserError(f'{source}: {name} is there more than once ({listed}); leave one.')
        if files:
            return next(iter(files.values()))
    raise UserError(
        f'{source}: there is no {" or ".join(names)}, here or up to two folders below. {remedy}'
    )


def find_folder(source: Path, names: Sequence[str], remedy: str) -> Path:
    """Look for a folder in a folder and two levels below it.

    Args:
        source (Path): Where to look.
        names (Sequence[str]): Its possible names; the first that is found counts.
        remedy (str): What to do, for the message.

    Returns:
        Path: The folder.

    Raises:
        UserError: If there is none.
    """
    for name in names:
        for depth in ('', '*/', '*/*/'):
            for path in sorted(source.glob(depth + name)):
                if path.is_dir():
                    return path
    raise UserError(f'{source}: there is no folder {" or ".join(names)}. {remedy}')


def located_person(
    ids: tuple[int, int],
    box: Sequence[float],
    points: Iterable[Sequence[float]],
    size: tuple[int, int],
    left_out: Counter,
) -> dict | None:
    """Write a person as COCO does.

    Args:
        ids (tuple[int, int]): Annotation id and image id.
        box (Sequence[float]): [x, y, width, height] in pixels.
        points (Iterable[Sequence[float]]): x, y, flag (0, 1 or 2) of each of K keypoints. One
            that lies outside the image cannot be seen there: its flag becomes 0.
        size (tuple[int, int]): Width and height of the image.
        left_out (Counter): Where what is left out is counted.

    Returns:
        dict | None: The annotation; None for a person without keypoints, or with a box that
        has no area inside the image.
    """
    keypoints: list[float] = []
    number = 0
    for x, y, flag in points:
        if flag and not (0 <= x <= size[0] - 1 and 0 <= y <= size[1] - 1):
            left_out['keypoints outside their image'] += 1
            flag = 0
        keypoints += [round(float(x), 3), round(float(y), 3), int(flag)] if flag else [0, 0, 0]
        number += bool(flag)
    if not number:
        left_out['persons without a keypoint'] += 1
        return None
    x, y, width, height = map(float, box)
    inside = min(x + width, size[0] - 1) > max(x, 0) and min(y + height, size[1] - 1) > max(y, 0)
    if not inside:
        left_out['persons with a box outside their image'] += 1
        return None
    return dict(
        id=ids[0],
        image_id=ids[1],
        category_id=1,
        bbox=[round(v, 3) for v in (x, y, width, height)],
        area=round(width * height, 3),
        iscrowd=0,
        num_keypoints=number,
        keypoints=keypoints,
    )

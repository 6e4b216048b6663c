"""What a converter takes and returns, and what all converters share."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lfhpe_mmpose.annotation.keypoint_names import metainfo_keypoints
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import TagFile
from lfhpe_mmpose.tags.fields import are_numbers

VAL_SHARE = 0.1


@dataclass(frozen=True)
class Job:
    """The options of ``lfhpe prepare``, whose ``--help`` explains them."""

    source: Path
    out: Path
    images: str = 'link'
    missing: str = 'error'
    val_list: Path | None = None
    persons: str = 'all'
    progress: bool = True


@dataclass
class Part:
    """An annotation file of the result.

    Attributes:
        file: Its path below ``out``.
        tags: Its content.
        image_folder: Where the images are.
        image_prefix: Where the configs expect them below ``out``.
        left_out: Numbers of persons, keypoints and images that were left out, by reason.
    """

    file: str
    tags: TagFile
    image_folder: Path
    image_prefix: str
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class OriginalPart:
    """An annotation file that is linked or copied unchanged; attributes as in ``Part``."""

    file: str
    original: Path
    image_folder: Path
    image_prefix: str


def category_of(metainfo: str, name: str = 'person') -> dict[str, Any]:
    """Make the entry ``categories`` of a data set from the metainfo file of MMPose."""
    names, skeleton = metainfo_keypoints(metainfo)
    return dict(id=1, name=name, keypoints=names, skeleton=skeleton)


def original(place: object, fault: str, code: str = 'malformed') -> UserError:
    """Make the error for an entry that is not as the authors' file has it."""
    return UserError(code, str(place), fault, 'Give the original file.')


def find_file(source: Path, names: Sequence[str], remedy: str) -> Path:
    """Find a file in a folder or up to two levels below it, by the first name that fits.

    Raises:
        UserError: If there is none, or several of one name.
    """
    for name in names:
        found = [p for depth in ('', '*/', '*/*/') for p in source.glob(depth + name)]
        files = {p.resolve(): p for p in sorted(found) if p.is_file()}
        if len(files) > 1:
            listed = ', '.join(map(str, files.values()))
            fault = f'{name} is there more than once ({listed}).'
            raise UserError('source-ambiguous', str(source), fault, 'Keep one.')
        if files:
            return next(iter(files.values()))
    fault = f'there is no {" or ".join(names)}, here or up to two folders below.'
    raise UserError('source-missing', str(source), fault, remedy)


def find_folder(source: Path, name: str, remedy: str) -> Path:
    """Find a folder in a folder or up to two levels below it.

    Raises:
        UserError: If there is none.
    """
    for depth in ('', '*/', '*/*/'):
        for path in sorted(source.glob(depth + name)):
            if path.is_dir():
                return path
    raise UserError('source-missing', str(source), f'there is no folder {name}.', remedy)


def is_val(kind: str, name: str) -> bool:
    """Whether an image is in our validation set, one in ten by a hash of its name."""
    text = f'{kind} val|{name}'.encode('utf-8', 'surrogatepass')
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, 'big') < VAL_SHARE * 2.0**64


def listed_in(job: Job, names: set[str]) -> set[str] | None:
    """Those of the names that ``--val-list`` lists, with any ending; None without the option.

    Raises:
        UserError: If it lists none of them.
    """
    if job.val_list is None:
        return None
    stems = {Path(name).stem for name in read_val_list(job.val_list)}
    listed = {name for name in names if Path(name).stem in stems}
    if not listed:
        fault = f'none of its {len(stems)} names is an image of the data set.'
        remedy = f'Give names such as {min(names, default="a.jpg")}, one per line.'
        raise UserError('val-list', str(job.val_list), fault, remedy)
    return listed


def read_val_list(path: Path) -> set[str]:
    """Read the names of validation images.

    Args:
        path: A name per line, or a JSON list of objects with ``image``, as the customary
            ``mpii_val.json`` is, or a COCO-style file.

    Raises:
        UserError: If it is none of these.
    """
    try:
        text = path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise UserError('unreadable-file', str(path), f'cannot be read ({error}).') from None
    if path.suffix != '.json':
        return {line.strip() for line in text.splitlines() if line.strip()}
    try:
        data = json.loads(text)
        if isinstance(data, dict):
            return {Path(image['file_name']).name for image in data['images']}
        return {Path(person['image']).name for person in data}
    except (ValueError, KeyError, TypeError):
        fault = "neither a list of objects with 'image' nor a COCO-style file."
        remedy = 'Give one of these, or a text file with a name per line.'
        raise UserError('val-list', str(path), fault, remedy) from None


def is_row(value: object, count: int) -> bool:
    """Whether a value is a list of ``count`` numbers."""
    return isinstance(value, list) and len(value) == count and are_numbers(value)


def located_person(
    ids: tuple[int, int],
    box: Sequence[float],
    points: Iterable[Sequence[float]],
    size: tuple[int, int],
    left_out: Counter[str],
) -> dict[str, Any] | None:
    """Make a COCO-style annotation.

    Args:
        ids: Annotation id and image id.
        box: [x, y, width, height] in pixels.
        points: x, y, flag (0, 1 or 2) of each of K keypoints. The flag of a keypoint outside the
            image becomes 0.
        size: Width and height of the image.
        left_out: Counts what is left out.

    Returns:
        The annotation; None for a person without keypoints, or with a box outside the image.
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

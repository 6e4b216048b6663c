"""A file of predictions: JSON lines, one an image, that an interrupted run can continue.

The first line describes the model and its settings, each further one an image:

    {"image": "photos/a.jpg", "width": 640, "height": 480, "instances": [...]}

``instances`` has MMPose's form (``keypoints``, ``keypoint_scores``, ``bbox``, ``bbox_score``) and,
if the model has them, ``keypoint_probs``. An image that could not be read has ``error`` instead.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import lock_file, write_text, writing
from lfhpe_mmpose.runtime.results import FoundPerson, ImagePoses

# A thousandth of a pixel; the precision of float32 for scores.
_DIGITS = dict(keypoints=3, bbox=3, bbox_score=6, keypoint_scores=6, keypoint_probs=6)


def header_of(
    names: Sequence[str], links: Sequence[Sequence[int]], **settings: Any
) -> dict[str, Any]:
    """The first line.

    Args:
        names: Names of the keypoints (K).
        links: Limbs as pairs of indices.
        settings: What a continued file must have been made with.
    """
    return dict(
        keypoint_names=list(names),
        skeleton_links=[list(map(int, link)) for link in links],
        settings=settings,
    )


def line_of(result: ImagePoses) -> dict[str, Any]:
    """The line of an image; see the module."""
    if result.error:
        return dict(image=result.image, error=result.error)
    instances = [instance_of(person) for person in result.persons]
    width, height = result.size or (None, None)
    return dict(image=result.image, width=width, height=height, instances=instances)


def instance_of(person: FoundPerson) -> dict[str, Any]:
    """A person in MMPose's form, with ``keypoint_probs`` if the model has them."""
    entry: dict[str, Any] = dict(
        keypoints=person.keypoints.tolist(),
        keypoint_scores=person.scores.tolist(),
        bbox=[person.box.tolist()],
        bbox_score=person.box_score,
    )
    if person.probs is not None:
        entry['keypoint_probs'] = person.probs.tolist()
    return {key: rounded(value, _DIGITS[key]) for key, value in entry.items()}


class PredictionFile:
    """A file of predictions that is being written.

    Args:
        path: The file.
        header: From ``header_of``.
        resume: Continue an existing file. Its images that could not be read are tried again.

    Attributes:
        path (Path): The file.
        done (set[str]): Images that it holds already.

    Raises:
        UserError: If the file exists without ``resume``, is of another model or other settings, is
            damaged, cannot be written, or is being written by another process ('locked').
    """

    def __init__(self, path: str | Path, header: dict[str, Any], resume: bool = False) -> None:
        self.path = Path(path)
        self.done: set[str] = set()
        existing_file(self.path, resume)
        with ExitStack() as stack:
            stack.enter_context(lock_file(self.path))
            kept = self._kept(header) if self.path.exists() else []
            write_text(self.path, ''.join(f'{line}\n' for line in [dump(header), *kept]))
            with writing(self.path):
                self._file = stack.enter_context(open(self.path, 'a', encoding='utf-8'))
            self._open = stack.pop_all()

    def write(self, result: ImagePoses) -> None:
        """Add an image; its line is in the file when this returns."""
        with writing(self.path):
            self._file.write(dump(line_of(result)) + '\n')
            self._file.flush()

    def close(self) -> None:
        """Close the file, and let other processes write it."""
        self._open.close()

    def _kept(self, header: dict[str, Any]) -> list[str]:
        # What follows the last line break is a line that an interruption cut off, perhaps inside
        # a letter.
        content = self.path.read_bytes().rpartition(b'\n')[0]
        try:
            lines = content.decode('utf-8').split('\n') if content else []
            before = json.loads(lines[0]) if lines else header
            images = [json.loads(line) for line in lines[1:]]
            kept = [i for i, entry in enumerate(images) if 'error' not in entry]
            self.done = {images[i]['image'] for i in kept}
        except (ValueError, TypeError, KeyError):
            raise damaged_file(self.path) from None
        if before != json.loads(dump(header)):
            raise other_settings(self.path, lines[0][:300])
        return [lines[i + 1] for i in kept]


def existing_file(path: Path, resume: bool) -> None:
    """Refuse to write what exists, unless it is to be continued.

    Raises:
        UserError: 'not-writable' or 'output-exists'.
    """
    if path.exists() and not path.is_file():
        fault = 'It is not a regular file.'
        raise UserError('not-writable', str(path), fault, 'Give another --out.')
    if path.exists() and not resume:
        fault = 'The file exists already.'
        remedy = 'Add --resume to continue it, or give another --out.'
        raise UserError('output-exists', str(path), fault, remedy)


def damaged_file(path: Path) -> UserError:
    """The error of a file that cannot be continued."""
    fault = 'The file is damaged, or was not written by `lfhpe predict`.'
    return UserError('not-predictions', str(path), fault, 'Give another --out.')


def other_settings(path: Path, header: str) -> UserError:
    """The error of a file with another header."""
    fault = f'The file has predictions of another model or with other settings ({header}).'
    return UserError(
        'other-predictions', str(path), fault, 'Give the same ones, or another --out.'
    )


def rounded(value: Any, digits: int) -> Any:
    """Numbers of nested lists, rounded."""
    if isinstance(value, list | tuple):
        return [rounded(v, digits) for v in value]
    return round(float(value), digits)


def dump(entry: dict[str, Any]) -> str:
    """A line, without its line break."""
    text = json.dumps(entry, ensure_ascii=False, allow_nan=False)
    try:
        text.encode('utf-8')
    except UnicodeEncodeError:  # a file name that is not UTF-8
        return json.dumps(entry, allow_nan=False)
    return text

"""A file of predictions, a line of JSON an image, that an interrupted run goes on with.

The first line tells the model and its settings, each further one an image:

    {"image": "photos/a.jpg", "width": 640, "height": 480, "instances": [...]}

``instances`` has MMPose's form (``keypoints``, ``keypoint_scores``, ``bbox``, ``bbox_score``)
and ``keypoint_probs``, where the model gives them. An image that could not be read has
``error`` instead. To add an entry, add it in :func:`line_of`.
"""

import json
from pathlib import Path
from typing import Any

from mmpose.structures import split_instances

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_text

from .predictor import ImagePoses, PosePredictor

# A thousandth of a pixel; of scores, what float32 knows.
_DIGITS = dict(keypoints=3, bbox=3, bbox_score=6, keypoint_scores=6, keypoint_probs=6)


def header_of(predictor: PosePredictor, **settings: Any) -> dict:
    """Make the first line: what a person's numbers mean, and where they come from.

    Args:
        predictor (PosePredictor): The predictor.
        settings (Any): What changes the predictions, e.g. names of configs.

    Returns:
        dict: ``keypoint_names`` (K), ``skeleton_links`` and the settings.
    """
    meta = predictor.model.dataset_meta
    return dict(
        keypoint_names=[meta['keypoint_id2name'][i] for i in range(meta['num_keypoints'])],
        skeleton_links=[list(map(int, link)) for link in meta['skeleton_links']],
        settings=settings,
    )


def line_of(result: ImagePoses) -> dict:
    """Make the line of an image.

    Args:
        result (ImagePoses): The result.

    Returns:
        dict: See the module.
    """
    if result.error:
        return dict(image=result.image, error=result.error)
    instances = []
    for sample in result.persons:
        found = sample.pred_instances
        (person,) = split_instances(found)
        if 'keypoint_probs' in found:
            person['keypoint_probs'] = found.keypoint_probs[0].tolist()
        instances.append({key: _round(value, _DIGITS[key]) for key, value in person.items()})
    width, height = result.size or (None, None)
    return dict(image=result.image, width=width, height=height, instances=instances)


class PredictionFile:
    """A file of predictions that is being written.

    Args:
        path (str | Path): The file.
        header (dict): From :func:`header_of`.
        resume (bool): Go on with a file that is there. Its images that could not be read are
            forgotten, and so tried again. Defaults to False.

    Attributes:
        done (set[str]): Images that it holds already.

    Raises:
        UserError: If the file is there without ``resume``, is another model's, is damaged, or
            cannot be written.
    """

    def __init__(self, path: str | Path, header: dict, resume: bool = False) -> None:
        path = Path(path)
        self.done: set[str] = set()
        if path.exists() and not resume:
            raise UserError(
                f'{path}: is there already. Add --resume to go on with it, or give another --out.'
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            kept = self._kept(path, header) if path.exists() else []
            write_text(path, ''.join(f'{line}\n' for line in [_dump(header), *kept]))
            self._file = open(path, 'a', encoding='utf-8')  # noqa: SIM115, closed by close()
        except OSError as error:
            raise UserError(f'{path}: cannot be written ({error.strerror}).') from None

    def write(self, result: ImagePoses) -> None:
        """Add an image; the line is in the file when this returns.

        Args:
            result (ImagePoses): The result.
        """
        self._file.write(_dump(line_of(result)) + '\n')
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _kept(self, path: Path, header: dict) -> list[str]:
        # What follows the last line break is a line that an interruption cut off.
        lines = path.read_text(encoding='utf-8').split('\n')[:-1]
        try:
            before = json.loads(lines[0]) if lines else header
            images = [json.loads(line) for line in lines[1:]]
            kept = [i for i, entry in enumerate(images) if 'error' not in entry]
            self.done = {images[i]['image'] for i in kept}
        except (ValueError, TypeError, KeyError):
            raise UserError(
                f'{path}: is damaged, or no file of tools/predict.py. Give another --out.'
            ) from None
        if before != json.loads(_dump(header)):
            raise UserError(
                f'{path}: holds the predictions of another model or of other settings '
                f'({lines[0][:300]}). Give the same ones, or another --out.'
            )
        return [lines[i + 1] for i in kept]


def _round(value: Any, digits: int) -> Any:
    if isinstance(value, list | tuple):
        return [_round(v, digits) for v in value]
    return round(float(value), digits)


def _dump(entry: dict) -> str:
    return json.dumps(entry, ensure_ascii=False, allow_nan=False)

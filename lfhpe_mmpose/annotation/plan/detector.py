"""Persons found by one of MMDet's detectors.

What was found is kept in a file image by image, so that an interrupted search goes on where it
stopped.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.apis.person_detector import BoxDetector
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import read_image


class PersonDetector:
    """A detector that gives boxes.

    Args:
        config (str): A detector's config, or the name of one that MMPose brings.
        weights (str): Its weights, which must load with ``weights_only=True``.
        categories (Sequence[int]): Numbers of the categories that count. Defaults to (0, ),
            the person of COCO.
        threshold (float): Least score of a box. Defaults to 0.3.
        device (str, optional): See ``lfhpe_mmpose.apis.inputs.resolve_device``.
            Defaults to None.

    Raises:
        UserError: If config or weights cannot be had.
    """

    def __init__(
        self,
        config: str,
        weights: str,
        categories: Sequence[int] = (0,),
        threshold: float = 0.3,
        device: str | None = None,
    ) -> None:
        self.settings: dict[str, Any] = dict(
            config=str(config),
            weights=Path(weights).name,
            categories=[int(c) for c in categories],
            threshold=float(threshold),
        )
        self._detector = BoxDetector(config, weights, categories, threshold, device=device)

    def __call__(self, image: np.ndarray) -> list[list[float]]:
        """Find persons.

        Args:
            image (np.ndarray): BGR uint8 (H, W, 3).

        Returns:
            list[list[float]]: Boxes [x, y, width, height] in pixels, the best first.
        """
        (boxes,) = self._detector.detect([self._detector.prepare(image)])
        return [[float(v) for v in (x1, y1, x2 - x1, y2 - y1)] for x1, y1, x2, y2, _ in boxes]


def detect(
    detector: Any, folder: str, names: Iterable[str], memory: Path
) -> dict[str, list[list[float]]]:
    """Find the persons of images, and remember them.

    Args:
        detector (Any): A :class:`PersonDetector`: called with an image it gives boxes, and
            ``settings`` tell it from others.
        folder (str): The folder of the images.
        names (Iterable[str]): Images below it, perhaps wrapped in a progress bar.
        memory (Path): File of what was found: a line for the detector, then one an image.

    Returns:
        dict[str, list[list[float]]]: Boxes [x, y, width, height] in pixels by file name.

    Raises:
        UserError: If the memory is another detector's.
    """
    found = _remembered(memory, detector.settings)
    memory.parent.mkdir(parents=True, exist_ok=True)
    if not memory.exists():
        memory.write_text(json.dumps(detector.settings) + '\n', encoding='utf-8')
    boxes = {}
    with open(memory, 'a', encoding='utf-8') as file:
        for name in names:
            if name not in found:
                found[name] = detector(read_image(Path(folder) / name))
                file.write(json.dumps([name, found[name]]) + '\n')
                file.flush()
            boxes[name] = found[name]
    return boxes


def _remembered(memory: Path, settings: dict) -> dict[str, list[list[float]]]:
    if not memory.exists():
        return {}
    text = memory.read_text(encoding='utf-8')
    lines = text.split('\n')
    # What follows the last line break is a line that an interruption cut off.
    if lines[-1]:
        memory.write_text(text[: len(text) - len(lines[-1])], encoding='utf-8')
    try:
        before = json.loads(lines[0])
        found = dict(json.loads(line) for line in lines[1:-1])
    except (ValueError, TypeError):
        raise UserError(f'{memory}: is damaged. Remove it; the persons are found anew.') from None
    if before != settings:
        raise UserError(
            f'{memory}: persons found by another detector ({lines[0]}). Give another --out, or '
            'remove this file.'
        )
    return found

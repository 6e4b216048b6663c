"""Boxes of an MMDet detector, stored image by image so that an interrupted run continues."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.files.writing import write_bytes, writing


class PersonDetector:
    """A detector that returns boxes of one image; ``settings`` identify it.

    Args:
        config: A detector's config, or the name of one of MMPose's.
        weights: Its weights, which must load with ``weights_only=True``.
        categories: Indices of the categories to use; 0 is COCO's person.
        threshold: Minimum score of a box.
        device: As for ``resolve_device``.
    """

    def __init__(
        self,
        config: str,
        weights: str,
        categories: Sequence[int] = (0,),
        threshold: float = 0.3,
        device: str | None = None,
    ) -> None:
        from lfhpe_mmpose.apis.person_detector import BoxDetector

        self.settings: dict[str, Any] = dict(
            config=str(config),
            weights=Path(weights).name,
            categories=[int(c) for c in categories],
            threshold=float(threshold),
        )
        self._detector = BoxDetector(config, weights, categories, threshold, device=device)

    def __call__(self, image: np.ndarray) -> list[list[float]]:
        """Boxes [x, y, width, height] in pixels of a BGR uint8 image (H, W, 3), best first."""
        (boxes,) = self._detector.detect([self._detector.prepare(image)])
        return [[float(v) for v in (x1, y1, x2 - x1, y2 - y1)] for x1, y1, x2, y2, _ in boxes]


def detect(
    detector: Any, folder: str, names: Iterable[str], memory: Path
) -> dict[str, list[list[float]]]:
    """Detect persons in images, with a store of what was found.

    Args:
        detector: A ``PersonDetector``.
        folder: Folder of the images.
        names: Images below it, perhaps wrapped in a progress bar.
        memory: The store: a line for the detector, then one per image.

    Returns:
        Boxes [x, y, width, height] in pixels by file name.

    Raises:
        UserError: If the store belongs to another detector.
    """
    boxes = {}
    with writing(memory):
        found = _stored(memory, detector.settings)
        memory.parent.mkdir(parents=True, exist_ok=True)
    with writing(memory), open(memory, 'a', encoding='utf-8') as file:
        if not file.tell():
            file.write(json.dumps(detector.settings) + '\n')
        for name in names:
            if name not in found:
                found[name] = detector(read_image(Path(folder) / name))
                file.write(json.dumps([name, found[name]]) + '\n')
                file.flush()
            boxes[name] = found[name]
    return boxes


def _stored(memory: Path, settings: dict[str, Any]) -> dict[str, list[list[float]]]:
    if not memory.exists():
        return {}
    lines = memory.read_bytes().split(b'\n')
    if lines[-1]:  # an interruption cut it off
        write_bytes(memory, b'\n'.join([*lines[:-1], b'']))
    if not lines[:-1]:
        return {}
    try:
        before = json.loads(lines[0])
        found = dict(json.loads(line) for line in lines[1:-1])
    except (ValueError, TypeError):
        raise UserError(
            'damaged', str(memory), 'the file is damaged.', 'Remove it to detect again.'
        ) from None
    if before != settings:
        fault = f'the persons were found by another detector ({lines[0].decode()}).'
        remedy = 'Give another --out, or remove this file.'
        raise UserError('other-detector', str(memory), fault, remedy)
    return found

"""Person boxes by an exported detector, from ONNX Runtime, NumPy and OpenCV alone.

A detector file has one input, ``images``: float32 (N, 3, H, W), RGB from 0 to 255, each picture
resized to fit, at the top left, and the rest grey (114). Its outputs are ``boxes`` (M, 4) as x1,
y1, x2, y2 in pixels of that input, ``scores`` (M,) and ``rows`` (M,), the picture of each box. M
is the number of boxes of all pictures. `lfhpe export rtmdet-nano` writes such a file, and any
other detector in this form will do. H and W are fixed.
"""

import os
from collections.abc import Sequence

import cv2
import numpy as np

from lfhpe_mmpose.errors import UserError

from .boxes import MAX_OVERLAP, MIN_SCORE, best_boxes
from .sessions import open_session

GREY = 114
INPUT, OUTPUTS = 'images', ('boxes', 'scores', 'rows')


class OnnxDetector:
    """Finds the boxes of persons in images.

    Args:
        path: The file.
        min_score: Minimum score of a box.
        max_overlap: Of two boxes with a larger IoU the better one is kept.
        threads, providers: See ``open_session``.

    Raises:
        UserError: 'onnx-file' if the file has another form; see ``open_session``.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        min_score: float = MIN_SCORE,
        max_overlap: float = MAX_OVERLAP,
        threads: int | None = None,
        providers: list[str] | None = None,
    ) -> None:
        self.min_score, self.max_overlap = float(min_score), float(max_overlap)
        self._session = open_session(path, threads, providers)
        inputs = {value.name: value.shape for value in self._session.get_inputs()}
        outputs = {value.name for value in self._session.get_outputs()}
        shape = inputs.get(INPUT, ())
        fixed = len(shape) == 4 and all(isinstance(side, int) for side in shape[2:])
        if not fixed or len(inputs) != 1 or not outputs.issuperset(OUTPUTS):
            raise UserError(
                'onnx-file',
                str(path),
                f'It is no detector: its inputs are {inputs}, its outputs {sorted(outputs)}.',
                f'A detector has the input {INPUT} (N, 3, H, W) and the outputs '
                f'{", ".join(OUTPUTS)}; write one by `lfhpe export rtmdet-nano --weights FILE`.',
            )
        self.size = (int(shape[3]), int(shape[2]))

    def detect(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Find persons.

        Args:
            images: N pictures, BGR uint8 (H, W, 3).

        Returns:
            list[np.ndarray]: For each float32 (P, 5): x1, y1, x2, y2 in pixels of the picture,
            and the score; the best first. P may be 0.
        """
        fitted = [fit(image, self.size) for image in images]
        batch = np.stack([pixels for pixels, _ in fitted])
        boxes, scores, rows = self._session.run(OUTPUTS, {INPUT: batch})
        found = []
        # As MMDet does, boxes are cut at the input's edge, not at the picture's.
        places = np.clip(boxes.reshape(-1, 2, 2), 0, self.size)
        for row, (_, ratio) in enumerate(fitted):
            mine = rows == row
            entries = np.column_stack([(places[mine] / ratio).reshape(-1, 4), scores[mine]])
            found.append(best_boxes(entries, self.min_score, self.max_overlap))
        return found


def fit(image: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Resize a picture to fit into a detector's input, as MMDet's ``Resize`` and ``Pad`` do.

    Args:
        image: BGR uint8 (H, W, 3).
        size: Width and height of the input.

    Returns:
        RGB float32 (3, height, width), and the ratios (2,) of the sides x and y.
    """
    height, width = image.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    new = max(int(width * scale + 0.5), 1), max(int(height * scale + 0.5), 1)
    canvas = np.full((size[1], size[0], 3), GREY, dtype=np.uint8)
    canvas[: new[1], : new[0]] = cv2.resize(image, new, interpolation=cv2.INTER_LINEAR)
    ratio = np.array(new, dtype=np.float64) / (width, height)
    return np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1), dtype=np.float32), ratio

"""Persons' boxes in many images at a time, by one of MMDet's detectors.

Boxes are filtered as MMPose's inferencer filters them: category, score, then NMS. To filter
otherwise, change :meth:`BoxDetector._filter` alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.registry import DefaultScope, init_default_scope
from mmpose.evaluation.functional import nms

from lfhpe_mmpose.launch.checkpoints import load_published
from .detection import find_detector_config
from .inputs import resolve_device


class BoxDetector:
    """A detector that gives the boxes of persons.

    Args:
        config (str): A detector's config, or the name of one that MMPose brings.
        weights (str): Its weights, which must load with ``weights_only=True``.
        categories (Sequence[int]): Numbers of the categories that count. Defaults to (0, ),
            the person of COCO.
        threshold (float): Least score of a box. Defaults to 0.3.
        nms_threshold (float): Of two boxes with a larger IoU the better one stays. Defaults
            to 0.3, MMPose's own.
        device (str, optional): See :func:`resolve_device`. Defaults to None.

    Attributes:
        model (nn.Module): MMDet's detector in evaluation mode.

    Raises:
        UserError: If config, weights or the device cannot be had.
    """

    def __init__(
        self,
        config: str,
        weights: str,
        categories: Sequence[int] = (0,),
        threshold: float = 0.3,
        nms_threshold: float = 0.3,
        device: str | None = None,
    ) -> None:
        self.categories = [int(c) for c in categories]
        self.threshold, self.nms_threshold = float(threshold), float(nms_threshold)
        path, device = find_detector_config(config), resolve_device(device)
        load_published(weights, map_location='cpu')  # its errors name the file
        from mmdet.apis import DetInferencer  # seconds of imports

        scope = DefaultScope.get_current_instance()
        inferencer: Any = DetInferencer(
            path, str(weights), device=device, scope='mmdet', show_progress=False
        )
        # Else MMPose's transforms would be looked for in MMDet from now on.
        init_default_scope(scope.scope_name if scope is not None else 'mmpose')
        self.model, self._pipeline = inferencer.model, inferencer.pipeline

    def prepare(self, image: np.ndarray) -> dict:
        """Bring an image into the detector's form; several threads may do so.

        Args:
            image (np.ndarray): BGR uint8 (H, W, 3).

        Returns:
            dict: ``inputs`` (3, h, w) and ``data_samples``.
        """
        return self._pipeline(image)

    @torch.no_grad()
    def detect(self, prepared: Sequence[dict]) -> list[np.ndarray]:
        """Find persons.

        Images of one size go through the network together. Others would be padded to the
        largest, and what is found would depend on the neighbours.

        Args:
            prepared (Sequence[dict]): N images of :meth:`prepare`.

        Returns:
            list[np.ndarray]: An array a image, float32 (P, 5): x1, y1, x2, y2 in pixels of
            the image, and the score; the best first. P may be 0.
        """
        sizes: dict[tuple, list[int]] = defaultdict(list)
        for i, entry in enumerate(prepared):
            sizes[tuple(entry['inputs'].shape)].append(i)
        found: dict[int, np.ndarray] = {}
        for indices in sizes.values():
            batch = dict(
                inputs=[prepared[i]['inputs'] for i in indices],
                data_samples=[prepared[i]['data_samples'] for i in indices],
            )
            for i, sample in zip(indices, self.model.test_step(batch)):
                found[i] = self._filter(sample.pred_instances.cpu().numpy())
        return [found[i] for i in range(len(prepared))]

    def _filter(self, found: Any) -> np.ndarray:
        good = np.isin(found.labels, self.categories) & (found.scores > self.threshold)
        boxes = np.concatenate([found.bboxes, found.scores[:, None]], axis=1)[good]
        boxes = boxes[nms(boxes, self.nms_threshold)] if len(boxes) else boxes
        whole = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        return boxes[whole].astype(np.float32).reshape(-1, 5)

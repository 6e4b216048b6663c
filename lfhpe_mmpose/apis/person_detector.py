"""Person boxes in many images at a time, by a detector of MMDet."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mmpose
import numpy as np
import torch
from mmengine.registry import DefaultScope, init_default_scope

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.checkpoints import load_published
from lfhpe_mmpose.launch.quiet import quiet
from lfhpe_mmpose.runtime.boxes import MAX_OVERLAP, MIN_SCORE, best_boxes

from .inputs import resolve_device

SHORT_NAMES = {
    'rtmdet-nano': 'rtmdet_nano_320-8xb32_coco-person',
    'rtmdet-m': 'rtmdet_m_640-8xb32_coco-person',
}


def find_detector_config(name: str | Path) -> str:
    """Resolve a detector: a short name, a path, or a base name in MMPose's demo.

    Raises:
        UserError: 'detector' if there is no such config.
    """
    if Path(name).is_file():
        return str(name)
    folder = Path(mmpose.__file__).parent / '.mim' / 'demo' / 'mmdetection_cfg'
    base = SHORT_NAMES.get(str(name), str(name).removesuffix('.py'))
    packaged = folder / f'{base}.py'
    if packaged.is_file():
        return str(packaged)
    names = ', '.join([*SHORT_NAMES, *sorted(p.stem for p in folder.glob('*person*.py'))])
    raise UserError(
        'detector', str(name), 'There is no such detector config.', f'Give a path, or {names}.'
    )


def is_detector(name: str) -> bool:
    """Whether a short name, or a config by the type of its model, is a person detector's."""
    from mmengine.config import Config

    if name in SHORT_NAMES:
        return True
    try:
        path = find_detector_config(name)
    except UserError:
        return False
    return 'bbox_head' in Config.fromfile(path, import_custom_modules=False).get('model', {})


class BoxDetector:
    """Finds the boxes of persons, filtered as MMPose's inferencer does: category, score, NMS.

    Args:
        config: See ``find_detector_config``.
        weights: Its weights, which must load with ``weights_only=True``.
        categories: Categories to keep. Defaults to (0, ), the person of COCO.
        threshold: Minimum score of a box. Defaults to 0.3.
        nms_threshold: Of two boxes with a larger IoU the better one is kept. Defaults to 0.3.
        device: See ``resolve_device``.

    Raises:
        UserError: If config, weights or device cannot be used.
    """

    def __init__(
        self,
        config: str,
        weights: str,
        categories: Sequence[int] = (0,),
        threshold: float = MIN_SCORE,
        nms_threshold: float = MAX_OVERLAP,
        device: str | None = None,
    ) -> None:
        self.categories = [int(c) for c in categories]
        self.threshold, self.nms_threshold = float(threshold), float(nms_threshold)
        path, device = find_detector_config(config), resolve_device(device)
        load_published(weights, map_location='cpu')  # its errors name the file
        from mmdet.apis import DetInferencer  # seconds of imports

        scope = DefaultScope.get_current_instance()
        with quiet():
            inferencer: Any = DetInferencer(
                path, str(weights), device=device, scope='mmdet', show_progress=False
            )
            # MMPose's transforms would be searched in MMDet from now on.
            init_default_scope(scope.scope_name if scope is not None else 'mmpose')
        self.model, self._pipeline = inferencer.model, inferencer.pipeline

    def prepare(self, image: np.ndarray) -> dict[str, Any]:
        """Convert BGR uint8 (H, W, 3) to ``inputs`` (3, h, w) and ``data_samples``."""
        return self._pipeline(image)

    @torch.no_grad()
    def detect(self, prepared: Sequence[dict[str, Any]]) -> list[np.ndarray]:
        """Find persons in N prepared images.

        Images of one size go through the network together. Others would be padded to the largest,
        and the result would depend on the neighbours.

        Returns:
            list[np.ndarray]: For each image float32 (P, 5): x1, y1, x2, y2 in pixels of the image,
            and the score; the best first. P may be 0.
        """
        sizes: dict[tuple[Any, ...], list[int]] = defaultdict(list)
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
        ours = np.isin(found.labels, self.categories)
        boxes = np.column_stack([found.bboxes, found.scores])[ours]
        return best_boxes(boxes, self.threshold, self.nms_threshold)

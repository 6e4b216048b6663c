"""A person detector of MMDet as an ONNX file, for ``OnnxDetector``.

The graph normalises, detects, decodes the boxes and drops those that overlap too much (NMS).
``lfhpe_mmpose.runtime.detector`` states its input and its outputs.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_bytes
from lfhpe_mmpose.runtime.detector import INPUT, OUTPUTS, OnnxDetector

from .export_onnx import check_packages, export_graph
from .person_detector import BoxDetector

# Boxes of a picture that leave the graph.
_MOST = 100
# Largest difference of a box in pixels.
_TOLERANCE = 0.05


class ExportableDetector(nn.Module):
    """Normalisation, network and decoding of a detector without anchors, such as RTMDet.

    Args:
        model: MMDet's single-stage detector.
        category: The category whose boxes are given.

    Raises:
        UserError: 'export-model' if its head decodes in another way.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: Any, category: int = 0) -> None:
        super().__init__()
        head: Any = getattr(model, 'bbox_head', None)
        parts = ('prior_generator', 'bbox_coder', 'use_sigmoid_cls')
        coder = type(getattr(head, 'bbox_coder', None)).__name__
        if not all(hasattr(head, part) for part in parts) or coder != 'DistancePointBBoxCoder':
            fault = f'The head is {type(head).__name__} with {coder}.'
            raise UserError('export-model', 'bbox_head', fault, 'Export an RTMDet.')
        self.model, self.category = model, category
        self.head: Any = head
        preprocessor = model.data_preprocessor
        # The graph takes RGB; a network that was trained on BGR gets the channels turned.
        self.turned = not preprocessor._channel_conversion
        self.register_buffer('mean', preprocessor.mean.detach().clone(), persistent=False)
        self.register_buffer('std', preprocessor.std.detach().clone(), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Find boxes.

        Args:
            images (Tensor): (N, 3, H, W), RGB, 0 to 255.

        Returns:
            tuple[Tensor, Tensor]: Boxes (N, A, 4) as x1, y1, x2, y2 in pixels, and scores
            (N, 1, A), for all A places.
        """
        x = (images.flip(1) if self.turned else images).sub(self.mean).div(self.std)
        scores, distances = self.head(self.model.extract_feat(x))
        sizes = [tuple(level.shape[2:]) for level in scores]
        centres = torch.cat(self.head.prior_generator.grid_priors(sizes, device=x.device))
        flat = torch.cat([d.flatten(2).transpose(1, 2) for d in distances], 1)
        boxes = torch.cat([centres - flat[..., :2], centres + flat[..., 2:]], -1)
        one = [s[:, self.category].flatten(1) for s in scores]
        return boxes, torch.cat(one, 1).sigmoid()[:, None]


def export_detector(
    config: str, weights: str, out: str | Path, say: Callable[[str], None] = print
) -> list[str]:
    """Write a person detector as an ONNX file, and compare it with MMDet.

    Args:
        config: See ``find_detector_config``.
        weights: Its weights.
        out: The file.
        say: Called with each line of progress.

    Returns:
        A line that says how far the file is from MMDet.

    Raises:
        UserError: 'export-model', 'package' or 'export-differs'; see ``export_onnx``.
    """
    check_packages()
    detector = BoxDetector(config, weights, device='cpu')
    settings = detector.model.cfg.model.test_cfg
    wrapped = ExportableDetector(detector.model, detector.categories[0]).eval()
    example = detector.prepare(np.zeros((64, 64, 3), dtype=np.uint8))['inputs']
    height, width = example.shape[1:]
    say('Exporting; this takes about a minute.')
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'detector.onnx'
        pictures = torch.zeros(2, 3, height, width)
        export_graph(wrapped, pictures, INPUT, ['all_boxes', 'all_scores'], path)
        _append_nms(path, float(settings.nms.iou_threshold), float(settings.score_thr))
        said = _compare(detector, path)
        data = path.read_bytes()
    write_bytes(out, data)
    return [said]


def _append_nms(path: Path, max_overlap: float, min_score: float) -> None:
    """Replace the outputs of all places by those of the boxes that are left after NMS."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    content = onnx.load(path)
    graph = content.graph
    limits = dict(overlap=max_overlap, least=min_score)
    numbers = dict(most=_MOST, flat=-1, first=0, third=2)
    constants = {name: np.array([value], dtype=np.float32) for name, value in limits.items()}
    constants |= {name: np.array([value], dtype=np.int64) for name, value in numbers.items()}
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(value, f'nms_{name}'))
    node = helper.make_node
    kept = ['all_boxes', 'all_scores', 'nms_most', 'nms_overlap', 'nms_least']
    graph.node.extend(
        [
            # Rows of `chosen`: picture, category, place.
            node('NonMaxSuppression', kept, ['chosen']),
            node('Gather', ['chosen', 'nms_first'], ['chosen_rows'], axis=1),
            node('Gather', ['chosen', 'nms_third'], ['chosen_places'], axis=1),
            node('Reshape', ['chosen_rows', 'nms_flat'], [OUTPUTS[2]]),
            node('Concat', ['chosen_rows', 'chosen_places'], ['chosen_pairs'], axis=1),
            node('GatherND', ['all_boxes', 'chosen_pairs'], [OUTPUTS[0]]),
            node('GatherND', ['all_scores', 'chosen'], [OUTPUTS[1]]),
        ]
    )
    del graph.output[:]
    real, whole = TensorProto.FLOAT, TensorProto.INT64
    kinds: list[tuple[int, list[Any]]] = [(real, ['found', 4]), (real, ['found'])]
    kinds.append((whole, ['found']))
    for name, (kind, shape) in zip(OUTPUTS, kinds):
        graph.output.append(helper.make_tensor_value_info(name, kind, shape))
    onnx.checker.check_model(content)
    onnx.save(content, path)


def _compare(detector: BoxDetector, path: Path) -> str:
    """Run both on pictures of shapes, which give boxes of low scores.

    Raises:
        UserError: 'export-differs'.
    """
    low = 0.06
    other = OnnxDetector(path, low, detector.nms_threshold)
    detector.threshold, before = low, detector.threshold
    pictures = list(_pictures())
    prepared = [detector.prepare(picture) for picture in pictures]
    right, found = detector.detect(prepared), other.detect(pictures)
    detector.threshold = before
    number = sum(map(len, right))
    apart = [_apart(a, b) for a, b in zip(right, found)]
    said = f'{len(pictures)} pictures, {number} boxes: they differ by at most {max(apart):.1e}'
    if not max(apart) <= _TOLERANCE:
        fault = f'The file does not find what the detector finds ({said}).'
        raise UserError('export-differs', path.name, fault, 'Please report this.')
    return said


def _apart(boxes: np.ndarray, others: np.ndarray) -> float:
    """The largest distance to the nearest box of the other set, in whatever order."""
    if boxes.shape != others.shape:
        return float('inf')
    distances = np.abs(boxes[:, None] - others[None]).max(-1, initial=0)
    return float(max(distances.min(axis, initial=np.inf).max(initial=0) for axis in (0, 1)))


def _pictures() -> Sequence[np.ndarray]:
    """Pictures of several sizes with shapes on noise."""
    import cv2

    rng, pictures = np.random.default_rng(0), []
    for height, width in ((200, 300), (320, 320), (400, 150)):
        picture = rng.integers(90, 160, (height, width, 3), dtype=np.uint8)
        for _ in range(4):
            x, y = int(rng.integers(30, width - 30)), int(rng.integers(50, height - 50))
            colour = tuple(int(v) for v in rng.integers(0, 255, 3))
            cv2.circle(picture, (x, y - 30), 9, colour, -1)
            cv2.ellipse(picture, (x, y), (13, 24), 0, 0, 360, colour, -1)
            for foot in (-8, 8):
                cv2.line(picture, (x, y + 15), (x + foot, y + 50), colour, 6)
        pictures.append(picture)
    return pictures

"""Keypoints of many images: decoding, detector, crops and network work at the same time.

    predictor = PosePredictor('lfhpe_res18_lspet-128x128_loc0')
    for result in predictor('photos/'):
        print(result.image, len(result.persons))

``lfhpe_mmpose.runtime.stages`` has the way of an image; here are detector, crops and network.
"""

import copy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from torch import nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.runtime.inputs import Image, Item
from lfhpe_mmpose.runtime.results import FoundPerson, ImagePoses
from lfhpe_mmpose.runtime.stages import Stages, Work

from .inference import init_model
from .inputs import resolve_device
from .person_detector import BoxDetector
from .speed import speed_up, warn_of_slow_precision


class PosePredictor(Stages):
    """Finds the keypoints of persons in many images; made once, called often.

    Args:
        model: The short name of a packaged config, a config file, a config, or a model of
            ``init_model`` (which is not changed).
        weights: As for ``init_model``.
        detector: See ``find_detector_config``. None assumes one person in
            each image who fills it, unless boxes are given.
        detector_weights: The weights of the detector.
        device: Of the detector, and of a model that is built here; see
            ``resolve_device``.
        batch_size: Persons that go through the network together. Defaults to 32.
        det_batch_size: Images that go through the detector together. Defaults to 8.
        bbox_thr: Minimum score of a box. Defaults to 0.3.
        precision, channels_last, fuse_bn, compile: See ``speed_up``; ``precision`` is
            that of backbone and neck. If compiled, each batch has ``batch_size`` persons, the
            last one being padded.
        workers: Threads that decode, and as many that cut out. Defaults to 2.
        keep_pixels: Keep the pixels with each result, for drawing. Defaults to False.

    Attributes:
        model (nn.Module): The network in evaluation mode.

    Raises:
        UserError: If config, weights, device or an option cannot be used.
    """

    def __init__(
        self,
        model: str | Path | Config | nn.Module,
        weights: str | Path | None = None,
        detector: str | None = None,
        detector_weights: str | Path | None = None,
        device: str | None = None,
        batch_size: int = 32,
        det_batch_size: int = 8,
        bbox_thr: float = 0.3,
        precision: str = 'float32',
        channels_last: bool = False,
        fuse_bn: bool = False,
        compile: bool | str = False,
        workers: int = 2,
        keep_pixels: bool = False,
    ) -> None:
        super().__init__(batch_size, det_batch_size, workers, keep_pixels)
        if (detector is None) != (detector_weights is None):
            fault = 'A detector needs both its config and its weights.'
            raise UserError('detector-weights', 'detector', fault)
        self._fill_up = bool(compile)
        device = resolve_device(device)
        if not isinstance(model, nn.Module):
            model = init_model(model, weights, device)
        options: Any = dict(precision=precision, channels_last=channels_last, fuse_bn=fuse_bn)
        self.model: Any = speed_up(model, compile=compile, **options)
        if detector is not None:
            self.detector = BoxDetector(
                detector, str(detector_weights), threshold=bbox_thr, device=device
            )
            self.detector.model = speed_up(self.detector.model, **options)
        warn_of_slow_precision(precision, str(next(self.model.parameters()).device))
        cfg: Any = self.model.cfg
        init_default_scope(cfg.get('default_scope', 'mmpose'))
        try:
            self._pipeline = Compose(cfg.test_dataloader.dataset.pipeline)
        except (AttributeError, KeyError, TypeError) as error:
            raise UserError(
                'config',
                f'{cfg.filename}: test_dataloader.dataset.pipeline',
                f'The entry is missing or invalid ({error}).',
                'Inference needs the pipeline of the test.',
            ) from error

    def __call__(self, images: Image | Iterable[Item]) -> Iterator[ImagePoses]:
        """Find persons and keypoints, image by image.

        The images are read as they are needed, about five times ``det_batch_size`` of them ahead
        of the result, which bounds the memory. A result waits until a batch of persons is full or
        the images end: for an immediate answer call it with one image. The threads end with the
        generator, also if it is closed early or raises. Use a predictor from one thread at a time.

        Args:
            images: An image, a folder (with its sub-folders), or any iterable, also an endless
                one, of image files, of BGR uint8 arrays (H, W, 3), or of pairs (image, boxes) with
                boxes (N, 4) as (x1, y1, x2, y2) in pixels, which replace the detector.

        Yields:
            ImagePoses: One an image, in the order of the images. An image that cannot be read has
            an ``error``, and a warning is logged; the others go on.

        Raises:
            UserError: If the folder does not exist or contains no images.
        """
        return self._run(images)

    def _decode(self, entry: tuple[int, Item]) -> Work:
        work = super()._decode(entry)
        if work.pixels is None:
            print_log(work.result.error, 'current', level=30)
        return work

    def _prepare(self, pixels: np.ndarray) -> dict[str, Any]:
        prepared: dict[str, Any] = self.detector.prepare(pixels)
        return prepared

    def _crop(self, pixels: np.ndarray, box: np.ndarray, image: str | None) -> dict[str, Any]:
        score = box[4] if len(box) > 4 else 1.0
        entry = dict(
            img=pixels, bbox=box[None, :4], bbox_score=np.array([score], dtype=np.float32)
        )
        crop: dict[str, Any] = self._pipeline({**entry, **self.model.dataset_meta})
        crop['data_samples'].set_metainfo(dict(img_path=image))
        return crop

    @torch.no_grad()
    def _infer(self, crops: list[dict[str, Any]]) -> list[FoundPerson]:
        number = len(crops)
        if self._fill_up:
            crops += [copy.deepcopy(crops[-1]) for _ in range(self.batch_size - number)]
        samples = self.model.test_step(pseudo_collate(crops))
        return [_person(sample) for sample in samples[:number]]


def _person(sample: Any) -> FoundPerson:
    """A person of MMPose's ``PoseDataSample``."""
    found = sample.pred_instances
    probs = np.asarray(found.keypoint_probs[0]) if 'keypoint_probs' in found else None
    return FoundPerson(
        np.asarray(found.keypoints[0]),
        np.asarray(found.keypoint_scores[0]),
        probs,
        np.asarray(found.bboxes[0]),
        float(found.bbox_scores[0]),
        sample,
    )

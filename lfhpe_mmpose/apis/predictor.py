"""Keypoints of many images: decoding, detector, crops and network work at the same time.

    predictor = PosePredictor('lfhpe_res18_lspet-128x128_loc0')
    for result in predictor('photos/'):
        print(result.image, len(result.persons))

The images flow through stages of ``streams``: threads decode, a thread runs the detector on
several images, threads cut out the persons, and the persons of several images go through the
network together. A stage is a method; a new one goes between two others in ``_run``.
"""

import copy
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
from lfhpe_mmpose.runtime.inputs import Image, Item, items_of, open_item, whole_image
from lfhpe_mmpose.runtime.results import FoundPerson, ImagePoses
from lfhpe_mmpose.runtime.streams import close, flat, group, map_ahead

from .inference import init_model
from .inputs import resolve_device
from .person_detector import BoxDetector
from .speed import speed_up, warn_of_slow_precision


@dataclass
class _Work:
    """An image on its way: each stage adds what the next one needs and drops the rest."""

    result: ImagePoses
    pixels: np.ndarray | None = None
    prepared: dict[str, Any] | None = None
    boxes: np.ndarray | None = None
    scores: np.ndarray | None = None
    crops: list[dict[str, Any]] = field(default_factory=list)
    missing: int = 0


class PosePredictor:
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
        sizes = dict(batch_size=batch_size, det_batch_size=det_batch_size, workers=workers)
        for name, value in sizes.items():
            if value < 1:
                raise UserError('below-one', f'{name}={value}', 'Give a whole number from 1.')
        if (detector is None) != (detector_weights is None):
            fault = 'A detector needs both its config and its weights.'
            raise UserError('detector-weights', 'detector', fault)
        self.batch_size, self.det_batch_size, self.workers = batch_size, det_batch_size, workers
        self._keep_pixels, self._fill_up = keep_pixels, bool(compile)
        device = resolve_device(device)
        if not isinstance(model, nn.Module):
            model = init_model(model, weights, device)
        options: Any = dict(precision=precision, channels_last=channels_last, fuse_bn=fuse_bn)
        self.model: Any = speed_up(model, compile=compile, **options)
        self.detector: BoxDetector | None = None
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
        return self._run(items_of(images))

    def _run(self, items: Iterable[Item]) -> Iterator[ImagePoses]:
        ahead = self.det_batch_size
        stream: Any = map_ahead(self._decode, enumerate(items), self.workers, ahead)
        if self.detector is not None:
            groups = group(stream, self.det_batch_size)
            # One thread: the network of the persons runs beside it, not two detectors.
            stream = flat(map_ahead(self._detect, groups, 1, 2))
        stream = map_ahead(self._cut_out, stream, self.workers, ahead)
        try:
            yield from self._estimate(stream)
        finally:
            close(stream)

    def _decode(self, entry: tuple[int, Item]) -> _Work:
        index, item = entry
        result, pixels, boxes = open_item(index, item)
        work = _Work(result, pixels, boxes=boxes)
        if work.pixels is None:
            print_log(result.error, 'current', level=30)
            return work
        if work.boxes is None and self.detector is not None:
            work.prepared = self.detector.prepare(work.pixels)
        elif work.boxes is None:
            work.boxes = whole_image(work.pixels)
        return work

    def _detect(self, works: list[_Work]) -> list[_Work]:
        asked = [work for work in works if work.prepared is not None]
        if self.detector is not None and asked:
            for work, found in zip(asked, self.detector.detect([w.prepared for w in asked])):  # type: ignore[misc]
                work.boxes, work.scores, work.prepared = found[:, :4], found[:, 4], None
        return works

    def _cut_out(self, work: _Work) -> _Work:
        for i, box in enumerate([] if work.boxes is None else work.boxes):
            score = 1.0 if work.scores is None else work.scores[i]
            entry = dict(
                img=work.pixels, bbox=box[None], bbox_score=np.array([score], dtype=np.float32)
            )
            crop = self._pipeline({**entry, **self.model.dataset_meta})
            crop['data_samples'].set_metainfo(dict(img_path=work.result.image))
            work.crops.append(crop)
        if self._keep_pixels:
            work.result.pixels = work.pixels
        work.missing, work.pixels = len(work.crops), None
        return work

    def _estimate(self, works: Iterable[_Work]) -> Iterator[ImagePoses]:
        waiting: deque[_Work] = deque()
        persons: list[tuple[_Work, dict[str, Any]]] = []
        for work in works:
            waiting.append(work)
            persons += [(work, crop) for crop in work.crops]
            work.crops = []
            # Many images without a person may wait behind one with a person, but not a million.
            while len(persons) >= self.batch_size or (
                persons and len(waiting) > 2 * self.batch_size
            ):
                self._forward(persons[: self.batch_size])
                del persons[: self.batch_size]
            while waiting and not waiting[0].missing:
                yield waiting.popleft().result
        if persons:
            self._forward(persons)
        while waiting:
            yield waiting.popleft().result

    @torch.no_grad()
    def _forward(self, persons: list[tuple[_Work, dict[str, Any]]]) -> None:
        crops = [crop for _, crop in persons]
        if self._fill_up:
            crops += [copy.deepcopy(crops[-1]) for _ in range(self.batch_size - len(crops))]
        samples = self.model.test_step(pseudo_collate(crops))
        for (work, _), sample in zip(persons, samples):
            work.result.persons.append(_person(sample))
            work.missing -= 1


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

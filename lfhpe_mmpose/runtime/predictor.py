"""Keypoints of many images by an exported model, from ONNX Runtime, NumPy and OpenCV alone.

predictor = OnnxPredictor('model.onnx')
for result in predictor(['a.jpg', 'b.jpg']):
    print(result.image, [person.keypoints for person in result.persons])
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from lfhpe_mmpose.errors import UserError

from .boxes import MIN_SCORE
from .crops import cut_out, placement, to_image
from .detector import OnnxDetector
from .inputs import Image, Item, items_of, open_item, whole_image
from .model_file import Description
from .results import FoundPerson, ImagePoses
from .sessions import open_session
from .streams import close, flat, group, map_ahead


@dataclass
class _Work:
    """An image on its way: each stage adds what the next one needs and drops the rest."""

    result: ImagePoses
    pixels: np.ndarray | None
    # (N, 4), or (N, 5) with scores.
    boxes: np.ndarray | None
    crops: list['_Crop'] = field(default_factory=list)
    missing: int = 0


@dataclass
class _Crop:
    """A person on the way: the image, the place of the crop, and its pixels (3, h, w)."""

    work: _Work
    box: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    pixels: np.ndarray


class OnnxPredictor:
    """Finds the keypoints of persons in many images; made once, called often.

    Args:
        path: A file of ``lfhpe export``.
        batch_size: Persons that go through the network together.
        threads: Threads of the network; None takes those of the machine.
        keep_pixels: Keep the pixels with each result, for drawing.
        providers: Of ONNX Runtime, such as ``['CUDAExecutionProvider']``. Defaults to the CPU.
        detector: File of a detector, in the form of ``OnnxDetector``. None assumes one person in
            each image who fills it, unless boxes are given.
        bbox_thr: Minimum score of a box.
        det_batch_size: Images that go through the detector together.
        workers: Threads that decode, and as many that cut out.

    Attributes:
        about (Description): The file's metadata: keypoint names, limbs, input size.

    Raises:
        UserError: 'package' without ONNX Runtime, 'onnx-file' if the file is none of
            ``lfhpe export``, 'below-one'.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        batch_size: int = 32,
        threads: int | None = None,
        keep_pixels: bool = False,
        providers: list[str] | None = None,
        detector: str | os.PathLike[str] | None = None,
        bbox_thr: float = MIN_SCORE,
        det_batch_size: int = 8,
        workers: int = 2,
    ) -> None:
        sizes = dict(batch_size=batch_size, det_batch_size=det_batch_size, workers=workers)
        for name, value in dict(sizes, threads=1 if threads is None else threads).items():
            if value < 1:
                raise UserError('below-one', f'{name}={value}', 'Give a whole number from 1.')
        self.batch_size, self.det_batch_size, self.workers = batch_size, det_batch_size, workers
        self._keep_pixels = keep_pixels
        self._session = open_session(path, threads, providers)
        entries = self._session.get_modelmeta().custom_metadata_map
        self.about = Description.from_metadata(entries, str(path))
        self.size = (self.about.input_size[0], self.about.input_size[1])
        self.detector: OnnxDetector | None = None
        if detector is not None:
            self.detector = OnnxDetector(detector, bbox_thr, threads=threads, providers=providers)

    def __call__(self, images: Image | Iterable[Item]) -> Iterator[ImagePoses]:
        """Find keypoints, image by image.

        The images are read a few ahead of the result, as they are needed.

        Args:
            images: As for ``PosePredictor``: an image, a folder, or an iterable of files, of BGR
                uint8 arrays (H, W, 3), or of pairs (image, boxes) with boxes (N, 4) as
                (x1, y1, x2, y2) in pixels, which replace the detector.

        Yields:
            ImagePoses: One an image, in order, with ``FoundPerson``, the best box first. An image
            that cannot be read has an ``error``; the others go on.
        """
        ahead = self.det_batch_size if self.detector is not None else self.workers
        stream: Iterator[_Work] = map_ahead(
            self._open, enumerate(items_of(images)), self.workers, ahead
        )
        if self.detector is not None:
            # One thread: the network of the persons runs beside it, not two detectors.
            groups = group(stream, self.det_batch_size)
            stream = flat(map_ahead(self._detect, groups, 1, 1))
        stream = map_ahead(self._cut_out, stream, self.workers, self.workers)
        try:
            yield from self._estimate(stream)
        finally:
            close(stream)

    def _open(self, entry: tuple[int, Item]) -> _Work:
        result, pixels, boxes = open_item(*entry)
        if pixels is not None and boxes is None and self.detector is None:
            boxes = whole_image(pixels)
        return _Work(result, pixels, boxes)

    def _detect(self, works: list[_Work]) -> list[_Work]:
        asked = [work for work in works if work.pixels is not None and work.boxes is None]
        if self.detector is not None and asked:
            found = self.detector.detect([work.pixels for work in asked])  # type: ignore[misc]
            for work, boxes in zip(asked, found):
                work.boxes = boxes
        return works

    def _cut_out(self, work: _Work) -> _Work:
        if work.pixels is None or work.boxes is None:
            return work
        for box in work.boxes:
            centre, scale = placement(box[:4], self.size, self.about.padding)
            pixels = cut_out(work.pixels, centre, scale, self.size)
            work.crops.append(_Crop(work, box, centre, scale, pixels))
        if self._keep_pixels:
            work.result.pixels = work.pixels
        work.missing, work.pixels = len(work.crops), None
        return work

    def _estimate(self, works: Iterable[_Work]) -> Iterator[ImagePoses]:
        waiting: deque[_Work] = deque()
        crops: list[_Crop] = []
        for work in works:
            waiting.append(work)
            crops += work.crops
            work.crops = []
            # Many images without a person may wait behind one with a person, but not a million.
            while len(crops) >= self.batch_size or (crops and len(waiting) > 2 * self.batch_size):
                self._forward(crops[: self.batch_size])
                del crops[: self.batch_size]
            while waiting and not waiting[0].missing:
                yield waiting.popleft().result
        if crops:
            self._forward(crops)
        while waiting:
            yield waiting.popleft().result

    def _forward(self, crops: list[_Crop]) -> None:
        batch = np.stack([crop.pixels for crop in crops])
        names = ['keypoints', 'scores', 'probs']
        keypoints, scores, probs = self._session.run(names, {'crops': batch})
        for row, crop in enumerate(crops):
            points = to_image(keypoints[row], crop.centre, crop.scale, self.size)
            score = float(crop.box[4]) if len(crop.box) > 4 else 1.0
            found = FoundPerson(points, scores[row], probs[row], crop.box[:4], score)
            crop.work.result.persons.append(found)
            crop.work.missing -= 1

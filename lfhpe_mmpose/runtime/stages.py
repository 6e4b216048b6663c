"""The way of many images to their keypoints, which all predictors share.

The images flow through stages of ``streams``: threads decode, a thread runs the detector on
several images, threads cut out the persons, and the persons of several images go through the
network together. A stage is a method; a new one goes between two others in ``_stream``.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lfhpe_mmpose.errors import UserError

from .inputs import Image, Item, items_of, open_item, whole_image
from .results import FoundPerson, ImagePoses
from .streams import close, flat, group, map_ahead


@dataclass
class Work:
    """An image on its way: each stage adds what the next one needs and drops the rest.

    Attributes:
        result: What is given to the user.
        pixels: BGR uint8 (H, W, 3); None for a damaged image.
        boxes: (N, 4), or (N, 5) with the scores of a detector.
        prepared: What a detector makes of the pixels beforehand.
        crops: Of the persons, in the predictor's own form.
        missing: Persons that are not in the result yet.
    """

    result: ImagePoses
    pixels: np.ndarray | None = None
    boxes: np.ndarray | None = None
    prepared: Any = None
    crops: list[Any] = field(default_factory=list)
    missing: int = 0


class Stages:
    """A predictor without its detector, crops and network, which a subclass gives.

    Args:
        batch_size: Persons that go through the network together.
        det_batch_size: Images that go through the detector together.
        workers: Threads that decode, and as many that cut out.
        keep_pixels: Keep the pixels with each result.

    Raises:
        UserError: 'below-one'.
    """

    detector: Any = None

    def __init__(
        self, batch_size: int, det_batch_size: int, workers: int, keep_pixels: bool
    ) -> None:
        sizes = dict(batch_size=batch_size, det_batch_size=det_batch_size, workers=workers)
        check_sizes(**sizes)
        self.batch_size, self.det_batch_size, self.workers = batch_size, det_batch_size, workers
        self._keep_pixels = keep_pixels

    def _run(self, images: Image | Iterable[Item]) -> Iterator[ImagePoses]:
        return self._stream(items_of(images))

    def _stream(self, items: Iterable[Item]) -> Iterator[ImagePoses]:
        ahead = self.det_batch_size
        stream: Iterator[Work] = map_ahead(self._decode, enumerate(items), self.workers, ahead)
        if self.detector is not None:
            groups = group(stream, self.det_batch_size)
            # One thread: the network of the persons runs beside it, not two detectors.
            stream = flat(map_ahead(self._detect_in, groups, 1, 2))
        stream = map_ahead(self._cut_out, stream, self.workers, ahead)
        try:
            yield from self._estimate(stream)
        finally:
            close(stream)

    def _decode(self, entry: tuple[int, Item]) -> Work:
        work = Work(*open_item(*entry))
        if work.pixels is not None and work.boxes is None:
            if self.detector is None:
                work.boxes = whole_image(work.pixels)
            else:
                work.prepared = self._prepare(work.pixels)
        return work

    def _detect_in(self, works: list[Work]) -> list[Work]:
        asked = [work for work in works if work.prepared is not None]
        if asked:
            found = self.detector.detect([work.prepared for work in asked])
            for work, boxes in zip(asked, found):
                work.boxes, work.prepared = boxes, None
        return works

    def _cut_out(self, work: Work) -> Work:
        if work.pixels is not None and work.boxes is not None:
            image = work.result.image
            work.crops = [self._crop(work.pixels, box, image) for box in work.boxes]
        if self._keep_pixels:
            work.result.pixels = work.pixels
        work.missing, work.pixels = len(work.crops), None
        return work

    def _estimate(self, works: Iterable[Work]) -> Iterator[ImagePoses]:
        waiting: deque[Work] = deque()
        persons: list[tuple[Work, Any]] = []
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

    def _forward(self, persons: list[tuple[Work, Any]]) -> None:
        for (work, _), found in zip(persons, self._infer([crop for _, crop in persons])):
            work.result.persons.append(found)
            work.missing -= 1

    def _prepare(self, pixels: np.ndarray) -> Any:
        """What ``self.detector.detect`` takes for an image."""
        raise NotImplementedError

    def _crop(self, pixels: np.ndarray, box: np.ndarray, image: str | None) -> Any:
        """A person, cut out: what ``_infer`` takes. ``box`` may have a score behind it."""
        raise NotImplementedError

    def _infer(self, crops: list[Any]) -> Iterable[FoundPerson]:
        """Run the network on several persons."""
        raise NotImplementedError


def check_sizes(**sizes: int) -> None:
    """Refuse numbers below 1.

    Raises:
        UserError: 'below-one'.
    """
    for name, value in sizes.items():
        if value < 1:
            raise UserError('below-one', f'{name}={value}', 'Give a whole number from 1.')

"""Keypoints of many images by an exported model, from ONNX Runtime, NumPy and OpenCV alone.

predictor = OnnxPredictor('model.onnx')
for result in predictor(['a.jpg', 'b.jpg']):
    print(result.image, [person.keypoints for person in result.persons])
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .boxes import MIN_SCORE
from .crops import cut_out, placement, to_image
from .detector import OnnxDetector
from .inputs import Image, Item
from .model_file import Description
from .results import FoundPerson, ImagePoses
from .sessions import open_session
from .stages import Stages, check_sizes


@dataclass
class _Crop:
    """A person on the way: the box, the place of the crop, and its pixels (3, h, w)."""

    box: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    pixels: np.ndarray


class OnnxPredictor(Stages):
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
        super().__init__(batch_size, det_batch_size, workers, keep_pixels)
        check_sizes(threads=1 if threads is None else threads)
        self._session = open_session(path, threads, providers)
        entries = self._session.get_modelmeta().custom_metadata_map
        self.about = Description.from_metadata(entries, str(path))
        self.size = (self.about.input_size[0], self.about.input_size[1])
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
        return self._run(images)

    def _prepare(self, pixels: np.ndarray) -> np.ndarray:
        return pixels

    def _crop(self, pixels: np.ndarray, box: np.ndarray, image: str | None) -> _Crop:
        centre, scale = placement(box[:4], self.size, self.about.padding)
        return _Crop(box, centre, scale, cut_out(pixels, centre, scale, self.size))

    def _infer(self, crops: list[_Crop]) -> Iterator[FoundPerson]:
        batch = np.stack([crop.pixels for crop in crops])
        names = ['keypoints', 'scores', 'probs']
        keypoints, scores, probs = self._session.run(names, {'crops': batch})
        for row, crop in enumerate(crops):
            points = to_image(keypoints[row], crop.centre, crop.scale, self.size)
            score = float(crop.box[4]) if len(crop.box) > 4 else 1.0
            yield FoundPerson(points, scores[row], probs[row], crop.box[:4], score)

"""Keypoints of many images by an exported model, from ONNX Runtime, NumPy and OpenCV alone.

predictor = OnnxPredictor('model.onnx')
for result in predictor(['a.jpg', 'b.jpg']):
    print(result.image, [person.keypoints for person in result.persons])
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np

from lfhpe_mmpose.errors import UserError, package_error

from .crops import cut_out, placement, to_image
from .inputs import Image, Item, items_of, open_item, whole_image
from .model_file import Description
from .results import FoundPerson, ImagePoses

# A person on the way: the image, the box, centre and scale of the crop, and the crop.
_Crop: TypeAlias = tuple[ImagePoses, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class OnnxPredictor:
    """Finds the keypoints of persons in many images; made once, called often.

    Args:
        path: A file of ``lfhpe export``.
        batch_size: Persons that go through the network together.
        threads: Threads of the network; None takes those of the machine.
        keep_pixels: Keep the pixels with each result, for drawing.
        providers: Of ONNX Runtime, such as ``['CUDAExecutionProvider']``. Defaults to the CPU.

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
    ) -> None:
        try:
            import onnxruntime
        except ImportError:
            remedy = "Run `pip install 'lfhpe_mmpose[runtime]'`."
            raise package_error('onnxruntime', 'OnnxPredictor', remedy) from None
        for name, value in dict(batch_size=batch_size, threads=threads or 1).items():
            if value < 1:
                raise UserError('below-one', f'{name}={value}', 'Give a whole number from 1.')
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        self.batch_size, self._keep_pixels = batch_size, keep_pixels
        if not Path(path).is_file():
            fault = 'There is no such file.'
            raise UserError('unreadable-file', str(path), fault, 'Correct the path.')
        try:
            self._session = onnxruntime.InferenceSession(
                os.fspath(path), options, providers=providers or ['CPUExecutionProvider']
            )
        except Exception as error:
            # ONNX Runtime raises classes of its own, without a common base but Exception.
            fault = f'ONNX Runtime cannot read it ({str(error).splitlines()[0][:200]}).'
            raise UserError('onnx-file', str(path), fault, 'Export the model again.') from None
        entries = self._session.get_modelmeta().custom_metadata_map
        self.about = Description.from_metadata(entries, str(path))
        self.size = (self.about.input_size[0], self.about.input_size[1])

    def __call__(self, images: Image | Iterable[Item]) -> Iterator[ImagePoses]:
        """Find keypoints, image by image.

        Args:
            images: As for ``PosePredictor``: an image, a folder, or an iterable of files, of BGR
                uint8 arrays (H, W, 3), or of pairs (image, boxes) with boxes (N, 4) as
                (x1, y1, x2, y2) in pixels. Without boxes a person fills the image.

        Yields:
            ImagePoses: One an image, in order, with ``FoundPerson``. An image that cannot be read
            has an ``error``; the others go on.
        """
        waiting: deque[tuple[ImagePoses, int]] = deque()
        crops: list[_Crop] = []
        for index, item in enumerate(items_of(images)):
            result, pixels, boxes = open_item(index, item)
            found = [] if pixels is None else self._cut_out(result, pixels, boxes)
            waiting.append((result, len(found)))
            crops += found
            while len(crops) >= self.batch_size or (crops and len(waiting) > 2 * self.batch_size):
                self._forward(crops[: self.batch_size])
                del crops[: self.batch_size]
            while waiting and len(waiting[0][0].persons) == waiting[0][1]:
                yield waiting.popleft()[0]
        if crops:
            self._forward(crops)
        for result, _ in waiting:
            yield result

    def _cut_out(
        self, result: ImagePoses, pixels: np.ndarray, boxes: np.ndarray | None
    ) -> list[_Crop]:
        if self._keep_pixels:
            result.pixels = pixels
        crops = []
        for box in whole_image(pixels) if boxes is None else boxes:
            centre, scale = placement(box, self.size, self.about.padding)
            crop = cut_out(pixels, centre, scale, self.size)
            crops.append((result, box, centre, scale, crop))
        return crops

    def _forward(self, crops: list[_Crop]) -> None:
        batch = np.stack([crop for *_, crop in crops])
        names = ['keypoints', 'scores', 'probs']
        keypoints, scores, probs = self._session.run(names, {'crops': batch})
        for row, (result, box, centre, scale, _) in enumerate(crops):
            points = to_image(keypoints[row], centre, scale, self.size)
            result.persons.append(FoundPerson(points, scores[row], probs[row], box))

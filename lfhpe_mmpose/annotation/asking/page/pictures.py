"""Images as a browser shows them: upright, and no larger than a screen."""

import threading
from collections import OrderedDict
from pathlib import Path

import cv2

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import read_image

LONGER_SIDE = 1400
_QUALITY = 88
_KEPT = 32


class Pictures:
    """Reads images as training does, scales them and keeps the latest as JPEG."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Path, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def jpeg(self, path: Path) -> bytes:
        """The picture of a file.

        Raises:
            UserError: 'missing-image' or 'unreadable-image'.
        """
        with self._lock:
            if path in self._kept:
                self._kept.move_to_end(path)
                return self._kept[path]
        image = read_image(path)
        factor = LONGER_SIDE / max(image.shape[:2])
        if factor < 1:
            image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        good, encoded = cv2.imencode('.jpg', image, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
        if not good:
            raise UserError('unreadable-image', str(path), 'It cannot be shown.')
        content = encoded.tobytes()
        with self._lock:
            self._kept[path] = content
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return content

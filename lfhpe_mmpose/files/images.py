"""Image files as training and prediction read them: by OpenCV, turned upright.

MMPose decodes the bytes of a file with ``cv2.imdecode`` and ``IMREAD_COLOR``. That decides which
files are images and how they are turned; other readers follow other entries (XMP, TIFF's own
orientation), so a size is taken from a header only where it cannot differ.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import error as StructError
from struct import unpack_from
from zlib import crc32

import cv2
import numpy as np
from PIL import Image, JpegImagePlugin

from lfhpe_mmpose.errors import UserError

_ORIENTATION, _SHORT = 0x0112, 3
# Chunks of a PNG that may hold an orientation.
_PNG_METADATA = (b'eXIf', b'tEXt', b'zTXt', b'iTXt')
_PILLOW_ERRORS = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def read_image(path: str | os.PathLike[str]) -> np.ndarray:
    """Read an image, and refuse one that is cut off.

    OpenCV fills the missing part of a truncated JPEG with grey without a message.

    Returns:
        np.ndarray: BGR uint8 (H, W, 3).

    Raises:
        UserError: 'missing-image' or 'unreadable-image'.
    """
    if not os.path.exists(path):
        raise _missing(path)
    fault = image_fault(path)
    if fault:
        raise _unreadable(path, fault)
    image = _decode(_content(path))
    if image is None:
        raise _unreadable(path, 'cannot be decoded by OpenCV')
    return image


def image_size(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Width and height in pixels of an image as ``read_image`` returns it.

    Raises:
        UserError: 'missing-image' or 'unreadable-image'.
    """
    if not os.path.exists(path):
        raise _missing(path)
    size = _header_size(path)
    if size is not None:
        return size
    image = _decode(_content(path))
    if image is None:
        raise _unreadable(path, image_fault(path, decode=True))
    return image.shape[1], image.shape[0]


def image_fault(path: str | os.PathLike[str], decode: bool = False) -> str:
    """Find what is wrong with an image file.

    Args:
        path: The file.
        decode: Decode it even if its first and last bytes look whole. Defaults to False.

    Returns:
        str: The fault, a clause that continues 'the file ...'; '' for a readable image.
    """
    try:
        with open(path, 'rb') as file:
            head = file.read(12)
            if not head:
                return 'is empty (0 bytes)'
            file.seek(max(0, os.fstat(file.fileno()).st_size - 12))
            tail = file.read()
    except OSError as error:
        return f'cannot be opened ({error.strerror})'
    if not decode and _looks_whole(path, head, tail):
        return ''
    # Bytes behind the end mark do no harm, so only decoding decides. Pillow reports a file that is
    # cut off, OpenCV fills it with grey.
    try:
        with _open(path) as image:
            image.load()
    except Image.DecompressionBombError:
        pass  # OpenCV reads six times as many pixels
    except _PILLOW_ERRORS as error:
        return f'cannot be decoded ({str(error).replace(repr(str(path)), "the file")})'
    return '' if _decode(_content(path)) is not None else 'cannot be decoded by OpenCV'


def darkness(path: str | os.PathLike[str], image: np.ndarray) -> str:
    """Say why an image is nearly black as it is read; '' for any other image.

    OpenCV keeps the upper 8 of 16 bits. Cameras store 12 bits in the lower part.
    """
    if not 0 < image.max() < 16:
        return ''
    raw = cv2.imdecode(np.frombuffer(_content(path), np.uint8), cv2.IMREAD_UNCHANGED)
    if raw is None or raw.dtype != np.uint16 or raw.max() > 0x0FFF:
        return ''
    return (
        'The image has 16 bits a value and uses the lower 12, so it is read nearly black. Convert '
        'it to 8 bits.'
    )


def _looks_whole(path: str | os.PathLike[str], head: bytes, tail: bytes) -> bool:
    """Whether a JPEG ends with its end mark, and whether the checksums of a PNG are right."""
    if head.startswith(b'\xff\xd8'):
        return tail.endswith(b'\xff\xd9')
    if not head.startswith(b'\x89PNG'):
        return False
    with open(path, 'rb') as file:
        file.seek(8)
        while len(start := file.read(8)) == 8:
            length, kind = unpack_from('>I4s', start)
            chunk = file.read(length + 4)
            if crc32(kind + chunk[:length]) != int.from_bytes(chunk[length:], 'big'):
                return False
            if kind == b'IEND':
                return True
    return False


def _header_size(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Size of a JPEG or PNG whose header leaves no doubt about its orientation."""
    try:
        with _open(path) as image:
            if isinstance(image, JpegImagePlugin.JpegImageFile):
                orientation = _jpeg_orientation([d for n, d in image.applist if n == 'APP1'])
            elif image.format == 'PNG':
                orientation = None if _has_metadata(path) else 1
            else:
                return None
            if orientation is None:
                return None
            return image.size if orientation < 5 else (image.height, image.width)
    except _PILLOW_ERRORS:
        fault = image_fault(path, decode=True)
        if fault:
            raise _unreadable(path, fault) from None
        return None


def _jpeg_orientation(segments: list[bytes]) -> int | None:
    """Orientation 1 to 8 of an EXIF segment that is the first of its kind; None if in doubt."""
    if not segments:
        return 1
    exif, *others = segments
    if not exif.startswith(b'Exif\0\0') or any(s.startswith(b'Exif') for s in others):
        return None
    data = exif[6:]
    order = {b'II*\0': '<', b'MM\0*': '>'}.get(data[:4])
    if order is None:
        return None
    try:
        (start,) = unpack_from(f'{order}I', data, 4)
        (count,) = unpack_from(f'{order}H', data, start)
        entries = [unpack_from(f'{order}HHIH', data, start + 2 + 12 * i) for i in range(count)]
    except StructError:
        return None
    found = [entry for entry in entries if entry[0] == _ORIENTATION]
    if not found:
        return 1
    _, kind, number, value = found[0]
    plain = len(found) == 1 and kind == _SHORT and number == 1 and 1 <= value <= 8
    return value if plain else None


def _has_metadata(path: str | os.PathLike[str]) -> bool:
    """Whether a PNG has a chunk that may hold an orientation."""
    with open(path, 'rb') as file:
        file.seek(8)
        while True:
            head = file.read(8)
            if len(head) < 8:
                return False
            (length,) = unpack_from('>I', head)
            if head[4:] in _PNG_METADATA:
                return True
            file.seek(length + 4, os.SEEK_CUR)


@contextmanager
def _open(path: str | os.PathLike[str]) -> Iterator[Image.Image]:
    """Open an image with Pillow without its warning about many pixels."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', Image.DecompressionBombWarning)
        with Image.open(path) as image:
            yield image


def _content(path: str | os.PathLike[str]) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise _missing(path) from None
    except OSError as error:
        raise _unreadable(path, f'cannot be opened ({error.strerror})') from None


def _decode(content: bytes) -> np.ndarray | None:
    """Decode as MMPose does; a name given to ``cv2.imread`` fails for some files and names."""
    if not content:
        return None
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # more pixels than OpenCV reads
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)


def _missing(path: str | os.PathLike[str]) -> UserError:
    return UserError(
        'missing-image', str(path), 'there is no such image.', 'Check the name and the folder.'
    )


def _unreadable(path: str | os.PathLike[str], fault: str) -> UserError:
    return UserError('unreadable-image', str(path), f'the file {fault}.', 'Replace or remove it.')

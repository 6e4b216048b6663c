"""`files.images`: every image has the size and the pixels that training and prediction see."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from lfhpe_mmpose.files import images
from lfhpe_mmpose.files.images import image_fault, image_size, read_image
from tests.refusal import refuses

WIDE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 40, 3), dtype=np.uint8))
XMP = b'http://ns.adobe.com/xap/1.0/\0'
FORMATS = ('avif', 'bmp', 'jpg', 'png', 'tif', 'webp')


def as_opencv(path):
    """Decode as MMPose does."""
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)


def exif(orientation, order='<', kind=3, number=1, entries=1):
    """An EXIF segment with the orientation tag, as ``entries`` equal entries."""
    entry = struct.pack(f'{order}HHIH2x', 0x112, kind, number, orientation)
    head = b'II*\0' if order == '<' else b'MM\0*'
    body = struct.pack(f'{order}IH', 8, entries) + entries * entry + bytes(4)
    return b'Exif\0\0' + head + body


def xmp(orientation):
    """An XMP segment with an orientation."""
    return (
        XMP + b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff='
        b'"http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%d"/></rdf:RDF></x:xmpmeta>'
    ) % orientation


def jpeg(path, *segments):
    """A JPEG with these APP1 segments, in this order."""
    buffer = io.BytesIO()
    WIDE.save(buffer, 'jpeg')
    app1 = [b'\xff\xe1' + struct.pack('>H', len(s) + 2) + s for s in segments]
    path.write_bytes(b'\xff\xd8' + b''.join(app1) + buffer.getvalue()[2:])
    return path


def png(path, data, last=False):
    """A PNG with EXIF before or behind its pixels."""
    buffer = io.BytesIO()
    WIDE.save(buffer, 'png', exif=data if not last else None)
    content = buffer.getvalue()
    if last:
        other = io.BytesIO()
        WIDE.save(other, 'png', exif=data)
        whole = other.getvalue()
        at = whole.index(b'eXIf') - 4
        (length,) = struct.unpack_from('>I', whole, at)
        content = content[:-12] + whole[at : at + 12 + length] + content[-12:]
    path.write_bytes(content)
    return path


class TestImageSize:
    """`image_size` and `read_image` agree with OpenCV for every orientation."""

    @pytest.mark.parametrize('ending', FORMATS)
    @pytest.mark.parametrize('orientation', range(10))
    def test_orientation(self, tmp_path, ending, orientation):
        """EXIF orientations 0 to 9 in every format."""
        path = tmp_path / f'a.{ending}'
        data = Image.Exif()
        data[0x112] = orientation
        WIDE.save(path, **({} if ending == 'bmp' else dict(exif=data)))
        expected = as_opencv(path)
        assert image_size(path) == expected.shape[1::-1]
        assert np.array_equal(read_image(path), expected)
        assert image_fault(path, decode=True) == ''

    @pytest.mark.parametrize(
        'segments',
        [
            *[[xmp(n)] for n in (1, 6, 8)],
            *[[xmp(6), exif(n)] for n in (1, 8)],
            *[[exif(n), xmp(6)] for n in (1, 8)],
            *[[exif(a), exif(b)] for a, b in ((1, 6), (6, 1))],
            *[[exif(6, order, kind)] for order in '<>' for kind in (1, 3, 4, 9)],
            *[[exif(n, '>')] for n in (0, 1, 5, 8, 9, 256, 65535)],
            *[[exif(6, number=n)] for n in (0, 2, 1000)],
            *[[exif(6, entries=n)] for n in (0, 2)],
            [exif(6)[:20]],
            [exif(6)[:10]],
            [exif(6)[:6]],
            [exif(6)[:6] + b'XX*\0' + exif(6)[10:]],
            [b'Exif\0'],
            [b''],
            [b'other'],
            [b'other', exif(6)],
        ],
    )
    def test_segments_of_a_jpeg(self, tmp_path, segments):
        """XMP, several segments, entries of other types, damaged entries."""
        path = jpeg(tmp_path / 'a.jpg', *segments)
        assert image_size(path) == as_opencv(path).shape[1::-1]

    @pytest.mark.parametrize('last', [False, True])
    @pytest.mark.parametrize('orientation', [1, 6])
    def test_exif_chunk_of_a_png(self, tmp_path, orientation, last):
        """In front of the pixels and behind them."""
        path = png(tmp_path / 'a.png', exif(orientation), last)
        assert image_size(path) == as_opencv(path).shape[1::-1]

    def test_mode_and_depth(self, tmp_path):
        """Grey, palette, transparent and 16-bit images are BGR."""
        for mode in ('1', 'L', 'LA', 'P', 'RGBA', 'I;16'):
            path = tmp_path / f'{mode[0]}.png'
            WIDE.convert('L').convert(mode).save(path)
            assert image_size(path) == (40, 24)
            assert np.array_equal(read_image(path), as_opencv(path))

    def test_photographs_are_not_decoded(self, tmp_path, monkeypatch):
        """Ten thousand photographs of a camera would take minutes."""
        paths = [jpeg(tmp_path / 'a.jpg', exif(6), xmp(6)), tmp_path / 'b.png', tmp_path / 'c.jpg']
        for path in paths[1:]:
            WIDE.save(path)
        monkeypatch.delattr(images, '_decode')
        assert [image_size(path) for path in paths] == [(24, 40), (40, 24), (40, 24)]

    @pytest.mark.parametrize('content', [b'', b'text', b'\xff\xd8\xff\xd9', b'\x89PNG\r\n\x1a\n'])
    def test_other_files(self, tmp_path, content):
        """Empty, text, only the marks of a format, missing."""
        path = tmp_path / 'a.jpg'
        path.write_bytes(content)
        for read in (image_size, read_image):
            with refuses('unreadable-image', path):
                read(path)
        assert image_fault(path, decode=True)
        with refuses('missing-image', 'no.jpg'):
            image_size(tmp_path / 'no.jpg')


class TestImageFault:
    """`image_fault` and `read_image` on damaged files."""

    def test_cut_off(self, tmp_path):
        """OpenCV would fill the missing part with grey."""
        for ending in ('jpg', 'png', 'tif', 'bmp', 'webp'):
            path = tmp_path / f'a.{ending}'
            WIDE.save(path)
            assert image_fault(path) == image_fault(path, decode=True) == ''
            path.write_bytes(path.read_bytes()[:-30])
            assert image_fault(path), ending
            with refuses('unreadable-image', path):
                read_image(path)

    def test_bytes_behind_the_end_do_no_harm(self, tmp_path):
        """Padding behind the end mark."""
        for ending in ('jpg', 'png'):
            path = tmp_path / f'a.{ending}'
            WIDE.save(path)
            path.write_bytes(path.read_bytes() + b'more')
            assert image_fault(path) == ''

    def test_damaged_pixels_of_a_png(self, tmp_path):
        """The ends are whole."""
        path = tmp_path / 'a.png'
        WIDE.save(path)
        content = bytearray(path.read_bytes())
        content[content.index(b'IDAT') + 20] ^= 255
        path.write_bytes(content)
        assert image_fault(path)
        with refuses('unreadable-image', path):
            read_image(path)

    def test_more_pixels_than_pillow_opens(self, tmp_path, monkeypatch):
        """Pillow's limit is not a fault of the image, nor a warning."""
        path = tmp_path / 'a.png'
        WIDE.save(path)
        monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 100)
        assert image_fault(path, decode=True) == ''
        assert image_size(path) == (40, 24)
        monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 900)
        assert image_size(path) == (40, 24)

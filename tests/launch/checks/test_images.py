"""Images that are missing, cut off or none."""

import pytest
from PIL import Image

from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.checks.images import open_images

from .words import refuses

ENTRY = 'train_dataloader.dataset.data_prefix.img'


class TestCheckImages:
    """Images as a run reads them."""

    def test_missing(self, cfg, data):
        """A missing image is named, with how many there are."""
        data.image(2).unlink()
        refuses(cfg, 'missing-image', data.image(2), '1 of 4 images', ENTRY)

    def test_missing_without_a_person_is_fine(self, cfg, data):
        """An image that no person is in is never read."""
        data.data['images'].append(dict(id=50, file_name='none.jpg', width=9, height=9))
        data.write()
        check_before_run(cfg, 'train')

    def test_truncated(self, cfg, data):
        """A JPEG that was cut off is found; OpenCV would read it without a message."""
        content = data.image(3).read_bytes()
        data.image(3).write_bytes(content[: len(content) * 2 // 3])
        refuses(cfg, 'unreadable-image', data.image(3), ENTRY)

    @pytest.mark.parametrize('content', [b'', b'<html>not found</html>'])
    def test_no_image(self, cfg, data, content):
        """A web page with the name of an image is not an image."""
        data.image(0).write_bytes(content)
        refuses(cfg, 'unreadable-image', data.image(0), ENTRY)

    def test_budget(self, data):
        """Without time nothing is opened, and that is no fault."""
        data.image(0).write_bytes(b'nothing')
        sizes = {str(data.image(0)): (40, 48)}
        assert open_images(sizes, seconds=-1) == ([], {})
        assert len(open_images(sizes, seconds=5)[0]) == 1

    @pytest.mark.parametrize(
        ('change', 'guess'),
        [
            (lambda w, h: (h, w), 'exchange'),
            (lambda w, h: (2 * w, 2 * h), '2 times'),
            (lambda w, h: (w + 7, h), ''),
        ],
    )
    def test_size(self, cfg, data, change, guess):
        """Exchanged sides, another scale and other sizes are refused; rounding is not."""
        for image in data.data['images']:
            image['width'], image['height'] = 41, 47
        data.write()
        check_before_run(cfg, 'train')
        for image in data.data['images']:
            image['width'], image['height'] = change(40, 48)
        data.write()
        error = refuses(cfg, 'image-size', data.image(0), '40x48', ENTRY)
        assert guess in error.remedy

    def test_turned(self, cfg, data):
        """The size is that of the image turned upright by its EXIF entry."""
        with Image.open(data.image(0)) as image:
            exif = image.getexif()
            exif[0x0112] = 6
            image.save(data.image(0), exif=exif)
        refuses(cfg, 'image-size', data.image(0), '48x40')
        data.data['images'][0].update(width=48, height=40)
        data.data['annotations'][0]['bbox'] = [4, 5, 30, 30]
        data.write()
        check_before_run(cfg, 'train')

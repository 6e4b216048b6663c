"""Images that are missing, cut off or none."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.checks.images import find_broken

from .words import refuses

ENTRY = 'train_dataloader.dataset.data_prefix.img'


class TestCheckImages:
    """Images as a run reads them."""

    def test_missing(self, cfg, data):
        """A missing image is named, with how many there are."""
        data.image(2).unlink()
        refuses(cfg, 'image-missing', data.image(2), '1 of 4 images', ENTRY)

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
        assert find_broken([str(data.image(0))], seconds=-1) == []
        assert len(find_broken([str(data.image(0))], seconds=5)) == 1

"""The images of a folder."""

from lfhpe_mmpose.files.image_folders import find_images, unread_images
from tests.refusal import refuses


class TestFindImages:
    """`find_images`."""

    def test_images_below_a_folder(self, tmp_path):
        """Sub-folders, any case; no hidden and no other files."""
        for name in ('b.png', 'a.JPG', 'sub/c.jpeg', 'out/d.png', '.e.png', 'notes.txt'):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        found = find_images(tmp_path, without=tmp_path / 'out')
        assert found == ['a.JPG', 'b.png', 'sub/c.jpeg']

    def test_no_images(self, tmp_path):
        """An empty and a missing folder."""
        with refuses('no-images', tmp_path):
            find_images(tmp_path)
        with refuses('folder-missing', tmp_path / 'x'):
            find_images(tmp_path / 'x')

    def test_images_that_are_not_read(self, tmp_path):
        """They are counted by ending, also where there is nothing else."""
        for name in ('a.GIF', 'b.gif', 'c.mp4', 'd.txt'):
            (tmp_path / name).touch()
        with refuses('no-images', tmp_path) as caught:
            find_images(tmp_path)
        assert '2 .gif, 1 .mp4' in caught.value.remedy
        (tmp_path / 'e.png').touch()
        assert '2 .gif, 1 .mp4' in unread_images(tmp_path)
        assert find_images(tmp_path) == ['e.png'] and unread_images(tmp_path / 'none') == ''

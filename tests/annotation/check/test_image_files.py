"""Tests of the image files: there, readable, of the right size."""

import pytest
from PIL import Image

from lfhpe_mmpose.annotation.check import image_files
from tests.refusal import refuses

from .files import check, faults, found, good


@pytest.fixture
def folder(tmp_path):
    """The images of the good file."""
    (tmp_path / 'a').mkdir()
    Image.new('RGB', (640, 480)).save(tmp_path / 'a' / '1.jpg')
    Image.new('RGB', (64, 60)).save(tmp_path / 'a' / '2.jpg')
    return tmp_path


class TestImageFiles:
    """The files against the list of images."""

    def test_good(self, folder):
        """All there and good."""
        report = check(folder, good(), images=str(folder))
        assert found(report) == {}
        assert report.statistics['image_files'] == dict(there=2, missing=0, opened=2)

    def test_missing(self, folder):
        """A missing file is reported with its path."""
        (folder / 'a' / '2.jpg').unlink()
        report = check(folder, good(), images=str(folder))
        assert found(report) == {'missing-image': (1, ['images[1]'])}
        assert 'a/2.jpg' in faults(report)[0]
        assert report.statistics['image_files'] == dict(there=1, missing=1, opened=1)

    @pytest.mark.parametrize('content', [b'', b'no image', None])
    def test_unreadable(self, folder, content):
        """Empty, something else, cut off."""
        path = folder / 'a' / '1.jpg'
        path.write_bytes(path.read_bytes()[:-200] if content is None else content)
        report = check(folder, good(), images=str(folder))
        assert found(report) == {'unreadable-image': (1, ['images[0]'])}
        assert 'a/1.jpg' in faults(report)[0]

    def test_size(self, folder):
        """Another size than the tag file says."""
        Image.new('RGB', (60, 64)).save(folder / 'a' / '2.jpg')
        report = check(folder, good(), images=str(folder))
        assert found(report) == {'image-size': (1, ['images[1]'])}
        assert 'is 60x64, the tag file says 64x60' in faults(report)[0]

    def test_turned(self, folder):
        """A picture that its EXIF entry turns has the size that MMPose reads."""
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.new('RGB', (60, 64)).save(folder / 'a' / '2.jpg', exif=exif)
        assert found(check(folder, good(), images=str(folder))) == {}
        Image.new('RGB', (64, 60)).save(folder / 'a' / '2.jpg', exif=exif)
        report = check(folder, good(), images=str(folder))
        assert 'is 60x64' in faults(report)[0] and 'EXIF' in report.text()

    def test_time(self, folder, monkeypatch):
        """Without time none is opened, with a little some, with all the time all."""
        (folder / 'a' / '1.jpg').write_bytes(b'')

        def opened(seconds):
            report = check(folder, good(), images=str(folder), image_seconds=seconds)
            assert report.statistics['image_files']['there'] == 2
            return report.statistics['image_files']['opened'], len(found(report))

        assert opened(0) == (0, 0)
        assert opened(float('inf')) == (2, 1)
        ticks = iter([0, 1, 9])
        monkeypatch.setattr(image_files.time, 'monotonic', lambda: next(ticks))
        assert opened(5)[0] == 1

    def test_batches_and_sample(self, folder, monkeypatch):
        """All are looked for in batches; of more than fit a sample is opened."""
        data = good()
        data['images'] += [dict(data['images'][0], id=100 + i) for i in range(10)]
        monkeypatch.setattr(image_files, '_BATCH', 3)
        monkeypatch.setattr(image_files, '_SAMPLE', 4)
        report = check(folder, data, images=str(folder))
        assert report.statistics['image_files'] == dict(there=12, missing=0, opened=4)
        assert list(found(report)) == ['duplicate-image']

    @pytest.mark.parametrize('name', ['none', 'tags.json', 's3://bucket/images'])
    def test_no_folder(self, folder, name):
        """What is no folder is the user's mistake."""
        with refuses('folder-missing', place='--images'):
            path = name if '://' in name else str(folder / name)
            (folder / 'tags.json').write_text('{}')
            check(folder, good(), images=path)

    def test_names_that_are_no_paths(self, folder):
        """Names that no file can have are missing files."""
        data = good()
        names = ['\ud800.jpg', 'a\0b', 'x' * 5000, 'a/none']
        data['images'] += [
            dict(data['images'][0], id=f'n{i}', file_name=n) for i, n in enumerate(names)
        ]
        assert found(check(folder, data, images=str(folder)))['missing-image'][0] == 4

    @pytest.mark.parametrize('name', ['a\\1.jpg', 'A/1.JPG', 'a/1.JPG'])
    def test_similar(self, folder, name):
        """Backslashes or another case: the name of the file that is there."""
        data = good()
        data['images'][0]['file_name'] = name
        report = check(folder, data, images=str(folder))
        assert found(report) == {'missing-image': (1, ['images[0]'])}
        assert "Did you mean 'a/1.jpg'?" in faults(report)[0]

    @pytest.mark.parametrize('absolute', [True, False])
    def test_outside(self, folder, absolute):
        """A file outside the folder is reported, and not opened."""
        data = good()
        outside = folder.parent / 'secret.jpg'
        outside.write_bytes(b'no image')
        data['images'][0]['file_name'] = str(outside) if absolute else '../secret.jpg'
        report = check(folder, data, images=str(folder))
        assert found(report) == {'outside-folder': (1, ['images[0].file_name'])}
        assert report.statistics['image_files'] == dict(there=1, missing=0, opened=1)
        assert found(check(folder, data)) == {}

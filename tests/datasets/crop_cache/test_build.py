"""Building a cache: one content whatever the workers, no coordinate, bounded, resumable."""

import json

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.datasets.crop_cache import CropStore
from lfhpe_mmpose.datasets.crop_cache import build as build_module
from lfhpe_mmpose.datasets.crop_cache.encoding import decode
from lfhpe_mmpose.datasets.crop_cache.people import PERSON_KEYS, read_persons
from lfhpe_mmpose.datasets.crop_cache.store import close_readers
from lfhpe_mmpose.errors import UserError

from . import data


@pytest.fixture(scope='module')
def people(tmp_path_factory):
    """Twelve persons in four images."""
    folder = tmp_path_factory.mktemp('crops')
    data.write_people(folder)
    return folder


def content(cache) -> list:
    """Entries and crops, in the order of their keys."""
    found = list(CropStore(cache).items())
    close_readers(cache)
    return found


class TestBuildCache:
    """`build_cache`."""

    @pytest.mark.parametrize('form', ['raw', 'png', 'jpeg'])
    def test_crops_are_parts_of_the_image(self, people, tmp_path, form):
        """Each crop is its window of the image: exactly, or up to JPEG."""
        assert data.build(people, tmp_path / 'c', form) == 12
        found = content(tmp_path / 'c')
        assert len(found) == 12
        for entry, bytes_ in found:
            image = cv2.imread(str(people / 'images' / f'{entry.img_id - 1}.jpg'))
            x, y, w, h = entry.window
            crop = decode(entry, bytes_)
            assert crop.shape == (h, w, 3) and entry.size == (w, h)
            apart = np.abs(crop.astype(int) - image[y : y + h, x : x + w]).mean()
            assert apart == 0 if form != 'jpeg' else apart < 4

    def test_whole_small_image_is_kept_as_its_file(self, people, tmp_path):
        """Where the crop is the image, its file is taken, not coded once more."""
        data.build(people, tmp_path / 'c', 'png', margin=4.0)
        whole = [(e, b) for e, b in content(tmp_path / 'c') if e.form == 'file']
        assert whole
        for entry, bytes_ in whole:
            file = (people / 'images' / f'{entry.img_id - 1}.jpg').read_bytes()
            assert bytes_ == file and entry.window == (0, 0, 320, 240)

    def test_workers_change_nothing(self, people, tmp_path):
        """The same entries and the same bytes from one process and from three."""
        data.build(people, tmp_path / 'a', 'jpeg', workers=0)
        data.build(people, tmp_path / 'b', 'jpeg', workers=3)
        assert content(tmp_path / 'a') == content(tmp_path / 'b')

    @pytest.mark.parametrize('change', ['nan', 'noise'])
    def test_no_coordinate_gets_in(self, people, tmp_path, change):
        """Other keypoints, the same bytes: settings, entries, crops."""
        data.write_people(tmp_path / 'other', change)
        for folder, cache in ((people, 'a'), (tmp_path / 'other', 'b')):
            data.build(folder, tmp_path / cache)
        assert content(tmp_path / 'a') == content(tmp_path / 'b')
        state = [(tmp_path / c / 'crop_cache.json').read_text() for c in 'ab']
        assert state[0] == state[1]

    def test_no_coordinate_is_taken_from_the_data_set(self, people):
        """A person is handed on with ids, path and box, and nothing else."""
        _, images = read_persons(data.dataset_cfg(people), 'dataset')
        assert {k for persons in images for p in persons for k in p} <= set(PERSON_KEYS)
        assert len(images) == 4

    def test_goes_on_after_an_interruption(self, people, tmp_path, monkeypatch):
        """Ctrl-C keeps what is there; the next call does the rest; meanwhile nobody reads it."""
        monkeypatch.setattr(build_module, '_GROUP', 1)
        write, calls = build_module.CropWriter.write, []

        def stop(self, crops):
            if len(calls) == 2:
                raise KeyboardInterrupt
            calls.append(len(crops))
            write(self, crops)

        with monkeypatch.context() as patch:
            patch.setattr(build_module.CropWriter, 'write', stop)
            with pytest.raises(KeyboardInterrupt):
                data.build(people, tmp_path / 'c')
        with pytest.raises(UserError, match=r'not finished.*goes on'):
            CropStore(tmp_path / 'c')
        assert data.build(people, tmp_path / 'c') == 12 - sum(calls) == 6
        data.build(people, tmp_path / 'once')
        assert content(tmp_path / 'c') == content(tmp_path / 'once')
        assert data.build(people, tmp_path / 'c') == 0

    def test_bound(self, people, tmp_path, monkeypatch):
        """A cache that would be too large is refused by the estimate; a wrong one by LMDB."""
        with pytest.raises(UserError, match=r'--max-gib.*--quality'):
            data.build(people, tmp_path / 'c', max_bytes=100_000)
        assert not (tmp_path / 'c').exists()
        monkeypatch.setattr(build_module, '_estimate', lambda *args: 0)
        with pytest.raises(UserError, match=r'beyond .* GiB'):
            data.build(people, tmp_path / 'c', max_bytes=400_000)
        assert (tmp_path / 'c' / 'data.mdb').stat().st_size <= 400_000

    @pytest.mark.parametrize('form', ['raw', 'jpeg'])
    def test_estimate(self, people, tmp_path, form):
        """The size that is told is the size that it becomes, within a fifth."""
        said = []
        data.build(people, tmp_path / 'c', form, log=said.append)
        size = (tmp_path / 'c' / 'data.mdb').stat().st_size / 2**20
        told = float(said[0].split('about ')[1].split(' MiB')[0])
        assert 0.8 * size < told < 1.2 * size + 0.1

    def test_other_settings(self, people, tmp_path):
        """A cache of other settings is not written over."""
        data.build(people, tmp_path / 'c', 'jpeg')
        with pytest.raises(UserError, match=r"other settings \(format: 'jpeg', asked for 'raw'"):
            data.build(people, tmp_path / 'c', 'raw')

    def test_other_boxes(self, people, tmp_path):
        """Going on with a file whose boxes changed is refused."""
        data.write_people(tmp_path)
        data.build(tmp_path, tmp_path / 'c')
        labels = json.loads((tmp_path / 'persons.json').read_text())
        labels['annotations'][4]['bbox'][0] += 1
        (tmp_path / 'persons.json').write_text(json.dumps(labels))
        with pytest.raises(UserError, match='annotation 11 of image 2 was cut for the box'):
            data.build(tmp_path, tmp_path / 'c')

    @pytest.mark.parametrize('workers', [0, 2])
    def test_broken_image(self, tmp_path, workers):
        """An image that is none is named, by a worker too."""
        data.write_people(tmp_path)
        (tmp_path / 'images' / '2.jpg').write_bytes(b'no image')
        with pytest.raises(UserError, match=r'2\.jpg \(image 3\).*(no image|cannot be read)'):
            data.build(tmp_path, tmp_path / 'c', workers=workers)

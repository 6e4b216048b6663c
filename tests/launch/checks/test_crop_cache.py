"""Crop caches that do not fit: told before a run, with file, entry and remedy."""

import pytest
from mmengine.config import ConfigDict

from lfhpe_mmpose.datasets.crop_cache import CropPlan
from lfhpe_mmpose.datasets.crop_cache.build import build_cache
from lfhpe_mmpose.datasets.crop_cache.people import make_settings, read_persons
from lfhpe_mmpose.launch.checks import check_before_run, crop_cache

from .words import refuses

ENTRY = 'train_dataloader.dataset.pipeline'


@pytest.fixture
def cached(cfg, tmp_path):
    """The good config with a good cache."""
    dataset = cfg.train_dataloader.dataset
    plan = CropPlan.from_steps(dataset.pipeline, 'pipeline')
    name, images = read_persons(dataset, 'dataset')
    settings = make_settings(name, plan, 'jpeg', 90)
    folder = tmp_path / 'crops'
    build_cache(folder, images, settings, 2**28, progress=False, log=lambda text: None)
    dataset.pipeline[1] = ConfigDict(type='LoadCachedCrop', cache=str(folder))
    dataset.pipeline[3].type = 'CachedTopdownAffine'
    return cfg


class TestCropCache:
    """`check_caches` and `check_cached_persons`."""

    def test_good(self, cached):
        """Nothing is said against a good cache."""
        check_before_run(cached, 'train')

    def test_none(self, cached, tmp_path):
        """No cache at the path, or an unfinished one."""
        step = cached.train_dataloader.dataset.pipeline[1]
        state = tmp_path / 'crops' / 'crop_cache.json'
        state.write_text(state.read_text().replace('"complete": true', '"complete": false'))
        refuses(cached, f'{ENTRY}[1].cache', 'not finished', 'tools/cache_crops.py')
        step.cache = str(tmp_path / 'nothing')
        refuses(cached, f'{ENTRY}[1].cache', tmp_path / 'nothing', 'tools/cache_crops.py')

    def test_other_box(self, cached, data):
        """A box was corrected since."""
        data.data['annotations'][2]['bbox'][0] += 1
        data.write()
        refuses(cached, f'{ENTRY}[1].cache', 'annotations[2] (id 12', 'other boxes', data.path)

    def test_missing_person(self, cached, data):
        """A person was added since; without `indices`, which choose a part."""
        data.data['annotations'].append(dict(data.data['annotations'][0], id=99))
        data.write()
        refuses(cached, f'{ENTRY}[1].cache', 'lacks 1 persons', 'id 99')
        cached.train_dataloader.dataset.indices = 4
        check_before_run(cached, 'train')

    def test_other_image(self, cached, data):
        """An image file was replaced since."""
        data.image(1).write_bytes(data.image(0).read_bytes() + b'\0' * 9)
        refuses(cached, f'{ENTRY}[1].cache', '001.jpg', 'are not those the crops were cut from')

    def test_order(self, cached):
        """Steps that would see a crop for an image."""
        pipeline = cached.train_dataloader.dataset.pipeline
        pipeline.insert(2, ConfigDict(type='PhotometricDistortion'))
        refuses(cached, ENTRY, 'PhotometricDistortion', 'put them after CachedTopdownAffine')
        pipeline.pop(2)
        pipeline[3].type = 'TopdownAffine'
        refuses(cached, ENTRY, 'write CachedTopdownAffine in place of TopdownAffine')

    def test_other_augmentation_is_told(self, cached, monkeypatch):
        """A wider augmentation costs time, not correctness: a warning."""
        told = []
        monkeypatch.setattr(crop_cache, 'print_log', lambda text, *a, **k: told.append(text))
        check_before_run(cached, 'train')
        assert not told
        pipeline = cached.train_dataloader.dataset.pipeline
        pipeline.insert(3, ConfigDict(type='RandomBBoxTransform'))
        check_before_run(cached, 'train')
        assert 'Where they do not reach, the images are read' in told[0]

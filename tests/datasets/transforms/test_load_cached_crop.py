"""Pictures from a cache: the same samples as without, and refusals where they would not be."""

import copy
import pickle

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmpose.registry import DATASETS
from torch.utils.data import DataLoader

from lfhpe_mmpose.datasets.crop_cache import CropStore
from lfhpe_mmpose.datasets.transforms import CachedTopdownAffine, LoadCachedCrop
from lfhpe_mmpose.errors import UserError
from tests.datasets.crop_cache import data
from tests.test_location_blindness import flatten


@pytest.fixture(scope='module')
def people(tmp_path_factory):
    """Twelve persons, and a lossless cache of them."""
    folder = tmp_path_factory.mktemp('cached')
    data.write_people(folder)
    data.build(folder, folder / 'raw')
    data.build(folder, folder / 'jpeg', 'jpeg', over=1.0)
    data.build(folder, folder / 'small', margin=0.4)
    return folder


def compare(cfg, cached, monkeypatch, epochs=3):
    """Mean difference of the inputs in levels, and how often an image was read."""
    read = []
    honest = LoadCachedCrop.load_source
    monkeypatch.setattr(
        LoadCachedCrop, 'load_source', lambda self, r: read.append(1) or honest(self, r)
    )
    apart = []
    pairs = zip(data.samples(cfg, epochs), data.samples(cached, epochs), strict=True)
    for a, b in pairs:
        assert flatten(a['data_samples'].to_dict()) == flatten(b['data_samples'].to_dict())
        apart.append((a['inputs'].float() - b['inputs'].float()).abs().mean().item())
    return apart, len(read)


class TestLoadCachedCrop:
    """`LoadCachedCrop` with `CachedTopdownAffine`."""

    @pytest.mark.parametrize('udp', [False, True])
    @pytest.mark.parametrize('direction', ['horizontal', 'diagonal'])
    def test_lossless_is_the_same_to_the_last_bit(self, people, monkeypatch, direction, udp):
        """Inputs and labels, with flips of all kinds; the crops reach, no image is read."""
        cfg = data.dataset_cfg(people)
        cfg.pipeline[3].direction = direction
        cfg.pipeline[6].use_udp = udp
        apart, read = compare(cfg, data.with_cache(cfg, people / 'raw'), monkeypatch)
        assert apart == [0.0] * 36
        assert read == 0

    def test_where_the_crop_ends_the_image_is_read(self, people, monkeypatch):
        """Crops that are too small change nothing but the time."""
        cfg = data.dataset_cfg(people)
        apart, read = compare(cfg, data.with_cache(cfg, people / 'small'), monkeypatch)
        assert apart == [0.0] * 36
        assert 10 < read <= 36

    def test_half_bodies(self, people, monkeypatch):
        """Half-body crops look at keypoints of located persons; the result is the same."""
        cfg = data.dataset_cfg(people, fraction=1.0, half_body=1.0)
        apart, _ = compare(cfg, data.with_cache(cfg, people / 'raw'), monkeypatch)
        assert apart == [0.0] * 36

    def test_jpeg_scaled_down_is_close(self, people, monkeypatch):
        """JPEG and resampling change levels, not places: a pixel's shift would show."""
        cfg = data.dataset_cfg(people)
        assert any(entry.scaled for entry, _ in CropStore(people / 'jpeg').items())
        apart, _ = compare(cfg, data.with_cache(cfg, people / 'jpeg'), monkeypatch)
        assert 0 < np.mean(apart) < 4
        assert max(apart) < 8

    def test_workers_change_nothing(self, people):
        """The same batches with 0, 1 and 4 workers, each opening the cache itself."""
        dataset = DATASETS.build(data.with_cache(data.dataset_cfg(people), people / 'raw'))
        CropStore(people / 'raw').entry(1, 0)  # open in this process before the fork

        def batches(workers):
            loader = DataLoader(
                dataset, batch_size=3, num_workers=workers, collate_fn=pseudo_collate
            )
            return [torch.stack(batch['inputs']) for batch in loader]

        # The draws are the worker's own; here each person's are fixed by his id.
        first = dataset.pipeline.transforms[0]
        dataset.pipeline.transforms[0] = lambda r: np.random.seed(r['id']) or first(r)
        alone = batches(0)
        assert len(alone) == 4
        for workers in (1, 4):
            assert all(map(torch.equal, alone, batches(workers)))

    def test_evaluation(self, people, monkeypatch):
        """What a metric reads is in the frame of the image, as without a cache."""
        cfg = data.dataset_cfg(people, fraction=1.0)
        del cfg.pipeline[3:6]
        cfg.pipeline.pop(-2)
        cached = data.with_cache(cfg, people / 'raw')
        for a, b in zip(data.samples(cfg, 1), data.samples(cached, 1), strict=True):
            assert torch.equal(a['inputs'], b['inputs'])
            assert a['data_samples'].metainfo.keys() == b['data_samples'].metainfo.keys()
            for key in ('input_center', 'input_scale', 'ori_shape', 'img_shape'):
                left, right = (s['data_samples'].metainfo[key] for s in (a, b))
                assert np.array_equal(left, right)

    def test_pickle(self, people):
        """The step goes to a spawned worker, and works there."""
        step = pickle.loads(pickle.dumps(LoadCachedCrop(str(people / 'raw'))))
        assert step.store.entry(1, 0).ann_id == 0

    @pytest.mark.parametrize(
        'change, words',
        [
            (dict(id=999), 'holds no annotation 999 of image 1'),
            (dict(id='0'), "holds no annotation '0' of image 1"),
            (dict(dataset_name='mpii'), "of the data set 'coco', not of 'mpii'"),
            (dict(bbox=np.float32([[20, 30, 60.5, 90]])), 'has the box'),
        ],
    )
    def test_other_persons(self, people, change, words):
        """Another person, another data set, another box: refused with file, entry and remedy."""
        dataset = DATASETS.build(data.dataset_cfg(people))
        results = dataset.pipeline.transforms[0](dataset.get_data_info(0))
        step = LoadCachedCrop(str(people / 'raw'))
        assert step.transform(copy.deepcopy(results))['cached_crop'].entry.ann_id == 0
        with pytest.raises(UserError, match=words) as caught:
            step.transform({**results, **change})
        assert 'tools/cache_crops.py' in str(caught.value) and '/raw' in str(caught.value)

    def test_order(self, people):
        """Before the door, and before a step that does not know of crops: refused."""
        dataset = DATASETS.build(data.dataset_cfg(people))
        with pytest.raises(UserError, match='after WithholdLocations'):
            LoadCachedCrop(str(people / 'raw')).transform(dataset.get_data_info(0))
        cfg = data.with_cache(data.dataset_cfg(people), people / 'raw')
        cfg.pipeline[6].type = 'TopdownAffine'
        with pytest.raises(UserError, match='CachedTopdownAffine in its place'):
            DATASETS.build(cfg)[0]

    def test_no_cache(self, tmp_path):
        """No cache, or something else: refused when the config is built."""
        with pytest.raises(UserError, match=r'there is no crop cache.*tools/cache_crops.py'):
            LoadCachedCrop(str(tmp_path))
        with pytest.raises(UserError, match="'grayscale'"):
            LoadCachedCrop(str(tmp_path), color_type='grayscale')

    def test_image_gone(self, people, tmp_path):
        """Where the crop does not reach and the image is gone, the remedy is told."""
        cfg = data.with_cache(data.dataset_cfg(people), people / 'small')
        cfg.data_prefix.img = 'elsewhere/'
        with pytest.raises(UserError, match=r'does not reach.*larger --margin'):
            list(data.samples(cfg))


def test_passes_whole_images(people):
    """Without a cache CachedTopdownAffine is TopdownAffine."""
    cfg = data.dataset_cfg(people)
    other = copy.deepcopy(cfg)
    other.pipeline[6].type = 'CachedTopdownAffine'
    for a, b in zip(data.samples(cfg, 1), data.samples(other, 1), strict=True):
        assert torch.equal(a['inputs'], b['inputs'])
    assert isinstance(DATASETS.build(other).pipeline.transforms[6], CachedTopdownAffine)

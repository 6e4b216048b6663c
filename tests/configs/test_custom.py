"""The examples of custom keypoint sets train on generated pictures, and say what they are."""

import math
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from lfhpe_mmpose.annotation.metainfo import make_metainfo, metainfo_text
from lfhpe_mmpose.annotation.new_config import new_config
from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.packaged import find_config
from lfhpe_mmpose.tags import TagFile
from tests.conftest import ROOT

from .custom_data import write_animals, write_pens

ANIMAL = 'configs/_base_/datasets/animalpose.py'


def make(folder: Path) -> Config:
    """The config of a folder of tags, made tiny, from random weights."""
    val, images = str(folder / 'val.json'), str(folder / 'images')
    new_config(str(folder / 'train.json'), images, str(folder / 'my'), val, start='none')
    cfg = Config.fromfile(folder / 'my' / 'config.py')
    codec = cfg.codec
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.update(batch_size=8, num_workers=0, persistent_workers=False)
    cfg.model.backbone.base_channels = 8
    cfg.model.neck.update(in_channels=[16, 32], embed_dims=16, num_layers=1, num_heads=2)
    cfg.model.head.update(in_channels=16, embed_dims=16, decoder=codec)
    cfg.train_cfg = dict(by_epoch=True, max_epochs=1, val_interval=1)
    cfg.merge_from_dict(dict(work_dir=str(folder / 'work_dir'), log_level='WARNING'))
    return cfg


@pytest.fixture
def pens(tmp_path) -> Config:
    """The config of pens."""
    write_pens(tmp_path / 'pens')
    return make(tmp_path / 'pens')


@pytest.fixture
def animals(tmp_path) -> Config:
    """The config of animals."""
    names = parse_pose_metainfo(dict(from_file=ANIMAL))['keypoint_id2name']
    write_animals(tmp_path / 'animals', list(names.values()))
    return make(tmp_path / 'animals')


def first_losses(runner: Runner) -> dict[str, float]:
    """Losses of a first batch, before any step."""
    loader = runner.build_dataloader(runner.cfg.train_dataloader)
    data = runner.model.train().data_preprocessor(next(iter(loader)), True)
    _, logs = runner.model.parse_losses(runner.model(**data, mode='loss'))
    return {name: float(value) for name, value in logs.items()}


def train(cfg: Config) -> tuple[dict, dict, Runner]:
    """Losses before, metrics after a short training."""
    check_before_run(cfg, 'train')
    runner = Runner.from_cfg(cfg)
    losses = first_losses(runner)
    before = {n: p.detach().clone() for n, p in runner.model.named_parameters()}
    runner.train()
    changed = [n for n, p in runner.model.named_parameters() if not p.equal(before[n])]
    assert {name.partition('.')[0] for name in changed} == {'backbone', 'neck', 'head'}
    assert all(bool(p.isfinite().all()) for p in runner.model.parameters())
    metrics = runner.val_loop.run()
    return losses, metrics, runner


class TestPen:
    """Two keypoints, tags alone."""

    def test_trains(self, pens):
        """Tags alone give a loss, and the tags of the val set are predicted."""
        losses, metrics, runner = train(pens)
        assert losses['tag_loss_cam'] > 0
        assert losses['loc_loss_heatmap'] == 0
        assert all(map(math.isfinite, losses.values()))
        assert 0 <= metrics['category/mAP'] <= 1
        dataset = runner.train_dataloader.dataset
        assert len(dataset) == 16
        labels = dataset[0]['data_samples'].gt_instance_labels
        assert labels.keypoint_tags.shape == (1, 4, 2)
        assert not labels.located.any()
        assert dataset.metainfo['dataset_name'] == 'pen'


class TestAnimal:
    """MMPose's keypoints, persons with and without coordinates, views of different number."""

    def test_trains(self, animals):
        """Located and tagged animals in one batch."""
        losses, metrics, runner = train(animals)
        assert losses['tag_loss_cam'] > 0
        assert losses['loc_loss_heatmap'] > 0
        assert all(map(math.isfinite, losses.values()))
        assert 0 <= metrics['pck@0.2/PCK'] <= 1
        dataset = runner.train_dataloader.dataset
        samples = [dataset[i]['data_samples'].gt_instance_labels for i in range(16)]
        assert [bool(s.located) for s in samples] == [True, False] * 8
        views = [s.keypoint_tags.shape[1] for s in samples]
        assert views == [4, 1, 4, 2, 4, 1, 4, 3, 4, 1, 4, 4, 4, 1, 4, 5]
        assert dataset.metainfo['flip_indices'][:4] == [1, 0, 3, 2]


class TestTemplate:
    """The packaged file, for pens."""

    def test_metainfo_file(self):
        """The file beside it is what ``lfhpe metainfo`` writes from such tags."""
        tags = TagFile.new(['tip', 'cap'], [(1, 2)], category='pen')
        info = make_metainfo(tags.names(), tags.categories[0]['skeleton'], 'pen')
        path = ROOT / 'configs' / 'custom' / 'keypoints.py'
        assert path.read_text() == metainfo_text(info, 'train.json')

    def test_door(self):
        """WithholdLocations is first and the packing of tags last, with the same keypoints."""
        init_default_scope('mmpose')
        cfg = Config.fromfile(find_config('custom_tags-128x128'))
        for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
            steps = [step.type for step in loader.dataset.pipeline]
            assert (steps[0], steps[-1]) == ('WithholdLocations', 'PackTaggedInputs')
            assert loader.dataset.metainfo == cfg.metainfo
        assert cfg.train_dataloader.dataset.pipeline[0].fraction == 0
        assert cfg.model.head.metainfo == cfg.metainfo
        found = parse_pose_metainfo(cfg.metainfo)
        assert cfg.model.head.out_channels == found['num_keypoints'] == cfg.num_keypoints

"""Pipelines that would leak, or teach nothing."""

import pytest

from lfhpe_mmpose.launch.checks.pipelines import check_pipelines
from lfhpe_mmpose.launch.checks.sources import find_sources

from .words import refuses

ENTRY = 'train_dataloader.dataset.pipeline[0]'


def problems(cfg) -> str:
    """The problems of the pipelines, in one text."""
    return '\n'.join(check_pipelines(cfg, find_sources(cfg, ['train_dataloader'])))


class TestDoor:
    """Arguments of WithholdLocations."""

    @pytest.mark.parametrize('fraction', [-0.1, 1.5, 25, 'all', float('nan'), None])
    def test_fraction(self, cfg, fraction):
        """A fraction outside [0, 1] is refused before training."""
        cfg.train_dataloader.dataset.pipeline[0].fraction = fraction
        refuses(cfg, ENTRY, 'fraction', '[0, 1]', 'fraction=0.25')

    def test_occluded(self, cfg):
        """An unknown word for occluded keypoints is refused."""
        cfg.train_dataloader.dataset.pipeline[0].occluded = 'maybe'
        refuses(cfg, ENTRY, "'maybe'", 'positive')

    def test_unknown_argument(self, cfg):
        """A misspelt argument is refused."""
        cfg.train_dataloader.dataset.pipeline[0].fractoin = 0.5
        refuses(cfg, ENTRY, 'fractoin', 'fraction=0.25')

    def test_evaluation_withholds(self, cfg):
        """An evaluation without truth is refused."""
        cfg.val_dataloader.dataset.pipeline[0].fraction = 0.25
        refuses(cfg, 'val_dataloader.dataset.pipeline[0]', 'set fraction=1.0')


class TestOrder:
    """The door comes first."""

    def test_door_first(self, cfg):
        """The location-free head is refused a pipeline that does not begin at the door."""
        cfg.model.head.type = 'LocationFreeHead'
        assert problems(cfg) == ''
        steps = cfg.train_dataloader.dataset.pipeline
        steps[0], steps[1] = steps[1], steps[0]
        assert 'first step of the training pipeline is LoadImage' in problems(cfg)
        assert ENTRY in problems(cfg)
        cfg.model.head.type = 'HeatmapHead'
        assert problems(cfg) == ''

    def test_wrapper_pipeline(self, cfg):
        """Of wrapped data sets the innermost pipeline comes first."""
        cfg.model.head.type = 'LocationFreeHead'
        inner = cfg.train_dataloader.dataset
        steps = inner.pipeline
        inner.pipeline = steps[:1]
        cfg.train_dataloader.dataset = dict(
            type='CombinedDataset', metainfo={}, datasets=[inner], pipeline=steps[1:]
        )
        assert problems(cfg) == ''
        inner.pipeline = []
        cfg.train_dataloader.dataset.datasets[0] = inner
        assert 'first step' in problems(cfg)

    def test_no_tags_packed(self, cfg):
        """MMPose's packing would leave the tags behind."""
        cfg.model.head.type = 'LocationFreeHead'
        cfg.train_dataloader.dataset.pipeline[-1].type = 'PackPoseInputs'
        assert 'does not end with PackTaggedInputs' in problems(cfg)

    def test_unknown_step(self, cfg):
        """A step that is not registered is told with its entry."""
        cfg.train_dataloader.dataset.pipeline[1].type = 'LoadImgae'
        assert 'LoadImgae' in problems(cfg)
        assert 'custom_imports' in problems(cfg)

"""Pipelines that would leak, or teach nothing."""

import pytest

from lfhpe_mmpose.launch.checks.pipelines import check_pipelines
from lfhpe_mmpose.launch.checks.sources import find_sources

from .words import refuses

ENTRY = 'train_dataloader.dataset.pipeline[0]'


def problems(cfg) -> list[tuple[str, str]]:
    """Code and place of the problems of the pipelines."""
    found = check_pipelines(cfg, find_sources(cfg, ['train_dataloader']))
    return [(error.code, error.place) for error in found]


class TestDoor:
    """Arguments of WithholdLocations."""

    @pytest.mark.parametrize('fraction', [-0.1, 1.5, 25, 'all', float('nan'), None])
    def test_fraction(self, cfg, fraction):
        """A fraction outside [0, 1] is refused before training."""
        cfg.train_dataloader.dataset.pipeline[0].fraction = fraction
        refuses(cfg, 'option', ENTRY)

    @pytest.mark.parametrize(
        ('change', 'code'),
        [(dict(occluded='maybe'), 'option'), (dict(fractoin=0.5), 'unknown-argument')],
    )
    def test_argument(self, cfg, change, code):
        """An unknown word for occluded keypoints, and a misspelt argument."""
        cfg.train_dataloader.dataset.pipeline[0].update(change)
        refuses(cfg, code, ENTRY)

    def test_evaluation_withholds(self, cfg):
        """An evaluation without truth is refused."""
        cfg.val_dataloader.dataset.pipeline[0].fraction = 0.25
        refuses(cfg, 'withheld-evaluation', 'val_dataloader.dataset.pipeline[0]')


class TestOrder:
    """WithholdLocations comes first, PackTaggedInputs last."""

    def test_first(self, cfg):
        """The location-free head needs WithholdLocations first; other heads do not."""
        cfg.model.head.type = 'LocationFreeHead'
        assert problems(cfg) == []
        steps = cfg.train_dataloader.dataset.pipeline
        steps[0], steps[1] = steps[1], steps[0]
        assert problems(cfg) == [('pipeline-order', ENTRY)]
        cfg.model.head.type = 'HeatmapHead'
        assert problems(cfg) == []

    def test_wrapper_pipeline(self, cfg):
        """Of wrapped data sets the innermost pipeline comes first."""
        cfg.model.head.type = 'LocationFreeHead'
        inner = cfg.train_dataloader.dataset
        steps = inner.pipeline
        inner.pipeline = steps[:1]
        cfg.train_dataloader.dataset = dict(
            type='CombinedDataset', metainfo={}, datasets=[inner], pipeline=steps[1:]
        )
        assert problems(cfg) == []
        inner.pipeline = []
        cfg.train_dataloader.dataset.datasets[0] = inner
        assert [code for code, _ in problems(cfg)] == ['pipeline-order']

    def test_no_tags_packed(self, cfg):
        """MMPose's packing would leave the tags behind."""
        cfg.model.head.type = 'LocationFreeHead'
        cfg.train_dataloader.dataset.pipeline[-1].type = 'PackPoseInputs'
        assert problems(cfg) == [('pipeline-order', 'train_dataloader.dataset.pipeline')]

    def test_unknown_step(self, cfg):
        """A step that is not registered is reported with its entry."""
        cfg.train_dataloader.dataset.pipeline[1].type = 'LoadImgae'
        refuses(cfg, 'unknown-type', 'train_dataloader.dataset.pipeline[1]')

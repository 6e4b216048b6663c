"""Batches of synthetic persons."""

import importlib.util

import numpy as np
import torch

from lfhpe_mmpose.benchmark.batches import collate_function, left_out_steps, make_samples
from lfhpe_mmpose.benchmark.models import load_subject
from lfhpe_mmpose.datasets.collate import tagged_collate
from lfhpe_mmpose.structures import TaggedBatch
from tests.refusal import refuses


class TestSamples:
    """Samples of a config's own pipeline."""

    def test_ours(self, ours):
        """Tags, views, and locations of about the config's fraction."""
        samples = make_samples(ours, 16)
        labels = [sample['data_samples'].gt_instance_labels for sample in samples]
        assert samples[0]['inputs'].shape == (3, 64, 48)
        assert labels[0].keypoint_tags.shape == (1, 1, 17)
        assert 0 < sum(int(label.located) for label in labels) < 16
        heat = [sample['data_samples'].gt_fields.heatmaps.max() for sample in samples]
        assert max(heat) > 0.5

    def test_theirs(self, theirs):
        """Heatmaps with weights."""
        sample = make_samples(theirs, 1)[0]['data_samples']
        assert sample.gt_fields.heatmaps.shape == (17, 16, 12)
        assert sample.gt_instance_labels.keypoint_weights.sum() > 0

    def test_repeats(self, ours):
        """The same seed gives the same, and NumPy's own stream is left alone."""
        np.random.seed(1)
        expected = np.random.rand()
        np.random.seed(1)
        a, b = make_samples(ours, 2), make_samples(ours, 2)
        assert np.random.rand() == expected
        assert all(torch.equal(x['inputs'], y['inputs']) for x, y in zip(a, b))

    def test_left_out(self, monkeypatch):
        """A step whose package is not there is left out, and named."""
        find = importlib.util.find_spec
        monkeypatch.setattr(
            importlib.util, 'find_spec', lambda n: None if n == 'albumentations' else find(n)
        )
        subject = load_subject('rtmpose-m', (64, 64))
        assert left_out_steps(subject) == ['Albumentation']
        sample = make_samples(subject, 1)[0]['data_samples']
        assert sample.gt_instance_labels.keypoint_x_labels.shape == (1, 17, 128)


class TestCollate:
    """The config's collate function."""

    def test_lists(self, ours):
        """MMEngine's where there is none."""
        batch = collate_function(ours)(make_samples(ours, 2))
        assert isinstance(batch['inputs'], list) and len(batch['data_samples']) == 2

    def test_stacked(self, ours):
        """Ours takes labels out of the samples: out of copies, so that each step can."""
        ours.cfg.train_dataloader.collate_fn = dict(type=tagged_collate.__name__)
        samples = make_samples(ours, 2)
        collate = collate_function(ours)
        for _ in range(2):
            batch = collate(samples)
            assert isinstance(batch['data_samples'], TaggedBatch)
            assert batch['data_samples'].labels['keypoint_tags'].shape == (2, 1, 1, 17)

    def test_unknown(self, ours):
        """A function that nobody registered."""
        ours.cfg.train_dataloader.collate_fn = dict(type='no_such_collate')
        with refuses('unknown-collate', ours.name):
            collate_function(ours)

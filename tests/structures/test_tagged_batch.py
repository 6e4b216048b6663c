"""Tests of the data samples of a batch."""

import pickle

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.structures import PoseDataSample

from lfhpe_mmpose.structures import TaggedBatch


def sample(number: int, views: int = 2, keypoints: int = 3) -> PoseDataSample:
    """One person whose labels say which one it is."""
    out = PoseDataSample(metainfo=dict(id=number, input_size=(48, 64)))
    out.gt_instances = InstanceData(bboxes=np.full((1, 4), number))
    out.gt_instance_labels = InstanceData(
        keypoint_tags=torch.full((1, views, keypoints), float(number)),
        tag_views=torch.full((1, views, 4, 2), float(number)),
        keypoint_weights=torch.full((1, keypoints), float(number)),
    )
    out.gt_fields = PixelData(heatmaps=torch.full((keypoints, 4, 3), float(number)))
    return out


def labels(item: PoseDataSample) -> dict:
    """Label tensors of a sample by name."""
    parts = item.gt_instance_labels, item.gt_fields
    return {name: value for part in parts for name, value in part.items()}


class TestStack:
    """Stacking."""

    @pytest.mark.parametrize('take', [False, True])
    def test_labels(self, take):
        """Each label is one tensor, persons in order."""
        batch = TaggedBatch.stack([sample(1), sample(2)], take=take)
        assert len(batch) == 2
        shapes = {name: tuple(value.shape) for name, value in batch.labels.items()}
        assert shapes == {
            'keypoint_tags': (2, 1, 2, 3),
            'tag_views': (2, 1, 2, 4, 2),
            'keypoint_weights': (2, 1, 3),
            'heatmaps': (2, 3, 4, 3),
        }
        for value in batch.labels.values():
            assert (value[0] == 1).all() and (value[1] == 2).all()

    @pytest.mark.parametrize('take', [False, True])
    def test_samples_have_their_labels(self, take):
        """Whoever iterates, or takes one sample, finds what it held before."""
        batch = TaggedBatch.stack([sample(1), sample(2)], take=take)
        for item, expected in zip(batch, [sample(1), sample(2)], strict=True):
            assert item.metainfo == expected.metainfo
            assert labels(item).keys() == labels(expected).keys()
            for name, value in labels(expected).items():
                assert torch.equal(labels(item)[name], value)
        assert torch.equal(
            TaggedBatch.stack([sample(1), sample(2)], take=True)[1].gt_fields.heatmaps,
            sample(2).gt_fields.heatmaps,
        )

    def test_take_leaves_nothing_behind(self):
        """What is handed over between processes holds each label once."""
        few = [sample(1), sample(2)]
        TaggedBatch.stack(few, take=True)
        assert not any(labels(item) for item in few)

    def test_fewer_views(self):
        """A person with fewer views gets unknown tags and empty windows."""
        batch = TaggedBatch.stack([sample(1, views=1), sample(0, views=3)])
        assert batch.labels['keypoint_tags'][0, 0, :, 0].tolist() == [1, -1, -1]
        assert batch.labels['tag_views'][0, 0, :, 0, 0].tolist() == [1, 0, 0]
        assert (batch.labels['keypoint_tags'][1] == 0).all()

    def test_other_shapes_stay(self):
        """Labels that do not stack stay where they are."""
        batch = TaggedBatch.stack([sample(1, keypoints=3), sample(2, keypoints=5)], take=True)
        assert list(batch.labels) == ['tag_views']
        assert [item.gt_fields.heatmaps.shape[0] for item in batch] == [3, 5]

    def test_of(self):
        """A batch is taken as it is, a list is stacked."""
        batch = TaggedBatch.of([sample(1)])
        assert TaggedBatch.of(batch) is batch


class TestMove:
    """Between devices and processes."""

    @pytest.mark.parametrize('take', [False, True])
    def test_to(self, take):
        """Labels and what is left in the samples move; the old batch stays."""
        batch = TaggedBatch.stack([sample(1), sample(2)], take=take)
        moved = batch.to('meta')
        assert all(value.device.type == 'meta' for value in moved.labels.values())
        assert moved[0].gt_instance_labels.keypoint_tags.device.type == 'meta'
        assert batch.labels['heatmaps'].device.type == 'cpu'

    def test_to_moves_labels_that_did_not_stack(self):
        """They would be on another device than the rest."""
        batch = TaggedBatch.stack([sample(1), sample(2, keypoints=5)], take=True)
        assert batch.to('meta')[1].gt_fields.heatmaps.device.type == 'meta'

    def test_pickle(self):
        """A worker's batch arrives whole."""
        batch = pickle.loads(pickle.dumps(TaggedBatch.stack([sample(1), sample(2)], take=True)))
        assert torch.equal(batch[1].gt_fields.heatmaps, sample(2).gt_fields.heatmaps)

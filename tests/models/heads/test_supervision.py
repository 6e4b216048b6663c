"""Tests of the labels that the head reads from the data samples."""

import pytest
import torch

from lfhpe_mmpose.models.heads.supervision import read_supervision
from lfhpe_mmpose.structures import TaggedBatch
from tests.refusal import refuses

from .test_location_free_head import feats, head, samples

CPU = torch.device('cpu')


class TestReadSupervision:
    """Labels of a batch."""

    def test_fewer_views_are_unknown(self):
        """A person with one view, beside one with three, gets two unknown views."""
        batch = samples([False], views=3) + samples([False], views=1)
        labels = read_supervision(TaggedBatch.of(batch), 14, CPU, locations=False)
        assert labels.tags.shape == (2, 3, 14) and labels.views.shape == (2, 3, 4, 2)
        assert torch.equal(labels.tags[0], batch[0].gt_instance_labels.keypoint_tags[0])
        assert torch.equal(labels.tags[1, :1], batch[1].gt_instance_labels.keypoint_tags[0])
        assert (labels.tags[1, 1:] == -1).all()
        assert labels.input_size == (48, 64)

    def test_locations(self):
        """Heatmaps and weights are read if they are needed, and only then."""
        batch = TaggedBatch.of(samples([True, False]))
        labels = read_supervision(batch, 14, CPU, locations=True)
        assert labels.heatmaps.shape == (2, 14, 16, 12)
        assert labels.weights.tolist() == [[1] * 14, [0] * 14]
        labels = read_supervision(batch, 14, CPU, locations=False)
        assert labels.heatmaps is None and labels.weights is None

    @pytest.mark.parametrize(
        ('missing', 'code', 'place', 'remedy'),
        [
            ('tags', 'pipeline-tags', 'dataset.pipeline', 'WithholdLocations'),
            ('heatmaps', 'pipeline-heatmaps', 'dataset.pipeline', 'GenerateTarget'),
            ('keypoints', 'keypoint-count', 'model.head.out_channels', 'out_channels'),
        ],
    )
    def test_refusals(self, missing, code, place, remedy):
        """A pipeline without a step, or data of another keypoint set, with the remedy."""
        batch = samples([True], 17 if missing == 'keypoints' else 14)
        if missing == 'tags':
            del batch[0].gt_instance_labels.keypoint_tags
        elif missing == 'heatmaps':
            del batch[0].gt_fields
        with refuses(code, place) as caught:
            head().loss(feats(1), batch)
        assert remedy in caught.value.remedy

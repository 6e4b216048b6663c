"""Tests of what the head reads from the data samples."""

import pytest
import torch
from torch import nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.models.heads.supervision import location_loss, read_supervision
from lfhpe_mmpose.structures import TaggedBatch

from .test_location_free_head import samples

CPU = torch.device('cpu')


def targets(located):
    """Heatmaps and weights of persons."""
    labels = read_supervision(TaggedBatch.of(samples(located)), 14, CPU, locations=True)
    return labels.heatmaps, labels.weights


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
        """Heatmaps and weights are read where they are needed, and only there."""
        batch = TaggedBatch.of(samples([True, False]))
        labels = read_supervision(batch, 14, CPU, locations=True)
        assert labels.heatmaps.shape == (2, 14, 16, 12)
        assert labels.weights.tolist() == [[1] * 14, [0] * 14]
        labels = read_supervision(batch, 14, CPU, locations=False)
        assert labels.heatmaps is None and labels.weights is None

    def test_other_number_of_keypoints(self):
        """Data of another keypoint set are refused, and the entry is named."""
        batch = TaggedBatch.of(samples([False], num_keypoints=17))
        with pytest.raises(UserError, match=r'model\.head\.out_channels'):
            read_supervision(batch, 14, CPU, locations=False)

    def test_no_heatmaps(self):
        """Samples without heatmaps are refused with both remedies."""
        batch = samples([True])
        del batch[0].gt_fields
        with pytest.raises(UserError, match=r'GenerateTarget.*loss_location=None'):
            read_supervision(TaggedBatch.of(batch), 14, CPU, locations=True)


class TestLocationLoss:
    """The loss of located persons."""

    def test_logits_or_maps(self):
        """A loss that takes logits gets them; others get maps in [0, 1]."""

        class Largest(nn.Module):
            def forward(self, maps, target, weights):
                return maps.max()

        labels, logits = targets([True, False]), torch.full((2, 14, 16, 12), 5.0)
        criterion = Largest()
        # The mean over two persons, of whom one is located, is doubled.
        expected = 2 * logits.sigmoid().max()
        assert location_loss(criterion, logits, *labels).item() == pytest.approx(expected.item())
        criterion.takes_logits = True
        assert location_loss(criterion, logits, *labels).item() == 5

    @pytest.mark.parametrize('takes_logits', [True, False])
    @pytest.mark.parametrize(
        ('located', 'full_share', 'weight'),
        [
            (1, 0.0, 1.0),
            (1, 0.5, 0.5),
            (2, 0.5, 1.0),
            (3, 0.5, 1.0),
            (1, 0.25, 1.0),
            (0, 0.5, 0.0),
        ],
    )
    def test_few_located_persons_weigh_less(self, located, full_share, weight, takes_logits):
        """Below the full share the weight falls in proportion, for either kind of loss."""

        class Mean(nn.Module):
            def forward(self, maps, target, weights):
                if self.takes_logits:
                    return weights.amax(1).sum() / weights.amax(1).sum().clamp(min=1)
                return weights.amax(1).mean()

        criterion = Mean()
        criterion.takes_logits = takes_logits
        labels = targets([True] * located + [False] * (4 - located))
        logits = torch.zeros(4, 14, 16, 12)
        loss = location_loss(criterion, logits, *labels, full_share)
        assert float(loss) == pytest.approx(weight if located else 0.0)

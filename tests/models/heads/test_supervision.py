"""Tests of what the head reads from the data samples."""

import pytest
import torch
from torch import nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.models.heads.supervision import location_loss, stack_tags
from lfhpe_mmpose.structures import TaggedBatch

from .test_location_free_head import samples


class TestStackTags:
    """Tags and windows of a batch."""

    def test_fewer_views_are_unknown(self):
        """A person with one view, beside one with three, gets two unknown views."""
        batch = samples([False], views=3) + samples([False], views=1)
        tags, masks = stack_tags(TaggedBatch.of(batch), 14, torch.zeros(2, 14, 8, 6))
        assert tags.shape == (2, 3, 14) and masks.shape == (2, 3, 48)
        assert torch.equal(tags[0], batch[0].gt_instance_labels.keypoint_tags[0])
        assert torch.equal(tags[1, :1], batch[1].gt_instance_labels.keypoint_tags[0])
        assert (tags[1, 1:] == -1).all()
        assert (masks.sum(-1) > 0).all()

    def test_other_number_of_keypoints(self):
        """Data of another keypoint set are refused, and the entry is named."""
        with pytest.raises(UserError, match=r'model\.head\.out_channels'):
            batch = TaggedBatch.of(samples([False], num_keypoints=17))
            stack_tags(batch, 14, torch.zeros(1, 14, 8, 6))


class TestLocationLoss:
    """The loss of located persons."""

    def test_logits_or_maps(self):
        """A loss that takes logits gets them; others get maps in [0, 1]."""

        class Largest(nn.Module):
            def forward(self, maps, target, weights):
                return maps.max()

        batch, logits = TaggedBatch.of(samples([True, False])), torch.full((2, 14, 16, 12), 5.0)
        criterion = Largest()
        # The mean over two persons, of whom one is located, is doubled.
        expected = 2 * logits.sigmoid().max()
        assert location_loss(criterion, logits, batch).item() == pytest.approx(expected.item())
        criterion.takes_logits = True
        assert location_loss(criterion, logits, batch).item() == 5

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
        batch = TaggedBatch.of(samples([True] * located + [False] * (4 - located)))
        logits = torch.zeros(4, 14, 16, 12)
        loss = location_loss(criterion, logits, batch, full_share)
        assert float(loss) == pytest.approx(weight if located else 0.0)

    def test_no_heatmaps(self):
        """Samples without heatmaps are refused with both remedies."""
        batch = samples([True])
        del batch[0].gt_fields
        with pytest.raises(UserError, match=r'GenerateTarget.*loss_location=None'):
            location_loss(nn.Identity(), torch.zeros(1, 14, 16, 12), TaggedBatch.of(batch))

"""Tests of the losses of the head; how they act on its maps is in test_location_free_head."""

import pytest
import torch
from torch import nn

from lfhpe_mmpose.models.heads import LocationFreeLosses
from lfhpe_mmpose.models.heads.supervision import read_supervision
from lfhpe_mmpose.structures import TaggedBatch
from tests.refusal import refuses

from .test_location_free_head import samples


def location_loss(criterion, logits, located, full_share):
    """The location loss of persons with another criterion."""
    losses = LocationFreeLosses(full_location_share=full_share)
    losses.location = criterion
    batch = TaggedBatch.of(samples(located))
    labels = read_supervision(batch, 14, torch.device('cpu'), locations=True)
    return float(losses.of_locations(logits, labels)['loc_loss_heatmap'])


class TestLocations:
    """The loss of located persons."""

    def test_logits_or_maps(self):
        """A loss that takes logits gets them; others get maps in [0, 1]."""

        class Largest(nn.Module):
            def forward(self, maps, target, weights):
                return maps.max()

        logits, criterion = torch.full((2, 14, 16, 12), 5.0), Largest()
        # The mean over two persons, of whom one is located, is doubled.
        expected = 2 * logits.sigmoid().max()
        found = location_loss(criterion, logits, [True, False], 0.0)
        assert found == pytest.approx(expected.item())
        criterion.takes_logits = True
        assert location_loss(criterion, logits, [True, False], 0.0) == 5

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
        flags = [True] * located + [False] * (4 - located)
        found = location_loss(criterion, torch.zeros(4, 14, 16, 12), flags, full_share)
        assert found == pytest.approx(weight)

    @pytest.mark.parametrize('share', [-0.1, 1.5])
    def test_invalid_share(self, share):
        """A share outside [0, 1] is refused by its entry."""
        with refuses('config-value', 'losses.full_location_share'):
            LocationFreeLosses(full_location_share=share)


class TestTags:
    """The losses of tags."""

    def test_answer_error_of_the_data(self):
        """Each person's share of wrong answers reaches the region loss."""
        rng = torch.Generator().manual_seed(0)
        maps = dict.fromkeys(('cam', 'refined'), torch.randn(2, 14, 16, 12, generator=rng))
        maps['prototype'] = torch.zeros(2, 14)
        found = []
        for error in (None, 0.0, 0.2):
            batch = samples([False, False])
            for sample in batch:
                if error is not None:
                    sample.gt_instance_labels.answer_error = torch.tensor([error])
            labels = read_supervision(TaggedBatch.of(batch), 14, torch.device('cpu'), False)
            found.append(LocationFreeLosses().of_tags(maps, labels)['tag_loss_region'].item())
        assert found[0] == found[1] != found[2]

"""Tests of the loss of all views of a person together."""

import math

import pytest
import torch

from lfhpe_mmpose.models.losses import KeypointRegionLoss, possible_cells

# Four cells in a row; view 0 has cells 0-2, view 1 cells 0-1, view 2 cells 1-3.
MASKS = torch.tensor([[[1.0, 1, 1, 0], [1, 1, 0, 0], [0, 1, 1, 1]]])


def cells(*tags):
    """Possible cells of one keypoint with the given tags in the three views."""
    found = possible_cells(torch.tensor([[[float(t)] for t in tags]]), MASKS)
    return found[0, 0].nonzero().flatten().tolist()


class TestPossibleCells:
    """A keypoint is inside every view that shows it and outside the others."""

    def test_by_hand(self):
        """Intersections and differences of the windows."""
        assert cells(1, -1, -1) == [0, 1, 2]
        assert cells(1, 1, 1) == [1]
        assert cells(1, 1, 0) == [0]
        assert cells(1, 0, 1) == [2]
        assert cells(-1, 0, -1) == [2, 3]
        assert cells(-1, -1, -1) == [0, 1, 2, 3]

    def test_contradiction(self):
        """Where no cell fits all views, those that contradict the fewest are taken."""
        # No cell of view 0 is outside both others: 0 and 2 contradict one view, 1 and 3 two.
        assert cells(1, 0, 0) == [0, 2]


class TestKeypointRegionLoss:
    """The share of the map inside the region."""

    maps = torch.log(torch.tensor([[[[0.1, 0.2, 0.3, 0.4]]]]))

    def test_by_hand(self):
        """Minus the logarithm of the share."""
        loss = KeypointRegionLoss(loss_weight=2.0)
        tags = torch.tensor([[[1.0], [0.0], [1.0]]])
        assert loss(self.maps, tags, MASKS).item() == pytest.approx(-2 * math.log(0.3))

    @pytest.mark.parametrize(
        ('tags', 'share'),
        [
            # In view 0, which nobody was asked about, and outside view 1 or 2.
            ([-1.0, 0.0, -1.0], 0.3),
            ([-1.0, -1.0, 0.0], 0.1),
            ([-1.0, 0.0, 1.0], 0.3),
            ([-1.0, 1.0, -1.0], 0.3),
            # The whole person does not show it, or was answered: nothing is presumed.
            ([0.0, 0.0, -1.0], 1.0),
            ([1.0, 0.0, -1.0], 0.3),
        ],
    )
    def test_sub_crops_alone(self, tags, share):
        """A keypoint that a sub-crop does not show is elsewhere in the person's window."""
        loss = KeypointRegionLoss()(self.maps, torch.tensor(tags)[None, :, None], MASKS)
        assert loss.item() == pytest.approx(-math.log(share))

    def test_the_tags_stay(self):
        """What is presumed goes into this loss and nowhere else."""
        tags = torch.tensor([[[-1.0], [0.0], [1.0]]])
        KeypointRegionLoss()(self.maps, tags, MASKS)
        assert tags.flatten().tolist() == [-1, 0, 1]

    def test_absent_keypoints_do_not_count(self):
        """A keypoint that no view shows has no region: 0, with a gradient of 0."""
        maps = self.maps.clone().requires_grad_()
        for tag in (0.0, -1.0):
            loss = KeypointRegionLoss()(maps, torch.full((1, 3, 1), tag), MASKS)
            loss.backward()
            assert loss.item() == 0 and not maps.grad.any()

    def test_gradient_moves_mass_inside(self):
        """Mass moves from outside the region to its cells."""
        maps = torch.zeros(1, 1, 1, 4, requires_grad=True)
        KeypointRegionLoss()(maps, torch.tensor([[[1.0], [1.0], [1.0]]]), MASKS).backward()
        assert (maps.grad.flatten() < 0).tolist() == [False, True, False, False]

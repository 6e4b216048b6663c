"""Tests of the loss of all views of a person together."""

import math

import pytest
import torch

from lfhpe_mmpose.models.losses import KeypointRegionLoss, possible_cells
from lfhpe_mmpose.models.losses.keypoint_region_loss import presence
from tests.refusal import refuses

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


class TestAnswerError:
    """The region as a likelihood."""

    maps = torch.log(torch.tensor([[[[0.1, 0.2, 0.3, 0.4]]]]))

    def random(self, seed):
        """Maps, tags and windows of three persons."""
        generator = torch.Generator().manual_seed(seed)
        tags = torch.randint(-1, 2, (3, 6, 5), generator=generator).float()
        masks = torch.randint(0, 2, (3, 6, 16), generator=generator).float()
        return torch.randn(3, 5, 4, 4, generator=generator), tags, masks

    @pytest.mark.parametrize('seed', range(5))
    @pytest.mark.parametrize('how', ['argument', 'data'])
    def test_zero_is_the_region(self, how, seed):
        """Without errors the loss and its gradient are those of the hard region, to the bit."""
        maps, tags, masks = self.random(seed)
        values = []
        for noisy in (False, True):
            leaf = maps.clone().requires_grad_()
            loss = KeypointRegionLoss(answer_error=0.0 if noisy and how == 'argument' else None)
            error = torch.zeros(3) if noisy and how == 'data' else None
            value = loss(leaf, tags, masks, error)
            value.backward()
            values.append((value, leaf.grad))
        assert torch.equal(values[0][0], values[1][0])
        assert torch.equal(values[0][1], values[1][1])

    def test_by_hand(self):
        """Each contradicted answer costs e / (1 - e), relative to the best cell."""
        tags = torch.tensor([[[1.0], [0.0], [1.0]]])
        odds = 0.1 / 0.9
        # Cell 2 fits all answers, 0 and 1 contradict two and one, 3 contradicts view 0.
        share = 0.3 + 0.1 * odds**2 + 0.2 * odds + 0.4 * odds
        three = [each.expand(3, *each.shape[1:]) for each in (self.maps, tags, MASKS)]
        loss = KeypointRegionLoss(answer_error=0.1)(*three)
        assert loss.item() == pytest.approx(-math.log(share), rel=1e-4)

    def test_each_person_has_its_rate(self):
        """The data's rate counts for its person; the argument goes before it."""
        maps, tags, masks = self.random(0)
        tags[:, 0] = 1
        alone = [KeypointRegionLoss(answer_error=e) for e in (0.0, 0.05, 0.2)]
        error = torch.tensor([0.0, 0.05, 0.2])
        each = [
            loss(maps[i : i + 1], tags[i : i + 1], masks[i : i + 1])
            for i, loss in enumerate(alone)
        ]
        both = KeypointRegionLoss()(maps, tags, masks, error)
        assert min(each) <= both <= max(each) and not torch.isclose(both, each[0])
        assert torch.equal(alone[1](maps, tags, masks, error), alone[1](maps, tags, masks))

    @pytest.mark.parametrize(
        ('yes', 'no', 'probability'), [(1, 0, 0.95), (20, 0, 1.0), (1, 19, 0.0), (1, 1, 0.5)]
    )
    def test_presence(self, yes, no, probability):
        """One "visible" by mistake among many "not visible" does not make a keypoint visible."""
        tags = torch.tensor([1.0] * yes + [0.0] * no)[None, :, None]
        masks = torch.ones(1, yes + no, 4)
        log_odds = torch.tensor(0.05 / 0.95).log().reshape(1, 1, 1)
        found = presence(tags, masks, log_odds).item()
        assert found == pytest.approx(probability, abs=1e-4)

    def test_weight(self):
        """A keypoint counts by its presence; 0 "visible" answers never count."""
        maps = self.maps.expand(1, 3, 1, 4).clone().requires_grad_()
        tags = torch.tensor([[[1.0, 1, 0], [0, 1, 0]]])
        masks = torch.tensor([[[1.0, 1, 0, 0]]]).expand(1, 2, 4)
        KeypointRegionLoss(answer_error=0.05)(maps, tags, masks).backward()
        sure, unsure, absent = maps.grad[0, 1], maps.grad[0, 0], maps.grad[0, 2]
        assert 0 < unsure.abs().max() < sure.abs().max() and not absent.any()

    @pytest.mark.parametrize('error', [-0.1, 0.5, 1])
    def test_range(self, error):
        """An annotator who is wrong half of the time says nothing."""
        with refuses('config-value', 'KeypointRegionLoss.answer_error'):
            KeypointRegionLoss(answer_error=error)

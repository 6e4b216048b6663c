"""Tests of what losses count over several processes."""

import os
from unittest import mock

import pytest
import torch
import torch.nn.functional as F

from lfhpe_mmpose.models.losses import (
    HeatmapCrossEntropyLoss,
    KeypointCategoryLoss,
    KeypointRegionLoss,
    counts,
)
from lfhpe_mmpose.models.losses.counts import mean_over, total_counts
from tests.models.heads.test_location_free_head import head, samples
from tests.processes import connected, in_processes, on_cpu

# Six persons: who is located, of whom the tags are unknown, changes to the head.
ALL_ON_ONE = [True] * 3 + [False] * 3
CASES = {
    'located on one': (ALL_ON_ONE, 0, {}),
    'located unevenly': ([True, True, False, False, True, False], 0, {}),
    'one located': ([True] + [False] * 5, 0, {}),
    'one located, full weight late': ([False] * 5 + [True], 0, dict(full_location_share=1.0)),
    'nobody located': ([False] * 6, 0, {}),
    'first half unknown': (ALL_ON_ONE, 3, {}),
    'all unknown': (ALL_ON_ONE, 6, {}),
    'plain mean': (ALL_ON_ONE, 1, dict(category=dict(type='KeypointCategoryLoss', balance=False))),
    'loss of MMPose': ([True, True, False, False, True, False], 1,
                       dict(location=dict(type='KeypointMSELoss', use_target_weight=True))),
    'MMPose, nobody located': ([False] * 6, 0,
                               dict(location=dict(type='KeypointMSELoss'))),
}  # fmt: skip


def people(located, unknown):
    """The samples; the last persons are seen nowhere, so that a process may lack a side."""
    batch = samples(located)
    for i, sample in enumerate(batch):
        tags = sample.gt_instance_labels.keypoint_tags
        if i < unknown:
            tags.fill_(-1)
        elif i >= 4:
            tags.fill_(0)
    return batch


def losses_of(case: str, start: int, stop: int) -> tuple[dict, torch.Tensor]:
    """Losses of some of the persons, and the gradient of their sum."""
    located, unknown, changes = CASES[case]
    model = head(losses=changes)
    feats = torch.randn(6, 16, 8, 6, generator=torch.Generator().manual_seed(0))
    feats = feats[start:stop].requires_grad_()
    losses = model.loss((feats,), people(located, unknown)[start:stop])
    (gradient,) = torch.autograd.grad(sum(losses.values()), feats)
    return {name: loss.detach() for name, loss in losses.items()}, gradient


def share_of_losses(bounds: list[int]) -> dict:
    """The losses of all cases of this process's persons, and those of a plain mean."""
    rank = int(os.environ['RANK'])
    out = {case: losses_of(case, *bounds[rank : rank + 2]) for case in CASES}
    with mock.patch.object(counts, 'get_world_size', lambda: 1):
        out['plain'] = losses_of('located on one', *bounds[rank : rank + 2])
    return out


@on_cpu
class TestProcesses:
    """Processes together have the losses of one with all their persons."""

    @pytest.mark.parametrize('bounds', [[0, 4, 6], [0, 2, 4, 6]])
    def test_mean_over_processes(self, bounds):
        """Every loss, and the gradient, in every case, for uneven parts and for thirds."""
        world_size = len(bounds) - 1
        parts = in_processes(connected, world_size, share_of_losses, bounds)
        for case in CASES:
            losses, gradient = losses_of(case, 0, 6)
            for name, loss in losses.items():
                mean = sum(part[case][0][name] for part in parts) / world_size
                assert mean.item() == pytest.approx(loss.item(), rel=1e-5, abs=1e-7), (case, name)
            together = torch.cat([part[case][1] for part in parts]) / world_size
            torch.testing.assert_close(together, gradient, rtol=1e-5, atol=1e-7)
        # What a mean over each process's own counts gives is something else.
        gradient = losses_of('located on one', 0, 6)[1]
        plain = torch.cat([part['plain'][1] for part in parts]) / world_size
        assert (plain - gradient).norm() > 0.05 * gradient.norm()


class TestOneProcess:
    """Nothing changes, and nothing is computed beside."""

    def test_counts_as_given(self):
        """The very tensors and numbers come back."""
        count = torch.tensor(3)
        assert total_counts(count, 2.5) == (count, 2.5)
        assert total_counts(count)[0] is count
        assert mean_over(torch.tensor(6.0), count).item() == 2
        assert mean_over(torch.tensor(6.0), torch.tensor(0)).item() == 6

    def test_same_bits(self):
        """The losses are, to the bit, what their plain formulas give."""
        torch.manual_seed(0)
        logits, maps = torch.randn(5, 4, 14), torch.randn(5, 14, 8, 6)
        tags = torch.randint(-1, 2, (5, 4, 14)).float()
        positive, negative = (tags > 0.5).float(), (tags == 0).float()
        terms = F.binary_cross_entropy_with_logits(logits, positive, reduction='none')
        mean = (terms * positive).sum() / positive.sum()
        mean = mean + (terms * negative).sum() / negative.sum()
        assert torch.equal(KeypointCategoryLoss(loss_weight=0.3)(logits, tags), 0.3 * mean / 2)
        known = positive + negative
        plain = 0.3 * (terms * known).sum() / known.sum()
        assert torch.equal(KeypointCategoryLoss(False, 0.3)(logits, tags), plain)

        target, weights = torch.rand(5, 14, 8, 6), tags[:, 0].clamp(min=0)
        target = target.flatten(2)
        terms = -(target * maps.flatten(2).log_softmax(-1)).sum(-1) / target.sum(-1)
        expected = 0.3 * (terms * weights).sum() / weights.sum()
        loss = HeatmapCrossEntropyLoss(0.3)(maps, target.view_as(maps), weights)
        assert torch.equal(loss, expected)

        # One view that is the whole map leaves every cell.
        whole = tags[:, :1].abs()
        region = KeypointRegionLoss(0.3)(maps, whole, torch.ones(5, 1, 48))
        shares = maps.flatten(2).log_softmax(-1).logsumexp(-1) * whole[:, 0]
        assert torch.equal(region, -0.3 * shares.sum() / whole.sum())

    def test_no_graph_break(self):
        """The counts do not break a compiled graph."""
        loss = KeypointCategoryLoss()
        logits, tags = torch.randn(2, 3), torch.tensor([[1.0, 0, -1], [1, 1, 0]])
        compiled = torch.compile(loss, fullgraph=True, backend='eager')
        assert torch.equal(compiled(logits, tags), loss(logits, tags))

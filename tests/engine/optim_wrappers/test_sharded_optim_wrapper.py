"""Tests of clipping gradients that are split over processes."""

import os

import pytest
import torch
from torch import nn

from lfhpe_mmpose.engine.optim_wrappers import ShardedOptimWrapper
from tests.processes import connected, in_processes, on_cpu


def clipped(clip: dict, processes: int) -> list[torch.Tensor]:
    """Clip this process's part of a gradient; a process may have no part at all."""
    whole = torch.arange(1.0, 7.0) * 4
    rank = int(os.environ['RANK']) if processes > 1 else 0
    part = whole if processes == 1 else (whole[:2], whole[2:], None)[rank]
    # The last parameter has an empty part, or no gradient.
    weights = [nn.Parameter(torch.zeros(0 if part is None else len(part)))]
    weights.append(nn.Parameter(torch.zeros(2)))
    if part is not None:
        weights[0].grad = part.clone()
    optimizer = torch.optim.SGD(weights, lr=1.0)
    wrapper = ShardedOptimWrapper(optimizer, clip_grad=dict(clip))
    wrapper.step()
    norm = wrapper.message_hub.get_scalar('train/grad_norm').current() if 'max_norm' in clip else 0
    return [-weights[0].detach(), torch.tensor(norm)]


@on_cpu
class TestClipping:
    """Each process holds a part."""

    @pytest.mark.parametrize('clip', [dict(max_norm=5.0), dict(max_norm=1e3)])
    def test_norm(self, clip):
        """The parts together are what one process makes of the whole gradient."""
        parts = in_processes(connected, 3, clipped, clip, 3)
        whole, norm = clipped(clip, 1)
        assert norm.item() == pytest.approx((torch.arange(1.0, 7.0) * 4).norm().item())
        assert whole.norm().item() == pytest.approx(min(norm.item(), clip['max_norm']), rel=1e-5)
        torch.testing.assert_close(torch.cat([part[0] for part in parts]), whole)
        assert {round(part[1].item(), 4) for part in parts} == {round(norm.item(), 4)}

    def test_value(self):
        """Values are clipped one by one, without the other processes."""
        (part, _) = clipped(dict(type='value', clip_value=10.0), 1)
        assert part.tolist() == [4, 8, 10, 10, 10, 10]

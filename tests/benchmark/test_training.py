"""The training step, part by part."""

import time

import pytest
import torch
from torch import nn

from lfhpe_mmpose.benchmark.modes import Mode
from lfhpe_mmpose.benchmark.training import (
    PARTS,
    STAGES,
    TrainingStep,
    mean_parts,
    neck_head_share,
)
from tests.refusal import refuses

_SLEEP = 0.15


class _SlowBack(torch.autograd.Function):
    """Nothing forward; takes its time backward."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        time.sleep(_SLEEP)
        return grad


def slow_down(module: nn.Module, name: str, back: bool) -> None:
    """Make a method of a module sleep, forward or backward."""
    method = getattr(module, name)

    def slow(x, *args, **kwargs):
        if back:
            x = tuple(_SlowBack.apply(f) if i == 0 else f for i, f in enumerate(x))
        else:
            time.sleep(_SLEEP)
        return method(x, *args, **kwargs)

    object.__setattr__(module, name, slow)


class TestParts:
    """What a step's time goes into."""

    @pytest.mark.parametrize('model', ['ours', 'theirs'])
    def test_sum(self, model, request):
        """Parts sum to the step, stages to the passes."""
        step = TrainingStep(request.getfixturevalue(model), Mode(), 'cpu', 2)
        weight = step.model.backbone.conv1.weight.detach().clone()
        seconds = mean_parts([step.run(), step.run()])
        assert min(seconds.values()) >= 0
        assert sum(seconds[part] for part in PARTS) == pytest.approx(seconds['step'])
        for way in ('forward', 'backward'):
            stages = sum(seconds[f'{way}_{stage}'] for stage in STAGES)
            assert stages == pytest.approx(seconds[way])
            assert seconds[f'{way}_backbone'] > 0 and seconds[f'{way}_head'] > 0
            assert (seconds[f'{way}_neck'] > 0) == (model == 'ours')
        assert not torch.equal(step.model.backbone.conv1.weight, weight)

    @pytest.mark.parametrize('back', [False, True])
    @pytest.mark.parametrize('stage', ['neck', 'head'])
    def test_stages(self, ours, stage, back):
        """Time spent in a stage is that stage's, forward and backward."""
        step = TrainingStep(ours, Mode(), 'cpu', 2)
        step.run()
        slow_down(getattr(step.model, stage), 'forward' if stage == 'neck' else 'loss', back)
        seconds = step.run()
        way = 'backward' if back else 'forward'
        assert seconds[f'{way}_{stage}'] > _SLEEP
        assert seconds['step'] - seconds[f'{way}_{stage}'] < seconds['step'] - _SLEEP

    def test_same_gradients(self, ours):
        """The marks change no gradient."""
        losses = []
        for marked in (True, False):
            torch.manual_seed(0)
            step = TrainingStep(ours, Mode(), 'cpu', 2)
            if not marked:
                for module in (step.model.backbone, step.model.neck):
                    module._forward_hooks.clear()
                step.marked = False
            step.optim_wrapper.zero_grad = lambda: None
            step.run()
            losses.append([p.grad for p in step.model.parameters() if p.grad is not None])
        assert len(losses[0]) == len(losses[1]) > 0
        assert all(torch.equal(a, b) for a, b in zip(*losses))

    def test_share(self):
        """Both passes of neck and head, and their part of the optimizer."""
        parts = dict(step=10.0, optimizer=2.0, forward_neck=1.0, forward_head=0.5,
                     backward_neck=1.5, backward_head=1.0)  # fmt: skip
        share = dict(backbone=0.75, neck=0.125, head=0.125)
        assert neck_head_share(parts, share) == pytest.approx(0.45)
        assert neck_head_share(dict(step=1.0), share) is None


class TestModes:
    """Precision and compilation."""

    @pytest.mark.parametrize('model', ['ours', 'theirs'])
    def test_bf16(self, model, request):
        """It trains, MMPose's head as well, with float32 weights."""
        step = TrainingStep(request.getfixturevalue(model), Mode('bf16'), 'cpu', 2)
        step.run()
        dtypes = []
        step.model.backbone.register_forward_hook(lambda m, i, o: dtypes.append(o[0].dtype))
        step.run()
        assert dtypes == [torch.bfloat16]
        assert step.model.backbone.conv1.weight.dtype == torch.float32

    def test_fp16(self, ours):
        """Loss scaling needs a GPU."""
        with refuses('option', '--modes'):
            TrainingStep(ours, Mode('fp16'), 'cpu', 2)

    def test_channels_last(self, ours):
        """The weights' layout."""
        step = TrainingStep(ours, Mode(channels_last=True), 'cpu', 2)
        weight = step.model.backbone.conv1.weight
        assert weight.is_contiguous(memory_format=torch.channels_last)

    def test_compiled(self, ours):
        """The forward pass is compiled once; no stage is told apart."""
        torch._dynamo.reset()
        step = TrainingStep(ours, Mode(compile='eager'), 'cpu', 2)
        counters = torch._dynamo.utils.counters
        step.run()
        graphs = counters['stats']['unique_graphs']
        seconds = step.run()
        assert graphs > 0 and counters['stats']['unique_graphs'] == graphs
        assert set(seconds) == {*PARTS, 'step'}

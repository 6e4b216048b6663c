"""Tests of mixed precision in bfloat16."""

from contextlib import contextmanager

import torch
from mmengine.runner import Runner
from mmpose.registry import OPTIM_WRAPPERS
from torch import nn


def build(model, **changes):
    """The wrapper, as a config names it."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return OPTIM_WRAPPERS.build(dict(type='Bf16OptimWrapper', optimizer=optimizer, **changes))


class TestContext:
    """One step."""

    def test_forward_alone_is_cast(self):
        """The forward pass is bfloat16; weights, gradients and all outside are float32."""
        torch.manual_seed(0)
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(16, 2))
        wrapper, x = build(model), torch.randn(2, 3, 4, 4)
        exact = model(x)
        before = [p.detach().clone() for p in model.parameters()]
        with wrapper.optim_context(model):
            y = model(x)
        assert y.dtype == torch.bfloat16 and exact.dtype == model(x).dtype == torch.float32
        assert torch.allclose(y.float(), exact, atol=0.05) and not torch.equal(y.float(), exact)
        y.float().square().sum().backward()
        assert {p.grad.dtype for p in model.parameters()} == {torch.float32}
        wrapper.step()
        for old, new in zip(before, model.parameters()):
            assert new.dtype == torch.float32 and not torch.equal(old, new)

    def test_accumulation(self):
        """Several processes still synchronise at a step alone, as MMEngine's wrapper does."""

        class Model(nn.Linear):
            unsynced = 0

            @contextmanager
            def no_sync(self):
                self.unsynced += 1
                yield

        model = Model(2, 1)
        wrapper = build(model, accumulative_counts=2)
        wrapper.initialize_count_status(model, 0, 4)
        for _ in range(4):
            with wrapper.optim_context(model):
                loss = model(torch.ones(1, 2)).float().sum()
            wrapper.update_params(loss)
        assert model.unsynced == 2


class TestTraining:
    """In MMEngine's runner."""

    def test_trains(self, tiny_cfg, monkeypatch):
        """Training computes in bfloat16, validation in float32; weights stay float32."""
        cfg = tiny_cfg
        cfg.optim_wrapper.type = 'Bf16OptimWrapper'
        cfg.train_dataloader.dataset.indices = 16
        cfg.val_dataloader.dataset.indices = 8
        cfg.custom_hooks = []
        cfg.experiment_name = f'bf16-{cfg.work_dir}'
        runner = Runner.from_cfg(cfg)
        dtypes, losses = set(), []
        runner.model.backbone.conv1.register_forward_hook(
            lambda module, _, out: dtypes.add((module.training, out.dtype))
        )
        step = runner.model.parse_losses

        def record(values):
            losses.append(sum(v.item() for v in values.values()))
            return step(values)

        monkeypatch.setattr(runner.model, 'parse_losses', record)
        runner.train()
        assert dtypes == {(True, torch.bfloat16), (False, torch.float32)}
        assert len(losses) == 2 and all(0 < loss < float('inf') for loss in losses)
        parameters = list(runner.model.parameters())
        assert {p.dtype for p in parameters} == {torch.float32}
        assert all(p.isfinite().all() for p in parameters)

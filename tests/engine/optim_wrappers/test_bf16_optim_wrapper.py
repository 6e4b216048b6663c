"""Tests of mixed precision in bfloat16."""

from contextlib import contextmanager

import pytest
import torch
from mmengine.runner import Runner
from mmpose.registry import OPTIM_WRAPPERS
from torch import nn

from lfhpe_mmpose.engine.optim_wrappers import bf16_optim_wrapper, cpu_has_bfloat16


def build(model, **changes):
    """The wrapper, as a config names it; it casts on any processor."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cfg = dict(type='Bf16OptimWrapper', optimizer=optimizer, always=True)
    return OPTIM_WRAPPERS.build({**cfg, **changes})


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

    @pytest.mark.parametrize(
        ('capabilities', 'dtype'),
        [
            (dict(avx2=True, avx512_bf16=True, amx_bf16=False), torch.bfloat16),
            (dict(avx2=True, avx512_bf16=False), torch.float32),
            ({}, torch.float32),
        ],
    )
    def test_processor(self, monkeypatch, capsys, capabilities, dtype):
        """Without bfloat16 instructions it would be many times slower: float32, said once."""
        monkeypatch.setattr(torch.cpu, 'get_capabilities', lambda: capabilities, raising=False)
        said = []
        monkeypatch.setattr(bf16_optim_wrapper, 'print_log', lambda text, _: said.append(text))
        assert cpu_has_bfloat16() == (dtype == torch.bfloat16)
        model = nn.Linear(2, 2)
        wrapper = build(model, always=False)
        for _ in range(2):
            with wrapper.optim_context(model):
                assert model(torch.ones(1, 2)).dtype == dtype
        assert len(said) == (dtype == torch.float32)

    def test_torch_that_does_not_tell(self, monkeypatch):
        """An older torch knows no capabilities: float32 is safe."""
        monkeypatch.delattr(torch.cpu, 'get_capabilities', raising=False)
        assert not cpu_has_bfloat16()

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

    def test_accumulated_step(self):
        """Two batches of a step give the mean of their gradients, in one step."""
        torch.manual_seed(0)
        x, results = torch.randn(8, 4), []
        for counts in (1, 2):
            model = nn.Linear(4, 2)
            nn.init.constant_(model.weight, 0.5)
            nn.init.zeros_(model.bias)
            wrapper = build(model, accumulative_counts=counts)
            wrapper.initialize_count_status(model, 0, counts)
            for part in x.chunk(counts):
                assert model.weight.eq(0.5).all()
                with wrapper.optim_context(model):
                    y = model(part)
                assert y.dtype == torch.bfloat16
                wrapper.update_params(y.float().square().mean())
            assert model.weight.dtype == torch.float32 and not model.weight.eq(0.5).all()
            results.append(model.weight.detach())
        torch.testing.assert_close(*results, rtol=2e-2, atol=2e-3)


class TestTraining:
    """In MMEngine's runner."""

    def test_trains(self, tiny_cfg, monkeypatch):
        """Training computes in bfloat16, validation in float32; weights stay float32."""
        cfg = tiny_cfg
        cfg.optim_wrapper.update(type='Bf16OptimWrapper', always=True)
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

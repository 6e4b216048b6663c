"""Tests of the memory layout of convolutions."""

import copy
from types import SimpleNamespace

import pytest
import torch
from mmengine.runner import Runner
from mmpose.registry import HOOKS, MODELS

from lfhpe_mmpose.engine.hooks import ChannelsLastHook

LAST = torch.channels_last


def wide(model) -> dict[str, torch.Tensor]:
    """The weights whose layout tells: 3x3 and more, several channels."""
    return {
        name: p
        for name, p in model.named_parameters()
        if p.ndim == 4 and p.shape[1] > 1 and p.shape[2] > 1
    }


@pytest.fixture
def train(tiny_cfg, tmp_path, monkeypatch):
    """Train two steps; give the first weights, the losses and the runner."""

    def run(name: str, hooks: list) -> tuple[dict, list, Runner]:
        cfg = copy.deepcopy(tiny_cfg)
        cfg.work_dir = str(tmp_path / name)
        cfg.experiment_name = f'layout-{cfg.work_dir}'
        cfg.train_dataloader.dataset.indices = 16
        for key in ('val_cfg', 'val_dataloader', 'val_evaluator'):
            cfg[key] = None
        cfg.custom_hooks = hooks
        runner = Runner.from_cfg(cfg)
        first, losses = {}, []
        step = runner.model.parse_losses

        def record(values):
            if not losses:
                first.update((k, v.detach().clone()) for k, v in runner.model.named_parameters())
            losses.append(sum(v.item() for v in values.values()))
            return step(values)

        monkeypatch.setattr(runner.model, 'parse_losses', record)
        runner.train()
        return first, losses, runner

    return run


class TestChannelsLastHook:
    """Another layout of the same model."""

    @pytest.mark.parametrize('step', ['before_train', 'before_test'])
    def test_layout_alone_changes(self, step):
        """Convolutions lie with the channels last; values, shapes and outputs are the same."""
        torch.manual_seed(0)
        model = MODELS.build(
            dict(type='StagedResNet', depth=18, base_channels=8, num_stages=3, out_indices=(2,))
        ).eval()
        x = torch.randn(2, 3, 32, 32)
        before, (exact,) = copy.deepcopy(model.state_dict()), model(x)
        hook = HOOKS.build(dict(type='ChannelsLastHook'))
        getattr(hook, step)(SimpleNamespace(model=model))
        assert len(wide(model)) > 10
        assert all(p.is_contiguous(memory_format=LAST) for p in wide(model).values())
        after = model.state_dict()
        assert list(after) == list(before)
        for name, value in before.items():
            assert after[name].shape == value.shape and torch.equal(after[name], value)
        (out,) = model(x)
        assert out.is_contiguous(memory_format=LAST)
        assert torch.allclose(out, exact, atol=1e-5)

    def test_training(self, train):
        """A training starts from the same weights, and its losses differ by rounding alone."""
        plain, losses, _ = train('plain', [])
        first, own, runner = train('last', [dict(type='ChannelsLastHook')])
        assert all(torch.equal(first[name], value) for name, value in plain.items())
        assert own == pytest.approx(losses, rel=1e-3)
        assert all(p.is_contiguous(memory_format=LAST) for p in wide(runner.model).values())

    def test_checkpoint_fits_either_layout(self, tmp_path):
        """Weights saved in one layout load in the other, which stays as it is."""
        model, other = torch.nn.Conv2d(4, 8, 3), torch.nn.Conv2d(4, 8, 3)
        ChannelsLastHook().before_train(SimpleNamespace(model=model))
        torch.save(model.state_dict(), tmp_path / 'weights.pth')
        other.load_state_dict(torch.load(tmp_path / 'weights.pth', weights_only=True))
        assert torch.equal(other.weight, model.weight) and other.weight.is_contiguous()
        model.load_state_dict(other.state_dict())
        assert model.weight.is_contiguous(memory_format=LAST)

"""Tests of backbone, neck and head together, as the demo's config builds them."""

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.model import convert_sync_batchnorm
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS, MODELS
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@pytest.fixture
def model(tiny_cfg):
    """The tiny model, in training mode."""
    init_default_scope('mmpose')
    torch.manual_seed(0)
    return MODELS.build(tiny_cfg.model).train()


def batch(tiny_cfg, model, fraction, number=6):
    """A preprocessed batch of synthetic people at a location fraction."""
    cfg = tiny_cfg.train_dataloader.dataset
    cfg.pipeline[0].fraction = fraction
    dataset = DATASETS.build(cfg)
    np.random.seed(0)
    samples = pseudo_collate([dataset[i] for i in range(number)])
    return model.data_preprocessor(samples, True)


class TestWholeModel:
    """What users train."""

    @pytest.mark.parametrize('fraction', [0.0, 0.5, 1.0])
    def test_gradients_reach_every_parameter(self, tiny_cfg, model, fraction):
        """Batches of tagged, mixed and located persons train every parameter."""
        losses = model(**batch(tiny_cfg, model, fraction), mode='loss')
        assert (losses['loc_loss_heatmap'] > 0) == (fraction > 0)
        sum(losses.values()).backward()
        dead = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
        # A key bias shifts all logits of a query alike: its gradient is 0 by construction.
        assert [n for n in dead if not n.endswith('attention.key.bias')] == []

    @pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
    def test_autocast(self, tiny_cfg, model, dtype):
        """Losses in half precision are finite and near those in single precision."""
        data = batch(tiny_cfg, model, 0.5)
        expected = model(**data, mode='loss')
        with torch.autocast('cpu', dtype=dtype):
            losses = model(**data, mode='loss')
        for key, value in losses.items():
            assert torch.isfinite(value)
            assert value.item() == pytest.approx(expected[key].item(), rel=0.1, abs=0.02)

    def test_sync_bn(self, model):
        """`sync_bn='torch'` reaches every batch norm; weights keep their names and values."""
        before = {name: value.clone() for name, value in model.state_dict().items()}
        number = sum(isinstance(m, nn.BatchNorm2d) for m in model.modules())
        model = convert_sync_batchnorm(model, 'torch')
        kinds = [type(m) for m in model.modules() if isinstance(m, _BatchNorm)]
        assert kinds == [nn.SyncBatchNorm] * number and number > 10
        after = model.state_dict()
        assert before.keys() == after.keys()
        assert all(torch.equal(value, after[name]) for name, value in before.items())

    @pytest.mark.parametrize('size', [(96, 96), (97, 65), (33, 120)])
    def test_odd_input_sizes(self, tiny_cfg, model, size):
        """Any input size gives maps of the codec's heatmap size."""
        model.eval()
        with torch.no_grad():
            maps = model(torch.randn(2, 3, *size), None, mode='tensor')
        assert maps.shape == (2, 14, 24, 24) and torch.isfinite(maps).all()

    def test_located_persons_are_the_same_in_workers(self, tiny_cfg):
        """Two worker processes locate the persons that this process locates."""
        init_default_scope('mmpose')
        cfg = tiny_cfg.train_dataloader.dataset
        cfg.pipeline[0].fraction = 0.4
        dataset = DATASETS.build(cfg)

        def located(workers):
            loader = torch.utils.data.DataLoader(
                dataset, 8, num_workers=workers, collate_fn=pseudo_collate
            )
            samples = [s for data in loader for s in data['data_samples']]
            return {s.id: s.gt_instance_labels.located.item() for s in samples}

        here = located(0)
        assert here == located(2) and 0 < sum(here.values()) < len(here) == 48

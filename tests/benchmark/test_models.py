"""Models by name."""

import importlib.util
import inspect

import pytest
import torch
from torch import nn

from lfhpe_mmpose.benchmark.models import (
    NICKNAMES,
    build_model,
    find_any_config,
    load_subject,
    parameters_by_part,
)
from lfhpe_mmpose.benchmark.plain_encoder import PlainTransformerEncoder
from lfhpe_mmpose.models.necks import MultiScaleContextEncoder
from tests.refusal import refuses


class TestNames:
    """Nicknames, base names, paths."""

    @pytest.mark.parametrize('name', NICKNAMES)
    def test_nicknames(self, name):
        """Each is there, at 256x192."""
        assert load_subject(name).input_size == (192, 256)

    def test_base_names(self, configs):
        """Of MMPose's configs, of ours, and a path."""
        name = 'td-hm_res50_8xb64-210e_coco-256x192'
        assert find_any_config(name).endswith(f'{name}.py')
        assert find_any_config('lfhpe_res50_coco-256x192_loc0').endswith('_loc0.py')
        assert find_any_config(configs[1]) == configs[1]

    def test_unknown(self):
        """The message has what may have been meant."""
        with refuses('config-missing', 'td-hm_res5') as caught:
            load_subject('td-hm_res5')
        assert "Did you mean 'td-hm_res50" in caught.value.remedy

    def test_no_model(self, tmp_path):
        """A file without a model."""
        (tmp_path / 'empty.py').write_text('a = 1')
        with refuses('config-model', tmp_path / 'empty.py'):
            load_subject(str(tmp_path / 'empty.py'))

    def test_missing_package(self, monkeypatch):
        """What cannot be built says why."""
        find = importlib.util.find_spec
        monkeypatch.setattr(
            importlib.util, 'find_spec', lambda n: None if n == 'mmpretrain' else find(n)
        )
        assert load_subject('vitpose-s').skipped == 'needs mmpretrain'
        assert load_subject('rtmpose-m').skipped == ''


class TestPlain:
    """The plain encoder in the place of the neck."""

    def test_replaces(self, configs):
        """As wide and as deep as the neck, with the same output."""
        ours, plain = (load_subject(name) for name in (configs[0], f'{configs[0]}+plain'))
        assert plain.cfg.model.neck == dict(
            type='PlainTransformerEncoder',
            in_channels=[16, 32],
            embed_dims=32,
            num_layers=1,
            num_heads=4,
        )
        feats = [torch.randn(2, 16, 8, 6), torch.randn(2, 32, 4, 3)]
        shapes = [build_model(subject).neck(feats)[0].shape for subject in (ours, plain)]
        assert shapes[0] == shapes[1] == (2, 32, 8, 6)

    def test_sees_everything(self, configs):
        """Every cell depends on every other one."""
        neck = build_model(load_subject(f'{configs[0]}+plain')).neck.eval()
        feats = [torch.randn(1, 16, 8, 6, requires_grad=True), torch.randn(1, 32, 4, 3)]
        neck(feats)[0][0, :, 0, 0].sum().backward()
        assert (feats[0].grad.abs().sum((0, 1)) > 0).all()

    def test_no_neck(self, configs):
        """There must be one to replace."""
        with refuses('config-model', '+plain'):
            load_subject(f'{configs[1]}+plain')


class TestBuild:
    """Random weights, any input size."""

    def test_no_weights(self, theirs):
        """Nothing is loaded, though the config says so."""
        assert theirs.cfg.model.backbone.init_cfg is None
        model = build_model(theirs)
        assert model.training
        other = build_model(theirs)
        pairs = zip(model.parameters(), other.parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)

    def test_no_sync_bn(self):
        """RTMPose asks for statistics of many processes; here there is one."""
        model = build_model(load_subject('rtmpose-m', (64, 64)))
        assert not any(isinstance(m, nn.SyncBatchNorm) for m in model.modules())

    def test_input_size(self, configs):
        """Heatmaps, crop and codec follow."""
        subject = load_subject(configs[1], (96, 128))
        assert subject.input_size == (96, 128)
        assert subject.cfg.model.head.decoder.heatmap_size == (24, 32)
        target = next(
            step
            for step in subject.cfg.train_dataloader.dataset.pipeline
            if step.type == 'GenerateTarget'
        )
        assert target.encoder.input_size == (96, 128)
        vit = load_subject('vitpose-s', (96, 128))
        assert tuple(vit.cfg.model.backbone.img_size) == (128, 96)

    def test_parts(self, ours):
        """Parts sum to all parameters."""
        model = build_model(ours)
        counts = parameters_by_part(model)
        assert all(counts.values())
        assert sum(counts.values()) == sum(p.numel() for p in model.parameters())


def test_plain_encoder_is_as_deep_as_the_neck():
    """What a config leaves out is the same for both: else the peer would be another size."""
    neck, peer = (
        inspect.signature(kind.__init__).parameters
        for kind in (MultiScaleContextEncoder, PlainTransformerEncoder)
    )
    for name in ('embed_dims', 'num_layers', 'num_heads', 'mlp_ratio', 'grid_level'):
        assert neck[name].default == peer[name].default, name

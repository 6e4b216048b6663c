"""Tests of the staged ResNet."""

import pytest
import torch
from mmpose.models.backbones import ResNet
from mmpose.registry import MODELS
from torch import nn

from lfhpe_mmpose.models.backbones import StagedResNet
from tests.refusal import refuses

R18 = 'resnet18_imagenet_stages1-3.pth'
R50 = 'resnet50_caffe_imagenet_stages1-3.pth'


def _slim(depth=18, **kwargs):
    return StagedResNet(depth, base_channels=4, **kwargs)


def _lively(model):
    """Give the norms statistics that differ, so that no layer is trivial."""
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0.0, 0.2)
    return model.eval()


class TestShapes:
    """Levels, strides, depths, widths."""

    @pytest.mark.parametrize('depth', [18, 34, 50, 101, 152])
    def test_depths(self, depth):
        """Every depth builds from the registry and returns all its levels."""
        cfg = dict(type='StagedResNet', depth=depth, base_channels=2, out_indices=(0, 1, 2, 3))
        outs = MODELS.build(cfg)(torch.zeros(2, 3, 64, 48))
        e = 1 if depth < 50 else 4
        assert [tuple(o.shape) for o in outs] == [
            (2, 2 * e, 16, 12), (2, 4 * e, 8, 6), (2, 8 * e, 4, 3), (2, 16 * e, 2, 2)
        ]  # fmt: skip

    @pytest.mark.parametrize('style', ['pytorch', 'caffe'])
    @pytest.mark.parametrize(
        'num_stages, output_stride', [(1, 4), (2, 8), (2, 4), (3, 16), (3, 8), (4, 32), (4, 4)]
    )
    def test_output_strides(self, num_stages, output_stride, style):
        """No level is coarser than the chosen stride, for odd sizes as well."""
        model = _slim(
            50, num_stages=num_stages, output_stride=output_stride, style=style,
            out_indices=tuple(range(num_stages)),
        )  # fmt: skip
        for h, w in ((64, 48), (65, 47), (33, 71)):
            for i, out in enumerate(model(torch.zeros(1, 3, h, w))):
                stride = min(4 * 2**i, output_stride)
                assert out.shape[2:] == (-(-h // stride), -(-w // stride))

    def test_options_of_the_parent(self):
        """A deep stem, average-pooled shortcuts and checkpointing keep working."""
        model = _slim(50, num_stages=3, deep_stem=True, avg_down=True, with_cp=True)
        out = model(torch.randn(2, 3, 64, 48, requires_grad=True))[0]
        assert out.shape == (2, 64, 4, 3)
        out.sum().backward()


class TestNumerics:
    """The outputs are those of the network that the weights were trained for."""

    @pytest.mark.parametrize('depth, style', [(18, 'pytorch'), (50, 'pytorch'), (50, 'caffe')])
    def test_dilation_is_exact(self, depth, style):
        """The strided outputs are pixels of the dilated outputs, at odd sizes too."""
        torch.manual_seed(0)
        every = dict(style=style, out_indices=(0, 1, 2, 3))
        strided = _lively(_slim(depth, **every))
        x = torch.randn(1, 3, 97, 130)
        for output_stride in (4, 8, 16):
            dilated = _slim(depth, output_stride=output_stride, **every).eval()
            dilated.load_state_dict(strided.state_dict())
            with torch.no_grad():
                for i, (a, b) in enumerate(zip(strided(x), dilated(x), strict=True)):
                    step = max(1, 4 * 2**i // output_stride)
                    assert b.abs().max() > 0.1
                    assert torch.allclose(a, b[..., ::step, ::step], atol=1e-5)

    def test_names_are_those_of_mmpose(self):
        """A smaller stride leaves names and shapes of the weights alone."""
        ours = {k: v.shape for k, v in _slim(50, output_stride=4).state_dict().items()}
        theirs = ResNet(50, base_channels=4, stem_channels=4).state_dict()
        assert ours == {k: v.shape for k, v in theirs.items()}

    def test_equal_to_mmpose_on_imagenet_weights(self, weights_dir):
        """Three stages of the ImageNet ResNet-18 give MMPose's outputs to 1e-6."""
        cfg = dict(type='Pretrained', checkpoint=str(weights_dir / R18))
        kept = dict(num_stages=3, out_indices=(0, 1, 2), init_cfg=cfg)
        theirs = ResNet(18, strides=(1, 2, 2), dilations=(1, 1, 1), **kept)
        ours = StagedResNet(18, output_stride=16, **kept)
        torch.manual_seed(0)
        x = torch.randn(2, 3, 128, 96)
        with torch.no_grad():
            for m in (theirs, ours):
                m.init_weights()
                m.eval()
            for a, b in zip(theirs(x), ours(x), strict=True):
                assert a.abs().max() > 1
                assert torch.allclose(a, b, atol=1e-6, rtol=0)

    def test_caffe_weights_load(self, weights_dir):
        """The ImageNet ResNet-50 stages load, and another depth is refused."""
        cfg = dict(type='Pretrained', checkpoint=str(weights_dir / R50))
        model = StagedResNet(50, num_stages=3, style='caffe', output_stride=8, init_cfg=cfg)
        model.init_weights()
        state = torch.load(weights_dir / R50, weights_only=True)['state_dict']
        assert torch.equal(model.layer3[5].conv3.weight, state['layer3.5.conv3.weight'])
        with refuses('weights-mismatch', R50):
            StagedResNet(101, num_stages=3, init_cfg=cfg).init_weights()


class TestTraining:
    """Freezing, modes, gradients."""

    @pytest.mark.parametrize('frozen', [-1, 0, 1, 3])
    def test_gradients(self, frozen):
        """Gradients reach every free parameter and no frozen one."""
        model = _slim(50, num_stages=3, frozen_stages=frozen).train()
        loss = sum(o.square().mean() for o in model(torch.randn(2, 3, 64, 64)))
        if loss.requires_grad:  # false where all is frozen
            loss.backward()
        names = ['conv1', 'bn1'] * (frozen >= 0) + [f'layer{i}' for i in range(1, frozen + 1)]
        for name, p in model.named_parameters():
            is_frozen = name.split('.')[0] in names
            assert p.requires_grad is not is_frozen, name
            if is_frozen:
                assert p.grad is None, name
            else:
                assert p.grad is not None and p.grad.abs().sum() > 0, name

    def test_modes(self):
        """``train`` and ``eval`` return the module; frozen and norm_eval parts stay in eval."""
        model = _slim(num_stages=2, frozen_stages=1)
        assert model.train() is model and model.eval() is model
        model.train()
        assert not model.bn1.training and not model.layer1.training
        assert model.layer2[0].bn1.training
        model = _slim(num_stages=2, norm_eval=True).train()
        assert model.layer2.training and not model.layer2[0].bn1.training


class TestArguments:
    """Mistakes are named with what is allowed."""

    @pytest.mark.parametrize(
        'kwargs',
        [
            dict(depth=20),
            dict(num_stages=5),
            dict(num_stages=0),
            dict(output_stride=32, num_stages=3),
            dict(output_stride=2),
            dict(out_indices=(3,), num_stages=3),
            dict(out_indices=()),
            dict(out_indices=2),
            dict(out_indices=(2, 1)),
            dict(style='tf'),
            dict(frozen_stages=3, num_stages=2),
            dict(strides=(1, 2, 2, 2)),
            dict(dilations=(1, 1, 1, 2)),
            dict(base_channels=0),
            dict(stem_channels=-1),
        ],
    )
    def test_invalid_arguments(self, kwargs):
        """Each is refused by its name."""
        with refuses('config-value', f'model.backbone.{next(iter(kwargs))}'):
            StagedResNet(**{'depth': 18, **kwargs})

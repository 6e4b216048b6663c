"""Tests of the staged ResNet."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmpose.models.backbones import ResNet
from mmpose.registry import MODELS
from torch import nn

from lfhpe_mmpose.models.backbones import BlurPool2d, StagedResNet

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

    @pytest.mark.parametrize('antialias', [False, True])
    @pytest.mark.parametrize('style', ['pytorch', 'caffe'])
    @pytest.mark.parametrize(
        'num_stages, output_stride', [(1, 4), (2, 8), (2, 4), (3, 16), (3, 8), (4, 32), (4, 4)]
    )
    def test_output_strides(self, num_stages, output_stride, style, antialias):
        """No level is coarser than the chosen stride, for odd sizes as well."""
        model = _slim(
            50, num_stages=num_stages, output_stride=output_stride, style=style,
            antialias=antialias, out_indices=tuple(range(num_stages)),
        )  # fmt: skip
        for h, w in ((64, 48), (65, 47), (33, 71)):
            for i, out in enumerate(model(torch.zeros(1, 3, h, w))):
                stride = min(4 * 2**i, output_stride)
                assert out.shape[2:] == (-(-h // stride), -(-w // stride))

    @pytest.mark.parametrize('antialias', [False, True])
    def test_options_of_the_parent(self, antialias):
        """A deep stem, average-pooled shortcuts and checkpointing keep working."""
        model = _slim(50, num_stages=3, deep_stem=True, avg_down=True, with_cp=True,
                      antialias=antialias)  # fmt: skip
        out = model(torch.randn(2, 3, 64, 48, requires_grad=True))[0]
        assert out.shape == (2, 64, 4, 3)
        out.sum().backward()

    def test_half_precision(self):
        """The filters follow the type of their input."""
        model = _slim(antialias=True).eval()
        x = torch.randn(1, 3, 64, 64)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            assert torch.isfinite(model(x)[0]).all()
        assert model.to(torch.bfloat16)(x.to(torch.bfloat16))[0].dtype == torch.bfloat16


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

    @pytest.mark.parametrize('options', [dict(antialias=True), dict(output_stride=4)])
    def test_names_are_those_of_mmpose(self, options):
        """The options leave names and shapes of the weights alone."""
        ours = {k: v.shape for k, v in _slim(50, **options).state_dict().items()}
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
        with pytest.raises(ValueError, match=R50):
            StagedResNet(101, num_stages=3, init_cfg=cfg).init_weights()


def _shift_errors(model, images):
    """Change of the features and of the peaks' places when the view moves by one pixel.

    Returns:
        tuple[float, float]: Relative change of the features, upsampled and aligned;
        mean distance in pixels of the peaks from where they belong.
    """
    changes, jumps = [], []
    for image in images:
        views = [image[None, :, :, d : image.shape[2] - 4 + d] for d in range(5)]
        with torch.no_grad():
            maps = [F.interpolate(model(v)[0], v.shape[2:], mode='bicubic')[0] for v in views]
        maps = [m[:, 16:-16, 16:-16] for m in maps]
        for first, second in pairwise(maps):
            a, b = first[..., 1:], second[..., :-1]  # a pixel to the right is content to the left
            changes.append(((a - b).norm() / a.norm()).item())
            width = a.shape[-1]
            alive = a.amax((1, 2)) > 1e-3
            pa, pb = a.flatten(1).argmax(1)[alive], b.flatten(1).argmax(1)[alive]
            jumps.append((pa % width - pb % width).abs().float().mean().item())
    return float(np.mean(changes)), float(np.mean(jumps))


class TestAntialias:
    """Peaks that move with the image."""

    @pytest.mark.parametrize('depth, style', [(18, 'pytorch'), (50, 'pytorch'), (50, 'caffe')])
    def test_only_filters_have_strides(self, depth, style):
        """Each dropped pixel was smoothed: stem, pooling, and both branches of three stages."""
        model = _slim(depth, style=style, antialias=True)
        for m in model.modules():
            if isinstance(m, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
                assert m.stride in (1, (1, 1))
        strides = [m.stride for m in model.modules() if isinstance(m, BlurPool2d)]
        assert strides == [2] * (2 + 2 * 3)
        kept = _slim(depth, style=style, antialias=True, output_stride=8)
        assert sum(isinstance(m, BlurPool2d) for m in kept.modules()) == 2 + 2

    def test_synthetic_image(self):
        """Blobs and stripes shifted by a pixel change the outputs less than half as much."""
        torch.manual_seed(0)
        y, x = torch.meshgrid(torch.arange(96.0), torch.arange(100.0), indexing='ij')
        image = torch.stack([
            torch.sin(x * 2.1) * torch.exp(-((x - 40) ** 2 + (y - 50) ** 2) / 200),
            torch.sin(y * 1.7 + x * 0.9),
            torch.exp(-((x - 70) ** 2 + (y - 30) ** 2) / 20),
        ])  # fmt: skip
        plain = _lively(StagedResNet(18, num_stages=3, base_channels=16))
        smooth = StagedResNet(18, num_stages=3, base_channels=16, antialias=True).eval()
        smooth.load_state_dict(plain.state_dict())
        (change, jump), (change_aa, jump_aa) = (_shift_errors(m, [image]) for m in (plain, smooth))
        assert change_aa < 0.5 * change
        assert jump_aa < jump

    def test_photographs(self, data_dir, weights_dir):
        """On photographs and ImageNet weights peaks stay nearer to where they belong."""
        files = sorted((data_dir / 'coco_mini' / 'val2017').glob('*.jpg'))[:2]
        images = []
        for file in files:
            rgb = cv2.resize(cv2.imread(str(file))[..., ::-1], (164, 160)).astype(np.float32)
            rgb = (rgb - [123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375]
            images.append(torch.from_numpy(rgb).permute(2, 0, 1).float())
        errors = {}
        for antialias in (False, True):
            model = StagedResNet(
                18, num_stages=3, antialias=antialias, output_stride=8,
                init_cfg=dict(type='Pretrained', checkpoint=str(weights_dir / R18)),
            )  # fmt: skip
            model.init_weights()
            errors[antialias] = _shift_errors(model.eval(), images)
        assert errors[True][0] < 0.6 * errors[False][0]
        assert errors[True][1] < 0.9 * errors[False][1]


class TestTraining:
    """Freezing, modes, gradients."""

    @pytest.mark.parametrize('antialias', [False, True])
    @pytest.mark.parametrize('frozen', [-1, 0, 1, 3])
    def test_gradients(self, frozen, antialias):
        """Gradients reach every free parameter and no frozen one."""
        model = _slim(50, num_stages=3, frozen_stages=frozen, antialias=antialias).train()
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
        'kwargs, match',
        [
            (dict(depth=20), r'depth must be one of \[18, 34'),
            (dict(num_stages=5), 'num_stages must be'),
            (dict(num_stages=0), 'num_stages must be'),
            (dict(num_stages=3, output_stride=32), r'output_stride must be one of \(4, 8, 16\)'),
            (dict(output_stride=2), 'output_stride must be one of'),
            (dict(num_stages=3, out_indices=(3,)), 'from 0 to 2'),
            (dict(out_indices=()), 'out_indices'),
            (dict(out_indices=2), 'out_indices'),
            (dict(out_indices=(2, 1)), 'rising'),
            (dict(style='tf'), 'style must be'),
            (dict(num_stages=2, frozen_stages=3), 'frozen_stages must lie'),
            (dict(strides=(1, 2, 2, 2)), 'give output_stride'),
            (dict(dilations=(1, 1, 1, 2)), 'give output_stride'),
            (dict(base_channels=0), 'base_channels must be'),
            (dict(antialias=True, conv_cfg=dict(type='DCNv2')), 'antialias needs plain'),
        ],
    )
    def test_value_errors(self, kwargs, match):
        """Each bad argument raises a ValueError with a remedy."""
        with pytest.raises(ValueError, match=match):
            StagedResNet(**{'depth': 18, **kwargs})

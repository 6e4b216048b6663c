"""Faster copies of a model give the numbers of the model."""

import logging

import numpy as np
import pytest
import torch
from torch import nn

from lfhpe_mmpose.apis import PosePredictor, init_model, speed
from lfhpe_mmpose.apis.speed import speed_up, warn_of_slow_precision
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    """A small model whose batch norms do something."""
    tiny = make_tiny_model(tmp_path_factory.mktemp('speed'), 14)
    model = init_model(tiny.config, tiny.weights)
    generator = torch.Generator().manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                tensor.uniform_(0.5, 2, generator=generator)
            for tensor in (module.bias.data, module.running_mean):
                tensor.normal_(generator=generator)
    return model


@pytest.fixture(scope='module')
def picture():
    """A batch of two inputs."""
    return torch.randn(2, 3, 64, 48, generator=torch.Generator().manual_seed(1))


class TestSpeedUp:
    """`speed_up`."""

    def test_nothing_asked_nothing_copied(self, model):
        """The model itself."""
        assert speed_up(model) is model

    @pytest.mark.parametrize('option', ['fuse_bn', 'channels_last'])
    def test_features_are_the_same(self, model, picture, option):
        """But for rounding; the model given is left as it was."""
        before = {k: v.clone() for k, v in model.state_dict().items()}
        faster = speed_up(model, **{option: True})
        with torch.no_grad():
            for a, b in zip(faster.extract_feat(picture), model.extract_feat(picture)):
                torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
        assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
        assert faster.dataset_meta.keys() == model.dataset_meta.keys()

    def test_batch_norms_are_gone(self, model):
        """All of backbone and neck."""
        faster = speed_up(model, fuse_bn=True)
        assert any(isinstance(m, nn.BatchNorm2d) for m in model.backbone.modules())
        assert not any(isinstance(m, nn.BatchNorm2d) for m in faster.backbone.modules())

    def test_weights_have_their_channels_last(self, model):
        """Those of the copy."""
        weight = speed_up(model, channels_last=True).backbone.layer1[0].conv1.weight
        assert weight.is_contiguous(memory_format=torch.channels_last)
        assert not weight.is_contiguous()

    def test_folding_that_changes_features_is_refused(self, model, monkeypatch):
        """A block that uses its batch norm elsewhere than its name order says."""

        class Odd(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv, self.norm = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
                self.norm.bias.data += 3

            def forward(self, x):
                return (self.conv(self.norm(x)),)

        class Estimator(nn.Module):
            def __init__(self):
                super().__init__()
                self.backbone = Odd()

            def extract_feat(self, x):
                return self.backbone(x)

        with refuses('fuse-bn'):
            speed_up(Estimator().eval(), fuse_bn=True)

    @pytest.mark.parametrize('precision', ['bf16', 'fp16'])
    def test_half_precision_ends_before_the_head(self, model, picture, precision):
        """Convolutions are in half precision, the features that the head gets are float32."""
        faster = speed_up(model, precision)
        seen = []
        handle = faster.backbone.layer1[0].conv1.register_forward_hook(
            lambda *args: seen.append(args[2].dtype)
        )
        with torch.no_grad():
            feats = faster.extract_feat(picture)
            wanted = model.extract_feat(picture)
        handle.remove()
        assert seen == [speed.PRECISIONS[precision]]
        for a, b in zip(feats, wanted):
            assert a.dtype == torch.float32
            assert 0 < (a - b).abs().mean() < 0.03 * b.abs().mean()

    def test_compiled_batches_have_one_size(self, model):
        """The last one is filled up: other sizes would be compiled anew."""
        predictor = PosePredictor(model, batch_size=4, compile='eager')
        sizes = []
        extract = predictor.model.extract_feat
        predictor.model.extract_feat = lambda x: sizes.append(len(x)) or extract(x)
        image = np.random.default_rng(0).integers(0, 255, (64, 48, 3), np.uint8)
        images = [np.roll(image, i, axis=0) for i in range(6)]
        results = list(predictor(images))
        assert set(sizes) == {4}
        for result, plain in zip(results, PosePredictor(model)(images)):
            (a,), (b,) = result.persons, plain.persons
            np.testing.assert_allclose(a.keypoints, b.keypoints, atol=1e-4)


class TestRealPhoto:
    """Half precision with the packaged weights on a real person."""

    def test_keypoints_stay(self, data_dir):
        """All but a few within 2% of the box; probabilities within 0.02."""
        image = str(data_dir / 'coco_mini' / 'val2017' / '000000034417.jpg')
        model = init_model('lfhpe_res18_lspet-128x128_loc0')
        model.test_cfg['flip_test'] = False
        boxes = [[190.9, 277.2, 274.1, 389.3], [124.7, 50.5, 172.2, 138.7]]
        results = [
            next(PosePredictor(model, precision=p)([(image, boxes)])) for p in ('float32', 'bf16')
        ]
        far = []
        for (x1, y1, x2, y2), a, b in zip(boxes, *(r.persons for r in results)):
            off = np.linalg.norm(a.keypoints - b.keypoints, axis=-1)
            far += list(off > 0.02 * max(x2 - x1, y2 - y1))
            assert np.abs(a.probs - b.probs).max() < 0.02
            assert (a.probs != b.probs).any()
        assert np.mean(far) <= 0.15


class TestWarning:
    """`warn_of_slow_precision`."""

    @pytest.mark.parametrize(
        ('precision', 'device', 'there', 'told'),
        [
            ('bf16', 'cpu', False, True),
            ('bf16', 'cpu', True, False),
            ('fp16', 'cpu', True, True),
            ('float32', 'cpu', False, False),
            ('bf16', 'cuda:0', False, False),
        ],
    )
    def test_only_where_it_is_slow(self, precision, device, there, told, monkeypatch):
        """A processor without the instructions."""
        lines = []
        monkeypatch.setattr(speed, 'cpu_has_bfloat16', lambda: there)
        monkeypatch.setattr(
            speed, 'print_log', lambda text, *_, level: lines.append((text, level))
        )
        warn_of_slow_precision(precision, device)
        assert [level for _, level in lines] == [logging.WARNING] * told
        assert all(precision in text for text, _ in lines)

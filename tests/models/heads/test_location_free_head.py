"""Tests of the location-free head."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

from lfhpe_mmpose.models.heads import LocationFreeHead
from lfhpe_mmpose.models.layers import gather_mass
from tests.refusal import refuses

CODEC = dict(type='MSRAHeatmap', input_size=(48, 64), heatmap_size=(12, 16), sigma=1)
WHOLE = [[-0.5, 5.0], [48.0, 5.0], [48.0, 64.0], [-0.5, 64.0]]
HALF = [[-0.5, 5.0], [24.0, 5.0], [24.0, 64.0], [-0.5, 64.0]]


def head(num_keypoints=14, **changes) -> LocationFreeHead:
    """A small head."""
    torch.manual_seed(0)
    cfg = dict(in_channels=16, out_channels=num_keypoints, embed_dims=16, decoder=CODEC)
    return LocationFreeHead(**{**cfg, **changes})


def feats(batch=4, channels=16):
    """Features of the person on the stride-8 grid."""
    torch.manual_seed(1)
    return (torch.randn(batch, channels, 8, 6),)


def samples(located, num_keypoints=14, views=2, unknown=False):
    """Data samples as PackTaggedInputs makes them; ``located`` has a flag a person."""
    rng = np.random.default_rng(0)
    out = []
    for flag in located:
        tags = torch.from_numpy(rng.integers(0, 2, (1, views, num_keypoints))).float()
        heatmaps = torch.zeros(num_keypoints, 16, 12)
        if flag:
            heatmaps[:, 5, 4] = 1
        sample = PoseDataSample(
            gt_instance_labels=InstanceData(
                keypoint_tags=tags * 0 - 1 if unknown else tags,
                tag_views=torch.tensor([[WHOLE, *[HALF] * (views - 1)]]),
                located=torch.tensor([flag]),
                keypoint_weights=torch.full((1, num_keypoints), float(flag)),
            ),
            gt_fields=PixelData(heatmaps=heatmaps),
        )
        sample.set_metainfo(
            dict(
                input_size=(48, 64),
                input_center=np.array([24.0, 32.0]),
                input_scale=np.array([48.0, 64.0]),
                flip_indices=list(range(num_keypoints)),
            )
        )
        out.append(sample)
    return out


class TestForward:
    """Maps of any keypoint set."""

    @pytest.mark.parametrize('num_keypoints', [1, 2, 14, 17, 133])
    def test_any_number_of_keypoints(self, num_keypoints):
        """Maps, losses and predictions for sets from one keypoint to whole bodies."""
        sets = {14: 'LspExtendedDataset', 17: 'CocoDataset', 133: 'CocoWholeBodyDataset'}
        module = head(num_keypoints, metainfo=sets.get(num_keypoints))
        maps = module(feats())
        assert maps.shape == (4, num_keypoints, 16, 12)
        assert maps.min() >= 0 and maps.max() <= 1
        data = samples([True, False, False, True], num_keypoints)
        assert all(torch.isfinite(v) for v in module.loss(feats(), data).values())
        prediction = module.predict(feats(), data)[0]
        assert prediction.keypoints.shape == (1, num_keypoints, 2)

    def test_without_neck(self):
        """It takes a backbone's levels as they are, all of them or the last."""
        levels = (torch.randn(2, 8, 16, 12), torch.randn(2, 24, 8, 6))
        merged = head(in_channels=[8, 24], num_convs=1)
        assert merged.compute(levels)['cam'].shape == (2, 14, 16, 12)
        last = head(in_channels=24)
        assert last.compute(levels)['cam'].shape == (2, 14, 8, 6)
        with refuses('feature-levels', 'model.head.in_channels'):
            merged(levels[:1])

    def test_plain_cam(self):
        """Without prototypes the refined map is the CAM."""
        out = head(prototypes=None).compute(feats())
        assert torch.equal(out['cam'], out['refined']) and out['prototype'] is None

    def test_refined_is_cam_plus_similarity(self):
        """With a scale of 0 the refined map is the CAM, otherwise not."""
        module = head()
        assert not torch.allclose(*(module.compute(feats())[k] for k in ('cam', 'refined')))
        module.similarity_scale.data.zero_()
        assert torch.allclose(*(module.compute(feats())[k] for k in ('cam', 'refined')))

    def test_odd_sizes_without_codec(self):
        """Without a codec maps keep the grid of the features."""
        module = head(decoder=None)
        assert module((torch.randn(1, 16, 7, 5),)).shape == (1, 14, 7, 5)

    def test_wrong_metainfo(self):
        """A keypoint set of another size, or unknown, is refused by name."""
        with refuses('keypoint-count', 'model.head.out_channels'):
            head(14, metainfo='CocoDataset')
        with refuses('unknown-dataset', 'model.head.metainfo'):
            head(14, metainfo='NoSuchDataset')


class TestLoss:
    """Tagged and located persons in one batch."""

    def test_mixed_batch(self):
        """A mixed batch has losses of tags and of locations, all with gradient."""
        losses = head().loss(feats(), samples([True, False, True, False]))
        assert set(losses) == {
            'tag_loss_background',
            'tag_loss_cam',
            'tag_loss_refined',
            'tag_loss_prototype',
            'tag_loss_region',
            'loc_loss_heatmap',
        }
        assert all(v > 0 and v.requires_grad for v in losses.values())

    def test_nobody_located(self):
        """A batch without located persons trains; its location loss is 0."""
        losses = head().loss(feats(), samples([False] * 4))
        assert losses['loc_loss_heatmap'].item() == 0
        sum(losses.values()).backward()

    def test_everybody_located(self):
        """A batch of located persons alone trains."""
        losses = head().loss(feats(), samples([True] * 4))
        assert losses['loc_loss_heatmap'].item() > 0

    def test_located_only_without_tags(self):
        """Where every tag is unknown, locations alone train the maps."""
        losses = head().loss(feats(), samples([True] * 4, unknown=True))
        assert losses['tag_loss_cam'].item() == 0 and losses['loc_loss_heatmap'].item() > 0

    @pytest.mark.parametrize('loss', ['HeatmapCrossEntropyLoss', 'KeypointMSELoss'])
    def test_location_loss_is_normalised_by_located_persons(self, loss):
        """Tagged persons beside a located one do not dilute its loss; MMPose's losses too."""
        cfg = dict(type=loss)
        if loss == 'KeypointMSELoss':
            cfg['use_target_weight'] = True
        module = head(losses=dict(location=cfg)).eval()
        mixed = module.loss(feats(4), samples([True, False, False, False]))
        alone = module.loss((feats(4)[0][:1],), samples([True]))
        assert torch.allclose(mixed['loc_loss_heatmap'], alone['loc_loss_heatmap'], rtol=1e-4)

    def test_gradients_reach_every_parameter(self):
        """Tags alone reach every parameter, with and without prototypes."""
        for changes in (
            {},
            dict(prototypes=None),
            dict(in_channels=[16, 16], embed_dims=32, num_convs=1),
            dict(metainfo='LspExtendedDataset'),
        ):
            module = head(**changes).train()
            levels = feats() * (2 if 'num_convs' in changes else 1)
            sum(module.loss(levels, samples([False] * 4)).values()).backward()
            dead = [n for n, p in module.named_parameters() if p.grad is None or not p.grad.any()]
            assert [n for n in dead if not n.endswith('attention.key.bias')] == []

    def test_views_differ_in_number(self):
        """Persons with fewer views than others are padded with unknown tags."""
        module = head().eval()
        data = samples([False], views=3) + samples([False], views=1)
        padded = module.loss(feats(2), data)['tag_loss_cam']
        again = samples([False], views=3) + samples([False], views=3)
        again[1].gt_instance_labels.keypoint_tags = torch.cat(
            [data[1].gt_instance_labels.keypoint_tags, torch.full((1, 2, 14), -1.0)], dim=1
        )
        assert torch.allclose(padded, module.loss(feats(2), again)['tag_loss_cam'])

    def test_views_localise(self):
        """A tag of the left half pulls at the left half of the map alone."""
        module = head(2, prototypes=None, losses=dict(background_weight=0.0))
        data = samples([False], 2)
        data[0].gt_instance_labels.keypoint_tags = torch.tensor([[[-1.0, -1], [1, 0]]])
        x = feats(1)[0].requires_grad_()
        module.loss((x,), data)['tag_loss_cam'].backward()
        assert x.grad[..., :3].abs().sum() > 0 and not x.grad[..., 3:].any()

    def test_background(self):
        """Outside the whole view every map is pressed down, even where all tags are unknown."""
        module = head(2, prototypes=None)
        x = feats(1)[0].requires_grad_()
        loss = module.loss((x,), samples([False], 2, unknown=True))['tag_loss_background']
        loss.backward()
        assert x.grad[:, :, 0].abs().sum() > 0 and not x.grad[:, :, 1:].any()
        maps = torch.zeros(1, 2, 8, 6)
        everywhere = torch.ones(1, 1, 48)
        background = module.losses.of_background
        assert background(dict(cam=maps), ['cam'], everywhere).item() == 0
        nowhere = background(dict(cam=maps), ['cam'], 1 - everywhere).item()
        assert nowhere == pytest.approx(0.5 * np.log(2))

    def test_half_precision(self):
        """Losses under autocast are finite, and so are gradients."""
        for dtype in (torch.bfloat16, torch.float16):
            module = head(metainfo='LspExtendedDataset')
            with torch.autocast('cpu', dtype=dtype):
                losses = module.loss(feats(), samples([True, False, True, False]))
            total = sum(losses.values())
            total.backward()
            assert torch.isfinite(total)
            assert all(torch.isfinite(p.grad).all() for p in module.parameters())


class TestPredict:
    """Keypoints, scores and maps."""

    def test_peak_is_found(self):
        """The decoded keypoint lies at the peak of the map; the score is probability x peak."""
        module = head(1, in_channels=1, embed_dims=1, prototypes=None)
        module.projections = torch.nn.ModuleList([torch.nn.Identity()])
        module.cam.weight.data.fill_(1.0)
        module.cam.bias.data.zero_()
        x = torch.full((1, 1, 16, 12), -8.0)
        x[0, 0, 10, 3] = 2.0
        prediction = module.predict((x,), samples([True], 1))[0]
        assert np.allclose(prediction.keypoints[0, 0], [3 * 4, 10 * 4], atol=2.1)
        probability = prediction.keypoint_probs[0, 0]
        peak = 1 / (1 + np.exp(-2))
        assert prediction.keypoint_scores[0, 0] == pytest.approx(probability * peak, rel=1e-3)

    @pytest.mark.parametrize('peak_window', [None, 0.1])
    def test_flip_test_is_equivariant(self, peak_window):
        """With flip test, the mirrored picture gives the mirrored prediction."""
        module = head(2, peak_window=peak_window).eval()
        data = samples([True] * 2, 2)
        for sample in data:
            sample.set_metainfo(dict(flip_indices=[1, 0]))
        x, mirrored = feats(2)[0], feats(2)[0].flip(-1)
        # Features of a mirrored picture, as an equivariant backbone would give them.
        cfg = dict(flip_test=True, output_heatmaps=True)
        predictions, fields = module.predict([(x,), (mirrored,)], data, cfg)
        flipped, flipped_fields = module.predict([(mirrored,), (x,)], data, cfg)
        for a, b, fa, fb in zip(predictions, flipped, fields, flipped_fields):
            assert torch.allclose(fa.heatmaps, fb.heatmaps[[1, 0]].flip(-1), atol=1e-6)
            assert torch.allclose(fa.cams, fb.cams[[1, 0]].flip(-1), atol=1e-6)
            assert np.allclose(a.keypoint_probs, b.keypoint_probs[:, [1, 0]], atol=1e-6)
            width = 12 * 4
            back = b.keypoints[:, [1, 0]]
            back[..., 0] = width - 4 - back[..., 0]
            assert np.allclose(a.keypoints, back, atol=1e-3)

    def test_fields(self):
        """Maps are given on request, refined and plain."""
        _, fields = head().predict(feats(), samples([True] * 4), dict(output_heatmaps=True))
        assert fields[0].heatmaps.shape == fields[0].cams.shape == (14, 16, 12)

    def test_scores_in_range(self):
        """Probabilities and scores lie in [0, 1]."""
        for p in head().predict(feats(), samples([True] * 4)):
            assert (p.keypoint_probs >= 0).all() and (p.keypoint_probs <= 1).all()
            assert (p.keypoint_scores <= p.keypoint_probs).all()


class TestPeakWindow:
    """Heatmaps that gather what lies near by."""

    def test_values(self):
        """They are the softmax of the refined map in a window of that share of the map."""
        module = head(2, peak_window=0.1).eval()
        refined = module._resize(module.compute(feats())['refined'])
        probs = refined.flatten(2).softmax(-1).view_as(refined)
        expected = gather_mass(probs, 0.1 * 16)
        maps = module(feats())
        assert torch.equal(maps, expected)
        assert maps.shape == (4, 2, 16, 12) and maps.min() >= 0 and maps.max() <= 1
        _, fields = module.predict(feats(), samples([True] * 4, 2), dict(output_heatmaps=True))
        assert torch.equal(torch.stack([f.heatmaps for f in fields]), maps)
        cams = torch.stack([f.cams for f in fields])
        assert torch.equal(cams, module._resize(module.compute(feats())['cam']).sigmoid())

    def test_default(self):
        """Without it a heatmap is the sigmoid, and nothing else depends on it."""
        plain, other = head(2).eval(), head(2, peak_window=0.1).eval()
        refined = plain._resize(plain.compute(feats())['refined'])
        assert torch.equal(plain(feats()), refined.sigmoid())
        assert list(plain.state_dict()) == list(other.state_dict())
        data = samples([True, False, True, False], 2)
        assert plain.loss(feats(), data) == other.loss(feats(), data)
        for a, b in zip(plain.predict(feats(), data), other.predict(feats(), data)):
            assert np.array_equal(a.keypoint_probs, b.keypoint_probs)

    def test_broad_peak_wins(self):
        """A broad peak is taken rather than a higher one that stands alone."""
        x = torch.full((1, 1, 16, 12), -4.0)
        x[0, 0, 2, 2] = 3.0
        x[0, 0, 9:12, 7:10] = 2.5
        found = {}
        for window in (None, 0.07):
            module = head(1, in_channels=1, embed_dims=1, prototypes=None, peak_window=window)
            module.projections = torch.nn.ModuleList([torch.nn.Identity()])
            module.cam.weight.data.fill_(1.0)
            module.cam.bias.data.zero_()
            prediction = module.eval().predict((x,), samples([True], 1))[0]
            found[window] = prediction.keypoints[0, 0]
            assert 0 < prediction.keypoint_scores[0, 0] < 1
        assert np.allclose(found[None], [2 * 4, 2 * 4], atol=2.1)
        assert np.allclose(found[0.07], [8 * 4, 10 * 4], atol=2.1)

    def test_mirrored(self):
        """The mirrored picture has the mirrored maps: its own average adds nothing."""
        module = head(2, prototypes=None, peak_window=0.1).eval()
        (x,) = feats()
        assert torch.allclose(module((x.flip(-1),)), module((x,)).flip(-1), atol=1e-6)

    @pytest.mark.parametrize('window', [0, 1, -0.1, 7])
    def test_out_of_range(self, window):
        """A share that is none is refused by name."""
        with refuses('config-value', 'model.head.peak_window'):
            head(peak_window=window)


class TestInMMPose:
    """The head in MMPose's estimator."""

    def test_drop_in(self):
        """On MMPose's own backbone, without our neck."""
        model = MODELS.build(
            dict(
                type='TopdownPoseEstimator',
                backbone=dict(type='ResNet', depth=18, base_channels=8, stem_channels=8),
                head=dict(
                    type='LocationFreeHead',
                    in_channels=64,
                    out_channels=14,
                    embed_dims=16,
                    decoder=CODEC,
                ),
            )
        )
        maps = model(torch.randn(2, 3, 64, 48), samples([True] * 2), mode='tensor')
        assert maps.shape == (2, 14, 16, 12)

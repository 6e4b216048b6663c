"""Tests of the context encoder."""

import pytest
import torch
from mmpose.registry import MODELS

from lfhpe_mmpose.models.necks import MultiScaleContextEncoder
from tests.refusal import refuses


def neck(**changes):
    """A small encoder of two levels."""
    torch.manual_seed(0)
    cfg = dict(in_channels=[8, 16], embed_dims=16, num_layers=2, num_heads=4, **changes)
    return MultiScaleContextEncoder(**cfg).eval()


def levels(h=16, w=12, batch=2):
    """Two levels of a backbone."""
    torch.manual_seed(1)
    return torch.randn(batch, 8, h, w), torch.randn(batch, 16, (h + 1) // 2, (w + 1) // 2)


class TestMultiScaleContextEncoder:
    """Every cell sees the whole person, guided to its parts."""

    def test_registered(self):
        """MMPose builds it by name."""
        cfg = dict(type='MultiScaleContextEncoder', in_channels=[4], embed_dims=8, num_heads=2)
        assert isinstance(MODELS.build(cfg), MultiScaleContextEncoder)

    @pytest.mark.parametrize('size', [(16, 12), (32, 24), (17, 11), (1, 1), (3, 40)])
    def test_shapes(self, size):
        """The output has the grid of the chosen level, for odd sizes too."""
        feats = levels(*size)
        assert neck()(feats)[0].shape == (2, 16, *size)
        assert neck(grid_level=1)(feats)[0].shape == (2, 16, *feats[1].shape[2:])

    def test_global_context(self):
        """A change in one corner reaches the far corner."""
        feats = levels()
        encoder = neck()
        changed = (feats[0].clone(), feats[1])
        changed[0][:, :, 0, 0] += 10
        difference = (encoder(feats)[0] - encoder(changed)[0]).abs()
        assert difference[:, :, -1, -1].max() > 1e-6

    def test_guide_steers_attention(self):
        """Where the guide sees no body, the content counts less."""

        def influence(guide_bias: float) -> float:
            encoder = neck()
            for guide in encoder.guides:
                guide.weight.data.zero_()
            # Level 0 is body everywhere; level 1 is as the bias says.
            encoder.guides[0].bias.data.fill_(4.0)
            encoder.guides[1].bias.data.fill_(guide_bias)
            _, values, bias = encoder._pooled_tokens(
                [p(x) for p, x in zip(encoder.projections, levels())]
            )
            share = bias.flatten(1).softmax(-1)
            return share[:, values.shape[1] // 2 :].sum(1).mean().item()

        assert influence(4.0) == pytest.approx(0.5, abs=1e-3)
        assert influence(-6.0) < 0.02

    def test_guide_weights_the_pooling(self):
        """A pooled token holds what the guide calls body, not what lies beside it."""
        encoder = neck(pool_sizes=(1,))
        body = torch.full((1, 1, 16, 12), -30.0)
        body[..., 6:] = 30.0
        encoder.guides[0].forward = lambda x: body
        left, right = torch.randn(2, 1, 16, 16, 12), torch.randn(2, 1, 16, 16, 12)
        left[1, ..., 6:], right[1, ..., :6] = left[0, ..., 6:], right[0, ..., :6]
        coarse = torch.zeros(1, 16, 8, 6)
        tokens = [encoder._pooled_tokens([x, coarse])[1][:, 0] for x in (*left, *right)]
        assert torch.allclose(tokens[0], tokens[1], atol=1e-5)
        assert not torch.allclose(tokens[2], tokens[3], atol=1e-2)

    def test_gradients_reach_every_parameter(self):
        """No parameter is dead."""
        encoder = neck().train()
        encoder(levels())[0].square().mean().backward()
        dead = [n for n, p in encoder.named_parameters() if p.grad is None or not p.grad.any()]
        # A key bias shifts all logits of a query alike: its gradient is 0 by construction.
        assert [n for n in dead if not n.endswith('attention.key.bias')] == []

    def test_keys_do_not_grow_with_the_area(self):
        """Four times the area has the same number of keys, so cost is linear."""
        encoder = neck()
        small, large = (
            encoder._pooled_tokens([p(x) for p, x in zip(encoder.projections, levels(h, w))])[0]
            for h, w in ((16, 12), (32, 24))
        )
        assert small.shape == large.shape

    def test_bad_input(self):
        """A wrong level and a wrong number of levels are refused with the remedy."""
        with refuses('config-value', 'model.neck.grid_level'):
            neck(grid_level=2)
        with refuses('feature-levels', 'model.neck.in_channels'):
            neck()(levels()[:1])

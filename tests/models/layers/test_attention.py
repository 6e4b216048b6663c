"""Tests of attention."""

import torch

from lfhpe_mmpose.models.layers import MultiHeadAttention
from tests.refusal import refuses


class TestMultiHeadAttention:
    """Attention with a bias."""

    def test_equals_pytorch(self):
        """With the same weights it equals PyTorch's layer, bias included."""
        ours, theirs = (
            MultiHeadAttention(16, 4),
            torch.nn.MultiheadAttention(16, 4, batch_first=True),
        )
        parts = (ours.query, ours.key, ours.value)
        theirs.in_proj_weight.data = torch.cat([p.weight.data for p in parts])
        theirs.in_proj_bias.data = torch.cat([p.bias.data for p in parts])
        theirs.out_proj.load_state_dict(ours.out.state_dict())
        q, k, bias = torch.randn(2, 5, 16), torch.randn(2, 7, 16), torch.randn(5, 7)
        expected = theirs(q, k, k, attn_mask=bias)[0]
        assert torch.allclose(ours(q, k, k, bias), expected, atol=1e-5)

    def test_bias_shuts_tokens_out(self):
        """A token with a bias of minus infinity has no effect."""
        layer = MultiHeadAttention(8, 2)
        q, k = torch.randn(1, 3, 8), torch.randn(1, 4, 8)
        bias = torch.tensor([[[[0.0, 0.0, 0.0, float('-inf')]]]])
        other = k.clone()
        other[:, 3] += 5
        assert torch.allclose(layer(q, k, k, bias), layer(q, other, other, bias))
        assert not torch.allclose(layer(q, k, k), layer(q, other, other))

    def test_key_bias_equals_bias(self):
        """A bias of the keys equals the same bias given for all queries, gradients too."""
        layer = MultiHeadAttention(24, 4)
        q, k = torch.randn(2, 5, 24), torch.randn(2, 7, 24)
        bias = torch.randn(2, 7, requires_grad=True)
        a, b = layer(q, k, k, key_bias=bias), layer(q, k, k, bias[:, None, None])
        assert torch.allclose(a, b, atol=1e-5)
        grads = (torch.autograd.grad(x.square().sum(), bias)[0] for x in (a, b))
        assert torch.allclose(*grads, atol=1e-4)

    def test_key_bias_without_gradient(self):
        """Inference adds the bias as a mask, training as a channel; the result is one."""
        torch.manual_seed(2)
        layer = MultiHeadAttention(32, 4)
        q, k, bias = torch.randn(2, 6, 32), torch.randn(2, 5, 32), torch.randn(2, 5)
        both = torch.randn(2, 4, 6, 5)
        for other in (None, both):
            expected = layer(q, k, k, other, key_bias=bias)
            with torch.no_grad():
                assert torch.allclose(layer(q, k, k, other, key_bias=bias), expected, atol=1e-5)
                assert not torch.allclose(layer(q, k, k, other), expected, atol=1e-2)

    def test_bad_heads(self):
        """Channels that the heads cannot share are refused."""
        with refuses('config-value', 'num_heads'):
            MultiHeadAttention(10, 4)

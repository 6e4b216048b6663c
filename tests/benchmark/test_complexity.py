"""Parameters and multiply-adds."""

import torch
import torch.nn.functional as F
from torch import nn

from lfhpe_mmpose.benchmark.complexity import count_complexity
from lfhpe_mmpose.benchmark.models import build_model, load_subject


class _Attends(nn.Module):
    """A 1x1 convolution, and attention among the cells."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 1, bias=False)

    def _forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.conv(x).flatten(2).transpose(1, 2)[:, None]
        return F.scaled_dot_product_attention(tokens, tokens, tokens)

    def forward(self, x: torch.Tensor, data_samples: list) -> torch.Tensor:
        """Unlike PyTorch's modules MMPose's models want two arguments."""
        return self._forward(x)


def test_attention_counts():
    """Queries with keys, weights with values, and the convolution."""
    model = _Attends()
    counts = count_complexity(model, (6, 4))
    cells = 24
    assert counts['attention_flops'] == 2 * cells * cells * 8
    assert counts['flops'] == counts['attention_flops'] + cells * 3 * 8
    assert counts['parameters'] == 24
    assert counts['uncounted'] == []
    assert 'forward' not in vars(model) and model.training


def test_models(ours, configs):
    """Real models: nothing is left out."""
    plain = load_subject(f'{configs[0]}+plain')
    counts = [count_complexity(build_model(s), (48, 64)) for s in (ours, plain)]
    assert all(c['uncounted'] == [] for c in counts)
    attention = 2 * 48 * 48 * 32  # of the 8x6 cells among themselves
    assert counts[1]['attention_flops'] >= attention and counts[0]['attention_flops'] > 0

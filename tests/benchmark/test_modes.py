"""Ways to run a model."""

import pytest
import torch
from torch import nn

from lfhpe_mmpose.benchmark.modes import Mode, parse_mode, to_channels_last
from tests.refusal import refuses


class TestNames:
    """From text and back."""

    @pytest.mark.parametrize(
        'text', ['float32', 'bf16,channels-last', 'fp16,fuse-bn,compile', 'float32,compile=eager']
    )
    def test_round_trip(self, text):
        """A name is read as the same mode."""
        assert parse_mode(text).name == text

    def test_default_precision(self):
        """float32 goes without saying."""
        assert parse_mode('compile') == Mode(compile='inductor')

    def test_unknown(self):
        """The message has the known words."""
        with refuses('option', '--modes') as caught:
            parse_mode('float32,int8')
        assert 'int8' in caught.value.fault and 'channels-last' in caught.value.remedy


class TestRunning:
    """What a mode does."""

    def test_cast(self):
        """Products are in the mode's precision."""
        a = torch.randn(4, 4)
        with Mode('bf16').cast('cpu'):
            assert (a @ a).dtype == torch.bfloat16
        with Mode().cast('cpu'):
            assert (a @ a).dtype == torch.float32

    def test_layout(self):
        """Weights with the channels last."""
        conv = nn.Conv2d(4, 4, 3)
        to_channels_last(conv)
        assert conv.weight.is_contiguous(memory_format=torch.channels_last)

    def test_compiled_apart(self):
        """A graph break in one call leaves the graphs of another whole."""

        def double(x: torch.Tensor, flag: list) -> torch.Tensor:
            if flag:
                torch._dynamo.graph_break()
            return x * 2

        torch._dynamo.reset()
        mode = Mode(compile='eager')
        x = torch.ones(2)
        whole, broken = mode.compiled(double), mode.compiled(double)
        counters = torch._dynamo.utils.counters
        assert whole(x, []).tolist() == [2, 2]
        before = counters['stats']['unique_graphs']
        broken(x, [1])
        made = counters['stats']['unique_graphs']
        assert made > before
        whole(x, [])
        assert counters['stats']['unique_graphs'] == made
        assert whole.__wrapped__.__code__ is not broken.__wrapped__.__code__
        assert Mode().compiled(double) is double

"""Measure models side by side: latency, throughput, training step, memory.

docs/benchmark/README.md explains every figure.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add('--models', nargs='+', metavar='NAME', help='short names, base names of configs of ours '
        'or of MMPose, or paths; NAME+plain has a plain transformer as its neck; default: '
        'ours and its peers')  # fmt: skip
    add('--reference', metavar='NAME', help='the model that ratios are to; default: td-hm_res50, '
        'or the first of --models')  # fmt: skip
    add('--device', choices=['cpu', 'cuda'], default='cpu')
    add('--modes', nargs='+', metavar='MODE', help='a block of the table each: words joined by '
        'commas, for example float32 bf16,channels-last float32,fuse-bn,compile')  # fmt: skip
    add('--precision', nargs='+', choices=['float32', 'bf16', 'fp16'], help='instead of --modes: '
        'a block for each; default: float32')  # fmt: skip
    add('--channels-last', action='store_true', help='with --precision')
    add('--fuse-bn', action='store_true', help='with --precision: fold batch norm, in inference')
    add('--compile', nargs='?', const='inductor', default='', metavar='BACKEND',
        help='with --precision: torch.compile')  # fmt: skip
    add('--measures', nargs='+', metavar='WHAT', help='of latency, throughput, training, memory; '
        'default: all')  # fmt: skip
    add('--batch-sizes', nargs='+', type=int, metavar='N', help='of the throughput')
    add('--train-batch-size', type=int, metavar='N', help='of the training step')
    add('--input-size', metavar='HxW', help="height and width; default: each config's")
    add('--rounds', type=int, help='rounds over all models; default: 5')
    add('--seconds', type=float, help='of each model for each figure in a round; default: 1')
    add('--threads', type=int, help='of PyTorch on the CPU; default: all cores')
    add('--sweep-area', action='store_true', help='our neck and a plain one against input area')
    add('--quick', action='store_true', help='small and short, to see whether it runs')
    add('--out', metavar='PATH', help='writes PATH.json, PATH.md, PATH.svg, ...')


def run(args: argparse.Namespace) -> None:
    """Measure."""
    from lfhpe_mmpose.benchmark.command import measure

    measure(args)

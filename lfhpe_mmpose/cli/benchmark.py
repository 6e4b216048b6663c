"""Measure models side by side: latency, throughput, training step, memory.

docs/benchmark/README.md explains every figure.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add = parser.add_argument
    add('--models', nargs='+', metavar='NAME', help='configs: short names, base names of ours or '
        'of MMPose, or paths; NAME+plain has a plain transformer as its neck (default: ours '
        'and its peers)')  # fmt: skip
    add('--reference', metavar='NAME', help='reference of the ratios (default: td-hm_res50, or '
        'the first of --models)')  # fmt: skip
    add('--device', choices=['cpu', 'cuda'], default='cpu')
    add('--modes', nargs='+', metavar='MODE', help='one block of the table for each mode, for '
        'example float32 bf16,channels-last float32,fuse-bn,compile')  # fmt: skip
    add('--precision', nargs='+', choices=['float32', 'bf16', 'fp16'], help='instead of --modes: '
        'one block for each (default: float32)')  # fmt: skip
    add('--channels-last', action='store_true', help='with --precision')
    add('--fuse-bn', action='store_true', help='with --precision: fold batch norms in inference')
    add('--compile', nargs='?', const='inductor', default='', metavar='BACKEND',
        help='with --precision: torch.compile')  # fmt: skip
    add('--measures', nargs='+', metavar='WHAT', help='some of latency, throughput, training, '
        'memory (default: all)')  # fmt: skip
    add('--batch-sizes', nargs='+', type=int, metavar='N', help='batch sizes of the throughput')
    add('--train-batch-size', type=int, metavar='N', help='batch size of the training step')
    add('--input-size', metavar='HxW', help="height and width (default: each config's)")
    add('--rounds', type=int, help='rounds over all models (default: 5)')
    add('--seconds', type=float, help='seconds per model, figure and round (default: 1)')
    add('--threads', type=int, help='threads of PyTorch on the CPU (default: all cores)')
    add(
        '--sweep-area',
        action='store_true',
        help='measure our neck and a plain one at several input sizes',
    )
    add('--quick', action='store_true', help='measure little, to test the set-up')
    add('--out', metavar='PATH', help='write PATH.json, PATH.md, PATH.svg and others')


def run(args: argparse.Namespace) -> None:
    """Measure."""
    from lfhpe_mmpose.benchmark.command import measure

    measure(args)

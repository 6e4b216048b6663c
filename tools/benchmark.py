"""Measure models side by side: latency, throughput, training step, memory."""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog='docs/benchmark/README.md explains every figure.'
    )
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
    add('--loaders', nargs='+', metavar='NAME', help='configs whose training loaders are measured')
    add('--data-root', help="folder of the loaders' data; default: each config's")
    add('--workers', nargs='+', type=int, default=[0, 2], help='of the loaders')
    add('--peak', action='store_true', help='the fraction of the peak of matrix products')
    add('--profile', action='store_true', help='profile the training step of the first model')
    add('--quick', action='store_true', help='small and short, to see whether it runs')
    add('--out', metavar='PATH', help='writes PATH.json, PATH.md, PATH.svg, ...')
    return parser.parse_args()


def read_settings(args: argparse.Namespace):
    """Turn the command line into settings."""
    from lfhpe_mmpose.benchmark.models import NICKNAMES, REFERENCE
    from lfhpe_mmpose.benchmark.modes import Mode, parse_mode
    from lfhpe_mmpose.benchmark.settings import MEASURES, Settings
    from lfhpe_mmpose.errors import UserError

    models = args.models or list(NICKNAMES)
    if args.modes and (args.precision or args.channels_last or args.fuse_bn or args.compile):
        raise UserError('--modes says it all: leave --precision and the flags beside it out.')
    if args.modes:
        modes = [parse_mode(text) for text in args.modes]
    else:
        modes = [
            Mode(precision, args.channels_last, args.compile, args.fuse_bn)
            for precision in args.precision or ['float32']
        ]
    gpu = args.device == 'cuda'
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    # What --quick and the device change, each time the user says nothing else.
    defaults = dict(
        batch_sizes=[1, 8, 32, 64, 128, 256] if gpu else [1, 4, 16],
        train_batch_size=64 if gpu else 16,
        input_size=None,
        rounds=5,
        seconds=1.0,
        threads=cores,
    )
    if args.quick:
        defaults.update(
            batch_sizes=[1, 2], train_batch_size=2, input_size='64x64', rounds=2, seconds=0.02
        )
    values = {k: d if getattr(args, k) is None else getattr(args, k) for k, d in defaults.items()}
    values['input_size'] = _size(values['input_size'])
    return Settings(
        models=models,
        reference=args.reference or (REFERENCE if REFERENCE in models else models[0]),
        modes=modes,
        device=args.device,
        measures=args.measures or list(MEASURES),
        **values,
    )


def main(args: argparse.Namespace) -> None:
    """Measure, and write what was measured, also after Ctrl-C."""
    from lfhpe_mmpose.benchmark.comparison import Run
    from lfhpe_mmpose.benchmark.report import report
    from lfhpe_mmpose.errors import UserError

    # Also where the shell ignores Ctrl-C (a background job), and when it is told to end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if args.profile and not args.out:
        raise UserError('--profile writes a file: say where by --out.')
    out = Path(args.out) if args.out else None
    run = Run(read_settings(args), sys.argv, _say, _writer(out))
    try:
        run.models()
        run.blocks()
        if args.sweep_area:
            run.area(**(dict(sizes=[(64, 64), (96, 96), (128, 96)]) if args.quick else {}))
        if args.loaders:
            run.loaders(args.loaders, args.data_root, args.workers)
        if args.peak:
            run.peak(side=256 if args.quick else None)
        if args.profile:
            out.with_name(f'{out.name}_profile.txt').write_text(run.profile())
        run.results['complete'] = True
    finally:
        print(report(run.results))
        _write(run.results, out)


def _say(text: str) -> None:
    """Tell of progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


def _size(text: str | None) -> tuple[int, int] | None:
    """Width and height of a text like 256x192, which has the height first."""
    from lfhpe_mmpose.errors import UserError

    if text is None:
        return None
    try:
        height, width = (int(part) for part in text.split('x'))
        if min(height, width) < 1:
            raise ValueError
    except ValueError:
        raise UserError(
            f'--input-size {text}: write height x width in pixels, as 256x192.'
        ) from None
    return width, height


def _writer(out: Path | None):
    """Saves the figures while the run goes on, each time as a whole file."""

    def save(results: dict) -> None:
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            part = out.with_name(f'{out.name}.json.part')
            part.write_text(json.dumps(results, indent=1) + '\n')
            part.replace(out.with_name(f'{out.name}.json'))

    return save


def _write(results: dict, out: Path | None) -> None:
    """Write figures, tables and plots."""
    from lfhpe_mmpose.benchmark.plots import write_plots
    from lfhpe_mmpose.benchmark.report import report

    if out is None:
        return
    _writer(out)(results)
    out.with_name(f'{out.name}.md').write_text(report(results))
    pictures = write_plots(results, out)
    _say('\n'.join(f'wrote {p}' for p in [f'{out}.json', f'{out}.md', *pictures]))


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())

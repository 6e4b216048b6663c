"""``lfhpe benchmark``: from the options to a run and its files."""

import argparse
import sys
from pathlib import Path
from typing import Any

from lfhpe_mmpose.commands import let_signals_interrupt
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_json, write_text
from lfhpe_mmpose.machine import usable_cores

from .comparison import Run
from .models import NICKNAMES, REFERENCE
from .modes import Mode, parse_mode
from .plots import write_plots
from .report import report
from .settings import MEASURES, Settings


def measure(args: argparse.Namespace) -> None:
    """Measure, print the tables, and write what was measured, also after Ctrl-C."""
    let_signals_interrupt()
    out = Path(args.out) if args.out else None

    def save(results: dict[str, Any]) -> None:
        if out is not None:
            write_json(f'{out}.json', results, indent=1)

    words = sys.argv[1:]
    words = words[words[:1] == ['benchmark'] :]  # a script of tools/ has no such word
    run = Run(read_settings(args), words, _say, save)
    try:
        run.models()
        run.blocks()
        if args.sweep_area:
            run.area(**(dict(sizes=[(64, 64), (96, 96), (128, 96)]) if args.quick else {}))
        run.results['complete'] = True
    finally:
        print(report(run.results))
        save(run.results)
        if out is not None:
            write_text(f'{out}.md', report(run.results))
            pictures = write_plots(run.results, out)
            _say('\n'.join(f'wrote {p}' for p in [f'{out}.json', f'{out}.md', *pictures]))


def read_settings(args: argparse.Namespace) -> Settings:
    """Turn the options into settings; what is not given depends on --quick and the device."""
    models = args.models or list(NICKNAMES)
    flags = args.precision or args.channels_last or args.fuse_bn or args.compile
    if args.modes and flags:
        remedy = 'Drop --precision, --channels-last, --fuse-bn and --compile.'
        raise UserError('option', '--modes', 'It contains what the flags beside it say.', remedy)
    modes = [parse_mode(text) for text in args.modes or ()] or [
        Mode(precision, args.channels_last, args.compile, args.fuse_bn)
        for precision in args.precision or ['float32']
    ]
    gpu = args.device == 'cuda'
    defaults: dict[str, Any] = dict(
        batch_sizes=[1, 8, 32, 64, 128, 256] if gpu else [1, 4, 16],
        train_batch_size=64 if gpu else 16,
        input_size=None,
        rounds=5,
        seconds=1.0,
        threads=usable_cores(),
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


def _size(text: str | None) -> tuple[int, int] | None:
    """Width and height of a text like 256x192, which has the height first."""
    if text is None:
        return None
    try:
        height, width = (int(part) for part in text.split('x'))
        if min(height, width) < 1:
            raise ValueError
    except ValueError:
        fault = f'{text} is not a height and a width in pixels.'
        raise UserError('option', '--input-size', fault, 'Write for example 256x192.') from None
    return width, height


def _say(text: str) -> None:
    """Report progress on standard error, apart from the tables."""
    print(text, file=sys.stderr, flush=True)

"""Run a study (recipes x location fractions x views x seeds), and write its tables and plots."""

import argparse
import os
import platform
import signal
import sys
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('study', help='study file, for example tools/studies/lspet.py')
    parser.add_argument('--out', help='folder of the runs; default: work_dirs/<name of the file>')
    parser.add_argument(
        '--table', help='TABLE.csv is the record: its runs are done; default: OUT/results'
    )
    parser.add_argument('--jobs', type=int, default=1, help='runs at a time')
    parser.add_argument('--only', help='runs whose name matches, for example "ours_*"')
    parser.add_argument('--list', action='store_true', help='list the runs and end')
    parser.add_argument(
        '--no-train', action='store_true', help='write tables and plots of what is done'
    )
    parser.add_argument('--device', help='the machine in words, for the table')
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Train what is missing, then write the results."""
    from lfhpe_mmpose.errors import UserError
    from lfhpe_mmpose.study import (
        collect_rows,
        done_runs,
        read_plan,
        read_rows,
        run_study,
        write_plots,
        write_tables,
    )

    # Also where the shell ignores Ctrl-C (a background job), and when it is told to end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    plan = read_plan(args.study)
    chosen = plan
    if args.only:
        runs = tuple(run for run in plan.runs if fnmatch(run.name, args.only))
        if not runs:
            raise UserError(f'{args.study}: no run matches --only {args.only}. See --list.')
        chosen = replace(plan, runs=runs)
    out = Path(args.out or Path('work_dirs') / plan.path.stem)
    table = Path(args.table) if args.table else out / 'results'
    recorded = read_rows(table)
    if args.list:
        done = {*done_runs(out), *recorded['run']}
        for run in chosen.runs:
            print(f'{run.name}{" (done)" if run.name in done else ""}')
        return
    failed: list[str] = []
    device = args.device or _machine()
    if not args.no_train:
        say = partial(print, flush=True)
        train_script = Path(__file__).resolve().parent / 'train.py'
        failed = run_study(
            chosen, out, train_script, args.jobs, say, device, list(recorded['run'])
        )
    rows = collect_rows(plan, out, device, recorded)
    if len(rows):
        write_tables(rows, table, plan.notes)
        pictures = write_plots(rows, table)
        print(f'{len(rows)} of {len(plan.runs)} runs: {table}.csv, {table}.md')
        print(*(f'plot: {path}' for path in pictures), sep='\n')
    if failed:
        raise UserError(
            f'{len(failed)} runs failed: {", ".join(failed)}. Their train.log says why.'
        )


def _machine() -> str:
    """The device that the runs use, in words."""
    import torch

    from lfhpe_mmpose.engine.optim_wrappers import cpu_has_bfloat16

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    precision = '' if cpu_has_bfloat16() else ' without bfloat16'
    return f'CPU {platform.machine()}, {os.cpu_count()} cores{precision}'


if __name__ == '__main__':
    from lfhpe_mmpose.commands import run_command

    run_command(main, parse_args())

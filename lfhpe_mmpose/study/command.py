"""``lfhpe study``: from the options to trained runs, tables and plots."""

import argparse
import os
import platform
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import torch

from lfhpe_mmpose.commands import let_signals_interrupt
from lfhpe_mmpose.engine.optim_wrappers import cpu_has_bfloat16
from lfhpe_mmpose.errors import UserError

from .execute import done_runs, run_study
from .plan import read_plan
from .plots import write_plots
from .tables import collect_rows, read_rows, write_tables


def study(args: argparse.Namespace) -> None:
    """Train the missing runs of a study file, then write the results."""
    let_signals_interrupt()
    plan = read_plan(args.study)
    chosen = plan
    if args.only:
        runs = tuple(run for run in plan.runs if fnmatch(run.name, args.only))
        if not runs:
            fault = f'No run of {args.study} matches {args.only}.'
            raise UserError('option', '--only', fault, '--list shows the names.')
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
        failed = run_study(chosen, out, args.jobs, say, device, list(recorded['run']))
    rows = collect_rows(plan, out, device, recorded)
    if len(rows):
        write_tables(rows, table, plan.notes)
        pictures = write_plots(rows, table)
        print(f'{len(rows)} of {len(plan.runs)} runs: {table}.csv, {table}.md')
        print(*(f'plot: {path}' for path in pictures), sep='\n')
    if failed:
        fault = f'{len(failed)} runs failed: {", ".join(failed)}.'
        raise UserError('study-failed', str(out), fault, 'Their train.log has the reason.')


def _machine() -> str:
    """The device that the runs use, in words."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    precision = '' if cpu_has_bfloat16() else ' without bfloat16'
    return f'CPU {platform.machine()}, {os.cpu_count()} cores{precision}'

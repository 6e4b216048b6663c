"""Train the runs of a study that are not done yet, one or several at a time."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import folder_holder, write_json, write_text
from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.quiet import quiet
from lfhpe_mmpose.machine import usable_cores

from .plan import StudyPlan, StudyRun

RESULT = 'result.json'
TRAIN = (sys.executable, '-m', 'lfhpe_mmpose', 'train')
_TIMES = ('step', 'time', 'data_time')


def run_study(
    plan: StudyPlan,
    out: Path,
    jobs: int = 1,
    say: Callable[[str], None] = print,
    device: str = '',
    recorded: Collection[str] = (),
) -> list[str]:
    """Train every run without a result; a stopped one continues from its last epoch.

    Each run is a process of ``lfhpe train``, and so of MMEngine's runner, in a folder of
    its own: ``config.py``, ``train.log``, checkpoints, and at the end ``result.json``.
    Jobs share the CPU's threads, unless OMP_NUM_THREADS is set: on a small model, two jobs with
    one thread each are faster than one job with two threads.

    Args:
        plan (StudyPlan): The study.
        out (Path): Folder of the runs.
        jobs (int): Runs at a time.
        say (Callable[[str], None]): Called with a line at the start and the end of a run.
        device (str): The machine in words, kept with the result.
        recorded (Collection[str]): Names of runs that are done although ``out`` has no
            result of them.

    Returns:
        list[str]: Names of the runs that failed.

    Raises:
        UserError: If a config or its data are invalid; nothing is trained then.
    """
    if jobs < 1:
        raise UserError('option', '--jobs', f'It must be at least 1, got {jobs}.')
    todo = [run for run in plan.runs if run.name not in {*done_runs(out), *recorded}]
    say(f'{len(plan.runs)} runs, {len(plan.runs) - len(todo)} of them done: {out}')
    _prepare(todo, out, say)
    threads = max(1, usable_cores() // jobs)
    failed: list[str] = []
    children: set[subprocess.Popen[bytes]] = set()
    lock = threading.Lock()
    stopped = threading.Event()
    started = time.monotonic()

    def work(run: StudyRun) -> None:
        if stopped.is_set():
            return
        say(f'{run.name}: started; its log is {out / run.name / "train.log"}')
        seconds = time.monotonic()
        code: int | str
        # The training itself holds its folder; its lock outlives a study that was killed.
        holder = folder_holder(out / run.name)
        code = f'busy ({holder} trains it)' if holder else ''
        if not holder:
            code = _train(run, out / run.name, threads, children)
        if stopped.is_set():
            return
        minutes = (time.monotonic() - seconds) / 60
        with lock:
            if code == 0 and _write_result(out / run.name, device):
                done = sum((out / r.name / RESULT).is_file() for r in todo)
                left = (time.monotonic() - started) / 60 / done * (len(todo) - done - len(failed))
                say(f'{run.name}: done in {minutes:.1f} min; about {left:.0f} min left')
            else:
                if code == 0:
                    # MMEngine does not validate a finished training again.
                    code = '0 but no metrics (delete its folder to train it again)'
                failed.append(run.name)
                say(f'{run.name}: FAILED with status {code}; see {out / run.name / "train.log"}')

    pool = ThreadPoolExecutor(jobs)
    try:
        for future in [pool.submit(work, run) for run in todo]:
            future.result()
    except KeyboardInterrupt:
        stopped.set()
        for child in list(children):
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return failed


def done_runs(out: Path) -> list[str]:
    """Names of the runs below ``out`` that have a result."""
    return [path.parent.name for path in out.glob(f'*/{RESULT}')]


def _prepare(todo: list[StudyRun], out: Path, say: Callable[[str], None]) -> None:
    """Check one config of each recipe with its data, then write all configs."""
    configs = [(run, run.config()) for run in todo]
    checked = set()
    for run, cfg in configs:
        if run.recipe not in checked:
            checked.add(run.recipe)
            say(f'{run.recipe}: checking config and data')
            with quiet('WARNING'):
                check_before_run(cfg, 'train')
    for run, cfg in configs:
        folder = out / run.name
        write_text(folder / 'config.py', cfg.pretty_text)


def _train(
    run: StudyRun, folder: Path, threads: int, children: set[subprocess.Popen[bytes]]
) -> int:
    """Train one run in its own process, and return its exit status."""
    command = [*TRAIN, str(folder / 'config.py'), '--work-dir', str(folder)]
    command.append('--resume')
    # What the user has set decides.
    env = {'OMP_NUM_THREADS': str(threads), 'MKL_NUM_THREADS': str(threads), **os.environ}
    with (folder / 'train.log').open('a') as log:
        child = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=env)
        children.add(child)
        try:
            return child.wait()
        finally:
            children.discard(child)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a record of MMEngine; one that a kill or a full disk cut off is left out."""
    for line in path.read_bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            yield record


def _write_result(folder: Path, device: str) -> bool:
    """Write a run's metrics and training time from MMEngine's records, if it has metrics."""
    metrics, seconds = {}, {}
    for path in sorted(folder.glob('*/vis_data/scalars.json')):
        last = 0
        for record in _records(path):
            if 'loss' in record:
                # `time` is the mean over the iterations since the last record.
                seconds[record['step']] = record['time']
                last = record['step']
            elif 'step' in record and last:
                metrics = {k: v for k, v in record.items() if k not in _TIMES}
    if not metrics:
        return False
    steps = sorted(seconds)
    spans = [b - a for a, b in zip([0, *steps], steps)]
    minutes = sum(span * seconds[step] for span, step in zip(spans, steps)) / 60
    result = dict(metrics=metrics, minutes=round(minutes, 2), device=device)
    write_json(folder / RESULT, result, indent=1)
    return True

"""Peak memory, each model in a process of its own.

``python -m lfhpe_mmpose.benchmark.memory`` reads a question as JSON from its input and
answers as JSON in its last line.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from lfhpe_mmpose.errors import UserError

from .inference import Inference
from .models import build_model, load_subject
from .modes import parse_mode
from .training import TrainingStep

_MIB = 2**20


def measure_memory(question: dict) -> dict:
    """Measure peak memory in a new process.

    On a GPU it is ``torch.cuda.max_memory_allocated``. On a CPU it is the process's greatest
    resident memory, less what it had once everything was imported: its allocator's reserves
    count as well, as they do for whoever runs it.

    Args:
        question (dict): ``name`` of the model, ``input_size`` (width, height) or None,
            ``mode``, ``device``, ``batch_size``, ``train_batch_size`` and ``threads``.

    Returns:
        dict: ``inference`` and ``training``, MiB; or ``skipped``, why not.

    Raises:
        UserError: If the process ends without an answer.
    """
    # A script's folder is not on the path of another process, and this package may be beside it.
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get('PYTHONPATH', '')])
    done = subprocess.run(
        [sys.executable, '-m', 'lfhpe_mmpose.benchmark.memory'],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        env={**os.environ, 'PYTHONPATH': path.rstrip(os.pathsep)},
    )
    if done.returncode < 0:
        return dict(skipped=f'ended by signal {-done.returncode}')
    if done.returncode:
        raise UserError(f'{question["name"]}: memory was not measured:\n{done.stderr[-2000:]}')
    return json.loads(done.stdout.splitlines()[-1])


def answer(question: dict) -> dict:
    """Measure in this process; see :func:`measure_memory`.

    Args:
        question (dict): As there.

    Returns:
        dict: As there.
    """
    torch.set_num_threads(question['threads'])
    device, mode = question['device'], parse_mode(question['mode'])
    size = question['input_size']
    subject = load_subject(question['name'], tuple(size) if size else None)
    peak = _gpu_peak() if torch.device(device).type == 'cuda' else _cpu_peak()
    inference = Inference(build_model(subject), subject.input_size, mode, device)
    call = inference.on_batch(question['batch_size'])
    for _ in range(2):
        call()
    answers = dict(inference=peak())
    del inference, call
    try:
        step = TrainingStep(subject, mode, device, question['train_batch_size'])
    except NotImplementedError:
        return answers
    for _ in range(2):
        step.run()
    answers['training'] = peak()
    return answers


def _gpu_peak() -> Callable[[], float]:
    torch.cuda.reset_peak_memory_stats()
    return lambda: torch.cuda.max_memory_allocated() / _MIB


def _cpu_peak() -> Callable[[], float]:
    """Peaks above the present resident memory.

    ``getrusage`` alone would not do on Linux: a process inherits the peak of the one that
    started it. ``VmHWM`` begins anew with every program, and can be set back.
    """
    status = Path('/proc/self/status')
    if not status.is_file():
        unit = 1 if sys.platform == 'darwin' else 1024  # bytes there, KiB elsewhere
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return lambda: (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * unit / _MIB

    def read(key: str) -> float:
        line = next(li for li in status.read_text().splitlines() if li.startswith(key))
        return float(line.split()[1]) / 1024

    # Where it is not allowed the peak of the imports stays: little more than they leave.
    with contextlib.suppress(OSError):
        Path('/proc/self/clear_refs').write_text('5')
    start = read('VmRSS')
    return lambda: read('VmHWM') - start


if __name__ == '__main__':
    print(json.dumps(answer(json.loads(sys.stdin.read()))))

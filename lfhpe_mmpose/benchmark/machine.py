"""The machine and the versions that figures belong to."""

import os
import platform
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import mmcv
import mmengine
import mmpose
import torch

from lfhpe_mmpose.engine.optim_wrappers import cpu_has_bfloat16
from lfhpe_mmpose.version import __version__


def describe_machine(device: str, command: Sequence[str]) -> dict:
    """Describe the machine, the versions, the time and the command.

    Args:
        device (str): ``'cpu'`` or ``'cuda'``.
        command (Sequence[str]): The command line.

    Returns:
        dict: What a reader needs to judge or repeat the figures; no path of this machine
        but those in the command.
    """
    machine = dict(
        device=device,
        cpu=_cpu_model(),
        cores=os.cpu_count(),
        usable_cores=_usable_cores(),
        threads=torch.get_num_threads(),
        cpu_bfloat16=cpu_has_bfloat16(),
        python=platform.python_version(),
        torch=torch.__version__,
        mmengine=mmengine.__version__,
        mmcv=mmcv.__version__,
        mmpose=mmpose.__version__,
        lfhpe_mmpose=__version__,
        date=datetime.now(timezone.utc).strftime('%Y-%m-%d %H:%M UTC'),
        command=shlex.join(_short(command)),
    )
    if torch.device(device).type == 'cuda':
        machine.update(
            gpu=torch.cuda.get_device_name(),
            gpu_capability='.'.join(map(str, torch.cuda.get_device_capability())),
            gpu_memory_gib=round(torch.cuda.get_device_properties(0).total_memory / 2**30, 1),
            gpu_bfloat16=torch.cuda.is_bf16_supported(),
            tf32_convolutions=torch.backends.cudnn.allow_tf32,
            tf32_products=torch.backends.cuda.matmul.allow_tf32,
            cuda=torch.version.cuda,
            cudnn=torch.backends.cudnn.version(),
        )
    return machine


def machine_sentence(machine: dict) -> str:
    """The machine in a line.

    Args:
        machine (dict): Of :func:`describe_machine`.

    Returns:
        str: For the head of a table.
    """
    where = f'{machine["cpu"]}, {machine["usable_cores"]} cores, {machine["threads"]} threads'
    if not machine['cpu_bfloat16']:
        where += ', no bfloat16 instructions'
    if 'gpu' in machine:
        where = (
            f'{machine["gpu"]} ({machine["gpu_memory_gib"]} GiB), CUDA {machine["cuda"]}; {where}'
        )
    versions = ', '.join(f'{n} {machine[n]}' for n in ('torch', 'mmcv', 'mmpose', 'lfhpe_mmpose'))
    return f'{where}; {versions}; {machine["date"]}'


def _short(command: Sequence[str]) -> list[str]:
    """The command line with the script's name as one writes it in a checkout."""
    return ['python', f'tools/{Path(command[0]).name}', *command[1:]] if command else [sys.argv[0]]


def _usable_cores() -> int:
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_model() -> str:
    try:
        for line in Path('/proc/cpuinfo').read_text().splitlines():
            if line.startswith('model name'):
                return line.partition(':')[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()

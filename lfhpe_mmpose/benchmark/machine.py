"""The machine and the versions that figures belong to."""

import platform
import shlex
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import mmcv
import mmengine
import mmpose
import torch

from lfhpe_mmpose.engine.optim_wrappers import cpu_has_bfloat16
from lfhpe_mmpose.machine import usable_cores
from lfhpe_mmpose.version import __version__


def describe_machine(device: str, command: Sequence[str]) -> dict[str, Any]:
    """Describe the machine, the versions, the time and the command line."""
    machine = dict(
        device=device,
        cpu=_cpu_model(),
        cores=usable_cores(),
        threads=torch.get_num_threads(),
        cpu_bfloat16=cpu_has_bfloat16(),
        python=platform.python_version(),
        torch=torch.__version__,
        mmengine=mmengine.__version__,
        mmcv=mmcv.__version__,
        mmpose=mmpose.__version__,
        lfhpe_mmpose=__version__,
        date=datetime.now(timezone.utc).strftime('%Y-%m-%d %H:%M UTC'),
        command=shlex.join(['lfhpe', 'benchmark', *command]),
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


def machine_sentence(machine: dict[str, Any]) -> str:
    """Say in a line what ``describe_machine`` found."""
    where = f'{machine["cpu"]}, {machine["cores"]} cores, {machine["threads"]} threads'
    if not machine['cpu_bfloat16']:
        where += ', no bfloat16 instructions'
    if 'gpu' in machine:
        gpu = f'{machine["gpu"]} ({machine["gpu_memory_gib"]} GiB), CUDA {machine["cuda"]}'
        where = f'{gpu}; {where}'
    versions = ', '.join(f'{n} {machine[n]}' for n in ('torch', 'mmcv', 'mmpose', 'lfhpe_mmpose'))
    return f'{where}; {versions}; {machine["date"]}'


def _cpu_model() -> str:
    info = Path('/proc/cpuinfo')
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor() or platform.machine()

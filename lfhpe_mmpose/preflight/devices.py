"""Is what the run asks of the machine there?"""

import os
from collections.abc import Mapping

import torch
from mmengine.device import get_device

from .report import problem
from .sources import type_name

_ON_CPU = 'on this machine PyTorch sees no GPU'


def has_accelerator() -> bool:
    """Whether MMEngine would run on anything but the CPU."""
    return get_device() != 'cpu'


def check_devices(cfg: Mapping) -> list[str]:
    """Check devices, mixed precision and the backend of several processes.

    Args:
        cfg (Mapping): The whole config, with ``launcher``.

    Returns:
        list[str]: The problems.
    """
    launcher = cfg.get('launcher', 'none')
    backend = ((cfg.get('env_cfg') or {}).get('dist_cfg') or {}).get('backend', 'nccl')
    if has_accelerator():
        return _check_gpu_count(launcher, backend)
    out = []
    device = str(cfg.get('device') or '')
    if device.startswith('cuda'):
        what = f'The config asks for a GPU ({device}), but {_ON_CPU}.'
        remedy = 'remove the entry: the device is chosen by what there is'
        out.append(problem(what, f'device = {device!r}', remedy))
    visible = os.environ.get('CUDA_VISIBLE_DEVICES', '')
    if visible not in ('', '-1', 'NoDevFiles'):
        what = f'A GPU is asked for (CUDA_VISIBLE_DEVICES={visible}), but {_ON_CPU}{_why()}.'
        remedy = 'set CUDA_VISIBLE_DEVICES=-1 or unset it to run on the CPU'
        out.append(problem(what, 'environment variable CUDA_VISIBLE_DEVICES', remedy))
    if type_name(cfg.get('optim_wrapper') or {}) == 'AmpOptimWrapper':
        what = f'Mixed precision (--amp) needs a GPU, but {_ON_CPU}{_why()}.'
        remedy = "leave out --amp, or set optim_wrapper.type='OptimWrapper'"
        out.append(problem(what, 'optim_wrapper.type = AmpOptimWrapper', remedy))
    if launcher != 'none' and backend == 'nccl':
        what = f'The backend nccl needs a GPU for each process, but {_ON_CPU}{_why()}.'
        remedy = 'add --cfg-options env_cfg.dist_cfg.backend=gloo to run on the CPU'
        out.append(problem(what, 'env_cfg.dist_cfg.backend = nccl', remedy))
    if launcher in ('slurm', 'mpi'):
        what = f'The launcher {launcher} starts processes on GPUs, but {_ON_CPU}{_why()}.'
        remedy = 'ask for GPUs, or run on the CPU with tools/dist_train.sh (or dist_test.sh)'
        out.append(problem(what, f'--launcher {launcher}', remedy))
    return out


def _check_gpu_count(launcher: str, backend: str) -> list[str]:
    count = torch.cuda.device_count() if torch.cuda.is_available() else None
    local = int(os.environ.get('LOCAL_WORLD_SIZE', 1))
    if launcher == 'pytorch' and count is not None and local > count:
        what = f'{local} processes were started on this machine, which has {count} GPUs.'
        remedy = f'start at most {count} (second argument of dist_train.sh, --gpus of mim)'
        return [problem(what, f'--launcher {launcher} (backend {backend})', remedy)]
    return []


def _why() -> str:
    return '' if torch.version.cuda else ' (this PyTorch was built for the CPU only)'

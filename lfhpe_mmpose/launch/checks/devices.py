"""Is what the run asks of the machine there?"""

import os
from collections.abc import Mapping

import torch
from mmengine.device import get_device

from .report import problem
from .sources import type_name

_ON_CPU = 'on this machine PyTorch sees no GPU'
_SYNC_BN = ('SyncBN', 'MMSyncBN', 'SyncBatchNorm')


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
    out = _check_sync_bn(cfg, launcher)
    if has_accelerator():
        return out + _check_gpu_count(launcher, backend)
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


def _check_sync_bn(cfg: Mapping, launcher: str) -> list[str]:
    """Batch norm over all processes; one process reverts it to its own."""
    if launcher == 'none':
        return []
    place, kind = 'sync_bn', cfg.get('sync_bn')
    if cfg.get('strategy'):
        place, kind = 'strategy.sync_bn', cfg['strategy'].get('sync_bn')
    if kind not in (None, 'torch', 'mmcv'):
        what = f'{place} names the batch norm of several processes, and {kind!r} is none.'
        return [problem(what, f'{place} = {kind!r}', f"set {place}='torch', or None for none")]
    if has_accelerator():
        return []
    # The parts of a model may have theirs without the switch.
    places = [place] if kind else _find_sync_bn(cfg.get('model') or {}, 'model')
    what = f'Batch norm over all processes (SyncBN) needs GPUs, but {_ON_CPU}{_why()}.'
    remedy = (
        'leave it out: each process then has batch statistics of its own; '
        'model.backbone.norm_eval=True keeps the pretrained ones'
    )
    return [problem(what, name, remedy) for name in places]


def _find_sync_bn(part: object, place: str) -> list[str]:
    if isinstance(part, list | tuple):
        return [n for i, v in enumerate(part) for n in _find_sync_bn(v, f'{place}[{i}]')]
    if not isinstance(part, Mapping):
        return []
    found = [f'{place}.type = {part["type"]}'] if part.get('type') in _SYNC_BN else []
    return found + [n for k, v in part.items() for n in _find_sync_bn(v, f'{place}.{k}')]


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

"""Checks that the machine has what the run asks for."""

import os
from collections.abc import Mapping
from typing import Any

import torch

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.machine import has_accelerator

from .report import problem
from .sources import type_name

_SYNC_BN = ('SyncBN', 'MMSyncBN', 'SyncBatchNorm')


def check_devices(cfg: Mapping[str, Any]) -> list[UserError]:
    """Check devices, mixed precision and the backend of several processes."""
    launcher = cfg.get('launcher', 'none')
    backend = ((cfg.get('env_cfg') or {}).get('dist_cfg') or {}).get('backend', 'nccl')
    out = _check_sync_bn(cfg, launcher)
    if has_accelerator():
        return out + _check_gpu_count(launcher, backend)
    device = str(cfg.get('device') or '')
    visible = os.environ.get('CUDA_VISIBLE_DEVICES', '')
    if device.startswith('cuda'):
        remedy = 'Remove the entry; the device is chosen automatically.'
        out.append(_no_gpu(f'device = {device!r}', 'The config names a GPU', remedy))
    if visible not in ('', '-1', 'NoDevFiles'):
        place = f'environment variable CUDA_VISIBLE_DEVICES = {visible}'
        remedy = 'Unset it, or set it to -1, to run on the CPU.'
        out.append(_no_gpu(place, 'The variable names a GPU', remedy))
    if type_name(cfg.get('optim_wrapper') or {}) == 'AmpOptimWrapper':
        place = 'optim_wrapper.type = AmpOptimWrapper'
        remedy = "Leave out --amp, or set optim_wrapper.type='OptimWrapper'."
        out.append(_no_gpu(place, 'Mixed precision (--amp) needs a GPU', remedy))
    if launcher != 'none' and backend == 'nccl':
        remedy = 'Add --cfg-options env_cfg.dist_cfg.backend=gloo to run on the CPU.'
        place = 'env_cfg.dist_cfg.backend = nccl'
        out.append(_no_gpu(place, 'The backend nccl needs a GPU for each process', remedy))
    if launcher in ('slurm', 'mpi'):
        remedy = 'Ask for GPUs, or run on the CPU with tools/dist_train.sh (or dist_test.sh).'
        place = f'--launcher {launcher}'
        out.append(_no_gpu(place, 'This launcher starts processes on GPUs', remedy))
    return out


def _check_sync_bn(cfg: Mapping[str, Any], launcher: str) -> list[UserError]:
    """Batch norm over all processes; a single process turns it back into its own."""
    if launcher == 'none':
        return []
    place, kind = 'sync_bn', cfg.get('sync_bn')
    if cfg.get('strategy'):
        place, kind = 'strategy.sync_bn', cfg['strategy'].get('sync_bn')
    if kind not in (None, 'torch', 'mmcv'):
        fault = f'{kind!r} is not a batch norm of several processes.'
        remedy = f"Set {place}='torch', or None for none."
        return [problem('unknown-type', f'{place} = {kind!r}', fault, remedy)]
    if has_accelerator():
        return []
    # The parts of a model may have theirs without the switch.
    places = [place] if kind else _find_sync_bn(cfg.get('model') or {}, 'model')
    remedy = (
        'Leave it out; each process then has its own batch statistics. '
        'model.backbone.norm_eval=True keeps the pretrained ones.'
    )
    what = 'Batch norm over all processes (SyncBN) needs GPUs'
    return [_no_gpu(name, what, remedy) for name in places]


def _find_sync_bn(part: object, place: str) -> list[str]:
    if isinstance(part, list | tuple):
        return [n for i, v in enumerate(part) for n in _find_sync_bn(v, f'{place}[{i}]')]
    if not isinstance(part, Mapping):
        return []
    found = [f'{place}.type = {part["type"]}'] if part.get('type') in _SYNC_BN else []
    return found + [n for k, v in part.items() for n in _find_sync_bn(v, f'{place}.{k}')]


def _check_gpu_count(launcher: str, backend: str) -> list[UserError]:
    count = torch.cuda.device_count() if torch.cuda.is_available() else None
    local = int(os.environ.get('LOCAL_WORLD_SIZE', 1))
    if launcher == 'pytorch' and count is not None and local > count:
        fault = f'{local} processes were started on this machine, which has {count} GPUs.'
        remedy = f'Start at most {count} (second argument of dist_train.sh, --gpus of mim).'
        return [problem('gpu-count', f'--launcher {launcher} ({backend})', fault, remedy)]
    return []


def _no_gpu(place: str, what: str, remedy: str) -> UserError:
    why = '' if torch.version.cuda else ' (this PyTorch was built for the CPU only)'
    return problem('no-gpu', place, f'{what}, but PyTorch sees no GPU here{why}.', remedy)

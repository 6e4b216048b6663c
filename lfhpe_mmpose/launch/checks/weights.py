"""Checks of the weights that a run reads: existing, whole, and of this model."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from torch import nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.paths import is_remote
from lfhpe_mmpose.launch.checkpoints import (
    check_dataset_meta,
    check_state_dict,
    compare_state_dict,
    load_published,
    published_names,
)

from .keypoints import keypoint_names
from .report import at, problem


def build_model(cfg: Mapping[str, Any]) -> tuple[nn.Module | None, list[UserError]]:
    """Build the model, to find mistakes and to compare weights with it; None if it fails."""
    init_default_scope(cfg.get('default_scope') or 'mmpose')
    try:
        # Some modules change the config that they are built from.
        return MODELS.build(copy.deepcopy(cfg['model'])), []
    except UserError as error:
        return None, [at(error, 'model')]
    except Exception as error:
        fault = f'The model cannot be built ({type(error).__name__}: {error}).'
        return None, [problem('model', 'model', fault, 'Correct the type or the argument.')]


def check_weights(cfg: Mapping[str, Any], mode: str) -> list[UserError]:
    """Check ``load_from``, the checkpoint to resume from, and ``init_cfg``."""
    model, out = build_model(cfg)
    if mode == 'train':
        for checkpoint, prefix, entry, part in _initialised(
            cfg.get('model') or {}, 'model', model
        ):
            out += _check_init(checkpoint, prefix, entry, part)
    path = cfg.get('load_from')
    if path and not is_remote(path):
        resume = mode == 'train' and bool(cfg.get('resume'))
        entry = 'CHECKPOINT' if mode == 'test' else '--resume' if resume else 'load_from'
        try:
            _check_checkpoint(cfg, path, model, mode, resume)
        except UserError as error:
            out.append(at(error, entry))
    return out


def _check_checkpoint(
    cfg: Mapping[str, Any], path: str, model: nn.Module | None, mode: str, resume: bool
) -> None:
    checkpoint = load_published(path)
    if model is None:
        return
    if mode == 'train' and not resume:
        _check_start(model, checkpoint, path)
        return
    if resume and ('optimizer' not in checkpoint or 'message_hub' not in checkpoint):
        raise UserError(
            'weights-only',
            path,
            'The file holds weights alone, and no state of a training to resume.',
            'To start from these weights, leave out --resume and add --cfg-options '
            f'load_from={path}.',
        )
    check_state_dict(model, checkpoint['state_dict'], path)
    loader = 'test_dataloader' if mode == 'test' else 'train_dataloader'
    try:
        names = keypoint_names(cfg[loader]['dataset'])
    except Exception:
        return  # reported by the check of the data set
    if names:
        check_dataset_meta(checkpoint, names, path)


def _check_start(model: nn.Module, checkpoint: Mapping[str, Any], path: str) -> None:
    """Fine-tuning may replace a part, such as the head; it must keep another."""
    missing, _, shapes = compare_state_dict(model, checkpoint['state_dict'])
    # Rows of keypoints are taken by name (``start_by_names``).
    rows = [f'head.{name}' for name in getattr(getattr(model, 'head', None), 'keypoint_rows', ())]
    if published_names(checkpoint):
        shapes = [s for s in shapes if s.partition(':')[0] not in rows]
    own = [k for k in model.state_dict() if 'num_batches_tracked' not in k]
    fitting = len(own) - len(missing) - len(shapes)
    if fitting < len(own) / 2:
        check_state_dict(model, checkpoint['state_dict'], path)
    if missing or shapes:
        names = [*(s.split(':')[0] for s in shapes), *missing]
        print_log(
            f'{path}: {fitting} of {len(own)} weights fit the model; not loaded are '
            f'{", ".join(names[:5])}, ...',
            'current',
        )


def _initialised(
    cfg: Mapping[str, Any], entry: str, module: nn.Module | None
) -> Iterator[tuple[str, str | None, str, nn.Module | None]]:
    """Find every ``init_cfg`` with a local checkpoint, and the module it is for."""
    inits = cfg.get('init_cfg')
    for init in inits if isinstance(inits, list | tuple) else [inits]:
        if isinstance(init, Mapping) and isinstance(init.get('checkpoint'), str):
            path = init['checkpoint']
            if not is_remote(path):
                yield path, init.get('prefix'), f'{entry}.init_cfg.checkpoint', module
    for key, value in cfg.items():
        if isinstance(value, Mapping) and key != 'init_cfg':
            yield from _initialised(value, f'{entry}.{key}', getattr(module, key, None))


def _check_init(
    path: str, prefix: str | None, entry: str, module: nn.Module | None
) -> list[UserError]:
    try:
        state = load_published(path)['state_dict']
    except UserError as error:
        remedy = (
            f'{error.remedy} Correct the entry (relative paths start at {Path.cwd()}), or set it '
            'to None.'
        )
        return [at(UserError(error.code, error.place, error.fault, remedy.strip()), entry)]
    if not isinstance(module, nn.Module):
        return []
    if prefix:
        start = prefix.rstrip('.') + '.'
        state = {k[len(start) :]: v for k, v in state.items() if k.startswith(start)}
    own = module.state_dict()
    fitting = sum(1 for k, v in state.items() if k in own and own[k].shape == v.shape)
    wanted = sum(1 for k in own if 'num_batches_tracked' not in k)
    if fitting == 0:
        fault = f'None of the {len(state)} weights fits {type(module).__name__}.'
        remedy = 'Give the weights of this network, and the right prefix.'
        return [problem('other-model', f'{entry} = {path}', fault, remedy)]
    if fitting < wanted:
        print_log(f'{path}: {fitting} of {wanted} weights of {entry} are initialised.', 'current')
    return []

"""Checks of the weights that a run reads: there, whole, and of this model."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path

from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from torch import nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.checkpoints import (
    check_dataset_meta,
    check_state_dict,
    compare_state_dict,
    load_published,
)

from .keypoints import keypoint_names
from .report import problem
from .sources import is_remote


def build_model(cfg: Mapping) -> tuple[nn.Module | None, list[str]]:
    """Build the model once, to find a mistake and to compare weights with it.

    Args:
        cfg (Mapping): The whole config.

    Returns:
        tuple[nn.Module | None, list[str]]: The model, None if it cannot be
        built, and the problems.
    """
    init_default_scope(cfg.get('default_scope') or 'mmpose')
    try:
        # Some modules change the config that they are built from.
        return MODELS.build(copy.deepcopy(cfg['model'])), []
    except Exception as error:
        what = f'The model cannot be built ({type(error).__name__}: {error}).'
        return None, [problem(what, 'model', 'correct the type or the argument that is named')]


def check_weights(cfg: Mapping, mode: str) -> list[str]:
    """Check ``load_from``, the checkpoint to resume from, and ``init_cfg``.

    Args:
        cfg (Mapping): The whole config.
        mode (str): ``'train'`` or ``'test'``.

    Returns:
        list[str]: The problems.
    """
    model, out = build_model(cfg)
    if mode == 'train':
        for checkpoint, prefix, entry, part in _initialised(
            cfg.get('model') or {}, 'model', model
        ):
            out += _check_init(checkpoint, prefix, entry, part)
    path = cfg.get('load_from')
    if path and not is_remote(path):
        resume = mode == 'train' and bool(cfg.get('resume'))
        entry = f'load_from = {path}'
        if mode == 'test':
            entry = f'CHECKPOINT = {path}'
        elif resume:
            entry = f'--resume {path}'
        try:
            _check_checkpoint(cfg, path, model, mode, resume)
        except UserError as error:
            out.append(problem(f'{error}', entry))
    return out


def _check_checkpoint(
    cfg: Mapping, path: str, model: nn.Module | None, mode: str, resume: bool
) -> None:
    checkpoint = load_published(path)
    if model is None:
        return
    if mode == 'train' and not resume:
        _check_start(model, checkpoint, path)
        return
    if resume and ('optimizer' not in checkpoint or 'message_hub' not in checkpoint):
        raise UserError(
            f'{path} holds weights only, no state of a training to resume. To start from these '
            f'weights, leave out --resume and add --cfg-options load_from={path}.'
        )
    check_state_dict(model, checkpoint['state_dict'], path)
    loader = 'test_dataloader' if mode == 'test' else 'train_dataloader'
    try:
        names = keypoint_names(cfg[loader]['dataset'])
    except Exception:
        return  # told by the check of the data set
    if names:
        check_dataset_meta(checkpoint, names, path)


def _check_start(model: nn.Module, checkpoint: Mapping, path: str) -> None:
    """Fine-tuning may replace a part, such as the head; it must keep another."""
    missing, _, shapes = compare_state_dict(model, checkpoint['state_dict'])
    own = [k for k in model.state_dict() if 'num_batches_tracked' not in k]
    fitting = len(own) - len(missing) - len(shapes)
    if fitting < len(own) / 2:
        check_state_dict(model, checkpoint['state_dict'], path)
    if missing or shapes:
        print_log(
            f'{path}: {fitting} of {len(own)} weights fit the model; not loaded are '
            f'{", ".join([*(s.split(":")[0] for s in shapes), *missing][:5])}, ...',
            'current',
        )


def _initialised(
    cfg: Mapping, entry: str, module: nn.Module | None
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


def _check_init(path: str, prefix: str | None, entry: str, module: nn.Module | None) -> list[str]:
    try:
        state = load_published(path)['state_dict']
    except UserError as error:
        remedy = f'correct the entry (relative paths start at {Path.cwd()}), or set it to None'
        return [problem(f'{error}', entry, remedy)]
    if not isinstance(module, nn.Module):
        return []
    if prefix:
        start = prefix.rstrip('.') + '.'
        state = {k[len(start) :]: v for k, v in state.items() if k.startswith(start)}
    own = module.state_dict()
    fitting = sum(1 for k, v in state.items() if k in own and own[k].shape == v.shape)
    wanted = sum(1 for k in own if 'num_batches_tracked' not in k)
    if fitting == 0:
        what = f'{path}: none of its {len(state)} weights fits {type(module).__name__}.'
        return [problem(what, entry, 'give the weights of this network, and the right prefix')]
    if fitting < wanted:
        print_log(f'{path}: {fitting} of {wanted} weights of {entry} are initialised.', 'current')
    return []

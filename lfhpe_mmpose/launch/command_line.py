"""A config as the command line of ``train`` or ``test`` completes it."""

import os
from argparse import Namespace
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log

from lfhpe_mmpose.errors import UserError, package_error
from lfhpe_mmpose.files.paths import is_remote
from lfhpe_mmpose.machine import has_accelerator
from lfhpe_mmpose.scores import SCORE_THRESHOLD

from .checkpoints import load_published
from .checks.sources import type_name
from .packaged import find_config, find_start
from .work_dirs import latest_checkpoint

# Hooks of every training: checkpoints without Python objects, and random numbers by iteration.
_HOOKS = ('PlainCheckpointHook', 'RepeatableHook')
_ENDINGS = ('.json', '.yaml', '.yml', '.pkl', '.pickle')
# The entries of a config that MMEngine's runners, MMPose's inferencer or this package read.
READ = frozenset(
    {
        *('auto_scale_lr', 'compile', 'custom_hooks', 'custom_imports', 'data_mode'),
        *('data_preprocessor', 'default_hooks', 'default_scope', 'device', 'env_cfg'),
        *('experiment_name', 'find_unused_parameters', 'launcher', 'load_from', 'log_level'),
        *('log_processor', 'model', 'model_wrapper_cfg', 'optim_wrapper', 'param_scheduler'),
        *('preprocess_cfg', 'randomness', 'resume', 'runner_type', 'strategy', 'sync_bn'),
        *('test_cfg', 'test_dataloader', 'test_evaluator', 'train_cfg', 'train_dataloader'),
        *('val_cfg', 'val_dataloader', 'val_evaluator', 'visualizer', 'work_dir'),
    }
)
_RANKS = {
    'none': (),
    'pytorch': ('RANK', 'LOCAL_RANK'),
    'slurm': ('SLURM_PROCID', 'SLURM_LOCALID'),
    'mpi': ('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_LOCAL_RANK'),
}


def is_first_process(launcher: str, on_machine: bool = False) -> bool:
    """Whether this process acts for all, before they are connected.

    Args:
        launcher: ``'none'``, ``'pytorch'``, ``'slurm'`` or ``'mpi'``.
        on_machine: The first of this machine instead of all machines.
    """
    names = _RANKS[launcher]
    return not names or int(os.environ.get(names[int(on_machine)], 0)) == 0


def load_config(name: str | Path) -> Config:
    """Load a config by its path or by the short name of a packaged one.

    Raises:
        UserError: 'config-missing', or 'config' if it cannot be read.
    """
    path = find_config(name)
    try:
        return Config.fromfile(path)
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            'config',
            path,
            f'The config cannot be read ({type(error).__name__}: {error}).',
            'Correct it. Relative paths in _base_ start at the folder of the config.',
        ) from None


def merge_options(cfg: Config, name: str, options: dict[str, Any] | None) -> None:
    """Change entries of a config as ``--cfg-options`` says.

    Args:
        cfg: The config, changed in place.
        name: What the user called the config.
        options: Values by dotted key.

    Raises:
        UserError: 'cfg-options' if an option does not fit the config.
    """
    for key in options or {}:
        _check_key(cfg, name, key)
    try:
        cfg.merge_from_dict(options or {})
    except Exception as error:
        given = ' '.join(f'{k}={v}' for k, v in (options or {}).items())
        raise UserError(
            'cfg-options',
            f'--cfg-options {given}',
            f'The option does not fit {name} ({error}).',
            'Compare the names with the config; an item of a list is named by its index.',
        ) from None


def _check_key(cfg: Config, name: str, key: str) -> None:
    """Refuse a key that nothing reads.

    A variable such as ``max_epochs`` was used when the config was read; changing it afterwards
    has no effect.
    """
    top = key.split('.')[0]
    if top in READ:
        return
    if top in cfg:
        places = [p for p in find_key(cfg, top, cfg[top]) if p.split('.')[0] in READ]
        fault = f'{top!r} is a variable of {name}, which was used when the config was read.'
        if places:
            remedy = f'Change {", ".join(places[:6])} instead.'
        else:
            remedy = 'Change the entries that are made from it, or a copy of the config.'
    else:
        near = get_close_matches(top, READ, 1)
        fault = f'Training and testing do not read the entry {top!r}.'
        remedy = f'Did you mean {near[0]!r}?' if near else 'Compare the names with the config.'
    raise UserError('cfg-options', f'--cfg-options {key}', fault, remedy)


def find_key(part: Any, key: str, value: Any, place: str = '') -> list[str]:
    """Dotted places of the entries below ``part`` that were made from a variable.

    They have its value, and its name if the value is a number or a string.
    """
    found = []
    entries = enumerate(part) if isinstance(part, list | tuple) else part.items()
    for name, inner in entries:
        at = f'{place}.{name}' if place else str(name)
        if inner == value and (name == key or isinstance(value, dict | list)):
            found.append(at)
        elif isinstance(inner, dict | list | tuple):
            found += find_key(inner, key, value, at)
    return found


def merge_common_args(cfg: Config, args: Namespace) -> None:
    """Complete a config by the options that ``train`` and ``test`` share.

    Raises:
        UserError: 'cfg-options', or 'option' if an option does not go with the config.
    """
    merge_options(cfg, args.config, args.cfg_options)
    cfg.launcher = args.launcher
    # Command line, then config, then the name of the config.
    if args.work_dir is not None:
        cfg.work_dir = args.work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = os.path.join('work_dirs', Path(args.config).stem)
    if 'preprocess_cfg' in cfg:
        cfg.model.setdefault('data_preprocessor', cfg.preprocess_cfg)
    if args.show or args.show_dir is not None:
        hook = (cfg.get('default_hooks') or {}).get('visualization')
        if not hook:
            raise UserError(
                'option',
                '--show, --show-dir',
                f'{args.config} has no default_hooks.visualization.',
                "Add visualization=dict(type='PoseVisualizationHook') to default_hooks.",
            )
        hook.update(
            enable=True,
            show=args.show,
            out_dir=args.show_dir,
            interval=args.interval,
            wait_time=args.wait_time,
        )
        hook.setdefault('kpt_thr', SCORE_THRESHOLD)
    asked = (args.cfg_options or {}).get('env_cfg.dist_cfg.backend')
    if args.launcher == 'pytorch' and not has_accelerator() and asked is None:
        cfg.setdefault('env_cfg', {}).setdefault('dist_cfg', {})['backend'] = 'gloo'
        if is_first_process(args.launcher, on_machine=True):
            print_log(
                'No GPU was found: the processes communicate by gloo, on the CPU.', 'current'
            )


def merge_train_args(cfg: Config, args: Namespace) -> None:
    """Complete a config by the command line of ``train``.

    Raises:
        UserError: 'cfg-options', or 'option' if an option does not go with the config.
    """
    merge_common_args(cfg, args)
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if args.amp:
        kind = type_name(cfg.get('optim_wrapper') or {}) or 'OptimWrapper'
        if kind not in ('OptimWrapper', 'AmpOptimWrapper'):
            fault = f'It cannot be combined with optim_wrapper.type={kind!r}.'
            raise UserError('option', '--amp', fault, 'Leave it out.')
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.auto_scale_lr:
        if not (cfg.get('auto_scale_lr') or {}).get('base_batch_size'):
            raise UserError(
                'option',
                '--auto-scale-lr',
                f'{args.config} does not say which batch size its learning rate belongs to.',
                'Add auto_scale_lr = dict(base_batch_size=...) to the config.',
            )
        cfg.auto_scale_lr.enable = True
    if args.maps:
        hook = dict(type='MapsHook', interval=args.maps)
        cfg.custom_hooks = [*(cfg.get('custom_hooks') or []), hook]
    if args.tensorboard:
        _add_tensorboard(cfg)
    if args.start_from is not None:
        cfg.load_from = find_start(args.start_from)
        # The weights of the backbone are among them.
        (cfg.model.get('backbone') or {})['init_cfg'] = None
    if args.resume is not None:
        cfg.resume = True
        cfg.load_from = None if args.resume == 'auto' else args.resume
    if cfg.get('resume') and not cfg.get('load_from'):
        # Without a checkpoint the training starts from the beginning.
        cfg.load_from = latest_checkpoint(cfg.work_dir)
        cfg.resume = cfg.load_from is not None
    if has_accelerator():
        # Batches are fetched while the device computes; a config may say otherwise.
        (cfg.get('train_dataloader') or {}).setdefault('pin_memory', True)
        ((cfg.get('model') or {}).get('data_preprocessor') or {}).setdefault('non_blocking', True)
    make_repeatable(cfg)


def _add_tensorboard(cfg: Config) -> None:
    """Let the visualizer log for TensorBoard beside what it logs to.

    Raises:
        UserError: 'package' if TensorBoard is not installed.
    """
    if find_spec('tensorboard') is None:
        remedy = 'Run `pip install tensorboard`.'
        raise package_error('tensorboard', '--tensorboard', remedy)
    visualizer = cfg.setdefault('visualizer', dict(type='LocationFreeVisualizer'))
    backends = list(visualizer.get('vis_backends') or [dict(type='LocalVisBackend')])
    if 'TensorboardVisBackend' not in map(type_name, backends):
        backends.append(dict(type='TensorboardVisBackend'))
    visualizer['vis_backends'] = backends


def make_repeatable(cfg: Config) -> None:
    """Let a run lose nothing to an interruption, and continue exactly after it.

    The sampler is put into a ``SeededSampler``, training by epochs becomes
    ``ResumableEpochTrainLoop``, ``CheckpointHook`` becomes ``WholeCheckpointHook``, and
    the hooks ``PlainCheckpointHook`` and ``RepeatableHook`` are added.
    """
    hooks = cfg.get('custom_hooks') or []
    there = set(map(type_name, hooks))
    cfg.custom_hooks = [*hooks, *(dict(type=name) for name in _HOOKS if name not in there)]
    for hook in [(cfg.get('default_hooks') or {}).get('checkpoint'), *cfg.custom_hooks]:
        if hook and type_name(hook) == 'CheckpointHook':
            hook.type = 'WholeCheckpointHook'
    loader = cfg.get('train_dataloader') or {}
    sampler = loader.get('sampler')
    if isinstance(sampler, dict) and type_name(sampler) != 'SeededSampler':
        loader['sampler'] = dict(type='SeededSampler', sampler=sampler)
    loop = cfg.get('train_cfg') or {}
    if loop.get('by_epoch') and 'type' not in loop:
        del loop['by_epoch']
        loop['type'] = 'ResumableEpochTrainLoop'
    elif type_name(loop) == 'EpochBasedTrainLoop':
        loop['type'] = 'ResumableEpochTrainLoop'
    if cfg.get('resume') and not is_remote(cfg.load_from) and Path(cfg.load_from).is_file():
        # Without a seed in the config the run drew one, on which the order of the data depends.
        seed = (load_published(cfg.load_from, mmap=True).get('meta') or {}).get('seed')
        if seed is not None and (cfg.get('randomness') or {}).get('seed') is None:
            cfg.randomness = dict(cfg.get('randomness') or {}, seed=seed)


def merge_test_args(cfg: Config, args: Namespace) -> None:
    """Complete a config by the command line of ``test``.

    Raises:
        UserError: 'cfg-options', or 'option' if an option does not go with the config.
    """
    merge_common_args(cfg, args)
    if args.out and not args.out.endswith(_ENDINGS):
        fault = 'The format is not known by its name.'
        raise UserError('option', f'--out {args.out}', fault, f'Give {", ".join(_ENDINGS)}.')
    cfg.load_from = args.checkpoint
    cfg.resume = False
    if args.dump:
        if not args.dump.endswith(('.pkl', '.pickle')):
            fault = 'The file is not a pickle by its name.'
            raise UserError('option', f'--dump {args.dump}', fault, 'Give a name with .pkl.')
        metrics = cfg.get('test_evaluator') or []
        metrics = metrics if isinstance(metrics, list | tuple) else [metrics]
        cfg.test_evaluator = [*metrics, dict(type='DumpResults', out_file_path=args.dump)]
    # The weights of a backbone would be loaded, and then replaced by the checkpoint.
    for part in (cfg.get('model') or {}).values():
        if isinstance(part, dict) and part.get('init_cfg'):
            part['init_cfg'] = None

"""Checks that the entries of a config are arguments of what they configure."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from mmpose.registry import (
    DATA_SAMPLERS,
    DATASETS,
    HOOKS,
    METRICS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
    TRANSFORMS,
)
from torch.utils.data import DataLoader

from lfhpe_mmpose.errors import UserError

from .report import problem
from .sources import Source, type_name

# What MMEngine takes out of an entry before it builds it.
_ALWAYS = {'type', '_scope_'}
_LOADER = {'num_batch_per_epoch', 'sampler', 'batch_sampler', 'collate_fn', 'worker_init_fn'}
_LOADER |= {
    'dataset',
    'seed',
    'disable_subprocess_warning',
    *inspect.signature(DataLoader).parameters,
}
_EXTRA = {HOOKS: {'priority'}, PARAM_SCHEDULERS: {'convert_to_iter_based'}}


def check_arguments(
    cfg: Mapping[str, Any], loaders: Iterable[str], sources: Iterable[Source]
) -> list[UserError]:
    """Check the names of the arguments of loaders, data sets, steps, hooks and schedules.

    PyTorch and MMEngine would refuse them with a traceback, after the work directory is written.
    """
    out = []
    for name in loaders:
        if isinstance(cfg.get(name), Mapping):
            out += _check_loader(cfg[name], name)
    for source in sources:
        out += _check(source.cfg, source.entry, DATASETS)
        for step in source.steps:
            out += _check(step.cfg, step.entry, TRANSFORMS)
    for place, entry, registry in _entries(cfg, loaders):
        out += _check(entry, place, registry)
    return out


def _check_loader(loader: Mapping[str, Any], place: str) -> list[UserError]:
    out = _unknown(loader, place, _LOADER)
    workers = loader.get('num_workers', 0)
    if type(workers) is not int or workers < 0:
        fault = f'num_workers is {workers!r}.'
        out.append(problem('option', f'{place}.num_workers', fault, 'Give 0, 1, 2, ...'))
        return out
    size = loader.get('batch_size', 1)
    if loader.get('batch_sampler') is None and (type(size) is not int or size < 1):
        remedy = 'Give a whole number from 1.'
        out.append(problem('option', f'{place}.batch_size', f'batch_size is {size!r}.', remedy))
    for key in ('persistent_workers', 'prefetch_factor', 'timeout'):
        if not workers and loader.get(key):
            fault = f'{key}={loader[key]!r} needs workers, and num_workers is 0.'
            remedy = f'Remove {key}, or set {place}.num_workers to 1 or more.'
            out.append(problem('option', f'{place}.{key}', fault, remedy))
    return out


def _entries(cfg: Mapping[str, Any], loaders: Iterable[str]) -> Iterator[tuple[str, Any, Any]]:
    """Entries with a ``type``, their places and registries."""
    for name in loaders:
        yield f'{name}.sampler', (cfg.get(name) or {}).get('sampler'), DATA_SAMPLERS
        evaluator = name.replace('_dataloader', '_evaluator')
        if evaluator != name:
            yield from _each(cfg.get(evaluator), evaluator, METRICS)
    for key, hook in (cfg.get('default_hooks') or {}).items():
        yield f'default_hooks.{key}', hook, HOOKS
    yield from _each(cfg.get('custom_hooks'), 'custom_hooks', HOOKS)
    if 'train_dataloader' in loaders:
        yield from _each(cfg.get('param_scheduler'), 'param_scheduler', PARAM_SCHEDULERS)
        optimizer = (cfg.get('optim_wrapper') or {}).get('optimizer')
        yield 'optim_wrapper.optimizer', optimizer, OPTIMIZERS


def _each(entry: Any, place: str, registry: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(entry, list | tuple):
        for i, one in enumerate(entry):
            yield f'{place}[{i}]', one, registry
    else:
        yield place, entry, registry


def _check(entry: Any, place: str, registry: Any) -> list[UserError]:
    if not isinstance(entry, Mapping) or 'type' not in entry:
        return []
    kind = entry['type']
    kind = registry.get(kind) if isinstance(kind, str) else kind
    if kind is None:
        remedy = 'Correct the type, or add its module to custom_imports.'
        fault = f'The type {type_name(entry)!r} is not registered.'
        return [problem('unknown-type', f'{place}.type', fault, remedy)]
    known = arguments_of(kind)
    return [] if known is None else _unknown(entry, place, known | _EXTRA.get(registry, set()))


def _unknown(entry: Mapping[str, Any], place: str, known: set[str]) -> list[UserError]:
    out = []
    for key in entry:
        if key not in known | _ALWAYS:
            near = get_close_matches(key, known, 1)
            names = ', '.join(sorted(known - {'args', 'kwargs'}))
            remedy = f'Did you mean {near[0]!r}?' if near else f'Arguments are {names}.'
            fault = f'There is no argument {key!r}.'
            out.append(problem('unknown-argument', f'{place}.{key}', fault, remedy))
    return out


def arguments_of(kind: Any) -> set[str] | None:
    """Names of the arguments of a class, through its bases; None if it takes any."""
    if not inspect.isclass(kind):
        return None
    known: set[str] = set()
    for base in kind.__mro__:
        if '__init__' not in vars(base) or base is object:
            continue
        try:
            parameters = inspect.signature(vars(base)['__init__']).parameters
        except (TypeError, ValueError):
            return None
        known |= set(parameters) - {'self'}
        if all(p.kind is not p.VAR_KEYWORD for p in parameters.values()):
            return known
    return None

"""Checkpoints that ``torch.load(weights_only=True)`` reads.

MMEngine's checkpoints hold Python objects (``HistoryBuffer``, NumPy arrays, a ``deque``), which
torch refuses to load by default, because unpickling any object may run any code. With this hook
a run writes numbers, strings, containers and tensors only.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner
from mmpose.registry import HOOKS

_PLAIN = (type(None), bool, int, float, complex, str, bytes, torch.Tensor, torch.dtype)
_BUFFER = 'history_buffer'


def to_plain(value: Any, dropped: list[str] | None = None, where: str = '') -> Any:
    """Turn a value into one that ``torch.load(weights_only=True)`` reads.

    Arrays, deques and ranges become lists, NumPy scalars numbers, paths strings, and a
    ``HistoryBuffer`` a dict.

    Args:
        value: Any nesting of containers. The result has new containers and the same tensors.
        dropped: Receives the places of values that have no plain form and become None.
        where: The place of the value, for ``dropped``.
    """
    if isinstance(value, np.generic):
        return value.item()
    if type(value) in _PLAIN or isinstance(value, torch.Tensor | torch.device):
        return value
    if isinstance(value, HistoryBuffer):
        log, count = value.data
        return {
            _BUFFER: dict(
                log=torch.from_numpy(np.asarray(log, dtype=np.float64)),
                count=torch.from_numpy(np.asarray(count, dtype=np.int64)),
                max_length=value.max_length,
            )
        }
    if isinstance(value, Mapping):
        kind = OrderedDict if isinstance(value, OrderedDict) else dict
        return kind(
            (to_plain(k, dropped, where), to_plain(v, dropped, f'{where}.{k}'))
            for k, v in value.items()
        )
    if isinstance(value, np.ndarray):
        return to_plain(value.tolist(), dropped, where)
    if isinstance(value, list | deque | range):
        return [to_plain(v, dropped, f'{where}[{i}]') for i, v in enumerate(value)]
    if isinstance(value, tuple):
        return tuple(to_plain(v, dropped, f'{where}[{i}]') for i, v in enumerate(value))
    if isinstance(value, set | frozenset):
        return {to_plain(v, dropped, where) for v in value}
    for base in (str, int, float):  # a subclass of them, such as an enumeration
        if isinstance(value, base):
            return base(value)
    if isinstance(value, PurePath):
        return str(value)
    if dropped is not None:
        dropped.append(where.lstrip('.'))
    return None


def buffers_from_plain(log_scalars: Mapping[str, Any]) -> OrderedDict[str, Any]:
    """Restore the buffers of a message hub's ``log_scalars`` from their plain form."""
    out = OrderedDict()
    for name, value in log_scalars.items():
        if isinstance(value, Mapping) and _BUFFER in value:
            plain = value[_BUFFER]
            value = HistoryBuffer(
                plain['log'].numpy(), plain['count'].numpy(), plain['max_length']
            )
        out[name] = value
    return out


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Write checkpoints without Python objects, and restore them on resuming.

    It works beside MMEngine's ``CheckpointHook``. The state of model, optimizer and schedulers is
    unchanged; log history, run information and metainfo change their form only.
    """

    # Last, so that what other hooks add to the checkpoint is made plain as well.
    priority = 'LOWEST'

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Replace every object in the checkpoint by its plain form, in place."""
        dropped: list[str] = []
        for key, value in checkpoint.items():
            # An OrderedDict of tensors carries `_metadata`, which versions the
            # batch norms; copying it would lose that.
            if key != 'state_dict':
                checkpoint[key] = to_plain(value, dropped, key)
        if dropped:
            runner.logger.warning(
                f'The checkpoint is written without {", ".join(dropped)}, which cannot be loaded '
                'with weights_only=True.'
            )

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Restore the objects that MMEngine expects of a checkpoint, in place."""
        hub = checkpoint.get('message_hub')
        if isinstance(hub, dict) and 'log_scalars' in hub:
            hub['log_scalars'] = buffers_from_plain(hub['log_scalars'])
        # MMEngine compares the pickles of the two and warns of another data
        # set; lists in place of arrays would set that off.
        loader = getattr(getattr(runner, '_train_loop', None), 'dataloader', None)
        metainfo = getattr(getattr(loader, 'dataset', None), 'metainfo', None)
        meta = checkpoint.get('meta')
        if meta and metainfo is not None and meta.get('dataset_meta') == to_plain(metainfo):
            meta['dataset_meta'] = metainfo

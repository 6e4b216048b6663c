"""Warnings before a training from which little can be learnt."""

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.logging import print_log

from lfhpe_mmpose.tags import ABSENT, SEEN, person_tags, person_views
from lfhpe_mmpose.tags.persons import has_coordinate

from .annotations import Annotations
from .sources import Source, type_name

# Below so many steps a model hardly leaves its start; docs/results has 450 and more.
FEW_STEPS = 300
# A map needs pictures without the keypoint, or nothing says where the keypoint is not.
FEW_ABSENT = 5
# PCK of fewer persons moves by several hundredths from one choice of persons to another.
FEW_PERSONS = 30


def warn_of_little(
    cfg: Mapping[str, Any], sources: Sequence[Source], read: Mapping[str, Annotations | None]
) -> None:
    """Warn of few steps, of a long warm-up, of keypoints that are never absent, of a tiny val.

    Nothing is refused: a short trial may be wanted.

    Args:
        cfg: The config.
        sources: Its data sets.
        read: Their files, by path.
    """
    for training in (True, False):
        files = [read.get(s.path('ann_file') or '') for s in sources if s.training == training]
        known = [f for f in files if f is not None]
        if not known or len(known) < len(files):
            continue
        if training:
            _warn_of_steps(cfg, sum(len(f.persons) for f in known))
            for file in known:
                _warn_of_absent(file)
        elif sum(len(f.persons) for f in known) < FEW_PERSONS:
            number = sum(len(f.persons) for f in known)
            text = f'The metrics come from {number} persons alone and will vary much.'
            _warn('few-persons', 'val_dataloader', f'{text} Give {FEW_PERSONS} or more.')


def _warn_of_steps(cfg: Mapping[str, Any], persons: int) -> None:
    loader, loop = cfg.get('train_dataloader') or {}, cfg.get('train_cfg') or {}
    batch = int(loader.get('batch_size') or 1) * int(os.environ.get('WORLD_SIZE', 1))
    each = persons // batch if loader.get('drop_last') else -(-persons // batch)
    steps = loop.get('max_iters') or int(loop.get('max_epochs') or 0) * each
    if not steps:
        return
    if steps < FEW_STEPS:
        place, text = 'train_cfg', f'The training has {steps} steps'
        remedy = 'Give at least 300, better 400'
        if loop.get('max_epochs') and each:
            place += f'.max_epochs = {loop["max_epochs"]}'
            text += f' ({loop["max_epochs"]} epochs of {each})'
            remedy += f': --cfg-options train_cfg.max_epochs={-(-400 // each)}'
        remedy += '; `lfhpe new-config` writes a schedule that suits the number of persons.'
        _warn('few-steps', place, f'{text}, in which little is learnt. {remedy}')
    schedulers = cfg.get('param_scheduler') or []
    for i, scheduler in enumerate(schedulers if isinstance(schedulers, list) else [schedulers]):
        warmup = scheduler.get('end')
        if type_name(scheduler) != 'LinearLR' or scheduler.get('by_epoch', True) or not warmup:
            continue
        if warmup > steps / 10:
            shorter = max(1, steps // 10)
            text = f'{warmup} of {steps} steps are warm-up. A tenth is enough:'
            remedy = f'--cfg-options param_scheduler.{i}.end={shorter}'
            _warn('long-warm-up', f'param_scheduler[{i}].end', f'{text} {remedy}')


def _warn_of_absent(file: Annotations) -> None:
    """Tag files only: coordinates give sub-crops, in which every keypoint is absent somewhere."""
    if any(has_coordinate(person) for _, person in file.persons):
        return
    names = file.tags.names()
    seen, absent = np.zeros((2, len(names)), dtype=int)
    for _, person in file.persons:
        whole = person_tags(person, names, '')
        views = person_views(person, names, '')
        for tags in [*([] if whole is None else [whole]), *(tags for _, tags in views)]:
            values = np.asarray(tags)
            seen += values == SEEN
            absent += values == ABSENT
    rare = [name for name, a, s in zip(names, absent, seen) if a < FEW_ABSENT and s]
    if rare:
        text = f'Fewer than {FEW_ABSENT} pictures do not show {", ".join(rare[:5])}'
        more = f' and {len(rare) - 5} more' if len(rare) > 5 else ''
        remedy = 'Ask about sub-crops (`lfhpe ask`, `lfhpe plan --views 4`).'
        text += f'{more}, so nothing says where it is not.'
        _warn('few-absent', file.path, f'{text} {remedy}')


def _warn(code: str, place: str, text: str) -> None:
    print_log(f'{place}: {text} [{code}]', 'current', level=logging.WARNING)

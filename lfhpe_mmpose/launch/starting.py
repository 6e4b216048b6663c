"""Starting from a model of other keypoints: rows of the head are taken by keypoint name."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import print_log
from torch import Tensor, nn

from lfhpe_mmpose.files.paths import is_remote
from lfhpe_mmpose.files.writing import write_whole

from .checkpoints import load_published, published_names
from .checks.keypoints import keypoint_names
from .checks.weights import build_model

_SHOWN = 8


def start_by_names(cfg: Config, first: bool = True) -> None:
    """Let ``load_from`` of other keypoints start the keypoints of the data by their names.

    MMEngine would load rows by their place, so that a knee started as a wrist, or leave the
    head out if the numbers differ. Does nothing if the keypoints are the same, for other heads,
    and on resuming. The changed weights are written to ``start.pth`` in the work directory.

    Args:
        cfg: The config, whose ``load_from`` is changed.
        first: Whether this is the first process. The others write a file of their own, of the
            same content.

    Raises:
        UserError: If the file cannot be read.
    """
    path = cfg.get('load_from')
    if not path or cfg.get('resume') or is_remote(path):
        return
    checkpoint = load_published(path)
    theirs = published_names(checkpoint)
    ours = list(keypoint_names(cfg.train_dataloader.dataset))
    if not theirs or not ours or theirs == ours:
        return
    with torch.random.fork_rng():
        torch.manual_seed(0)  # new rows are the same in all processes
        model, _ = build_model(cfg)
    rows = getattr(getattr(model, 'head', None), 'keypoint_rows', ())
    if model is None or not rows:
        return
    matches = match_names(theirs, ours)
    state = take_rows(checkpoint['state_dict'], model, [f'head.{r}' for r in rows], matches)
    out = Path(cfg.work_dir) / ('start.pth' if first else f'start.{os.getpid()}.pth')
    with write_whole(out) as part:
        torch.save(dict(state_dict=state), part)
    cfg.load_from = str(out)
    if not first:
        return
    taken = [name for name, place in zip(ours, matches) if place is not None]
    new = [name for name, place in zip(ours, matches) if place is None]
    print_log(
        f'{path} knows {len(theirs)} keypoints: {len(taken)} of the {len(ours)} here start from '
        f'them{_listed(taken)}, {len(new)} start new{_listed(new)}.',
        'current',
    )


def match_names(theirs: Sequence[str], ours: Sequence[str]) -> list[int | None]:
    """For each of our keypoints its place among theirs, by name; None if it is not there.

    Case, separators and the short forms L and R do not matter.
    """
    places = {_plain(name): i for i, name in reversed(list(enumerate(theirs)))}
    return [places.get(_plain(name)) for name in ours]


def take_rows(
    state: Mapping[str, Tensor],
    model: nn.Module,
    rows: Sequence[str],
    matches: Sequence[int | None],
) -> dict[str, Tensor]:
    """Weights for a model, in which the rows of keypoints follow the names.

    Args:
        state: The weights of the other model.
        model: The model to start, whose own rows stay where nothing matches.
        rows: Names of the weights that have a row a keypoint.
        matches: From ``match_names``.
    """
    out, own = dict(state), model.state_dict()
    for name in rows:
        if name not in state or name not in own:
            continue
        if state[name].shape[1:] != own[name].shape[1:]:
            continue  # another width; the check before the run says so
        value = own[name].clone()
        for row, place in enumerate(matches):
            if place is not None:
                value[row] = state[name][place].to(value.dtype)
        out[name] = value
    return out


def _plain(name: str) -> str:
    words = re.sub(r'(?<=[a-z])(?=[A-Z])|[^0-9A-Za-z]+', ' ', name).lower().split()
    return ''.join({'l': 'left', 'r': 'right'}.get(word, word) for word in words)


def _listed(names: Sequence[str]) -> str:
    if not names:
        return ''
    more = ', ...' if len(names) > _SHOWN else ''
    return f' ({", ".join(names[:_SHOWN])}{more})'

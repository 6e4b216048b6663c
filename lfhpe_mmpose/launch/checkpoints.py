"""Reading checkpoint files without executing what they hold.

A checkpoint is a pickle, and unpickling an object may run any code. So every file is read with
``weights_only=True``. The checkpoints of a run load in this way too, because
``PlainCheckpointHook`` writes them without Python objects.
"""

import copy
import pickle
import zipfile
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.models.heads.score_calibration import ScoreCalibration

_SHOWN = 5


def load_published(
    path: str | Path, map_location: str = 'cpu', mmap: bool = False
) -> dict[str, Any]:
    """Read a published file, a checkpoint of a run, or a bare state dict.

    Args:
        path: The file.
        map_location: Device of the tensors.
        mmap: Read tensors when they are used; for a look at the rest.

    Returns:
        ``state_dict`` and, where the file has them, ``meta`` and others.

    Raises:
        UserError: 'checkpoint-missing', 'unreadable-checkpoint', 'checkpoint-objects' (it holds
            Python objects) or 'no-state-dict'.
    """
    path = Path(path)
    if not path.is_file():
        fault = 'There is no such checkpoint.'
        raise UserError('checkpoint-missing', str(path), fault, _near(path))
    if not mmap:
        check_sums(path)
    try:
        checkpoint = torch.load(
            path, map_location=map_location, weights_only=True, mmap=mmap or None
        )
    except pickle.UnpicklingError as error:
        raise _unpickling_error(path, error) from None
    except (RuntimeError, EOFError, ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        fault = f'The file is cut off, or torch.save did not write it ({_first_line(error)}).'
        remedy = 'Copy or download it again.'
        raise UserError('unreadable-checkpoint', str(path), fault, remedy) from None
    return _as_checkpoint(checkpoint, path)


def check_sums(path: str | Path) -> None:
    """Check the checksums of a checkpoint, which ``torch.load`` ignores.

    Files of PyTorch before 1.6 have none and pass.

    Raises:
        UserError: 'unreadable-checkpoint' if a part of the file has changed.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            changed = archive.testzip()
    except Exception as error:  # a damaged archive may raise anything
        changed = _first_line(error)
    if changed is not None:
        fault = f'The file is damaged: a checksum is wrong ({changed}).'
        remedy = 'Copy or download it again.'
        raise UserError('unreadable-checkpoint', str(path), fault, remedy)


def check_state_dict(model: nn.Module, state_dict: Mapping[str, Tensor], path: str | Path) -> None:
    """Refuse weights that do not fit a model entirely; call it before loading.

    MMEngine loads what fits and logs the rest, so a checkpoint of another model would give a
    model that is partly random.

    Raises:
        UserError: 'other-model' if a weight is missing, is left over or has another shape.
    """
    missing, unexpected, shapes = compare_state_dict(model, state_dict)
    if not (missing or unexpected or shapes):
        return
    lines = ['The weights are of another model than the config describes.']
    lines += _listed('other shape', shapes)
    lines += _listed('not in the file', missing)
    lines += _listed('not in the model', unexpected)
    raise UserError(
        'other-model',
        str(path),
        '\n'.join([*lines, ' ']),
        'Use the config that the checkpoint was trained with (it is in the work directory of the '
        'run), or another checkpoint. If the first axis differs, compare the number of keypoints '
        '(model.head.out_channels).',
    )


def check_dataset_meta(
    checkpoint: Mapping[str, Any], keypoint_names: Sequence[str], path: str | Path
) -> None:
    """Refuse a checkpoint that was trained for other keypoints than the data's.

    Raises:
        UserError: 'other-keypoints' if the file states its keypoints and they differ.
    """
    names = published_names(checkpoint)
    if not names or list(names) == list(keypoint_names):
        return
    at = next(
        (i for i, (a, b) in enumerate(zip(names, keypoint_names, strict=False)) if a != b),
        min(len(names), len(keypoint_names)),
    )
    theirs = names[at] if at < len(names) else 'nothing'
    ours = keypoint_names[at] if at < len(keypoint_names) else 'nothing'
    raise UserError(
        'other-keypoints',
        str(path),
        f'The model was trained for {len(names)} keypoints, and the data set of the config has '
        f'{len(keypoint_names)}; they differ first at index {at} ({theirs} and {ours}).',
        'Use the checkpoint of a model that was trained with these keypoints, or the config with '
        'which it was trained.',
    )


def compare_state_dict(
    model: nn.Module, state_dict: Mapping[str, Tensor]
) -> tuple[list[str], list[str], list[str]]:
    """Compare names and shapes of weights with those of a model, which is not changed.

    Returns:
        Names that are missing from ``state_dict``, names that the model does not have, and
        ``'name: (file) in the file, (model) in the model'`` for other shapes.
    """
    # A head works with and without a calibration of its scores.
    optional = {
        f'{place}.{name}'
        for place, module in model.named_modules()
        if isinstance(module, ScoreCalibration)
        for name in module.NAMES
    }
    state_dict = {k.removeprefix('module.'): v for k, v in state_dict.items()}
    state_dict = {k: v for k, v in state_dict.items() if k not in optional}
    own = {k: v for k, v in model.state_dict().items() if k not in optional}
    result = _compare(own, state_dict)
    if result[0] and result[1]:
        # Some of MMPose's modules rename the weights of older versions while
        # loading; a copy shows what would really be left.
        trial = copy.deepcopy(model)
        try:
            rest = trial.load_state_dict(state_dict, strict=False)
        except RuntimeError:
            return result
        missing = [k for k in rest.missing_keys if 'num_batches_tracked' not in k]
        return missing, list(rest.unexpected_keys), []
    return result


def _compare(
    own: Mapping[str, Tensor], given: Mapping[str, Tensor]
) -> tuple[list[str], list[str], list[str]]:
    # Files from before batch norms counted their batches are complete as well.
    missing = [k for k in own if k not in given and 'num_batches_tracked' not in k]
    unexpected = [k for k in given if k not in own]
    shapes = [
        f'{k}: {tuple(given[k].shape)} in the file, {tuple(v.shape)} in the model'
        for k, v in own.items()
        if k in given and given[k].shape != v.shape
    ]
    return missing, unexpected, shapes


def _as_checkpoint(checkpoint: Any, path: Path) -> dict[str, Any]:
    if isinstance(checkpoint, Mapping):
        if isinstance(checkpoint.get('state_dict'), Mapping):
            return dict(checkpoint)
        if checkpoint and all(isinstance(v, Tensor) for v in checkpoint.values()):
            return dict(state_dict=checkpoint)
    remedy = 'Give a checkpoint that `lfhpe train` or `lfhpe publish` wrote.'
    raise UserError('no-state-dict', str(path), "The file has no 'state_dict' of weights.", remedy)


def published_names(checkpoint: Mapping[str, Any]) -> list[str]:
    """Names of the keypoints that a model was trained for; empty if its file does not say."""
    meta = (checkpoint.get('meta') or {}).get('dataset_meta') or {}
    names = meta.get('keypoint_id2name')
    return [names[i] for i in sorted(names)] if isinstance(names, Mapping) else []


def _unpickling_error(path: Path, error: Exception) -> UserError:
    if 'Weights only load failed' not in str(error) or 'GLOBAL' not in str(error):
        fault = f'The file is not a checkpoint ({_first_line(error)}).'
        remedy = 'Give a file that `lfhpe train` or `lfhpe publish` wrote.'
        return UserError('unreadable-checkpoint', str(path), fault, remedy)
    return UserError(
        'checkpoint-objects',
        str(path),
        'The file holds Python objects besides weights. Loading them may run any code.',
        'If you trust its author, for example because it is a checkpoint of your own training '
        f'with another tool, turn it into a weights file with "lfhpe publish {path} OUT.pth". '
        'Otherwise ask for a published file.',
    )


def _listed(title: str, names: Sequence[str]) -> list[str]:
    more = f'\n    and {len(names) - _SHOWN} more' if len(names) > _SHOWN else ''
    rows = '\n'.join(f'    {n}' for n in names[:_SHOWN])
    return [f'  {title} ({len(names)}):\n{rows}{more}'] if names else []


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f'The folder {path.parent} does not exist.'
    there = sorted(p.name for p in path.parent.glob('*.pth'))
    shown = get_close_matches(path.name, there, 3, 0.3) or there[:3]
    return f'{path.parent} contains {", ".join(shown)}.' if shown else 'Check the path.'


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]

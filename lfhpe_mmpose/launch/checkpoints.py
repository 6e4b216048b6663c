"""Reading checkpoint files without running what they hold.

A checkpoint is a pickle, and unpickling an object may run any code. So every
file is read with ``weights_only=True``. The checkpoints of a run load in this
way too, because :class:`PlainCheckpointHook` writes them without Python objects:
nothing has to be trusted, whoever wrote the file.
"""

import copy
import pickle
import zipfile
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import torch
from torch import Tensor, nn

from lfhpe_mmpose.errors import UserError

_SHOWN = 5


def load_published(path: str | Path, map_location: str = 'cpu') -> dict:
    """Read a checkpoint with ``weights_only=True``.

    Args:
        path (str | Path): A published weights file, a checkpoint that a run
            with :class:`PlainCheckpointHook` wrote, or a bare state dict.
        map_location (str): Device of the tensors. Defaults to ``'cpu'``.

    Returns:
        dict: ``state_dict`` and, where the file has them, ``meta`` and others.

    Raises:
        UserError: If the file is missing, is no checkpoint, is cut off, or
            holds Python objects.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f'{path}: no such checkpoint file.{_near(path)}')
    try:
        checkpoint = torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(_unpickling_message(path, error)) from None
    except (RuntimeError, EOFError, ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise UserError(
            f'{path} cannot be read as a checkpoint ({_first_line(error)}). It is cut off, or no '
            'file that torch.save wrote. Copy or download it again.'
        ) from None
    return _as_checkpoint(checkpoint, path)


def check_state_dict(model: nn.Module, state_dict: Mapping[str, Tensor], path: str | Path) -> None:
    """Refuse weights that do not fit a model entirely.

    MMEngine loads what fits and logs the rest; a checkpoint of another model
    would so give a model that is partly random. Call this before loading.

    Args:
        model (nn.Module): The model. It is not changed.
        state_dict (Mapping[str, Tensor]): Names and weights of the file.
        path (str | Path): The file, for the message.

    Raises:
        UserError: If a weight is missing, is left over, or has another shape.
            The message names the file, the first few weights and the remedy.
    """
    missing, unexpected, shapes = compare_state_dict(model, state_dict)
    if not (missing or unexpected or shapes):
        return
    lines = [f'{path} holds the weights of another model than the config describes.']
    lines += _listed('other shape', shapes)
    lines += _listed('not in the file', missing)
    lines += _listed('not in the model', unexpected)
    lines.append(
        'Use the config that the checkpoint was trained with (it lies in the work directory of '
        'the run), or another checkpoint. A first axis that differs is a matter of the number '
        'of keypoints: compare model.head.out_channels.'
    )
    raise UserError('\n'.join(lines))


def check_dataset_meta(
    checkpoint: Mapping, keypoint_names: Sequence[str], path: str | Path
) -> None:
    """Refuse a checkpoint that was trained for other keypoints than the data's.

    Args:
        checkpoint (Mapping): What :func:`load_published` returned.
        keypoint_names (Sequence[str]): Names of the data set's keypoints.
        path (str | Path): The file, for the message.

    Raises:
        UserError: If the file knows its keypoints and they differ.
    """
    names = _keypoint_names((checkpoint.get('meta') or {}).get('dataset_meta') or {})
    if not names or list(names) == list(keypoint_names):
        return
    at = next(
        (i for i, (a, b) in enumerate(zip(names, keypoint_names)) if a != b),
        min(len(names), len(keypoint_names)),
    )
    theirs = names[at] if at < len(names) else 'nothing'
    ours = keypoint_names[at] if at < len(keypoint_names) else 'nothing'
    raise UserError(
        f'{path}: meta.dataset_meta names {len(names)} keypoints, the data set of the config '
        f'{len(keypoint_names)}; they differ first at index {at} ({theirs} and {ours}). Use the '
        'checkpoint of a model that was trained with these keypoints, or the config with which '
        'it was trained.'
    )


def compare_state_dict(
    model: nn.Module, state_dict: Mapping[str, Tensor]
) -> tuple[list[str], list[str], list[str]]:
    """Compare names and shapes of weights with those of a model.

    Args:
        model (nn.Module): The model. It is not changed.
        state_dict (Mapping[str, Tensor]): Names and weights.

    Returns:
        tuple[list[str], list[str], list[str]]: Names that are missing from
        ``state_dict``, names that the model does not have, and
        ``'name: (file) in the file, (model) in the model'`` for other shapes.
    """
    state_dict = {k.removeprefix('module.'): v for k, v in state_dict.items()}
    result = _compare(model.state_dict(), state_dict)
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


def _compare(own: Mapping, given: Mapping) -> tuple[list[str], list[str], list[str]]:
    # Files from before batch norms counted their batches are complete as well.
    missing = [k for k in own if k not in given and 'num_batches_tracked' not in k]
    unexpected = [k for k in given if k not in own]
    shapes = [
        f'{k}: {tuple(given[k].shape)} in the file, {tuple(v.shape)} in the model'
        for k, v in own.items()
        if k in given and given[k].shape != v.shape
    ]
    return missing, unexpected, shapes


def _as_checkpoint(checkpoint, path: Path) -> dict:
    if isinstance(checkpoint, Mapping):
        if isinstance(checkpoint.get('state_dict'), Mapping):
            return dict(checkpoint)
        if checkpoint and all(isinstance(v, Tensor) for v in checkpoint.values()):
            return dict(state_dict=checkpoint)
    raise UserError(
        f"{path} has no 'state_dict' of weights. Give a checkpoint that a training or "
        'tools/publish_model.py wrote.'
    )


def _keypoint_names(meta: Mapping) -> list[str]:
    names = meta.get('keypoint_id2name')
    return [names[i] for i in sorted(names)] if isinstance(names, Mapping) else []


def _unpickling_message(path: Path, error: Exception) -> str:
    if 'Weights only load failed' not in str(error) or 'GLOBAL' not in str(error):
        return (
            f'{path} is no checkpoint ({_first_line(error)}). Give a file that a training or '
            'tools/publish_model.py wrote.'
        )
    return (
        f'{path} holds Python objects besides weights. It is not loaded, because loading them may '
        'run any code. If you trust who wrote it, for example because it is a checkpoint of your '
        'own training with another tool, turn it into a weights file with '
        f'"python tools/publish_model.py {path} OUT.pth" and use that; if not, ask for a '
        'published file.'
    )


def _listed(title: str, names: Sequence[str]) -> list[str]:
    more = f'\n    and {len(names) - _SHOWN} more' if len(names) > _SHOWN else ''
    rows = '\n'.join(f'    {n}' for n in names[:_SHOWN])
    return [f'  {title} ({len(names)}):\n{rows}{more}'] if names else []


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f' The folder {path.parent} does not exist either.'
    there = sorted(p.name for p in path.parent.glob('*.pth'))
    shown = get_close_matches(path.name, there, 3, 0.3) or there[:3]
    return f' In {path.parent} there is: {", ".join(shown)}.' if shown else ''


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]

"""From a run's checkpoint to a small weights file that executes nothing.

A published file holds tensors, numbers and strings only. It loads with
``torch.load(weights_only=True)``, so whoever downloads it runs no code of
whoever made it. To publish another entry, add it to :func:`published_meta` in a
plain form.
"""

import hashlib
import io
import pickle
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import mmengine
import mmpose
import torch

from lfhpe_mmpose.engine.hooks.plain_checkpoint_hook import to_plain
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_bytes
from lfhpe_mmpose.version import __version__

_ABSOLUTE_PATH = re.compile(r"""(['"])(?:/|[A-Za-z]:[\\/])[^'"\n]*?([^'"\n/\\]+[/\\]*)\1""")


def read_run_checkpoint(path: str | Path) -> Mapping:
    """Read the checkpoint of a run of one's own.

    It is read safely first. A checkpoint that holds Python objects (MMEngine's
    do unless the run had ``PlainCheckpointHook``) is then read in full, which
    can run code from the file: only for checkpoints that you trained.

    Args:
        path (str | Path): The checkpoint.

    Returns:
        Mapping: With ``state_dict`` and ``meta``.

    Raises:
        UserError: If the file is missing, broken, or no checkpoint of a run.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f'{path}: no such file. Give the checkpoint (.pth) of a run.')
    try:
        try:
            checkpoint = torch.load(path, map_location='cpu', weights_only=True)
        except pickle.UnpicklingError as error:
            if 'GLOBAL' not in str(error):  # not for Python objects, but for no pickle
                raise
            checkpoint = torch.load(path, map_location='cpu', weights_only=False)
    except Exception as error:  # unpickling may raise anything
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(
            f'{path}: the file is no torch checkpoint, or was cut off while it was written '
            f'({reason}). Take another checkpoint of the run.'
        ) from error
    if not isinstance(checkpoint, Mapping) or not isinstance(
        checkpoint.get('state_dict'), Mapping
    ):
        raise UserError(
            f'{path}: the file has no entry "state_dict". Give a checkpoint that tools/train.py '
            'wrote, e.g. work_dirs/<config>/epoch_20.pth.'
        )
    if 'dataset_meta' not in checkpoint.get('meta', {}):
        raise UserError(
            f'{path}: the file has no entry meta.dataset_meta, so it does not say which keypoints '
            'its model finds. Give a checkpoint that tools/train.py wrote.'
        )
    return checkpoint


def published_state(checkpoint: Mapping, half: bool = False, ema: bool = True) -> OrderedDict:
    """Pick the weights to publish.

    Args:
        checkpoint (Mapping): A run's checkpoint.
        half (bool): Whether to store weights as float16. Running statistics
            stay float32. Defaults to False.
        ema (bool): Whether to take the averaged weights of a run with
            MMEngine's ``EMAHook``. Defaults to True.

    Returns:
        OrderedDict: Names and CPU tensors.

    Raises:
        UserError: If a weight is no finite number.
    """
    source = checkpoint['state_dict']
    last = checkpoint.get('ema_state_dict')
    if last is not None and not ema:
        # EMAHook swaps the two as it saves: `state_dict` is the average, and the last
        # weights lie under `ema_state_dict` with a prefix.
        source = {name: last.get(f'module.{name}', value) for name, value in source.items()}
    state: OrderedDict = OrderedDict()
    for name, value in source.items():
        value = value.detach().cpu()
        if value.is_floating_point():
            if not torch.isfinite(value).all():
                raise UserError(
                    f'the weight {name} holds NaN or infinity: the training diverged. '
                    'Take an earlier checkpoint.'
                )
            value = value.float()
            shrunk = value.half()
            # Running statistics are small in number, and may not fit into float16.
            statistics = name.endswith(('running_mean', 'running_var'))
            if half and not statistics and torch.isfinite(shrunk).all():
                value = shrunk
        state[name] = value.clone()
    metadata = getattr(checkpoint['state_dict'], '_metadata', None)
    if metadata is not None:
        # The layers' versions, which torch reads on loading. torch keeps them in an attribute
        # that the type OrderedDict does not have.
        state._metadata = metadata  # type: ignore[attr-defined]
    return state


def published_meta(checkpoint: Mapping) -> dict:
    """Collect what a published file says about itself, in plain types.

    Args:
        checkpoint (Mapping): A run's checkpoint.

    Returns:
        dict: ``dataset_meta`` (arrays as lists: NumPy objects would need to be
        allow-listed on loading; MMPose's inferencers and visualizer take lists),
        ``cfg`` (text; absolute paths cut to their last part), ``epoch``,
        ``iter`` and the versions.
    """
    meta = checkpoint['meta']
    cfg = meta.get('cfg', '')
    text = cfg if isinstance(cfg, str) else cfg.pretty_text
    return dict(
        dataset_meta=to_plain(meta['dataset_meta']),
        cfg=_ABSOLUTE_PATH.sub(lambda m: f'{m[1]}{m[2]}{m[1]}', text),
        epoch=int(meta.get('epoch', 0)),
        iter=int(meta.get('iter', 0)),
        lfhpe_mmpose_version=__version__,
        mmpose_version=mmpose.__version__,
        mmengine_version=mmengine.__version__,
    )


def publish_model(
    checkpoint: str | Path, out: str | Path | None = None, half: bool = False, ema: bool = True
) -> Path:
    """Turn a run's checkpoint into a published weights file.

    Args:
        checkpoint (str | Path): A checkpoint that you trained; see
            :func:`read_run_checkpoint`.
        out (str | Path, optional): File name or existing folder. The first eight
            digits of the SHA-256 are put before ``.pth``, as in MMPose's model
            zoo. Defaults to the checkpoint's own name, beside it.
        half (bool): Whether to store weights as float16. Defaults to False.
        ema (bool): Whether to take averaged weights if there are any.
            Defaults to True.

    Returns:
        Path: The file written, ``<name>-<hash>.pth``.

    Raises:
        UserError: If the checkpoint cannot be published, or the file not written.
    """
    source = Path(checkpoint)
    content = read_run_checkpoint(source)
    try:
        state = published_state(content, half, ema)
    except UserError as error:
        raise UserError(f'{source}: {error}') from error
    # Through memory: torch.save writes a file's name into the file, so that equal models
    # would not have equal hashes.
    buffer = io.BytesIO()
    torch.save({'state_dict': state, 'meta': published_meta(content)}, buffer)
    data = buffer.getvalue()
    # The promise of a published file, checked before anybody relies on it.
    torch.load(io.BytesIO(data), weights_only=True)

    stem = source if out is None else Path(out)
    if stem.is_dir():
        stem = stem / source.name
    digest = hashlib.sha256(data).hexdigest()[:8]
    target = stem.with_name(f'{stem.name.removesuffix(".pth")}-{digest}.pth')
    write_bytes(target, data)
    return target

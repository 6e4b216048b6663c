"""From the checkpoint of a run to a file of weights for others.

A published file has two entries: ``state_dict`` with CPU tensors and ``meta`` with plain Python
values. It loads with ``torch.load(weights_only=True)``, so whoever downloads it runs no code.
"""

import hashlib
import io
import pickle
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mmengine
import mmpose
import torch

from lfhpe_mmpose.engine.hooks.plain_checkpoint_hook import to_plain
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_bytes
from lfhpe_mmpose.launch.checkpoints import check_sums
from lfhpe_mmpose.version import __version__

_ABSOLUTE_PATH = re.compile(r"""(['"])(?:/|[A-Za-z]:[\\/])[^'"\n]*?([^'"\n/\\]+[/\\]*)\1""")


def read_run_checkpoint(path: str | Path, trust: bool = False) -> Mapping[str, Any]:
    """Read the checkpoint of a run.

    Args:
        path: The checkpoint.
        trust: Also read a checkpoint with Python objects (MMEngine's, unless the run had
            ``PlainCheckpointHook``), which can run code from the file.

    Returns:
        Mapping: With ``state_dict`` and ``meta``.

    Raises:
        UserError: 'checkpoint-objects' if the file has Python objects and is not trusted;
            'checkpoint-missing', 'unreadable-checkpoint', 'no-state-dict', 'no-dataset-meta'.
    """
    path = Path(path)
    if not path.is_file():
        fault = 'There is no such file.'
        raise UserError('checkpoint-missing', str(path), fault, 'Give the checkpoint of a run.')
    check_sums(path)
    try:
        try:
            checkpoint = torch.load(path, map_location='cpu', weights_only=True)
        except pickle.UnpicklingError as error:
            if 'GLOBAL' not in str(error):  # not a pickle at all
                raise
            if not trust:
                raise UserError(
                    'checkpoint-objects',
                    str(path),
                    'The file has Python objects besides weights, and reading those can run code '
                    'from it.',
                    'Only if you trust who wrote it, e.g. for a training of your own: --trust.',
                ) from None
            checkpoint = torch.load(path, map_location='cpu', weights_only=False)
    except UserError:
        raise
    except Exception as error:  # unpickling may raise anything
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(
            'unreadable-checkpoint',
            str(path),
            f'The file is not a torch checkpoint, or is cut off ({reason}).',
            'Take another checkpoint of the run.',
        ) from error
    remedy = 'Give a checkpoint that `lfhpe train` wrote, e.g. work_dirs/<config>/epoch_20.pth.'
    if not isinstance(checkpoint, Mapping) or not isinstance(
        checkpoint.get('state_dict'), Mapping
    ):
        fault = 'The file has no entry "state_dict".'
        raise UserError('no-state-dict', str(path), fault, remedy)
    if 'dataset_meta' not in checkpoint.get('meta', {}):
        fault = 'The file has no entry meta.dataset_meta, so its keypoints are unknown.'
        raise UserError('no-dataset-meta', str(path), fault, remedy)
    return checkpoint


def published_state(
    checkpoint: Mapping[str, Any], half: bool = False, ema: bool = True
) -> OrderedDict[str, Any]:
    """Select the weights to publish.

    Args:
        half: Store weights as float16; running statistics stay float32.
        ema: Take the averaged weights of a run with MMEngine's ``EMAHook``.

    Raises:
        UserError: 'not-finite'.
    """
    source = checkpoint['state_dict']
    last = checkpoint.get('ema_state_dict')
    if last is not None and not ema:
        # EMAHook swaps the two as it saves: `state_dict` is the average, and the last
        # weights lie under `ema_state_dict` with a prefix.
        source = {name: last.get(f'module.{name}', value) for name, value in source.items()}
    state: OrderedDict[str, Any] = OrderedDict()
    for name, value in source.items():
        value = value.detach().cpu()
        if value.is_floating_point():
            if not torch.isfinite(value).all():
                raise UserError(
                    'not-finite',
                    name,
                    'The weight holds NaN or infinity: the training diverged.',
                    'Take an earlier checkpoint.',
                )
            value = value.float()
            shrunk = value.half()
            # Running statistics are small in number, and may not fit into float16. Knots of a
            # calibration could fall together.
            keep = name.endswith(('running_mean', 'running_var')) or '.calibration.' in name
            if half and not keep and torch.isfinite(shrunk).all():
                value = shrunk
        state[name] = value.clone()
    metadata = getattr(checkpoint['state_dict'], '_metadata', None)
    if metadata is not None:
        # The layers' versions, which torch reads on loading. torch keeps them in an attribute
        # that the type OrderedDict does not have.
        state._metadata = metadata  # type: ignore[attr-defined]
    return state


def published_meta(checkpoint: Mapping[str, Any]) -> dict[str, Any]:
    """What a published file says about itself, in plain types.

    Returns:
        dict: ``dataset_meta`` (arrays as lists, which MMPose accepts), ``cfg`` (text; absolute
        paths are cut to their last part), ``epoch``, ``iter``, the versions, and ``calibration``
        of calibrated weights.
    """
    meta = checkpoint['meta']
    cfg = meta.get('cfg', '')
    text = cfg if isinstance(cfg, str) else cfg.pretty_text
    calibration = meta.get('calibration')
    return dict(
        dataset_meta=to_plain(meta['dataset_meta']),
        cfg=_ABSOLUTE_PATH.sub(lambda m: f'{m[1]}{m[2]}{m[1]}', text),
        epoch=int(meta.get('epoch', 0)),
        iter=int(meta.get('iter', 0)),
        lfhpe_mmpose_version=__version__,
        mmpose_version=mmpose.__version__,
        mmengine_version=mmengine.__version__,
        **({} if calibration is None else dict(calibration=to_plain(calibration))),
    )


def publish_model(
    checkpoint: str | Path,
    out: str | Path | None = None,
    half: bool = False,
    ema: bool = True,
    trust: bool = False,
) -> Path:
    """Convert a run's checkpoint to a published weights file.

    Args:
        checkpoint, trust: See ``read_run_checkpoint``.
        out: File name or existing folder. The first eight digits of the SHA-256 are put before
            ``.pth``, as in MMPose's model zoo. Defaults to the checkpoint's name, beside it.
        half, ema: See ``published_state``.

    Returns:
        Path: The file written, ``<name>-<hash>.pth``.

    Raises:
        UserError: If the checkpoint cannot be published, or the file not written.
    """
    source = Path(checkpoint)
    content = read_run_checkpoint(source, trust)
    try:
        state = published_state(content, half, ema)
    except UserError as error:
        place = f'{source}: {error.place}'
        raise UserError(error.code, place, error.fault, error.remedy) from error
    stem = source if out is None else Path(out)
    if stem.is_dir():
        stem = stem / source.name
    return write_published(state, published_meta(content), stem)


def write_published(state: Mapping[str, Any], meta: Mapping[str, Any], stem: Path) -> Path:
    """Write a published file.

    Args:
        state: The weights, on the CPU.
        meta: Plain Python values.
        stem: File name; the first eight digits of the SHA-256 are put before ``.pth``.

    Returns:
        Path: The file written.

    Raises:
        UserError: If the file cannot be written.
    """
    # Through memory: torch.save writes a file's name into the file, so that equal models
    # would not have equal hashes.
    buffer = io.BytesIO()
    torch.save({'state_dict': state, 'meta': meta}, buffer)
    data = buffer.getvalue()
    # The promise of a published file.
    torch.load(io.BytesIO(data), weights_only=True)
    digest = hashlib.sha256(data).hexdigest()[:8]
    target = stem.with_name(f'{stem.name.removesuffix(".pth")}-{digest}.pth')
    write_bytes(target, data)
    return target
